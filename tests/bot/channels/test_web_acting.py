"""Answers bot/channels/{web_acting,web_talk,web_files,web_page}.py: what members have done at the page, and mallory."""

import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import icalendar
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.actions.chosen import Rooms, actions
from bot.actions.issuing_room import Here
from bot.actions.said import Pending
from bot.channels import web_files
from bot.channels.web import Acts, Service, WebSettings, alone
from bot.channels.web_room import Visitor
from bot.channels.web_sign_in import SignInPlaces
from bot.channels.web_talk import Talks
from bot.post.duties import Duties
from bot.post.office import open_messages
from index.directory.changing import Deed, State, change
from index.directory.model import Account, Role, Staff
from index.policies.library import Library
from index.store import tables
from tests.bot.channels.test_web import STREAM, events_in
from tests.bot.channels.test_web_sign_in import QUESTION, sign_in
from tests.provider import MockProvider, free_port
from tests.provider import mock as mock
from tests.verify.issuing.conftest import office as office
from tests.verify.issuing.conftest import prepared as prepared
from tests.verify.issuing.conftest import quick_disk as quick_disk
from tests.verify.issuing.conftest import quick_keys as quick_keys
from tests.verify.issuing.office import COMPANY, ISSUED, PENALTY, TestOffice
from tests.verify.issuing.portal.browsing import Answer, Browser
from verify.validity import SHANGHAI

DOCUMENT = PENALTY["CF_WSH"]
CLERK = Staff(
    "E001", "王示例", "市生态环境局", frozenset({Role.RECORDS, Role.ISSUE, Role.CASES}), ("招标投标", "行政审批")
)
CHIEF = Staff("E002", "赵示例", "市生态环境局", frozenset({Role.ADMIN}))
PLAN = """盐城市示例信用工作方案（虚构）
一、加强示例归集
每月归集一次示例数据。（责任单位：市生态环境局，2099年12月底前完成）
"""


@dataclass
class Desk:
    """The page with its office; ``said`` is the page as the last message left it."""

    office: TestOffice
    settings: WebSettings
    service: Service
    browser: Browser
    issuer: str
    ahead: timedelta = timedelta()
    said: Answer = field(init=False)

    async def enter(self, person: str = "wang") -> None:
        self.said = await sign_in(self.browser, person)

    async def say(self, text: str, **changes: str) -> str:
        """As a page without a script sends it; what the page then shows, without the page around it."""
        self.said = await self.browser.post("/", brought(self.said) | {"question": text} | changes)
        return shown(self.said)

    def audit(self) -> list[tuple[str, str, str, str]]:
        columns = tables.audit.c
        with self.office.engine.connect() as connection:
            rows = connection.execute(select(columns.action, columns.target, columns.actor, columns.purpose))
            return [tuple(row) for row in rows]


