"""B09, B14, B15 as people meet them: the pages of the issuing service, signed in at a real provider process."""

import re

from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from tests.provider import COMPANY_PERSON, STAFF, MockProvider
from tests.verify.issuing.office import ACTOR, COMPANY, SHOP, TestOffice
from tests.verify.issuing.portal.browsing import Answer, Browser
from verify.public.app import PublicSettings, build
from verify.reasons import Reason


async def issued(portal: Browser) -> Answer:
    """The page of a report that the company signed in at ``portal`` asked for."""
    preview = await portal.get("/apply/preview?years=3&purpose=银行贷款")
    chosen = {name: preview.field(name) for name in ("key", "years", "purpose")}
    return await portal.post("/apply/reports", {**chosen, "token": preview.token})


async def test_b09_a_verified_company_signs_in_chooses_years_and_gets_its_report_free_of_charge(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    form = (await portal.get("/apply/new")).text
    assert [years for years in ("近一年", "近两年", "近三年", "近四年") if years in form] == [
        "近一年",
        "近两年",
        "近三年",
    ]
    report = await issued(portal)
    docx = await portal.get(f"{report.address}/report.docx")
    answer = city.examine(docx.body, at=city.wall)
    assert answer.reason is Reason.OK
    assert answer.credential is not None
    assert answer.credential.facts.subject_code == COMPANY
    assert "免费" in (await portal.get("/guide")).text


async def test_b09_whoever_signs_in_unverified_is_refused_and_gets_nothing(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    refused = await portal.sign_in("apply", mock.person("p-2", **COMPANY_PERSON | {"real_name": "no"}))
    assert refused.status >= 400
    assert "实名核验" in refused.text
    assert 'name="years"' not in (await portal.get("/apply/new")).text
    assert city.count("ledger") == 0


async def test_b09_another_companys_report_does_not_exist_for_whoever_signed_in(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    other = city.issue(subject_code=SHOP)
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    for path in (f"/apply/reports/{other.number}", f"/apply/reports/{other.number}/report.docx"):
        assert (await portal.get(path)).status == 404


async def test_b14_guide_and_steps_are_pages_everybody_may_read(portal: Browser) -> None:
    guide, steps = await portal.get("/guide"), await portal.get("/guide/steps")
    assert (guide.status, steps.status) == (200, 200)
    assert "办事指南" in guide.text
    assert "操作流程" in steps.text
    for word in ("近一年", "核验码", "异议"):
        assert word in re.sub(r"<[^>]+>", "", guide.text + steps.text)


def form(**fields: str) -> FormData:
    """A form with one file of evidence."""
    data = FormData()
    for name, value in fields.items():
        data.add_field(name, value)
    data.add_field("file1", b"%PDF-1.7\nfictional", filename="证明.pdf", content_type="application/pdf")
    return data


async def verification_page(city: TestOffice, qr_text: str) -> str:
    service = build(PublicSettings(city.places.public, lambda: city.wall))
    async with TestClient(TestServer(service)) as site:
        return await (await site.post("/v", data={"token": qr_text})).text()


async def test_b15_an_objection_sent_online_and_upheld_by_the_unit_shows_on_the_verification_page(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    city.add_records({})
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    number = (await issued(portal)).address.rsplit("/", 1)[1]
    report = city.issuing.issued(number, ACTOR)
    assert "data-notice" not in await verification_page(city, report.qr_text)
    asked = await portal.get(f"/apply/objections/new?report={report.number}")
    key = re.findall(r'name="record" value="([^"]+)"', asked.text)[0]
    sent = form(token=asked.token, report=report.number, record=key, reason="决定已被撤销（虚构）")
    filed = await portal.post("/apply/objections", sent)
    assert "已提交" in filed.text
    await portal.sign_in("desk", mock.person("s-1", **STAFF))
    place = filed.address.replace("/apply/", "/desk/")
    for event in ("受理", "开始核实", "更正", "反馈"):
        page = await portal.get(place)
        correction = {"field1": "legal_state", "value1": "撤销"} if event == "更正" else {}
        step = {"token": page.token, "seen": page.field("seen"), "event": event, "reason": f"{event}（虚构）"}
        assert (await portal.post(place, form(**step, **correction))).status == 200
    assert "已反馈" in (await portal.get(filed.address)).text
    told = await verification_page(city, report.qr_text)
    assert 'data-verdict="valid"' in told
    assert "数据已更正，请重新获取。" in told
