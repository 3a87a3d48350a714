"""Answers verify/issuing/portal/{batches,company_batch,desk_batch}.py: forty branches are one request."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from index.access import Ground
from index.records.model import SubjectKind
from index.store import tables
from index.store.engine import writing
from tests.provider import COMPANY_PERSON, STAFF, MockProvider
from tests.verify.issuing.office import COMPANY, SHOP, STRANGER, TestOffice
from tests.verify.issuing.portal.browsing import Answer, Browser
from tests.verify.issuing.portal.test_companies import CHOICE
from tests.verify.issuing.portal.test_companies import company as company
from tests.verify.issuing.portal.test_desk import VISITOR, registered
from tests.verify.issuing.portal.test_desk import clerk as clerk
from verify.reasons import Reason
from verify.subject import check_character

NUMBER = re.compile(r"\bYCZX[0-9]{15}\b")


def ticks(codes: Iterable[str]) -> dict[str, str]:
    return {f"subject-{code}": "1" for code in codes}


def branch_codes(count: int) -> list[str]:
    bodies = [f"91320902MB{number:07d}" for number in range(count)]
    return [body + check_character(body) for body in bodies]


@pytest.fixture
def branches(city: TestOffice) -> list[str]:
    codes = branch_codes(40)
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


def opened(city: TestOffice, archive: Answer, subjects: Sequence[str], *, every: int = 1) -> dict[str, Reason]:
    """What the verifier says of ``every``-th docx of a zip, by the subject whose it is. There is one for each of
    ``subjects``, with its PDF beside it."""
    assert archive.headers["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(archive.body)) as files:
        assert files.testzip() is None
        names = files.namelist()
        docx = [name for name in names if name.endswith(".docx")]
        assert {name.removesuffix(".docx") + ".pdf" for name in docx} | set(docx) == set(names)
        assert sorted(name.partition("-")[0] for name in docx) == sorted(subjects)
        some = sorted(docx)[::every]
        return {name.partition("-")[0]: city.examine(files.read(name), at=city.wall).reason for name in some}


async def test_a_parent_gets_the_reports_of_its_forty_branches_in_one_request(
    city: TestOffice, company: Browser, branches: list[str]
) -> None:
    assert "40 家" in (await company.get("/apply")).text
    page = await company.get("/apply/batch")
    assert page.text.count(" checked>") == 40
    sent = CHOICE | ticks(branches) | {"token": page.token, "key": page.field("key")}
    first, second = await asyncio.gather(*(company.post("/apply/batches", sent) for _ in range(2)))
    assert (first.text.count("已开具"), "开具了 40 份" in first.text) == (40, True), first.text
    assert NUMBER.findall(first.text) == NUMBER.findall(second.text)
    assert city.count("ledger") == 40
    entry = city.issuing.show(NUMBER.findall(first.text)[0], "测试").entry
    assert (entry.channel, entry.identity_check.startswith("统一身份认证登录")) == ("self", True)
    archive = await company.get(f"/apply/batches/{page.field('key')}.zip")
    assert opened(city, archive, branches, every=8) == dict.fromkeys(sorted(branches)[::8], Reason.OK)
    again = await company.get("/apply/batch")
    assert f'href="/apply/batches/{page.field("key")}.zip"' in again.text
    assert "40 份" in again.text


async def test_the_branches_are_read_under_the_parents_entitlement(
    city: TestOffice, company: Browser, branches: list[str]
) -> None:
    page = await company.get("/apply/batch")
    sent = CHOICE | ticks([COMPANY, branches[3]]) | {"token": page.token, "key": page.field("key")}
    assert "开具了 2 份" in (await company.post("/apply/batches", sent)).text
    with city.engine.connect() as connection:
        lines = connection.execute(select(tables.audit).where(tables.audit.c.action == "report.material")).all()
    grounds = {line.target: line.detail.partition("（")[0] for line in lines}
    assert grounds == {COMPANY: Ground.SELF.value, branches[3]: Ground.PARENT.value}


async def test_mallory_gets_no_report_of_strangers_and_no_zip(
    city: TestOffice, company: Browser, branches: list[str], mock: MockProvider
) -> None:
    page = await company.get("/apply/batch")
    sent = CHOICE | {"token": page.token, "key": page.field("key")}
    done = await company.post("/apply/batches", sent | ticks([SHOP, STRANGER, branches[0]]))
    assert "开具了 1 份" in done.text, done.text
    async with Browser(company.origin) as mallory:
        await mallory.sign_in("apply", mock.person("mallory", **COMPANY_PERSON | {"uscc": SHOP}))
        own = await mallory.get("/apply/batch")
        assert "没有登记隶属于本企业的分支机构" in own.text
        assert page.field("key") not in own.text
        assert (await mallory.get(f"/apply/batches/{page.field('key')}.zip")).status == 404
        stolen = CHOICE | ticks(branches) | {"token": own.token, "key": page.field("key")}
        assert (await mallory.post("/apply/batches", stolen)).status == 422
        as_parent = await mallory.post("/apply/batches", stolen | {"for": COMPANY})
        assert (as_parent.status, "SUBJECT_SWITCHED" in as_parent.text) == (409, True)
    assert city.count("ledger") == 1
    assert "申请了" not in (await company.get("/apply/batch")).text


async def test_what_was_not_issued_of_a_request_is_said_later_too(
    city: TestOffice, company: Browser, branches: list[str]
) -> None:
    with writing(city.engine) as connection:
        changed = update(tables.subjects).where(tables.subjects.c.code == branches[1])
        connection.execute(changed.values(kind=SubjectKind.GOVERNMENT_AGENCY.value))
    page = await company.get("/apply/batch")
    sent = CHOICE | ticks(branches[:2]) | {"token": page.token, "key": page.field("key")}
    done = await company.post("/apply/batches", sent)
    assert ("1 个没有开成" in done.text, done.text.count("没有开成</span>")) == (True, 1)
    assert "申请了 2 份" in (await company.get("/apply/batch")).text


async def test_a_batch_of_a_company_says_what_is_missing_and_refuses_a_second_one_meanwhile(
    city: TestOffice, company: Browser, branches: list[str]
) -> None:
    page = await company.get("/apply/batch")
    sent = CHOICE | {"token": page.token, "key": page.field("key")}
    for changes, said in (
        ({}, "请至少勾选一个主体"),
        (ticks(branches[:2]) | {"years": "7"}, "请先选择查询年限"),
        (ticks(branches[:2]) | {"key": "../../etc"}, "表单不完整"),
    ):
        answer = await company.post("/apply/batches", sent | changes)
        assert (answer.status, said in answer.text) == (422, True)
        assert answer.text.count('value="1" checked>') == len(changes and branches[:2])
    reused = await company.post("/apply/batches", sent | ticks(branches[:1]))
    assert reused.status == 200
    other = await company.post("/apply/batches", sent | ticks(branches[:2]))
    assert (other.status, "IDEMPOTENCY_KEY_REUSED" in other.text) == (409, True)
    whole = [sent | ticks(branches[:8]) | {"key": f"{number}" * 24} for number in range(2)]
    answers = await asyncio.gather(*(company.post("/apply/batches", each) for each in whole))
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert any("BATCH_UNDER_WAY" in answer.text for answer in answers)


async def test_the_branches_of_a_parent_get_their_reports_at_the_desk(
    city: TestOffice, clerk: Browser, branches: list[str]
) -> None:
    page = await clerk.get(f"/desk/batch?code={COMPANY}")
    assert all(code in page.text for code in branches)
    strangers = ticks([STRANGER, SHOP])
    sent = VISITOR | {"token": page.token, "code": COMPANY, "key": page.field("key")} | ticks(branches[:5]) | strangers
    done = await clerk.post("/desk/batches", sent)
    assert "开具了 5 份" in done.text, done.text
    places = [done.text.index(f"示例第{number}分公司") for number in range(5)]
    assert places == sorted(places)
    assert (await clerk.post("/desk/batches", sent)).text.count("已开具") == 5
    assert city.count("ledger") == 5
    archive = await clerk.get(f"/desk/batches/{page.field('key')}.zip")
    assert opened(city, archive, branches[:5]) == dict.fromkeys(branches[:5], Reason.OK)


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
    assert (await clerk.get("/desk/batches/aaaaaaaaaaaaaaaaaaaaaaaa.zip")).status == 404