def brought(page: Answer) -> dict[str, str]:
    """The hidden words of the form that asks."""
    form = page.text.split('<form id="ask"')[1].split("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}


def shown(page: Answer) -> str:
    return unescape(page.text.split('id="conversation"')[1].split('<form id="ask"')[0])


def choices(text: str) -> list[str]:
    return re.findall(r'name="ask" value="([^"]+)"', text)


@pytest.fixture
async def desk(office: TestOffice, library: Library, mock: MockProvider, tmp_path: Path) -> AsyncIterator[Desk]:
    office.add_records({})
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    client = mock.client(f"{origin}/signed-in")
    secrets = tmp_path / "chat"
    secrets.mkdir(mode=0o700)
    (secrets / "client.secret").touch(mode=0o600)
    (secrets / "client.secret").write_text(client.secret)
    (tmp_path / "portal.toml").write_text(
        f'base_url = "{origin}"\n[chat]\nissuer = "{mock.issuer}"\nclient_id = "{client.id}"\n'
        'client_secret_file = "chat/client.secret"\n'
    )
    accounts = {Account("oidc", mock.issuer, "wang"): CLERK.id, Account("oidc", mock.issuer, "zhao"): CHIEF.id}
    members = State({CLERK.id: CLERK, CHIEF.id: CHIEF}, accounts)
    change(office.engine, lambda before: members, Deed("管理员", "测试", datetime.now(SHANGHAI)))
    for person in ("wang", "zhao"):
        mock.person(person)
    (tmp_path / "示例方案.txt").write_text(PLAN, encoding="utf-8")
    own = Library(tmp_path / "library")
    own.add_files([tmp_path / "示例方案.txt"])
    messages = open_messages(tmp_path / "messages.db")
    threads = ThreadPoolExecutor(4)
    room = Here(office.issuing, lambda: ISSUED)
    known = Rooms(office.office, own, office.engine, room, None, Duties(messages))
    desk: Desk

    def now() -> datetime:
        return datetime.now(SHANGHAI) + desk.ahead

    folder = library.folder.parent
    settings = WebSettings(
        folder / "library",
        folder / "search",
        tmp_path / "questions.db",
        now,
        sign_in=SignInPlaces(tmp_path / "portal.toml", secrets, office.home / "office.db"),
        strangers=True,
    )
    service = Service(settings, acts=Acts(actions(known), threads))
    desk = Desk(office, settings, service, Browser(origin), mock.issuer)
    async with TestServer(alone(service), host="127.0.0.1", port=port):
        yield desk
        await desk.browser.close()
    threads.shutdown()
    messages.dispose()


# Looking up


async def test_a_record_is_shown_once_matter_and_purpose_are_said_and_never_again_asked_here(desk: Desk) -> None:
    await desk.enter()
    asked = await desk.say(f"查一下{COMPANY}")
    assert "请先说明为哪个事项查询" in asked
    assert choices(asked) == ["招标投标", "行政审批", "取消"]
    assert "请说明用途" in await desk.say("1")
    told = await desk.say("核实示例项目投标资格")
    assert DOCUMENT in told
    assert "欧阳示例" not in told
    assert "事项：招标投标；用途：核实示例项目投标资格" in told
    assert DOCUMENT in await desk.say(f"查一下{COMPANY}")
    reads = [line for line in desk.audit() if line[0] == "records.list"]
    assert reads == [("records.list", COMPANY, "王示例（E001）", "核实示例项目投标资格")] * 2


async def test_another_conversation_states_its_own_purpose(desk: Desk) -> None:
    await desk.enter()
    await desk.say(f"查一下{COMPANY}，事项：招标投标，用途：核实示例项目投标资格")
    desk.said = await desk.browser.get("/")
    assert "请先说明为哪个事项查询" in await desk.say(f"查一下{COMPANY}")


async def test_what_was_looked_up_is_kept_nowhere(desk: Desk, tmp_path: Path) -> None:
    await desk.enter()
    told = await desk.say(f"查一下{COMPANY}，事项：招标投标，用途：核实示例项目投标资格")
    assert DOCUMENT in told
    assert desk.said.headers["Cache-Control"] == "no-store"
    assert DOCUMENT not in "".join(brought(desk.said).values())
    conversation = brought(desk.said)["conversation"]
    assert "专用信用报告" in await desk.say(QUESTION)
    for path in ("/history", f"/history/{conversation}"):
        page = await desk.browser.get(path)
        assert DOCUMENT not in page.text
        assert COMPANY not in page.text.split("<title>")[1].split("</title>")[0]  # what the browser's own history lists
        assert page.headers["Cache-Control"] == "no-store"
    for file in ("questions.db", "questions.db-wal", "messages.db", "messages.db-wal"):
        content = (tmp_path / file).read_bytes() if (tmp_path / file).exists() else b""
        assert DOCUMENT.encode() not in content


async def test_who_has_not_the_role_is_refused_with_the_reason_under_audit(desk: Desk) -> None:
    await desk.enter("zhao")
    told = await desk.say(f"查一下{COMPANY}")
    assert "您没有“查询记录”权限" in told
    assert DOCUMENT not in told
    assert [line[2] for line in desk.audit() if line[0] == "access.denied"] == ["赵示例（E002）"]


# Strangers


async def test_a_stranger_asks_for_policy_and_is_told_why_not_and_where_to_sign_in(desk: Desk) -> None:
    desk.said = await desk.browser.get("/")
    assert 'href="/sign-in"' in desk.said.text
    told = await desk.say(f"查一下{COMPANY}")
    assert "您还没有登录，不能查询记录。下一步：请先登录" in told
    assert DOCUMENT not in told
    for text in ("我的任务", "代开报告", "提异议"):
        assert "您还没有登录" in await desk.say(text)
    assert 'data-answered="yes"' in await desk.say(QUESTION)
    assert "2026年6月2日" in await desk.say("2026年5月6日起20个工作日是哪天")
    assert "请先登录" in (await desk.browser.get("/history")).text
    assert "没有账号可以登记" in await desk.say("我的账号")


async def test_where_the_office_answers_no_strangers_they_sign_in_first(desk: Desk) -> None:
    service = Service(replace(desk.settings, strangers=False))
    async with TestServer(alone(service)) as server, Browser(str(server.make_url("")).rstrip("/")) as browser:
        assert "请先登录" in (await browser.get("/")).text
        assert (await browser.post("/", {"question": QUESTION})).status == 401


async def test_a_form_of_a_session_that_is_over_is_not_answered_as_a_strangers(desk: Desk) -> None:
    await desk.enter()
    fields = brought(desk.said) | {"question": QUESTION}
    desk.browser.jar.clear()
    answer = await desk.browser.post("/", fields)
    assert (answer.status, "登录已经超时" in answer.text) == (401, True)


async def test_a_member_is_told_the_account_that_is_registered(desk: Desk) -> None:
    await desk.enter()
    told = await desk.say("我的账号")
    assert "已登记为市生态环境局的王示例" in told
    assert desk.issuer in told


# Reports and files


async def issued(desk: Desk) -> str:
    """The path of a report's file."""
    await desk.enter()
    assert choices(await desk.say(f"给{COMPANY}开报告")) == ["近一年", "近两年", "近三年", "取消"]
    await desk.say("近三年")
    assert choices(await desk.say("营业执照、法定代表人身份证")) == ["确认", "取消"]
    told = await desk.say("确认")
    assert "已签发" in told
    found = re.search(r'href="(/files/[^"]+)"', told)
    assert found
    return found[1]


async def test_a_report_is_issued_for_the_desk_and_fetched_by_its_clerk_alone(desk: Desk) -> None:
    path = await issued(desk)
    fetched = await desk.browser.get(path)
    assert fetched.body.startswith(b"%PDF")
    assert fetched.headers["Cache-Control"] == "no-store"
    assert fetched.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''YCZX")
    stranger = Browser(desk.browser.origin)
    assert "请先登录" in (await stranger.get(path)).text
    await sign_in(stranger, "zhao")
    other = await stranger.get(path)
    assert (other.status, "没有这个文件" in other.text) == (404, True)
    await stranger.close()
    desk.ahead = timedelta(minutes=16)
    assert (await desk.browser.get(path)).status == 404


async def test_the_same_confirmation_sent_again_is_the_same_report(desk: Desk) -> None:
    await desk.enter()
    for text in (f"给{COMPANY}开近三年的报告", "营业执照、法定代表人身份证"):
        await desk.say(text)
    fields = brought(desk.said) | {"question": "确认"}
    first, second = [shown(await desk.browser.post("/", fields)) for _ in range(2)]
    number = re.findall(r"已签发 (\w+)", first)
    assert number
    assert number == re.findall(r"已签发 (\w+)", second)
    assert desk.office.count("ledger") == 1


async def test_tasks_come_with_a_calendar_to_download(desk: Desk) -> None:
    await desk.enter()
    told = await desk.say("我的任务")
    assert "加强示例归集" in told or "每月归集一次示例数据" in told
    (path,) = re.findall(r'href="(/files/[^"]+)"', told)
    calendar = await desk.browser.get(path)
    assert calendar.headers["Content-Type"] == "text/calendar"
    (event,) = icalendar.Calendar.from_ical(calendar.body).walk("VEVENT")
    assert event.decoded("dtstart").isoformat() == "2099-12-31"


async def test_files_are_bounded_the_oldest_go_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_files, "OF_ONE", 2)
    await desk.enter()
    paths = [re.findall(r'href="(/files/[^"]+)"', await desk.say("我的任务"))[0] for _ in range(3)]
    assert [(await desk.browser.get(path)).status for path in paths] == [404, 200, 200]
    monkeypatch.setattr(web_files, "BYTES", 1)
    (last,) = re.findall(r'href="(/files/[^"]+)"', await desk.say("我的任务"))
    assert [(await desk.browser.get(path)).status for path in (*paths, last)] == [404, 404, 404, 200]


