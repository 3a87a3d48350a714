"""The pictures of the README, taken from the project itself: ``python -m tests.pictures docs/images``.

* A fresh demo home in a temporary folder; everything shown is fictional.
* report.png: page 1 of a report (docx → LibreOffice → PDF → PNG, 1000 px wide); verify-phone.png, altered-phone.png,
  expired-phone.png: the verification page as a phone shows it; record.png: a verification record as printed;
  chat.png: the staff chat with a source opened beside it; portal-phone.png: a report just issued online, as the
  company sees it. The pages at 360 and 1280 px: ``tests.pictures_chat``, ``tests.pictures_pages``,
  ``tests.pictures_verdicts``, ``tests.pictures_portal``.
"""

import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

from bot import clock
from bot.demo.forging import edit_one_cell
from bot.demo.story import COMPANY, tell
from bot.settings import Home
from tests import pictures_chat, pictures_pages, pictures_portal, pictures_verdicts
from tests.browser.conftest import PHONE, Served, chromium, serving
from tests.browser.test_portal import sign_in
from tests.browser.test_verification import scanned
from tests.provider import running, set_up

REPORT_WIDTH = 1000
CHAT = {"width": 1280, "height": 800}
QUESTION = "专用信用报告多长时间内有效？"


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        tell(home, clock.now())
        with serving(home) as served:
            first_page(served.docx, Path(folder), target / "report.png")
            with chromium() as browser:
                verification_on_a_phone(browser, served, target / "verify-phone.png")
                other_verdicts(browser, served, Path(folder), target)
                record_on_paper(browser, served, Path(folder), target / "record.png")
                chat(browser, served, target / "chat.png")
        with running() as provider, serving(home, set_up(home.root, provider)) as served, chromium() as browser:
            provider.person("person", uscc=COMPANY, name="王示例", real_name="verified")
            issued_on_a_phone(browser, served, target / "portal-phone.png")
    pictures_chat.main(target)
    pictures_pages.main(target)
    pictures_verdicts.main(target)
    pictures_portal.main(target)


def first_page(docx: Path, folder: Path, target: Path) -> None:
    soffice = shutil.which("soffice") or sys.exit("LibreOffice (soffice) is needed for the picture of the report")
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(docx)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    render(folder / "report.pdf", target)


def render(pdf: Path, target: Path) -> None:
    """Page 1, ``REPORT_WIDTH`` px wide, with a thin frame so that white paper shows on a white page."""
    import pypdfium2
    from PIL import ImageOps

    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    picture = page.render(scale=(REPORT_WIDTH - 2) / page.get_width()).to_pil().convert("RGB")
    document.close()
    ImageOps.expand(picture, border=1, fill="#c9c5bb").quantize(64).save(target, optimize=True)


def phone(browser: Browser) -> Page:
    return browser.new_context(viewport={**PHONE, "height": 800}, device_scale_factor=2, locale="zh-CN").new_page()  # type: ignore[arg-type]


def verification_on_a_phone(browser: Browser, served: Served, target: Path) -> None:
    page = phone(browser)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    verdict_shown(page, target)


def verdict_shown(page: Page, target: Path) -> None:
    page.locator("#result .verdict").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=target)


def other_verdicts(browser: Browser, served: Served, folder: Path, target: Path) -> None:
    """One cell edited; and asked for a day after the month."""
    page = phone(browser)
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(edit_one_cell(served.docx, folder / "改了一格.docx"))
    page.get_by_role("button", name="上传并核验").click()
    verdict_shown(page, target / "altered-phone.png")
    page.goto(f"{served.origin}/v#{scanned(served)}")
    page.locator("#result .verdict.good").wait_for()
    page.get_by_text("换一个时刻再问").click()
    later = served.now() + timedelta(days=40)
    page.get_by_label("在哪一天、几点有效").fill(f"{later:%Y-%m-%dT09:30}")
    page.get_by_role("button", name="按这个时刻核验").click()
    page.locator("#result .verdict.late").wait_for()
    verdict_shown(page, target / "expired-phone.png")


def record_on_paper(browser: Browser, served: Served, folder: Path, target: Path) -> None:
    page = browser.new_context(viewport=CHAT, locale="zh-CN").new_page()  # type: ignore[arg-type]
    page.goto(f"{served.origin}/v#{scanned(served)}")
    page.get_by_label("核验人姓名").fill("王示例")
    page.get_by_label("单位").fill("云汀市示例招标中心")
    page.get_by_role("button", name="生成核验记录").click()
    page.locator(".record-ready").wait_for()
    page.pdf(path=folder / "record.pdf", prefer_css_page_size=True)
    render(folder / "record.pdf", target)


def issued_on_a_phone(browser: Browser, served: Served, target: Path) -> None:
    page = phone(browser)
    sign_in(page, served, "apply", "person")
    page.get_by_role("link", name="开一份新报告").click()
    page.get_by_label("近三年").check()
    page.get_by_label("用途").select_option("银行贷款")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="开具报告").click()
    page.locator("img.qr").wait_for()
    page.screenshot(path=target)


def chat(browser: Browser, served: Served, target: Path) -> None:
    page = browser.new_context(viewport=CHAT, locale="zh-CN").new_page()  # type: ignore[arg-type]
    page.goto(served.origin)
    page.get_by_label("问题").fill(QUESTION)
    page.get_by_label("问题").press("Enter")
    page.locator("a.to-source").first.click()
    page.locator("#panel mark#quote").wait_for()
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    page.screenshot(path=target)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
