"""The batch page in a real Chromium: choose, verify, sort, filter, download, print; no complaint in the console."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from bot.demo.forging import edit_one_cell
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served, painted
from tests.verify.batch.made import zipped
from tests.verify.documents.photos import jpeg, photographed, sealed, sheet
from verify.documents.reading import read

pytestmark = pytest.mark.browser
FOREIGN = "https://verify.example.gov.cn/v#" + "5" * 480


@pytest.fixture(scope="module")
def files(session_served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What came in at a fictional tender."""
    folder = tmp_path_factory.mktemp("开标")
    genuine, withdrawn = sorted(session_served.home.reports.rglob("report.docx"))
    (folder / "甲公司.docx").write_bytes(genuine.read_bytes())
    edit_one_cell(genuine, folder / "乙公司.docx")
    (folder / "撤销的.docx").write_bytes(withdrawn.read_bytes())
    (code,) = read(genuine, "a").qr_texts
    page = sealed(sheet((code, (160, 12))), (175, 28))
    (folder / "盖章照片.jpg").write_bytes(jpeg(photographed(page)))
    (folder / "<img src=x onerror=alert(1)>.txt").write_text(FOREIGN)
    listed = f"名称,统一社会信用代码\n{named(genuine)}\n没来的公司（虚构）,\n"
    (folder / "名单.csv").write_bytes(listed.encode("gb18030"))
    return folder


def named(docx: Path) -> str:
    """``name,code`` as the report says."""
    package = read(docx, "a").document.package  # type: ignore[union-attr]
    values = {field.path.rpartition("／")[2]: field.text for field in package.fields if field.kind == "栏目值"}  # type: ignore[union-attr]
    return f"{values['名称']},{values['统一社会信用代码']}"


def reports(files: Path) -> list[Path]:
    return sorted(path for path in files.iterdir() if path.suffix != ".csv")


def at_the_page(opened: Opener, served: Served, viewport: dict[str, int] = DESKTOP, **options: object) -> Page:
    page = opened(viewport, **options)
    page.goto(f"{served.origin}/v/batch")
    return page


def verified(page: Page, *paths: Path, bidders: Path | None = None) -> Locator:
    page.locator("#files").set_input_files(list(paths))
    if bidders is not None:
        page.locator("#bidders").set_input_files(bidders)
    page.locator("#send").click()
    finished(page)
    return page.locator("table.batch tbody tr")


def finished(page: Page) -> None:
    """The whole was told and drawn for the last time: what has the focus afterwards keeps it."""
    page.locator("#xlsx").wait_for(timeout=60_000)
    expect(page.locator("#stop")).to_be_hidden()