# Objections


async def test_an_objection_is_filed_from_the_page_with_its_number(desk: Desk) -> None:
    await desk.enter()
    listed = await desk.say(f"对{COMPANY}提异议")
    assert DOCUMENT in listed
    assert "1" in choices(listed)
    for text in ("1", "该处罚决定已被撤销（示例）", "经办人孙示例，营业执照"):
        await desk.say(text)
    assert "异议已提交，编号" in await desk.say("确认")


# What is waited for


async def test_what_is_waited_for_is_only_for_whom_it_was_said_to_here_and_for_a_while(desk: Desk) -> None:
    await desk.enter()
    await desk.say(f"给{COMPANY}开近三年的报告")
    asked = brought(desk.said)
    assert asked["pending"]
    assert COMPANY not in asked["pending"]

    async def goes_on(**changes: str) -> bool:
        answer = await desk.browser.post("/", asked | {"question": "营业执照、身份证"} | changes)
        return "请确认签发" in answer.text

    assert await goes_on()
    assert not await goes_on(conversation="x" * 32)
    for changed in ("", "x", asked["pending"][:-4] + "AAA=", "٣" * 40, "x" * 20_000):
        assert not await goes_on(pending=changed)
    desk.ahead = timedelta(minutes=5)
    assert await goes_on()
    desk.ahead = timedelta()  # the provider's clock cannot be moved
    fewer = replace(CLERK, roles=frozenset({Role.ISSUE}))
    change(desk.office.engine, lambda before: before.with_member(fewer), Deed("管理员", "测试", datetime.now(SHANGHAI)))
    assert not await goes_on()
    other = Browser(desk.browser.origin)
    page = await sign_in(other, "zhao")
    answer = await other.post("/", asked | {"question": "营业执照、身份证", "token": page.token})
    assert "请确认签发" not in answer.text
    await other.close()


