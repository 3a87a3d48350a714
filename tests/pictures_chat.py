"""The pictures of the chat at 360 and 1280 px: ``python -m tests.pictures_chat docs/images``, part of `make pictures`.

* chat-start, chat-answer, chat-source (the quote beside the conversation; a sheet on the phone), chat-refusal,
  chat-check (a report checked), chat-altered, chat-sign-in, chat-history, chat-past (an old conversation, to go on
  with): each with -phone and -desktop.
* Things done: chat-stranger (refused), chat-purpose (the matter is asked for), chat-records, chat-confirm, chat-issued
  (a report to download), chat-tasks; chat-member: the page after signing in.
* A fresh demo home in a temporary folder; everything shown is fictional.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from bot import clock
from bot.demo.forging import edit_one_cell
from bot.demo.story import COMPANY, tell
from bot.settings import Home
from tests.browser.conftest import DESKTOP, PHONE, Served, chromium, serving
from tests.browser.test_chat_acting import choose, say, set_up_desk
from tests.browser.test_chat_members import sign_in
from tests.provider import running

QUESTION = "专用信用报告多长时间内有效？"
SIZES = {"phone": PHONE, "desktop": DESKTOP}
COLOURS = 96


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        tell(home, clock.now())
        members = Home(Path(folder) / "members")
        shutil.copytree(home.root, members.root)
        altered = edit_one_cell(min(home.reports.rglob("report.docx")), Path(folder) / "改了一格.docx")
        with chromium() as browser:
            with serving(home) as served:
                for size in SIZES:
                    asking(browser, served, altered, target, size)
            with running() as provider, serving(members, set_up_desk(members, provider, Path(folder))) as served:
                for size in SIZES:
                    as_a_stranger(browser, served, target, size)
                    as_a_member(browser, served, target, size)
                    as_a_clerk(browser, served, target, size)


def opened(browser: Browser, size: str) -> Page:
    scale = 2 if size == "phone" else 1
    context = browser.new_context(viewport=SIZES[size], device_scale_factor=scale, locale="zh-CN")  # type: ignore[arg-type]
    return context.new_page()


def taken(page: Page, target: Path, name: str, size: str) -> None:
    """Few colours make a small file; nothing moves or blinks in it."""
    path = target / f"{name}-{size}.png"
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(700)  # scrolling is smooth
    page.screenshot(path=path, animations="disabled", caret="hide")
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS)
    small.save(path, optimize=True)


def ask(page: Page, question: str) -> None:
    page.get_by_label("问题").fill(question)
    page.get_by_label("问题").press("Enter")
    page.locator(".exchange:not([aria-busy])", has_text=question).locator(".rating").wait_for()


def asking(browser: Browser, served: Served, altered: Path, target: Path, size: str) -> None:
    page = opened(browser, size)
    page.goto(served.origin)
    taken(page, target, "chat-start", size)
    ask(page, QUESTION)
    taken(page, target, "chat-answer", size)
    page.locator("a.to-source").first.click()
    page.locator("#panel mark#quote").wait_for()
    taken(page, target, "chat-source", size)
    for name, act in (
        ("chat-refusal", lambda: ask(page, "食堂几点开饭？")),
        ("chat-check", lambda: check(page, served.qr_png)),
        ("chat-altered", lambda: check(page, altered)),
    ):
        page.goto(served.origin)
        act()
        taken(page, target, name, size)


def check(page: Page, file: Path) -> None:
    page.get_by_label("上传报告").set_input_files(file)
    page.locator(".check").wait_for()


def as_a_stranger(browser: Browser, served: Served, target: Path, size: str) -> None:
    page = opened(browser, size)
    page.goto(f"{served.origin}/history")
    taken(page, target, "chat-sign-in", size)
    page.goto(served.origin)
    say(page, f"查一下{COMPANY}")
    taken(page, target, "chat-stranger", size)


def as_a_member(browser: Browser, served: Served, target: Path, size: str) -> None:
    page = opened(browser, size)
    sign_in(page, served)
    taken(page, target, "chat-member", size)
    ask(page, "查询和下载专用信用报告收费吗？")
    page.goto(served.origin)
    ask(page, QUESTION)
    say(page, f"查一下{COMPANY}，事项：招标投标，用途：核实示例项目投标资格")
    page.get_by_role("link", name="我的提问").click()
    page.locator(".history").first.wait_for()
    taken(page, target, "chat-history", size)
    page.get_by_role("link", name=QUESTION).first.click()
    page.locator(".past-head").wait_for()
    taken(page, target, "chat-past", size)


def as_a_clerk(browser: Browser, served: Served, target: Path, size: str) -> None:
    page = opened(browser, size)
    sign_in(page, served)
    say(page, f"查一下{COMPANY}")
    taken(page, target, "chat-purpose", size)
    choose(page, "招标投标")
    say(page, "核实示例项目投标资格")
    taken(page, target, "chat-records", size)
    page.goto(served.origin)
    say(page, f"给{COMPANY}开近三年的报告")
    say(page, "营业执照、经办人身份证")
    taken(page, target, "chat-confirm", size)
    choose(page, "确认")
    taken(page, target, "chat-issued", size)
    page.goto(served.origin)
    say(page, "我的任务")
    taken(page, target, "chat-tasks", size)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
