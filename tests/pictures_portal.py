"""The pages of /apply and /desk, step by step, at 360 and 1280 px: ``python -m tests.pictures_portal docs/images``.

* apply-sign-in, apply-new, apply-preview, apply-issued, apply-objection, apply-case, apply-repair, apply-batch,
  apply-signed-out, apply-missing; desk-sign-in, desk-subject, desk-preview, desk-issued, desk-objection,
  desk-authorisations, desk-batch, desk-cases, desk-case:
  each with -phone and -desktop, shown in docs/pages.md; part of `make pictures`.
* A fresh demo home in a temporary folder; everything shown is fictional.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from bot import clock
from bot.demo.story import COMPANY, tell
from bot.settings import Home
from index.cases.evidence import Evidence
from index.cases.objection import Filing
from index.cases.objections import Objections
from index.channel import Channel
from index.rules.offices import load_office
from index.rules.units import domains_of
from index.store.engine import open_store
from tests.browser.conftest import Served, chromium, serving
from tests.browser.test_portal import PDF, UNIT, add_branches, sign_in
from tests.pictures_chat import SIZES, opened, taken
from tests.provider import running, set_up


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, running() as provider:
        home = Home(Path(folder) / "home")
        tell(home, clock.now())
        add_branches(home, 3)
        provider.person("person", uscc=COMPANY, name="王示例", real_name="verified")
        provider.person("window", unit=UNIT, name="李窗口", role=["window", "handler"])
        number = objection(home)
        with serving(home, set_up(home.root, provider)) as served, chromium() as browser:
            for size in SIZES:
                company(opened(browser, size), served, number, target, size)
                desk(opened(browser, size), served, number, target, size)


def objection(home: Home) -> str:
    """One to a whole domain of the clerk's unit; its number."""
    profile = load_office(home.office)
    domain = domains_of(UNIT, profile)[0].number
    filing = Filing(COMPANY, None, None, domain, "整个领域的结果不对", Channel.SELF, "网上用户")
    engine = open_store(home.database)
    case = Objections(engine, profile).file(filing, (Evidence("说明.pdf", PDF),), clock.now())
    engine.dispose()
    return case.number


def company(page: Page, served: Served, number: str, target: Path, size: str) -> None:
    page.goto(f"{served.origin}/apply")
    taken(page, target, "apply-sign-in", size)
    sign_in(page, served, "apply", "person")
    page.goto(f"{served.origin}/apply/nowhere")
    taken(page, target, "apply-missing", size)
    page.goto(f"{served.origin}/apply")
    page.get_by_role("link", name="开一份新报告").click()
    page.get_by_label("近三年").check()
    page.get_by_label("用途").select_option("银行贷款")
    taken(page, target, "apply-new", size)
    page.get_by_role("button", name="下一步").click()
    taken(page, target, "apply-preview", size)
    page.get_by_role("button", name="开具报告").click()
    page.locator("img.qr").wait_for()
    taken(page, target, "apply-issued", size)
    page.get_by_role("link", name="对内容有异议").click()
    taken(page, target, "apply-objection", size)
    page.goto(f"{served.origin}/apply/objections/{number}")
    taken(page, target, "apply-case", size)
    page.goto(f"{served.origin}/apply/records")
    page.get_by_role("link", name="申请修复").first.click()
    taken(page, target, "apply-repair", size)
    page.goto(f"{served.origin}/apply/batch")
    taken(page, target, "apply-batch", size)
    page.get_by_role("button", name="退出").click()
    page.get_by_role("heading", name="已经退出").wait_for()
    taken(page, target, "apply-signed-out", size)


def desk(page: Page, served: Served, number: str, target: Path, size: str) -> None:
    page.goto(f"{served.origin}/desk")
    taken(page, target, "desk-sign-in", size)
    sign_in(page, served, "desk", "window")
    page.get_by_label("统一社会信用代码").fill(COMPANY)
    page.get_by_role("button", name="查找").click()
    page.get_by_label("核对了哪些证件").fill("营业执照、法定代表人身份证")
    page.get_by_label("近一年").check()
    taken(page, target, "desk-subject", size)
    page.get_by_role("button", name="下一步").click()
    taken(page, target, "desk-preview", size)
    page.get_by_role("button", name="开具报告").click()
    page.locator("img.qr").wait_for()
    taken(page, target, "desk-issued", size)
    page.goto(f"{served.origin}/desk/cases")
    taken(page, target, "desk-cases", size)
    page.locator("a.row", has_text=number).click()
    taken(page, target, "desk-case", size)
    for name, path in (
        ("desk-objection", "/desk/objections/new"),
        ("desk-authorisations", "/desk/authorisations"),
        ("desk-batch", "/desk/batch"),
    ):
        page.goto(f"{served.origin}{path}?code={COMPANY}")
        taken(page, target, name, size)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