def test_a_dialogue_outlives_a_restart_and_ends_after_half_an_hour() -> None:
    who, now = Visitor(CLERK.id, CLERK, "token"), datetime.now(SHANGHAI)
    talk = replace(Talks(b"k" * 44).new(), pending=Pending("issuing", {"asked": "years", "code": COMPANY}))
    kept = asdict(Talks(b"k" * 44).kept(talk, who, now))

    def found(key: bytes = b"k" * 44, minutes: int = 0) -> Pending | None:
        return Talks(key).read(kept, (), who, now + timedelta(minutes=minutes)).pending

    assert found() == found(minutes=29) == talk.pending
    assert found(minutes=31) is None
    assert found(key=b"l" * 44) is None


async def test_the_parts_are_what_the_page_shows_at_once(desk: Desk) -> None:
    await desk.enter()
    fields = brought(desk.said) | {"question": f"查一下{COMPANY}"}
    told = events_in((await desk.browser.post("/", fields, **STREAM)).text)
    assert [name for name, _ in told] == ["heard", "piece", "end"]
    assert set(told[-1][1]) == {"context", "conversation", "pending", "sending"}
    whole = await desk.browser.post("/", fields)
    assert told[1][1]["html"].strip() in whole.text
    after = await desk.browser.post("/", fields | told[-1][1] | {"question": "1"})
    assert "请说明用途" in after.text


