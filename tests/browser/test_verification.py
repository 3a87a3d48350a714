"""The verification page in a real browser: scanned, typed, uploaded; on a phone and without script."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.demo.forging import edit_one_cell, sign_with_own_key
from bot.demo.story import COMPANY
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served, painted

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


def type_in(page: Page, number: str, code: str) -> None:
    page.get_by_role("textbox", name="报告编号").fill(number)
    page.get_by_role("textbox", name="核验码").fill(code.lower())
    page.get_by_role("button", name="核验", exact=True).first.click()


def verdict(page: Page) -> str | None:
    return page.locator(".verdict").get_attribute("data-verdict")


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def test_scanned_link_is_checked_in_the_browser_and_its_code_is_in_no_request(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    digits = scanned(served)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(f"{request.method} {request.url} {request.post_data}"))
    page.goto(f"{served.origin}/v#{digits}")
    expect(page.locator(".verdict h1")).to_have_text("有效")
    expect(page.locator(".verdict-subject")).to_contain_text("云汀示例禾苗环保科技有限公司")
    expect(page.locator(".verdict-subject")).to_contain_text(COMPANY)
    expect(page.locator(".verdict h1")).to_be_focused()
    expect(page.locator(".verdict")).to_be_in_viewport()
    expect(page).to_have_title(re.compile("^有效"))
    assert_fits(page)
    expect(page.locator(".issued-content")).to_contain_text("市生态环境局")
    assert len(requested) > 20
    assert [each for each in requested if f"{served.origin}/sealed/" in each]
    assert not [each for each in requested if digits in each.partition("#")[0] or not each.startswith("GET ")]


def test_second_scan_in_the_same_tab_replaces_the_first(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    expect(page.locator(".verdict h1")).to_have_text("有效")
    page.goto(f"{served.origin}/v#123")
    expect(page.locator(".verdict h1")).to_have_text("无法识别")


def test_typed_number_and_code(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    type_in(page, *typed(served))
    expect(page.locator(".verdict h1")).to_have_text("有效")
    expect(page.locator(".verdict-basis")).to_contain_text("核验码发给了服务器，又在您的浏览器里核验过")
    assert_fits(page)


def test_link_whose_digits_went_to_the_server_does_not_say_that_they_did_not(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v/{scanned(served)}")
    expect(page.locator("#result h1")).to_have_text("有效")
    expect(page.locator(".verdict-basis")).to_contain_text("核验码发给了服务器，又在您的浏览器里核验过")


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


def test_forged_code_shows_no_company(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    forged = sign_with_own_key(f"https://verify.example.gov.cn/v#{scanned(served)}")
    page.goto(f"{served.origin}/v#{forged.partition('#')[2]}")
    expect(page.locator(".verdict h1")).to_have_text("核验不通过")
    expect(page.locator("main")).not_to_contain_text("禾苗")


def test_page_of_a_foreign_network_is_no_verdict(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    foreign = {"status": 200, "body": "<main id=main></main>", "content_type": "text/html"}
    page.route("**/v", lambda route: route.fulfill(**foreign))
    type_in(page, *typed(served))
    expect(page.locator("#progress")).to_contain_text("还不能确认报告真伪")
    page.route("**/trust.json", lambda route: route.fulfill(**foreign))
    page.evaluate("location.hash = '12345'")
    expect(page.locator("#progress")).to_contain_text("不能离线核验")
    expect(page.locator("#ways")).to_be_visible()
    expect(page.locator("#result")).to_be_hidden()


def test_page_is_used_by_keyboard_alone(served: Served, opened: Opener) -> None:
    page = opened(DESKTOP)
    page.goto(f"{served.origin}/v")
    expect(page.get_by_role("button", name="English")).to_be_visible()
    painted(page)
    reached = []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(e => e.name || e.id || e.textContent.trim())(document.activeElement)"))
    for wanted in ("跳到正文", "language", "camera", "photo", "number", "code", "file", "token", "上传并核验"):
        assert wanted in reached
    page.get_by_role("textbox", name="扫码得到的网址或数字").focus()
    page.keyboard.type(f"https://verify.example.gov.cn/v#{scanned(served)}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#result h1")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".compare input").first).to_be_checked()


def test_day_asked_about_is_answered_and_named(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    page.get_by_text("换一个时刻再问").click()
    page.get_by_label("在哪一天、几点有效").fill("2031-01-05T09:30")
    page.get_by_role("button", name="按这个时刻核验").click()
    expect(page.locator("#result h1")).to_have_text("已过期")
    expect(page.locator(".verdict-asked")).to_have_text("所问时刻 2031年1月5日 09:30:00")
    page.get_by_text("换一个时刻再问").click()
    page.get_by_label("在哪一天、几点有效").fill("2020-01-05T09:30")
    page.get_by_role("button", name="按这个时刻核验").click()
    expect(page.locator("#result h1")).to_have_text("尚未生效")
    page.get_by_text("换一个时刻再问").click()
    page.get_by_role("button", name="按现在核验").click()
    expect(page.locator("#result h1")).to_have_text("有效")
    expect(page.locator(".verdict-asked")).to_have_count(0)


def test_day_typed_before_counts_for_every_way_of_asking(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    for ask in (lambda: type_in(page, *typed(served)), lambda: upload(page, served)):
        page.goto(f"{served.origin}/v")
        page.get_by_text("要查过去某一天是否有效").click()
        page.get_by_label("哪一天、几点").fill("2031-01-05T09:30")
        ask()
        expect(page.locator("#result h1")).to_have_text("已过期")
        expect(page.locator(".verdict-asked")).to_have_text("所问时刻 2031年1月5日 09:30:00")


def upload(page: Page, served: Served) -> None:
    page.get_by_label("选择文件").set_input_files(served.docx)
    page.get_by_role("button", name="上传并核验").click()


def test_registration_in_the_log_is_told(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    expect(page.locator(".verdict-basis")).to_contain_text(
        re.compile(r"登记日志：\d+年.* 登记，第 \d+ 条（共 \d+ 条）")
    )
    page.route("**/log/checkpoint", lambda route: route.fulfill(body="no note"))
    page.reload()
    expect(page.locator(".verdict-basis")).to_contain_text("登记日志：这次没有查询")


def test_verdict_is_made_anew_after_reload_and_when_the_page_comes_back(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    expect(page.locator("#result h1")).to_have_text("有效")
    page.clock.install()
    page.clock.set_fixed_time(served.now() + timedelta(days=40))
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.locator("#result h1")).to_have_text("已过期")
    page.reload()
    expect(page.locator("#result h1")).to_have_text("已过期")


def test_verdict_on_a_file_is_struck_out_when_it_has_grown_old(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.install()
    page.goto(f"{served.origin}/v")
    upload(page, served)
    expect(page.locator("#result h1")).to_have_text("有效")
    page.clock.run_for(11 * 60 * 1000)
    expect(page.locator("#result h1")).to_have_text("这个结果已经不是最新的")
    expect(page.locator("#result")).not_to_contain_text("禾苗")
    page.get_by_role("button", name="重新核验").click()
    expect(page.locator("#result h1")).to_have_text("有效")


@pytest.mark.parametrize("lacking", ["Ed25519", "modules"])
def test_browser_that_cannot_check_asks_the_server(served: Served, opened: Opener, lacking: str) -> None:
    page = opened(PHONE)
    if lacking == "Ed25519":
        page.add_init_script(
            "crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'));"
        )
    else:
        page.route("**/page/page.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    expect(page.locator(".verdict h1")).to_have_text("有效")
    expect(page.locator(".verdict").last).to_contain_text("由服务器核验")
    assert posted == [f"{served.origin}/v"]


def test_altered_file_stays_altered_in_a_browser_that_cannot_check(
    served: Served, opened: Opener, tmp_path: Path
) -> None:
    page = opened(PHONE)
    page.add_init_script("crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'));")
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(edit_one_cell(served.docx, tmp_path / "a.docx"))
    page.get_by_role("button", name="上传并核验").click()
    expect(page.locator("#result h1")).to_have_text("内容不一致")


def test_file_is_not_valid_for_the_server_when_its_code_is_not_valid_here(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    honest = page.request.post(f"{served.origin}/v", form={"token": scanned(served)}).text()
    page.route(f"{served.origin}/v", lambda route: route.fulfill(body=honest, content_type="text/html"))
    page.clock.set_fixed_time(served.now() + timedelta(days=40))
    upload(page, served)
    expect(page.locator("#result h1")).to_have_text("已过期")


def test_missing_file_of_the_program_leaves_the_server_to_answer(served: Served, opened: Opener) -> None:
    page = opened(PHONE, may_complain=True)
    page.route("**/verifier/cbor.js", lambda route: route.abort())
    page.goto(f"{served.origin}/v#{scanned(served)}")
    expect(page.locator(".verdict h1")).to_have_text("有效")


def test_server_cannot_make_a_forged_code_genuine(served: Served, opened: Opener) -> None:
    """What the server says of a typed code is checked again in the browser."""
    forged = sign_with_own_key(f"https://verify.example.gov.cn/v#{scanned(served)}").partition("#")[2]
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    honest = page.request.post(f"{served.origin}/v", form={"token": scanned(served)}).text()
    lie = honest.replace(scanned(served), forged)
    page.route(f"{served.origin}/v", lambda route: route.fulfill(body=lie, content_type="text/html"))
    type_in(page, *typed(served))
    expect(page.locator("#result h1")).to_have_text("核验不通过")
