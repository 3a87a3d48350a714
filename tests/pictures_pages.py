"""The pages beside the chat at 360 and 1280 px: ``python -m tests.pictures_pages docs/images``.

* verify-start, verify-result, verify-batch, guide, guide-steps, apply, apply-records, desk, usage: each
  with -phone and -desktop, shown in docs/pages.md; part of `make pictures`.
* A fresh demo home in a temporary folder; everything shown is fictional.
"""

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser

from bot import clock
from bot.demo.story import COMPANY, tell
from bot.settings import Home
from index.directory.changing import Deed, change
from index.directory.model import Role
from index.store.engine import open_store
from tests.browser.conftest import Served, chromium, serving
from tests.browser.test_chat_members import MEMBER, set_up_chat
from tests.browser.test_chat_members import sign_in as enter_chat
from tests.browser.test_portal import UNIT
from tests.browser.test_portal import sign_in as enter_portal
from tests.browser.test_verification import scanned
from tests.pictures_chat import SIZES, ask, opened, taken
from tests.provider import running, set_up

OPEN = {"verify-start": "/v", "verify-batch": "/v/batch", "guide": "/guide", "guide-steps": "/guide/steps"}
SIGNED_IN = {
    "apply": {"apply": "/apply", "apply-records": "/apply/records"},
    "desk": {"desk": "/desk"},
}


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        homes = {name: Home(Path(folder) / name) for name in ("open", "portal", "chat")}
        tell(homes["open"], clock.now())
        for name in ("portal", "chat"):
            shutil.copytree(homes["open"].root, homes[name].root)
        with chromium() as browser, running() as provider:
            provider.person("apply", uscc=COMPANY, name="王示例", real_name="verified")
            provider.person("desk", unit=UNIT, name="李窗口", role=["window", "handler"])
            with serving(homes["open"]) as served:
                for size in SIZES:
                    for_everybody(browser, served, target, size)
            with serving(homes["portal"], set_up(homes["portal"].root, provider)) as served:
                for size in SIZES:
                    in_the_portal(browser, served, target, size)
            port = set_up_chat(homes["chat"], provider)
            make_administrator(homes["chat"])
            with serving(homes["chat"], port) as served:
                for size in SIZES:
                    figures(browser, served, target, size)


def for_everybody(browser: Browser, served: Served, target: Path, size: str) -> None:
    page = opened(browser, size)
    for name, path in OPEN.items():
        page.goto(f"{served.origin}{path}")
        taken(page, target, name, size)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    page.locator("#result .verdict").wait_for()
    taken(page, target, "verify-result", size)


def in_the_portal(browser: Browser, served: Served, target: Path, size: str) -> None:
    for realm, pages in SIGNED_IN.items():
        page = opened(browser, size)
        enter_portal(page, served, realm, realm)
        for name, path in pages.items():
            page.goto(f"{served.origin}{path}")
            taken(page, target, name, size)


def make_administrator(home: Home) -> None:
    chief = replace(MEMBER, roles=MEMBER.roles | {Role.ADMIN})
    engine = open_store(home.database)
    change(engine, lambda before: before.with_member(chief), Deed("管理员", "示例", clock.now()))
    engine.dispose()


def figures(browser: Browser, served: Served, target: Path, size: str) -> None:
    page = opened(browser, size)
    enter_chat(page, served)
    for question in ("专用信用报告多长时间内有效？", "食堂几点开饭？"):
        ask(page, question)
    page.goto(f"{served.origin}/admin/usage")
    taken(page, target, "usage", size)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
