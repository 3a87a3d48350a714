"""The portal in a real browser: from signing in to a report that verifies, on a phone and at the desk."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from bot.__main__ import main
from bot.demo.story import COMPANY
from bot.settings import Home
from index.cases.evidence import Evidence
from index.cases.objection import Filing
from index.cases.objections import Objections
from index.channel import Channel
from index.rules.offices import load_office
from index.rules.units import domains_of
from index.store.engine import open_store
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served, serving
from tests.browser.test_verification import assert_fits
from tests.provider import MockProvider, set_up
from tests.provider import mock as mock
from verify.documents.examine import examine
from verify.reasons import Reason
from verify.subject import check_character
from verify.trust import load

pytestmark = pytest.mark.browser
UNIT = "市生态环境局"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture(scope="module")
def portal(demo_home: Home, mock: MockProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A copy of the demo, with people who can sign in."""
    home = Home(tmp_path_factory.mktemp("portal") / "home")
    shutil.copytree(demo_home.root, home.root)
    add_branches(home, 3)
    port = set_up(home.root, mock)
    mock.person("person", uscc=COMPANY, name="王示例", real_name="verified")
    mock.person("window", unit=UNIT, name="李窗口", role=["window", "handler"])
    with serving(home, port) as served:
        yield served


def add_branches(home: Home, count: int) -> None:
    """As the registration authority delivers them."""
    bodies = [f"91320902MB{number:07d}" for number in range(count)]
    lines = [f"示例第{body[-1]}分公司（虚构）,{body}{check_character(body)},分支机构,{COMPANY}" for body in bodies]
    file = home.root / "branches.csv"
    file.write_text("\n".join(["名称,统一社会信用代码,主体类型,隶属主体代码", *lines]), encoding="utf-8")
    assert main(["--home", str(home.root), "subjects", "import", str(file)]) == 0


def sign_in(page: Page, served: Served, realm: str, sub: str) -> None:
    """As a person does; what the provider's own page loads from elsewhere is not ours."""
    page.route(lambda url: not url.startswith("http://127.0.0.1"), lambda route: route.fulfill(body=""))
    page.goto(f"{served.origin}/{realm}")
    page.get_by_role("link", name="登录", exact=True).click()
    page.locator("input[name=sub]").first.fill(sub)
    page.locator("button[type=submit], input[type=submit]").first.click()
    page.wait_for_url(f"{served.origin}/{realm}")


def downloaded(page: Page, name: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path())


def verified(served: Served, docx: Path) -> Reason:
    trust = load(served.home.published_trust.read_bytes())
    return examine(docx.read_bytes(), name="report.docx", trust=trust, at=served.now(), now=served.now()).reason


def test_a_company_on_a_phone_from_signing_in_to_its_objection(portal: Served, opened: Opener) -> None:
    page = opened(PHONE)
    sign_in(page, portal, "apply", "person")
    assert_fits(page)
    page.get_by_role("link", name="开一份新报告").click()
    page.get_by_label("近三年").check()
    page.get_by_label("用途").select_option("银行贷款")
    assert_fits(page)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("查询结论")).to_be_visible()
    expect(page.get_by_role("button", name="开具报告")).to_be_in_viewport()
    assert_fits(page)
    page.get_by_role("button", name="开具报告").click()
    expect(page.get_by_text("有效", exact=True)).to_be_visible()
    assert_fits(page)
    expect(page.locator("img.qr")).to_have_js_property("complete", True)
    assert page.locator("img.qr").evaluate("image => image.naturalWidth > 100")
    assert verified(portal, downloaded(page, "下载 Word")) is Reason.OK
    assert downloaded(page, "下载 PDF").read_bytes().startswith(b"%PDF-")
    page.get_by_role("link", name="对内容有异议").click()
    page.get_by_label("未按规定贮存危险废物").check()
    expect(page.get_by_label("领域", exact=False).last).to_be_hidden()
    page.get_by_label("理由").fill("文书内容与实际不符，请核实。")
    page.locator("input[name=file1]").set_input_files([{"name": "凭证.pdf", "mimeType": "", "buffer": PDF}])
    assert_fits(page)
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_text("已提交", exact=True)).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="已经退出")).to_be_visible()
    page.goto(f"{portal.origin}/apply/records")
    expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()


