"""Reports checked in the chat in a real browser: a photo, a document, an altered one; with and without script."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.demo.forging import edit_one_cell
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served, painted

pytestmark = pytest.mark.browser
NAME = "云汀示例禾苗环保科技有限公司"


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_photo_of_the_code_is_told_in_words_colour_and_icon(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    page.get_by_label("上传报告").set_input_files(served.qr_png)
    card = page.locator(".check")
    expect(card.get_by_role("heading", name="有效")).to_be_visible()
    expect(card).to_contain_text(NAME)
    assert card.evaluate("card => getComputedStyle(card).borderTopColor") == "rgb(27, 106, 73)"
    assert card.locator("svg.icon").evaluate("icon => icon.getBoundingClientRect().width") >= 40
    expect(page.locator(".waiting")).to_have_count(0)
    assert fits(page)


def test_an_altered_document_is_told_where_and_stands_beside_the_answers(
    served: Served, opened: Opener, tmp_path: Path
) -> None:
    page = opened(DESKTOP)
    page.goto(served.origin)
    page.get_by_role("button", name="专用信用报告多长时间内有效？").click()
    expect(page.locator(".rating")).to_be_visible()
    page.get_by_label("上传报告").set_input_files(edit_one_cell(served.docx, tmp_path / "改了一格.docx"))
    card = page.locator(".check.changed")
    expect(card).to_be_visible()
    expect(card).to_contain_text("改动在哪里（1 处）")
    expect(page.locator(".exchange")).to_have_count(2)
    assert fits(page)


def test_without_script_a_file_is_checked_by_an_ordinary_form(served: Served, opened: Opener) -> None:
    page = opened(PHONE, java_script_enabled=False)
    page.goto(served.origin)
    page.get_by_label("上传报告").set_input_files(served.docx)
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.locator(".check.good")).to_contain_text(NAME)
    expect(page.locator("#question")).to_be_visible()


def test_a_file_that_is_no_report_is_unreadable_and_never_green(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    page.get_by_label("上传报告").set_input_files(
        [{"name": "随便.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnothing"}]
    )
    expect(page.locator(".check.unsure")).to_be_visible()
    expect(page.locator(".check.good")).to_have_count(0)


def test_the_choice_of_a_file_is_reached_by_keyboard(served: Served, opened: Opener) -> None:
    page = opened(DESKTOP)
    page.goto(served.origin)
    painted(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_label("上传报告").press("Enter")
    chooser.value.set_files(served.qr_png)
    expect(page.locator(".check.good")).to_be_visible()
