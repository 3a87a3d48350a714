"""Answers verify/issuing/portal/{company_cases,desk_cases,cases}.py: from the objection to the notice, and mallory."""

import aiohttp
import pytest
from sqlalchemy import select

from index.rules.offices import load_office
from index.store import tables
from tests.provider import COMPANY_PERSON, STAFF, MockProvider
from tests.verify.issuing.office import COMPANY, SHOP, TestOffice
from tests.verify.issuing.portal.browsing import Answer, Browser
from tests.verify.issuing.portal.test_companies import issued, number_of
from verify.notices import Notice

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def form(**fields: str | tuple[str, bytes]) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)
    for name, value in fields.items():
        if isinstance(value, tuple):
            data.add_field(name, value[1], filename=value[0], content_type="application/octet-stream")
        else:
            data.add_field(name, value, content_type="text/plain")
    return data


@pytest.fixture
async def company(city: TestOffice, portal: Browser, mock: MockProvider) -> Browser:
    city.add_records({})
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    return portal


@pytest.fixture
def key(city: TestOffice) -> str:
    with city.engine.connect() as connection:
        return str(connection.execute(select(tables.records.c.key)).scalar_one())


async def objected(company: Browser, key: str, report: str = "", **changes: str | tuple[str, bytes]) -> Answer:
    token = (await company.get("/apply/objections/new")).token
    fields = {"token": token, "report": report, "record": key, "domain": "", "reason": "文书内容与实际不符"}
    return await company.post("/apply/objections", form(**fields | changes))


async def unit_clerk(company: Browser, mock: MockProvider, unit: str = "市生态环境局") -> Browser:
    clerk = Browser(company.origin)
    answer = await clerk.sign_in("desk", mock.person(f"s-{unit}", **STAFF | {"unit": unit}))
    assert answer.status == 200, answer.text
    return clerk


async def step(clerk: Browser, number: str, event: str, **changes: str | tuple[str, bytes]) -> Answer:
    page = await clerk.get(f"/desk/objections/{number}")
    assert page.status == 200, page.text
    fields = {"token": page.token, "seen": page.field("seen"), "event": event, "reason": f"{event}的理由"}
    return await clerk.post(f"/desk/objections/{number}", form(**fields | changes))


async def test_from_objection_to_the_notice_beside_the_verdict(
    city: TestOffice, company: Browser, mock: MockProvider, key: str
) -> None:
    report = number_of(await issued(company))
    docx = (await company.get(f"/apply/reports/{report}/report.docx")).body
    case = await objected(company, key, report, file1=("../凭证.pdf", PDF))
    assert case.status == 200, case.text[case.text.index("<main") :][:900]
    number = number_of(case)
    assert "异议处理中" in (await company.get("/apply/records")).text
    async with await unit_clerk(company, mock) as clerk:
        assert number in (await clerk.get("/desk/cases")).text
        evidence = await clerk.get(f"/desk/objections/{number}/files/1")
        assert evidence.body == PDF
        assert evidence.headers["Content-Type"] == "application/octet-stream"
        assert evidence.headers["Content-Disposition"].startswith("attachment;")
        for event in ("受理", "开始核实"):
            assert (await step(clerk, number, event)).status == 200
        kept = await step(clerk, number, "更正", field1="fine_wan", value1="1.00")
        assert (kept.status, 'value="1.00"' in kept.text, "更正的理由" in kept.text) == (422, True, True)
        corrected = {"field1": "fine_wan", "value1": "1.00", "file1": ("核实.pdf", PDF)}
        done = await step(clerk, number, "更正", **corrected)
        assert done.status == 200, done.text
        assert (await step(clerk, number, "反馈", reason="罚款金额已更正为 1 万元。")).status == 200
    for unit in ("市生态环境局", load_office(city.home / "office").issuer_name):
        async with await unit_clerk(company, mock, unit) as clerk:
            assert number not in (await clerk.get("/desk/cases")).text
            assert number in (await clerk.get("/desk/cases?show=closed")).text
    page = await company.get(f"/apply/objections/{number}")
    assert "罚款金额已更正为 1 万元。" in page.text
    assert "李窗口" not in page.text
    assert (await company.get(f"/apply/objections/{number}/files/1")).body == PDF
    assert (await company.get(f"/apply/objections/{number}/files/2")).status == 404  # the unit's own, however guessed
    answer = city.examine(docx, at=city.wall)
    assert Notice.DATA_CORRECTED in answer.notices
    assert "数据已更正，请重新获取。" in (await company.get("/apply")).text