def test_a_parent_on_a_phone_gets_the_reports_of_its_branches(portal: Served, opened: Opener) -> None:
    page = opened(PHONE)
    sign_in(page, portal, "apply", "person")
    page.get_by_role("link", name="为分支机构批量开具").click()
    page.get_by_label("近一年").check()
    assert_fits(page)
    page.get_by_role("button", name="开具勾选的报告").click()
    expect(page.get_by_role("heading", name="开具了 3 份")).to_be_visible()
    assert_fits(page)
    with ZipFile(downloaded(page, "全部下载")) as files:
        assert sum(name.endswith(".docx") for name in files.namelist()) == 3
    page.get_by_role("link", name="以前批量开过的").click()
    expect(page.get_by_role("link", name="下载 zip")).to_be_visible()
    assert_fits(page)


@pytest.fixture
def objection(portal: Served) -> str:
    """One to a whole domain of the clerk's unit; its number."""
    office = load_office(portal.home.office)
    domain = domains_of(UNIT, office)[0].number
    filing = Filing(COMPANY, None, None, domain, "整个领域的结果不对", Channel.SELF, "网上用户")
    engine = open_store(portal.home.database)
    case = Objections(engine, office).file(filing, (Evidence("说明.pdf", PDF),), portal.now())
    engine.dispose()
    return case.number


def test_a_clerk_issues_and_answers_an_objection(portal: Served, opened: Opener, objection: str) -> None:
    page = opened(DESKTOP)
    sign_in(page, portal, "desk", "window")
    page.get_by_label("统一社会信用代码").fill(COMPANY)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_label("被授权人姓名")).to_be_hidden()
    page.get_by_label("受托人").check()
    expect(page.get_by_label("被授权人姓名")).to_be_visible()
    page.get_by_label("本人").check()
    page.get_by_label("核对了哪些证件").fill("营业执照、法定代表人身份证")
    page.get_by_label("近一年").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="开具报告").click()
    expect(page.get_by_text("窗口核对，本人办理：营业执照、法定代表人身份证")).to_be_visible()
    assert verified(portal, downloaded(page, "下载 Word")) is Reason.OK
    page.goto(f"{portal.origin}/desk/cases")
    page.locator("a.row", has_text=objection).click()
    expect(page.get_by_role("link", name="说明.pdf")).to_be_visible()
    for event, state in (("受理", "已受理"), ("开始核实", "核实中"), ("维持", "维持"), ("反馈", "已反馈")):
        page.get_by_role("radio", name=event, exact=True).check()
        page.get_by_role("textbox", name="理由").fill(f"{event}：经核对原件。")
        page.get_by_role("button", name="办理").click()
        expect(page.locator(".lead .badge").first).to_have_text(state)
        assert_fits(page)
    expect(page.get_by_role("button", name="办理")).to_have_count(0)


def test_the_whole_way_works_without_script(portal: Served, opened: Opener) -> None:
    page = opened(PHONE, java_script_enabled=False)
    sign_in(page, portal, "apply", "person")
    page.get_by_role("link", name="开一份新报告").click()
    page.get_by_label("近一年").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="开具报告").click()
    expect(page.get_by_text("有效", exact=True)).to_be_visible()


def test_large_targets_and_readable_guides_on_a_phone(portal: Served, opened: Opener) -> None:
    page = opened(PHONE)
    for path in ("/guide", "/guide/steps", "/apply", "/desk"):
        page.goto(f"{portal.origin}{path}")
        assert_fits(page)
        heights = page.locator("a.button:visible, button:visible").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().height)"
        )
        assert heights
        assert min(heights) >= 44