def test_what_is_wrong_stands_first_with_the_cell_by_name(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    rows = verified(page, *reports(files), bidders=files / "名单.csv")
    verdicts = [row.get_attribute("data-verdict") for row in rows.all()]
    assert verdicts == ["altered", "revoked", "unreadable", "valid", "valid"]
    altered = rows.first.inner_text()
    assert "生态环境领域／查询结果" in altered.replace("\n", "")
    assert "未查询到" in altered
    assert page.locator("#lacking").inner_text().count("没来的公司（虚构）") == 1
    assert "5 份报告，5 份需要处理" in page.locator("#progress-words").inner_text()
    assert page.locator("[data-mark=DUPLICATE]").count() == 3, "one report as docx, altered, and photographed"


def test_columns_sort_and_the_filter_hides_what_passed(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    rows = verified(page, files / "甲公司.docx", files / "撤销的.docx")
    page.locator("[data-sort=number]").click()
    assert [row.get_attribute("data-row") for row in rows.all()] == ["1", "2"]
    page.locator("[data-sort=number]").click()
    assert [row.get_attribute("data-row") for row in rows.all()] == ["2", "1"]
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.get_by_label("只看需要处理的").check()
    assert [row.get_attribute("data-verdict") for row in rows.all()] == ["revoked"]
    page.get_by_label("只看需要处理的").uncheck()
    assert rows.count() == 2


def test_the_table_is_handed_over_as_workbook_and_csv(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    verified(page, *reports(files))
    with page.expect_download() as download:
        page.locator("#xlsx").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert book.worksheets[0].max_row == 6
    with page.expect_download() as download:
        page.locator("#csv").click()
    assert download.value.suggested_filename.endswith(".csv")
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == 6


def test_a_zip_and_dropped_files_are_taken(opened: Opener, served: Served, files: Path, tmp_path: Path) -> None:
    packed = tmp_path / "全部.zip"
    packed.write_bytes(zipped({f"投标/{path.name}": path.read_bytes() for path in reports(files)[:3]}).read())
    page = at_the_page(opened, served)
    page.evaluate(
        """(text) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], "拖来的.txt"));
            document.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""",
        FOREIGN,
    )
    page.locator("#chosen", has_text="已选 1 个文件").wait_for()
    assert verified(page, packed).count() == 4


def test_a_folder_keeps_its_paths(opened: Opener, served: Served, files: Path, tmp_path: Path) -> None:
    inner = tmp_path / "投标文件" / "甲公司"
    inner.mkdir(parents=True)
    (inner / "报告.txt").write_text(FOREIGN)
    (inner / ".DS_Store").write_text("x")
    page = at_the_page(opened, served)
    page.locator("#folder").set_input_files(tmp_path / "投标文件")
    page.locator("#send").click()
    finished(page)
    assert [cell.inner_text() for cell in page.locator(".batch-file").all()] == ["投标文件/甲公司/报告.txt"]


def test_names_are_text_and_nothing_else(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    rows = verified(page, *[path for path in reports(files) if path.suffix == ".txt"])
    assert "<img src=x onerror=alert(1)>" in rows.first.inner_text()
    assert page.locator("table.batch img").count() == 0


def test_another_day_is_asked_about_the_whole_batch(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    page.locator("#when").fill("2020-01-01T09:30")
    rows = verified(page, files / "甲公司.docx")
    assert rows.first.get_attribute("data-verdict") == "not_yet_valid"
    assert "2020年1月1日 09:30:00" in page.locator("#results").inner_text()


def test_english_after_one_click_and_back(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    verified(page, files / "乙公司.docx")
    page.locator("#language").click()
    assert page.locator("h1").inner_text() == "Verify many reports"
    assert "differ" in page.locator(".batch-said").inner_text() or "issued" in page.locator(".batch-said").inner_text()
    page.locator("#language").click()
    assert page.locator("h1").inner_text() == "批量核验"


def test_on_a_phone_nothing_scrolls_sideways(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served, PHONE)
    verified(page, *reports(files), bidders=files / "名单.csv")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll("button, input, .button")]
            .filter((each) => each.offsetParent !== null && !each.closest("thead, .unseen"))
            .map((each) => each.getBoundingClientRect().height).filter((height) => height < 20 && height > 1).length"""
    )
    assert small == 0


def test_with_the_keyboard_alone(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    page.locator("#files").set_input_files(files / "甲公司.docx")
    painted(page)
    page.locator("#send").press("Enter")
    finished(page)
    page.locator("[data-sort=file]").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.sort") == "file"


SLOWLY = """() => {
    const real = window.fetch, encoder = new TextEncoder();
    window.asked = 0;
    window.fetch = async (address, options) => {
        if (address !== "/api/verify/batch") return real(address, options);
        window.asked += 1;
        const lines = (await (await real(address, options)).text()).split("\\n").slice(0, -1);
        return new Response(new ReadableStream({start(stream) {
            options.signal.addEventListener("abort", () => stream.error(options.signal.reason));
            window.tell = (count) => {
                for (const line of lines.splice(0, count)) stream.enqueue(encoder.encode(line + "\\n"));
                if (lines.length === 0) stream.close();
            };
            document.documentElement.dataset.answered = "";
        }}));
    };
}"""
"""What the service answered reaches the page line by line, when the test says so."""


TITLE = "document.getElementById('results-title').getBoundingClientRect().top"


def sent(page: Page, *paths: Path) -> Locator:
    """With the keyboard; nothing of the answer has come yet. The rows."""
    page.evaluate(SLOWLY)
    page.locator("#files").set_input_files(list(paths))
    painted(page)
    page.locator("#send").press("Enter")
    page.locator("html[data-answered]").wait_for()
    return page.locator("table.batch tbody tr")


def test_whoever_stands_in_the_table_keeps_her_place_while_it_fills(
    opened: Opener, served: Served, files: Path
) -> None:
    page = at_the_page(opened, served, {"width": 1280, "height": 240})
    rows = sent(page, *reports(files))
    page.evaluate("tell(3)")
    expect(rows).to_have_count(2)
    expect(page.locator("#send")).to_be_focused()
    page.locator("[data-sort=file]").focus()
    page.evaluate("mine = document.activeElement, drawn = [...document.querySelectorAll('tbody tr')]")
    page.evaluate("tell(1)")
    expect(rows).to_have_count(3)
    assert page.evaluate("document.activeElement === mine && drawn.every((row) => row.isConnected)")
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending] [data-sort=file]")).to_be_focused()
    page.locator(".table-frame").focus()
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'}), mine = document.activeElement")
    assert page.evaluate(TITLE) < 0
    page.evaluate("tell(9)")
    finished(page)
    assert rows.count() == len(reports(files))
    assert page.evaluate("document.activeElement === mine")
    assert page.evaluate(TITLE) < 0, "who was further down is not taken up to it"


def test_who_stops_a_batch_with_the_keyboard_is_back_where_one_begins(
    opened: Opener, served: Served, files: Path
) -> None:
    page = at_the_page(opened, served)
    sent(page, files / "甲公司.docx")
    page.locator("#send").press("Enter")
    page.locator("#stop").press("Enter")
    expect(page.locator("#problem")).to_contain_text("已停止")
    expect(page.locator("#send")).to_be_focused()
    assert page.evaluate("asked") == 1, "a button that is at work takes no second order"


def test_without_script_the_form_gives_the_workbook(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served, java_script_enabled=False)
    page.locator("#files").set_input_files([files / "甲公司.docx", files / "乙公司.docx"])
    with page.expect_download() as download:
        page.locator("#send").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert [row[4] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == ["✓ 有效", "✗ 内容不一致"]


def test_a_list_that_cannot_be_read_is_said_in_both_languages(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served, may_complain=True)  # the console tells of the refusal
    page.locator("#files").set_input_files(files / "甲公司.docx")
    page.locator("#bidders").set_input_files({"name": "名单.xlsx", "mimeType": "", "buffer": b"PK\x03\x04 no workbook"})
    page.locator("#send").click()
    expect(page.locator("#problem")).to_contain_text("投标人名单读不出来")
    page.locator("#language").click()
    expect(page.locator("#problem")).to_contain_text("The list of bidders cannot be read")


def test_a_service_that_is_gone_is_no_verdict(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    page.locator("#files").set_input_files(files / "甲公司.docx")
    page.route("**/api/verify/batch", lambda route: route.fulfill(status=200, body='{"type": "start", "files": 1}\n'))
    page.locator("#send").click()
    page.locator("#problem", has_text="结果不完整").wait_for()
    assert page.locator("#results").is_hidden()


def test_on_paper_the_verdicts_stay(opened: Opener, served: Served, files: Path) -> None:
    page = at_the_page(opened, served)
    verified(page, *reports(files))
    page.emulate_media(media="print")
    assert page.locator("#ask").is_hidden()
    assert page.locator(".badge-verdict").first.is_visible()
    assert page.locator("[data-sort=verdict]").is_visible(), "the heading of its column"