async def test_whoever_hangs_everything_keeps_only_himself_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.enter()
    acting = desk.service._acting
    assert acting is not None
    with acting._line.place("E001"), acting._line.place("E001"), acting._line.place("E001"), acting._line.place("E001"):
        busy = await desk.browser.post("/", brought(desk.said) | {"question": QUESTION})
        assert (busy.status, "Retry-After" in busy.headers) == (503, True)
        other = Browser(desk.browser.origin)
        page = await sign_in(other, "zhao")
        assert (await other.post("/", brought(page) | {"question": QUESTION})).status == 200
        await other.close()
    assert (await desk.browser.post("/", brought(desk.said) | {"question": QUESTION})).status == 200


# The history


async def test_a_conversation_is_listed_with_its_day_opened_and_gone_on_with(desk: Desk) -> None:
    begun = datetime.now(SHANGHAI)
    await desk.enter()
    await desk.say("专用信用报告是什么？")
    await desk.say(f"查一下{COMPANY}，事项：招标投标，用途：核实示例项目投标资格")
    conversation = brought(desk.said)["conversation"]
    listed = await desk.browser.get("/history")
    days = {f"{each.year}年{each.month}月{each.day}日（" for each in (begun, datetime.now(SHANGHAI))}
    assert any(day in listed.text for day in days)
    assert listed.text.count('href="/history/') == 1
    assert "之后还说了 1 次" in listed.text
    desk.said = await desk.browser.get(f"/history/{conversation}")
    assert 'data-answered="yes"' in desk.said.text
    assert f"查一下{COMPANY}" in desk.said.text
    assert "当时的结果不保存" in desk.said.text
    assert brought(desk.said)["conversation"] == conversation
    answered = await desk.say("那多长时间内有效？")
    assert "一个月" in answered
    assert DOCUMENT in await desk.say(f"查一下{COMPANY}")  # the purpose of the morning still holds here
    again = await desk.browser.get("/history")
    assert again.text.count('href="/history/') == 1
    assert "之后还说了 3 次" in again.text


async def test_a_conversation_of_somebody_else_is_not_found_nor_put_away(desk: Desk) -> None:
    await desk.enter()
    await desk.say(QUESTION)
    conversation = brought(desk.said)["conversation"]
    other = Browser(desk.browser.origin)
    page = await sign_in(other, "zhao")
    assert (await other.get(f"/history/{conversation}")).status == 404
    put = await other.post(f"/history/{conversation}/delete", {"token": page.token})
    assert put.status == 404
    taken_over = await other.post("/", brought(page) | {"question": "收费吗？", "conversation": conversation})
    assert taken_over.status == 200
    mine = await desk.browser.get(f"/history/{conversation}")
    assert "收费吗" not in shown(mine)
    assert QUESTION in shown(mine)
    theirs = await other.get(f"/history/{conversation}")
    assert QUESTION not in shown(theirs)
    await other.close()


async def test_a_member_puts_a_conversation_out_of_the_list_and_what_is_said_later_is_there(desk: Desk) -> None:
    await desk.enter()
    await desk.say(QUESTION)
    conversation, token = brought(desk.said)["conversation"], desk.said.token
    for wrong in ({}, {"token": "x"}):
        assert (await desk.browser.post(f"/history/{conversation}/delete", wrong)).status == 403
    gone = await desk.browser.post(f"/history/{conversation}/delete", {"token": token})
    assert gone.address.endswith("/history")
    assert "您还没有提过问题" in gone.text
    assert (await desk.browser.get(f"/history/{conversation}")).status == 404
    assert (await desk.browser.post(f"/history/{conversation}/delete", {"token": token})).status == 404
    await desk.say("查询收费吗？")
    later = await desk.browser.get("/history")
    assert "查询收费吗" in later.text
    assert QUESTION not in (await desk.browser.get(f"/history/{conversation}")).text


async def test_personal_numbers_of_a_wish_are_masked_in_the_history(desk: Desk) -> None:
    await desk.enter()
    await desk.say(f"查一下{COMPANY}，用途：核实11010519491231002X的资格")
    conversation = brought(desk.said)["conversation"]
    for path in ("/history", f"/history/{conversation}"):
        assert "11010519491231002X" not in (await desk.browser.get(path)).text
