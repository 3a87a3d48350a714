"""The verification page in a real browser: scanned, typed, uploaded; on a phone and without script."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from bot.demo.forging import edit_one_cell, sign_with_own_key
from bot.demo.story import COMPANY
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served

pytestmark = pytest.mark.browser


def scanned(served: Served) -> str:
    """The digits behind "#" of the printed QR."""
    import zxingcpp
    from PIL import Image

    with Image.open(served.qr_png) as picture:
        return zxingcpp.read_barcodes(picture)[0].text.partition("#")[2]


def typed(served: Served) -> tuple[str, str]:
    """Report number and typed code as printed beside the QR."""
    from docx import Document

    header = Document(str(served.docx)).sections[0].first_page_header
    texts = [p.text for table in header.tables for cell in table._cells for p in cell.paragraphs]
    code = next(text for text in texts if text.startswith("核验码：")).removeprefix("核验码：")
    return served.docx.parent.name, code


def verdict(page: Page) -> str | None:
    return page.locator(".verdict").get_attribute("data-verdict")


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def test_scanned_link_shows_verdict_and_subject_and_keeps_the_code_out_of_addresses(
    served: Served, opened: Opener
) -> None:
    page = opened(PHONE)
    digits = scanned(served)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{served.origin}/v#{digits}")
    expect(page.locator(".verdict h1")).to_have_text("有效")
    expect(page.locator(".verdict-subject")).to_contain_text("云汀示例禾苗环保科技有限公司")
    expect(page.locator(".verdict-subject")).to_contain_text(COMPANY)
    expect(page.locator(".verdict h1")).to_be_focused()
    expect(page.locator(".verdict")).to_be_in_viewport()
    assert page.title().startswith("有效")
    assert not [url for url in requested if digits in url.partition("#")[0]]
    assert_fits(page)


def test_second_scan_in_the_same_tab_replaces_the_first(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    expect(page.locator(".verdict h1")).to_have_text("有效")
    page.goto(f"{served.origin}/v#123")
    expect(page.locator(".verdict h1")).to_have_text("无法识别")


def test_typed_number_and_code(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    number, code = typed(served)
    page.get_by_role("textbox", name="报告编号").fill(number)
    page.get_by_role("textbox", name="核验码").fill(code.lower())
    page.get_by_role("button", name="核验", exact=True).first.click()
    expect(page.locator(".verdict h1")).to_have_text("有效")
    assert_fits(page)


def test_everything_but_the_fragment_works_without_script(served: Served, opened: Opener) -> None:
    page = opened(PHONE, java_script_enabled=False)
    page.goto(f"{served.origin}/v/{scanned(served)}")
    assert verdict(page) == "valid"
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(served.docx)
    page.get_by_role("button", name="上传并核验").click()
    assert verdict(page) == "valid"


def test_uploaded_report_is_valid_and_its_content_can_be_read_back(served: Served, opened: Opener) -> None:
    page = opened(DESKTOP)
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(served.docx)
    page.get_by_role("button", name="上传并核验").click()
    expect(page.locator(".verdict h1")).to_have_text("有效")
    page.get_by_text("一、分领域查询结果").click()
    row = page.locator(".issued-content tbody tr", has_text="市生态环境局").first
    expect(row).to_be_visible()
    expect(row).to_contain_text("有 1 条")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_edited_cell_is_named(served: Served, opened: Opener, tmp_path, viewport: dict[str, int]) -> None:
    edited = edit_one_cell(served.docx, tmp_path / "改了一格.docx")
    page = opened(viewport)
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(edited)
    page.get_by_role("button", name="上传并核验").click()
    expect(page.locator(".verdict h1")).to_have_text("内容不一致")
    differences = page.locator(".differences tbody tr")
    expect(differences).to_have_count(1)
    for text in ("生态环境领域", "查询结果", "有 1 条", "未查询到"):
        expect(differences).to_contain_text(text)
    assert_fits(page)


def test_photo_of_the_code_is_read(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(served.qr_png)
    page.get_by_role("button", name="上传并核验").click()
    expect(page.locator(".verdict h1")).to_have_text("有效")


def test_expired_and_altered_look_different_at_a_glance(served: Served, opened: Opener, tmp_path) -> None:
    page = opened(PHONE)
    edited = edit_one_cell(served.docx, tmp_path / "a.docx")
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(edited)
    page.get_by_role("button", name="上传并核验").click()
    expect(page.locator(".verdict h1")).to_have_text("内容不一致")
    altered = _looks(page)
    served.ahead = timedelta(days=40)
    page.goto(f"{served.origin}/v/{scanned(served)}")
    # The status list of the demo is a day old by then, but a report past its month is expired all the same.
    expect(page.locator(".verdict h1")).to_have_text("已过期")
    expired = _looks(page)
    assert altered["colour"] != expired["colour"]
    assert altered["icon"] != expired["icon"]


def _looks(page: Page) -> dict[str, str]:
    return page.locator(".verdict").evaluate(
        "e => ({colour: getComputedStyle(e).borderTopColor + getComputedStyle(e).backgroundColor,"
        " icon: e.querySelector('svg').innerHTML})"
    )


def test_forged_code_shows_no_company(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    forged = sign_with_own_key(f"https://verify.example.gov.cn/v#{scanned(served)}")
    page.goto(f"{served.origin}/v#{forged.partition('#')[2]}")
    expect(page.locator(".verdict h1")).to_have_text("核验不通过")
    expect(page.locator("main")).not_to_contain_text("禾苗")


def test_page_of_a_foreign_network_is_no_verdict(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    page.route("**/v", lambda route: route.fulfill(status=200, body="<main id=main></main>", content_type="text/html"))
    page.evaluate("location.hash = '12345'")
    expect(page.locator("#progress")).to_contain_text("还不能确认报告真伪")
    expect(page.locator("#ways")).to_be_visible()


def test_all_of_the_page_is_reached_by_keyboard(served: Served, opened: Opener) -> None:
    page = opened(DESKTOP)
    page.goto(f"{served.origin}/v")
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    for wanted in ("跳到正文", "number", "code", "file", "token", "上传并核验"):
        assert wanted in reached
