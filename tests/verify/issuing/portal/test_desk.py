"""Answers verify/issuing/portal/desk.py, desk_batch.py: the checked identity is kept, many branches are one request."""

import asyncio
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from index.store import tables
from tests.provider import STAFF, MockProvider
from tests.verify.issuing.office import COMPANY, SHOP, TestOffice
from tests.verify.issuing.portal.browsing import Answer, Browser
from tests.verify.issuing.portal.test_cases import PDF, form
from tests.verify.issuing.portal.test_companies import number_of
from verify.reasons import Reason
from verify.subject import check_character

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
    entry = city.issuing.show(number)
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
    check = city.issuing.show(number_of(report)).identity_check
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


async def test_looking_somebody_up_leaves_an_audit_line_and_an_unknown_code_is_told(
    city: TestOffice, clerk: Browser
) -> None:
    assert (await clerk.get("/desk/subject?code=91320981MA1EX0M44E")).status == 404
    await clerk.get(f"/desk/subject?code={COMPANY}")
    with city.engine.connect() as connection:
        found = connection.execute(select(tables.audit).where(tables.audit.c.action == "subject.read")).all()
    assert {line.target for line in found} == {COMPANY, "91320981MA1EX0M44E"}
    assert all("w-1" in line.actor for line in found)


def branch_codes(count: int) -> list[str]:
    bodies = [f"91320902MB{number:07d}" for number in range(count)]
    return [body + check_character(body) for body in bodies]


@pytest.fixture
def branches(city: TestOffice) -> list[str]:
    codes = branch_codes(6)
    rows = [
        {
            "名称": f"示例第{number}分公司（虚构）",
            "统一社会信用代码": code,
            "主体类型": "分支机构",
            "隶属主体代码": COMPANY,
        }
        for number, code in enumerate(codes)
    ]
    city.add_subjects(rows)
    return codes


async def test_the_branches_of_a_parent_get_their_reports_in_one_request(
    city: TestOffice, clerk: Browser, branches: list[str]
) -> None:
    page = await clerk.get(f"/desk/batch?code={COMPANY}")
    assert all(code in page.text for code in branches)
    ticked = {f"subject-{code}": "1" for code in branches[:5]}
    stranger = {"subject-91320981MA1EX0M44E": "1", f"subject-{SHOP}": "1"}
    sent = VISITOR | {"token": page.token, "code": COMPANY, "key": page.field("key")} | ticked | stranger
    done = await clerk.post("/desk/batches", sent)
    assert "开具了 5 份" in done.text, done.text
    places = [done.text.index(f"示例第{number}分公司") for number in range(5)]
    assert places == sorted(places)
    assert (await clerk.post("/desk/batches", sent)).text.count("已开具") == 5
    assert city.count("ledger") == 5
    archive = await clerk.get(f"/desk/batches/{page.field('key')}.zip")
    with ZipFile(BytesIO(archive.body)) as files:
        names = files.namelist()
        assert {name.partition("-")[0] for name in names} == set(branches[:5])
        docx = next(name for name in names if name.endswith(".docx"))
        assert city.examine(files.read(docx), at=city.wall).reason is Reason.OK


async def test_a_batch_says_what_is_missing_and_keeps_what_was_ticked(clerk: Browser, branches: list[str]) -> None:
    page = await clerk.get(f"/desk/batch?code={COMPANY}")
    sent = VISITOR | {"token": page.token, "code": COMPANY, "key": page.field("key")}
    none = await clerk.post("/desk/batches", sent)
    assert (none.status, "请至少勾选一个主体" in none.text) == (422, True)
    some = await clerk.post("/desk/batches", sent | {f"subject-{branches[2]}": "1", "document": ""})
    assert (some.status, some.text.count(" checked>")) == (422, 3)  # the branch, the applicant, the years


async def test_a_batch_of_an_agent_needs_the_parents_authorisation(
    city: TestOffice, clerk: Browser, branches: list[str]
) -> None:
    page = await clerk.get(f"/desk/batch?code={COMPANY}")
    agent = {"applicant": "agent", "grantee": "赵代办", "authorisation": "SQ209901010001"}
    sent = VISITOR | agent | {"token": page.token, "code": COMPANY, "key": page.field("key")}
    answer = await clerk.post("/desk/batches", sent | {f"subject-{branches[0]}": "1"})
    assert (answer.status, "没有该主体给该被授权人的授权书" in answer.text) == (422, True)
    assert city.count("ledger") == 0
    number = {"authorisation": await registered(city, clerk)}
    answer = await clerk.post("/desk/batches", sent | number | {f"subject-{branches[0]}": "1"})
    assert "开具了 1 份" in answer.text


async def test_an_identity_number_typed_all_the_same_is_masked(city: TestOffice, clerk: Browser) -> None:
    page = await previewed(clerk, document="身份证 320902199001011235")
    assert "320902199001011235" not in page.text.partition("<form")[0]


async def test_the_zip_is_for_the_clerk_who_asked(
    city: TestOffice, clerk: Browser, branches: list[str], mock: MockProvider
) -> None:
    page = await clerk.get(f"/desk/batch?code={COMPANY}")
    key = page.field("key")
    sent = VISITOR | {"token": page.token, "code": COMPANY, "key": key, f"subject-{branches[0]}": "1"}
    assert "开具了 1 份" in (await clerk.post("/desk/batches", sent)).text
    async with Browser(clerk.origin) as other:
        await other.sign_in("desk", mock.person("w-2", **STAFF | {"role": ["window"]}))
        assert (await other.get(f"/desk/batches/{key}.zip")).status == 404
    assert (await clerk.get("/desk/batches/desk-aaaaaaaaaaaaaaaaaaaa.zip")).status == 404
