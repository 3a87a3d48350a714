"""Every verdict of the verification page at 360 and 1280 px, and a batch: ``python -m tests.pictures_verdicts FOLDER``.

* verdict-valid, -expired, -not_yet_valid, -superseded, -revoked, -forged, -unreadable, -indeterminate (a report in each
  state), verdict-altered (one cell edited), verify-batch-result, verify-missing (an address that is not there): each
  with -phone and -desktop, shown in docs/pages.md; part of `make pictures`.
* A fresh office in a temporary folder; everything shown is fictional.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from bot import clock
from bot.demo.forging import edit_one_cell
from bot.demo.story import tell
from bot.settings import Home
from tests.browser.conftest import Served, chromium, serving
from tests.browser.states import Office, office
from tests.browser.test_batch import finished
from tests.browser.test_verdicts import CODES, at_the_moment, shown
from tests.pictures_chat import SIZES, opened, taken


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        tell(home, clock.now())
        files = came_in(home, Path(folder) / "开标")
        with office(Path(folder) / "public") as states, serving(home) as served, chromium() as browser:
            for size in SIZES:
                verdicts(browser, states, target, size)
                altered(opened(browser, size), served, files[0], target, size)
                batch(opened(browser, size), served, files, target, size)


def verdicts(browser: Browser, states: Office, target: Path, size: str) -> None:
    page = at_the_moment(opened(browser, size))
    for verdict in CODES:
        shown(page, states.link(verdict), verdict)
        taken(page, target, f"verdict-{verdict}", size)
    page.goto(f"{states.origin}/nowhere")
    taken(page, target, "verify-missing", size)


def came_in(home: Home, folder: Path) -> list[Path]:
    """Two files at a fictional tender, genuine and withdrawn."""
    folder.mkdir()
    files = [folder / name for name in ("甲公司.docx", "乙公司.docx")]
    for file, report in zip(files, sorted(home.reports.rglob("report.docx")), strict=True):
        file.write_bytes(report.read_bytes())
    return files


def altered(page: Page, served: Served, file: Path, target: Path, size: str) -> None:
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(edit_one_cell(file, file.with_name("改了一格.docx")))
    page.get_by_role("button", name="上传并核验").click()
    page.locator("#result .verdict").wait_for()
    taken(page, target, "verdict-altered", size)


def batch(page: Page, served: Served, files: list[Path], target: Path, size: str) -> None:
    page.goto(f"{served.origin}/v/batch")
    page.locator("#files").set_input_files(files)
    page.locator("#send").click()
    finished(page)
    page.locator("table.batch tbody tr").first.scroll_into_view_if_needed()
    taken(page, target, "verify-batch-result", size)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
