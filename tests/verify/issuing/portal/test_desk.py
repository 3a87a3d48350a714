"""Answers verify/issuing/portal/desk.py, desk_batch.py: the checked identity is kept, many branches are one request."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from index.store import tables
from tests.provider import COMPANY_PERSON, STAFF, MockProvider
from tests.verify.issuing.office import COMPANY, SHOP, TestOffice
from tests.verify.issuing.portal.browsing import Answer, Browser
from tests.verify.issuing.portal.test_cases import PDF, form
from tests.verify.issuing.portal.test_companies import number_of
from verify.reasons import Reason

VISITOR = {"applicant": "self", "document": "营业执照、法定代表人身份证", "years": "3", "purpose": "银行贷款"}


@pytest.fixture
async def clerk(portal: Browser, mock: MockProvider) -> Browser:
    answer = await portal.sign_in("desk", mock.person("w-1", **STAFF | {"role": ["window"]}))
    assert "开具专用信用报告" in answer.text
    return portal


async def previewed(clerk: Browser, **changes: str) -> Answer:
    token = (await clerk.get(f"/desk/subject?code={COMPANY}")).token
    return await clerk.post("/desk/preview", VISITOR | {"token": token, "code": COMPANY} | changes)


async def test_find_check_look_issue_and_the_ledger_says_what_was_checked(city: TestOffice, clerk: Browser) -> None:
    page = await previewed(clerk)
    assert "请与申请人核对内容" in page.text, page.text
    sent = VISITOR | {"token": page.token, "code": COMPANY, "key": page.field("key")}
    answers = await asyncio.gather(*(clerk.post("/desk/reports", sent) for _ in range(3)))
    assert len({number_of(answer) for answer in answers}) == 1
    number = number_of(answers[0])
    entry = city.issuing.show(number, "测试").entry
    assert (entry.channel, entry.identity_check) == ("desk", "窗口核对，本人办理：营业执照、法定代表人身份证")
    assert entry.actor == "市生态环境局 李窗口（w-1）"
    docx = await clerk.get(f"/desk/reports/{number}/report.docx")
    assert city.examine(docx.body, at=city.wall).reason is Reason.OK
    assert number in (await clerk.get(f"/desk/subject?code={COMPANY.lower()}")).text


async def test_what_was_not_said_is_asked_for_and_nothing_typed_is_lost(city: TestOffice, clerk: Browser) -> None:
    for changes, said in (
        ({"document": ""}, "请写明核对了哪些证件"),
        ({"years": "9"}, "请先选择查询年限"),
        ({"applicant": "agent"}, "请填写被授权人姓名和授权书登记编号"),
        ({"purpose": "移民"}, "不在适用场景之内"),
    ):
        answer = await previewed(clerk, **changes)
        assert (answer.status, said in answer.text) == (422, True)
        assert changes.get("document", VISITOR["document"]) in answer.text
    assert city.count("ledger") == 0


async def registered(city: TestOffice, clerk: Browser) -> str:
    """The number of an authorisation that the clerk has taken in."""
    page = await clerk.get(f"/desk/authorisations?code={COMPANY}")
    today = city.wall.date()
    fields = {"token": page.token, "code": COMPANY, "grantee": "赵代办", "scope": "report", "valid_from": f"{today}"}
    kept = await clerk.post("/desk/authorisations", form(**fields, valid_to="", file1=("授权书.pdf", PDF)))
    assert (kept.status, 'value="赵代办"' in kept.text) == (422, True)
    term = {"valid_to": f"{today + timedelta(days=30)}"}
    wrong = await clerk.post("/desk/authorisations", form(**fields | term, file1=("授权书.exe", b"MZ\x90\x00")))
    assert (wrong.status, 'class="wrong"' in wrong.text) == (422, True)
    made = await clerk.post("/desk/authorisations", form(**fields | term, file1=("授权书.pdf", PDF)))
    assert "已登记" in made.text, made.text
    return made.address.rpartition("=")[2]


async def test_an_agent_needs_a_registered_authorisation_of_this_subject(city: TestOffice, clerk: Browser) -> None:
    number = await registered(city, clerk)
    agent = {"applicant": "agent", "grantee": "赵代办", "authorisation": number}
    for wrong in ({"authorisation": "SQ209901010001"}, {"grantee": "别人"}, {"code": SHOP}):
        answer = await previewed(clerk, **agent | wrong)
        assert (answer.status, "没有该主体给该被授权人的授权书" in answer.text) == (422, True)
    page = await previewed(clerk, **agent)
    sent = VISITOR | agent | {"token": page.token, "code": COMPANY, "key": page.field("key")}
    report = await clerk.post("/desk/reports", sent)
    check = city.issuing.show(number_of(report), "测试").entry.identity_check
    assert number in check
    assert "赵代办" not in check


async def test_a_handler_of_cases_issues_nothing(city: TestOffice, portal: Browser, mock: MockProvider) -> None:
    home = await portal.sign_in("desk", mock.person("h-1", **STAFF))
    assert "开具专用信用报告" not in home.text
    token = home.token
    for answer in (
        await portal.get(f"/desk/subject?code={COMPANY}"),
        await portal.get(f"/desk/batch?code={COMPANY}"),
        await portal.post("/desk/preview", VISITOR | {"token": token, "code": COMPANY}),
        await portal.post("/desk/reports", VISITOR | {"token": token, "code": COMPANY, "key": "k"}),
        await portal.post("/desk/batches", VISITOR | {"token": token, "code": COMPANY, "key": "desk-" + "k" * 20}),
    ):
        assert (answer.status, "TASK_NOT_ALLOWED" in answer.text) == (403, True)
    assert city.count("ledger") == 0


async def test_an_objection_brought_to_the_desk_is_filed_in_the_subjects_name(city: TestOffice, clerk: Browser) -> None:
    city.add_records({})
    page = await clerk.get(f"/desk/objections/new?code={COMPANY}")
    key = next(text for text in page.text.split('"') if text.startswith(f"{COMPANY}/"))
    sent = {"token": page.token, "code": COMPANY, "record": key, "domain": "", "reason": "罚款已缴清", "report": ""}
    kept = await clerk.post("/desk/objections", form(**sent, applicant="self", document=""))
    assert (kept.status, "罚款已缴清" in kept.text, "请写明核对了哪些证件" in kept.text) == (422, True, True)
    done = await clerk.post(
        "/desk/objections", form(**sent, applicant="self", document="营业执照", file1=("a.pdf", PDF))
    )
    assert "已提交" in done.text, done.text
    with city.engine.connect() as connection:
        case = connection.execute(select(tables.objections)).one()
    assert (case.channel, case.subject_code, case.record_key) == ("desk", COMPANY, key)
    assert case.filed_by == "市生态环境局 李窗口（w-1）（窗口核对，本人办理：营业执照）"


async def test_a_repair_brought_to_the_desk_is_filed_in_the_subjects_name(city: TestOffice, clerk: Browser) -> None:
    assert "没有可以申请修复的记录" in (await clerk.get(f"/desk/repairs/new?code={COMPANY}")).text
    city.add_records({})
    page = await clerk.get(f"/desk/repairs/new?code={COMPANY}")
    sent = {"token": page.token, "code": COMPANY, "record": page.field("record"), "severity": "一般"}
    dated = sent | {
        "reason": "已整改",
        "corrected_on": "2025-04-01",
        "done_on": "2025-04-02",
        "promise": "yes",
        "applicant": "self",
    }
    file = {"file1": ("缴款.pdf", PDF)}
    for lacking in ({"promise": ""}, {"document": ""}, {"applicant": "agent"}):
        kept = await clerk.post("/desk/repairs", form(**dated | {"document": "营业执照"} | lacking, **file))
        assert (kept.status, "已整改" in kept.text, "checked" in kept.text) == (422, True, True)
    assert city.count("repairs") == 0
    done = await clerk.post("/desk/repairs", form(**dated, document="营业执照", **file))
    assert ("信用修复：" in done.text, "已提交" in done.text) == (True, True), done.text
    with city.engine.connect() as connection:
        case = connection.execute(select(tables.repairs)).one()
    assert (case.channel, case.subject_code) == ("desk", COMPANY)
    assert case.filed_by == "市生态环境局 李窗口（w-1）（窗口核对，本人办理：营业执照）"


async def test_looking_somebody_up_leaves_an_audit_line_and_an_unknown_code_is_told(
    city: TestOffice, clerk: Browser
) -> None:
    unknown = await clerk.get("/desk/subject?code=91320981MA1EX0M44E")
    assert (unknown.status, 'value="91320981MA1EX0M44E"' in unknown.text, "chenghe" in unknown.text) == (
        404,
        True,
        False,
    )
    await clerk.get(f"/desk/subject?code={COMPANY}")
    with city.engine.connect() as connection:
        found = connection.execute(select(tables.audit).where(tables.audit.c.action == "subject.read")).all()
    assert {line.target for line in found} == {COMPANY, "91320981MA1EX0M44E"}
    assert all("w-1" in line.actor for line in found)


async def test_an_identity_number_typed_all_the_same_is_masked(city: TestOffice, clerk: Browser) -> None:
    page = await previewed(clerk, document="身份证 320902199001011235")
    assert "320902199001011235" not in page.text.partition("<form")[0]


async def issued_here(clerk: Browser) -> str:
    """The number of a report that the clerk has issued."""
    page = await previewed(clerk)
    sent = VISITOR | {"token": page.token, "code": COMPANY, "key": page.field("key")}
    return number_of(await clerk.post("/desk/reports", sent))


@pytest.fixture
async def company(clerk: Browser, mock: MockProvider) -> AsyncIterator[Browser]:
    async with Browser(clerk.origin) as browser:
        await browser.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
        yield browser


async def test_a_report_is_suspended_resumed_and_withdrawn_at_the_desk_and_the_company_sees_it(
    city: TestOffice, clerk: Browser, company: Browser
) -> None:
    number, place = await issued_here(clerk), "/desk/reports"
    page = await clerk.get(f"{place}/{number}")
    assert ("改变状态" in page.text, "变动经过" in page.text, "第 1 条" in page.text) == (True, False, True)
    done = await changed(clerk, number, event="suspend", reason="复核<数据>来源")
    assert ("已暂停" in done.text, "复核&lt;数据&gt;来源" in done.text, "李窗口" in done.text) == (True, True, True)
    seen = await company.get(f"/apply/reports/{number}")
    assert ("正在复核" in seen.text, "复核&lt;数据&gt;来源" in seen.text, "李窗口" in seen.text) == (True, True, False)
    assert city.examine(city.places.docx(number), city.wall).reason is Reason.SUSPENDED
    done = await changed(clerk, number, event="resume", reason="复核无误")
    assert '<span class="badge good">有效</span>' in done.text
    newer = await issued_here(clerk)
    done = await changed(clerk, number, event="supersede", reason="数据更新", successor=newer)
    assert ("已被替换" in done.text, f'{place}/{newer}"' in done.text, "改变状态" in done.text) == (True, True, False)
    assert f'/apply/reports/{newer}"' in (await company.get(f"/apply/reports/{number}")).text
    assert city.examine(city.places.docx(number), city.wall).reason is Reason.REPLACED


async def changed(clerk: Browser, number: str, **fields: str) -> Answer:
    token = (await clerk.get(f"/desk/reports/{number}")).token
    return await clerk.post(f"/desk/reports/{number}/state", {"token": token, **fields})


async def test_a_change_that_is_refused_is_told_and_what_was_typed_is_kept(city: TestOffice, clerk: Browser) -> None:
    number = await issued_here(clerk)
    for fields, said in (
        ({"event": "", "reason": "写了的原因"}, "没有选择要办理的步骤"),
        ({"event": "issue", "reason": "写了的原因"}, "没有选择要办理的步骤"),
        ({"event": "resume", "reason": "写了的原因"}, "不能恢复"),
        ({"event": "supersede", "reason": "写了的原因", "successor": ""}, "没有写明用哪一份报告替换"),
        ({"event": "supersede", "reason": "写了的原因", "successor": number}, "自己"),
        ({"event": "revoke", "reason": " "}, "没有填写撤销原因"),
    ):
        answer = await changed(clerk, number, **fields)
        assert (answer.status, said in answer.text, fields["reason"].strip() in answer.text) == (422, True, True)
    assert city.count("report_events") == 0


async def test_who_only_handles_cases_withdraws_nothing(city: TestOffice, portal: Browser, mock: MockProvider) -> None:
    await portal.sign_in("desk", mock.person("w-1", **STAFF | {"role": ["window"]}))
    number = await issued_here(portal)
    home = await portal.sign_in("desk", mock.person("h-1", **STAFF))
    fields = {"token": home.token, "event": "revoke", "reason": "越权"}
    answer = await portal.post(f"/desk/reports/{number}/state", fields)
    assert (answer.status, "TASK_NOT_ALLOWED" in answer.text) == (403, True)
    assert city.issuing.show(number, "测试").entry.state == "valid"


async def test_looking_at_a_report_is_one_line_of_the_audit(city: TestOffice, clerk: Browser) -> None:
    number = await issued_here(clerk)
    before = city.count("audit")
    await clerk.get(f"/desk/reports/{number}")
    with city.engine.connect() as connection:
        lines = select(tables.audit.c.action, tables.audit.c.target).where(tables.audit.c.id > before)
        assert [tuple(line) for line in connection.execute(lines)] == [("report.read", number)]
