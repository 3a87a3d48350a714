"""Answers verify/issuing/portal/companies.py, selfservice.py, reports.py: a company gets its report, and no other."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select

from index.store import tables
from tests.provider import COMPANY_PERSON, MockProvider
from tests.verify.issuing.office import COMPANY, SHOP, STRANGER, TestOffice
from tests.verify.issuing.portal.browsing import Answer, Browser
from tests.verify.issuing.test_app import settings
from verify.issuing.app import open_issuing
from verify.issuing.orders import IssueRequest
from verify.issuing.portal import gate
from verify.issuing.portal.forms import SentFile, read_form
from verify.issuing.portal.gate import ACTS
from verify.issuing.portal.reports import shown_report
from verify.issuing.portal.sessions import Session
from verify.notices import Notice
from verify.reasons import Reason

CHOICE = {"years": "3", "purpose": "银行贷款"}


@pytest.fixture
async def company(portal: Browser, mock: MockProvider) -> Browser:
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    return portal


async def previewed(browser: Browser) -> Answer:
    answer = await browser.get("/apply/preview?years=3&purpose=银行贷款")
    assert answer.status == 200, answer.text
    return answer


async def issued(browser: Browser) -> Answer:
    page = await previewed(browser)
    answer = await browser.post("/apply/reports", CHOICE | {"token": page.token, "key": page.field("key")})
    assert answer.status == 200, answer.text
    return answer


def number_of(answer: Answer) -> str:
    return answer.address.rpartition("/")[2]


async def test_choose_look_issue_download_and_verify(city: TestOffice, company: Browser) -> None:
    assert "近三年" in (await company.get("/apply/new")).text
    page = await previewed(company)
    assert "查询结论" in page.text
    assert city.count("ledger") == 0
    report = await issued(company)
    place = f"/apply/reports/{number_of(report)}"
    docx, png = await company.get(f"{place}/report.docx"), await company.get(f"{place}/qr.png")
    assert city.examine(docx.body, at=city.wall).reason is Reason.OK
    assert city.examine(png.body, at=city.wall).reason is Reason.OK
    assert docx.headers["Content-Disposition"] == f'attachment; filename="{number_of(report)}.docx"'
    assert number_of(report) in (await company.get("/apply")).text


async def test_a_window_that_was_counted_by_weekends_only_is_said(city: TestOffice, company: Browser) -> None:
    assert "按周末规则推算" not in (await previewed(company)).text
    today, city.wall = city.wall, city.wall + timedelta(days=3 * 366)  # nothing is published of that year
    issuing = open_issuing(settings(city))
    number = issuing.issue(IssueRequest(COMPANY, 1, "", city.wall, "窗口 01")).number
    issuing.close()
    city.wall = today
    assert "按周末规则推算" in (await company.get(f"/apply/reports/{number}")).text


async def test_the_pdf_is_offered_beside_the_docx(company: Browser) -> None:
    report = await issued(company)
    assert "下载 PDF" in report.text
    pdf = await company.get(f"/apply/reports/{number_of(report)}/report.pdf")
    assert (pdf.body[:5], pdf.headers["Content-Type"]) == (b"%PDF-", "application/pdf")


async def test_the_ledger_says_that_the_company_itself_asked_and_how_it_was_checked(
    city: TestOffice, company: Browser
) -> None:
    entry = city.issuing.show(number_of(await issued(company)), "测试").entry
    assert (entry.channel, entry.subject_code) == ("self", COMPANY)
    assert "统一身份认证登录" in entry.identity_check
    assert "p-1" in entry.actor
    assert "王示例" not in entry.actor


async def test_a_double_click_gives_one_report(city: TestOffice, company: Browser) -> None:
    page = await previewed(company)
    form = CHOICE | {"token": page.token, "key": page.field("key")}
    answers = await asyncio.gather(*(company.post("/apply/reports", form) for _ in range(4)))
    assert len({number_of(answer) for answer in answers}) == 1
    assert city.count("ledger") == 1


async def test_without_years_the_form_comes_back_with_what_was_chosen(company: Browser) -> None:
    for years in ("", "0", "4", "三"):
        answer = await company.get(f"/apply/preview?years={years}&purpose=招标投标")
        assert (answer.status, "请先选择查询年限" in answer.text) == (422, True)
        assert '<option value="招标投标" selected>' in answer.text


async def test_an_invented_purpose_is_refused(company: Browser) -> None:
    answer = await company.get("/apply/preview?years=1&purpose=移民")
    assert (answer.status, "PURPOSE_UNKNOWN" in answer.text) == (422, True)


async def test_the_state_of_earlier_reports_is_shown(city: TestOffice, company: Browser) -> None:
    number = number_of(await issued(company))
    assert '<span class="badge good">有效</span>' in (await company.get("/apply")).text
    with city.engine.begin() as connection:
        notice = {"number": number, "kind": "corrected", "at": city.wall, "actor": "测试", "case_number": "YY1"}
        connection.execute(tables.report_notices.insert().values(notice))
    assert "数据已更正，请重新获取。" in (await company.get("/apply")).text
    city.issuing.revoke(number, "测试撤销", "测试", city.wall)
    page = await company.get(f"/apply/reports/{number}")
    assert "已撤销" in page.text
    assert "测试撤销" in page.text


async def test_a_report_past_its_month_is_shown_as_over(city: TestOffice, company: Browser) -> None:
    entry = city.issuing.show(number_of(await issued(company)), "测试").entry
    assert shown_report(entry, entry.valid_until).state == "有效"
    over = shown_report(entry, entry.valid_until + timedelta(seconds=1), (Notice.RECORD_REPAIRED,))
    assert (over.state, over.tone, over.notices) == ("已过期", "unsure", ())


async def test_mallory_of_another_company_sees_nothing(city: TestOffice, company: Browser, mock: MockProvider) -> None:
    number = number_of(await issued(company))
    async with Browser(company.origin) as mallory:
        home = await mallory.sign_in("apply", mock.person("mallory", **COMPANY_PERSON | {"uscc": SHOP}))
        assert number not in home.text
        for place in ("", "/report.docx", "/report.pdf", "/qr.png"):
            answer = await mallory.get(f"/apply/reports/{number}{place}")
            assert answer.status == 404
            assert COMPANY not in answer.text
        page = await mallory.get("/apply/preview?years=3")
        stolen = {"years": "3", "token": page.token, "key": "k", "code": COMPANY, "subject_code": COMPANY}
        answer = await mallory.post("/apply/reports", stolen)
        assert city.issuing.show(number_of(answer), "测试").entry.subject_code == SHOP


async def test_without_signing_in_nothing_is_answered(city: TestOffice, portal: Browser) -> None:
    for path in ("/apply/new", "/apply/preview?years=1", "/apply/records", "/apply/reports/YCZX202608200000001"):
        assert (await portal.get(path, follow=False)).headers["Location"] == "/apply"
    for path in ("/apply/reports", "/apply/objections", "/apply/repairs", "/apply/subject", "/apply/batches"):
        answer = await portal.post(path, {"token": "x"})
        assert (answer.status, "登录已经超时" in answer.text) == (401, True)
    assert "已经退出" in (await portal.post("/apply/sign-out", {"token": "x"})).text
    assert city.count("ledger") == 0


async def test_a_subject_that_is_not_registered_is_told_so(portal: Browser, mock: MockProvider) -> None:
    answer = await portal.sign_in("apply", mock.person("p-5", **COMPANY_PERSON | {"uscc": STRANGER}))
    assert (answer.status, "SUBJECT_UNKNOWN" in answer.text) == (404, True)
    assert "chenghe" not in answer.text


async def test_records_are_shown_masked_and_read_under_audit(city: TestOffice, company: Browser) -> None:
    city.add_records({})
    page = await company.get("/apply/records")
    assert "未按规定贮存危险废物" in page.text
    assert "欧阳示例" not in page.text
    with city.engine.connect() as connection:
        lines = connection.execute(select(tables.audit).where(tables.audit.c.action == "records.list")).all()
    assert any("p-1" in line.actor and line.target == COMPANY for line in lines)


async def test_what_people_typed_is_escaped(company: Browser) -> None:
    answer = await company.get("/apply/preview?years=9&purpose=<script>alert(1)</script>")
    assert "<script>alert" not in answer.text
    answer = await company.get('/apply/objections/new?report="><script>alert(1)</script>')
    assert "<script>alert" not in answer.text


async def test_bodies_are_bounded(company: Browser) -> None:
    page = await company.get("/apply/new")
    token = (await company.get("/apply")).token
    assert page.status == 200
    for body, status in (
        ("x" * 100_000, 413),
        ("&".join(f"a{number}=1" for number in range(2000)), 400),
        ("token=%ff%fe", 400),
        (f"token={token}&token=x", 422),
    ):
        answer = await company.post("/apply/reports", body, **{"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == status, answer.text


async def test_nobody_keeps_all_the_places_for_files_by_sending_slowly(
    company: Browser, mock: MockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, go_on = (await company.get("/apply")).token, asyncio.Event()
    received: list[web.Request] = []
    head = f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n'.encode()

    async def slowly() -> AsyncIterator[bytes]:
        yield head
        await go_on.wait()
        yield b"--x--\r\n"

    async def sent(browser: Browser, body: AsyncIterator[bytes] | bytes) -> int:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        return (await browser.post("/apply/objections", body, **kind)).status

    async def noted(request: web.Request, session: Session) -> Mapping[str, str | SentFile]:
        received.append(request)
        return await read_form(request, session)

    monkeypatch.setattr(gate, "read_form", noted)
    slow = [asyncio.create_task(sent(company, slowly())) for _ in range(2)]
    async with asyncio.timeout(60):
        while len(received) < 2:
            await asyncio.sleep(0.01)
    assert await sent(company, head + b"--x--\r\n") == 503
    async with Browser(company.origin) as other:
        await other.sign_in("apply", mock.person("p-2", **COMPANY_PERSON))
        assert await sent(other, head + b"--x--\r\n") == 403  # received; the form was another's
    go_on.set()
    assert await asyncio.gather(*slow) == [422, 422]
    assert await sent(company, head + b"--x--\r\n") == 422


async def test_too_many_requests_have_to_wait(company: Browser) -> None:
    answer = await company.post("/apply/reports", {"token": "wrong"})
    assert answer.status == 403
    for _ in range(5 * ACTS.burst):  # a slow machine gives some back meanwhile
        if answer.status == 429:
            break
        answer = await company.post("/apply/reports", {"token": "wrong"})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