async def test_what_was_typed_comes_back_with_the_problem(company: Browser, key: str) -> None:
    for changes in ({"reason": ""}, {"record": "", "domain": ""}, {"file1": ("x.exe", b"MZ\x90\x00\x00")}):
        answer = await objected(company, key, **{"reason": "我写了很多字"} | changes)
        assert answer.status == 422
        assert 'class="wrong"' in answer.text
        assert changes.get("reason", "我写了很多字") in answer.text


async def test_a_second_objection_to_the_same_record_is_told_of_the_first(company: Browser, key: str) -> None:
    first = number_of(await objected(company, key))
    assert first.startswith("YY")
    again = await objected(company, key)
    assert (again.status, first in again.text) == (422, True)


async def test_mallory_sees_no_case_and_no_evidence_and_objects_to_nothing_of_others(
    company: Browser, mock: MockProvider, key: str
) -> None:
    number = number_of(await objected(company, key, file1=("a.pdf", PDF)))
    async with Browser(company.origin) as mallory:
        await mallory.sign_in("apply", mock.person("mallory", **COMPANY_PERSON | {"uscc": SHOP}))
        for place in ("", "/files/1"):
            answer = await mallory.get(f"/apply/objections/{number}{place}")
            assert (answer.status, COMPANY in answer.text) == (404, False)
            never = await mallory.get(f"/apply/objections/YY209901010001{place}")
            assert (never.status, never.text.replace(number, "")) == (404, answer.text.replace(number, ""))
        assert (await objected(mallory, key)).status == 422
        assert (await mallory.get(f"/apply/repairs/new?record={key}")).status == 404
    async with await unit_clerk(company, mock, "市交通运输局") as other:
        assert number not in (await other.get("/desk/cases")).text
        for place in ("", "/files/1"):
            assert (await other.get(f"/desk/objections/{number}{place}")).status == 404


async def test_two_clerks_at_once_the_slower_is_told(company: Browser, mock: MockProvider, key: str) -> None:
    number = number_of(await objected(company, key))
    async with await unit_clerk(company, mock) as clerk:
        page = await clerk.get(f"/desk/objections/{number}")
        fields = {"token": page.token, "seen": "已提交", "event": "受理", "reason": "收到"}
        assert (await clerk.post(f"/desk/objections/{number}", form(**fields))).status == 200
        late = await clerk.post(f"/desk/objections/{number}", form(**fields | {"event": "不予受理"}))
        assert (late.status, "已由他人处理" in late.text) == (422, True)
        none = await clerk.post(f"/desk/objections/{number}", form(**fields | {"event": "", "seen": "已受理"}))
        assert (none.status, "没有选择要办理的步骤" in none.text) == (422, True)


async def test_a_clerk_without_the_task_does_not_get_in(company: Browser, mock: MockProvider, key: str) -> None:
    number = number_of(await objected(company, key))
    async with Browser(company.origin) as window:
        await window.sign_in("desk", mock.person("w-1", **STAFF | {"role": ["window"]}))
        assert "异议和信用修复" not in (await window.get("/desk")).text
        for path in ("/desk/cases", f"/desk/objections/{number}"):
            assert (await window.get(path)).status == 403


async def test_repair_from_application_to_the_decision(
    city: TestOffice, company: Browser, mock: MockProvider, key: str
) -> None:
    page = await company.get(f"/apply/repairs/new?record={key}")
    fields = {"token": page.token, "record": key, "severity": "一般", "corrected_on": "2025-04-01", "reason": "已整改"}
    kept = await company.post("/apply/repairs", form(**fields, done_on="", promise="yes"))
    assert (kept.status, 'value="2025-04-01"' in kept.text, "已整改" in kept.text) == (422, True, True)
    whole = fields | {"done_on": "2025-04-02", "promise": "yes"}
    assert (await company.post("/apply/repairs", form(**whole))).status == 422  # no evidence
    case = await company.post("/apply/repairs", form(**whole, file1=("缴款.pdf", PDF)))
    assert (case.status, "已提交" in case.text) == (200, True), case.text
    number = number_of(case)
    async with await unit_clerk(company, mock) as clerk:
        for event, more in (("受理", {}), ("开始审核", {}), ("准予修复", {"severity": "一般"}), ("办结", {})):
            page = await clerk.get(f"/desk/repairs/{number}")
            sent = {"token": page.token, "seen": page.field("seen"), "event": event, "reason": f"{event}。"} | more
            answer = await clerk.post(f"/desk/repairs/{number}", form(**sent))
            assert answer.status == 200, answer.text
    assert "已办结" in (await company.get(f"/apply/repairs/{number}")).text
    assert "已修复" in (await company.get("/apply/records")).text
