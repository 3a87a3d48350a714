"""Answers bot/channels/web*.py: what Mallory tries at the page – as a stranger, as a member, elsewhere, at once."""

import asyncio
import re
import sqlite3
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aiohttp.test_utils import TestServer
from sqlalchemy import text

from bot.channels.web import Acts, Service, alone
from bot.channels.web_room import ANYBODY, WAITING_OF_ONE, WAITING_STRANGERS, Visitor
from index.directory.changing import Deed, change
from index.directory.model import Role
from tests.bot.channels.test_web import STREAM, events_in
from tests.bot.channels.test_web_acting import CLERK, DOCUMENT, Desk, brought, choices, issued, shown
from tests.bot.channels.test_web_acting import desk as desk
from tests.bot.channels.test_web_sign_in import QUESTION, sign_in
from tests.provider import mock as mock
from tests.verify.issuing.conftest import office as office
from tests.verify.issuing.conftest import prepared as prepared
from tests.verify.issuing.conftest import quick_disk as quick_disk
from tests.verify.issuing.conftest import quick_keys as quick_keys
from tests.verify.issuing.office import COMPANY
from tests.verify.issuing.portal.browsing import Browser
from verify.validity import SHANGHAI

LOOK_UP = f"查一下{COMPANY}，事项：招标投标，用途：核实示例项目投标资格"


async def test_strangers_who_wait_in_masses_keep_no_member_waiting_and_no_member_another(desk: Desk) -> None:
    await desk.enter()
    room, colleague, stranger = desk.service._room, Browser(desk.browser.origin), Browser(desk.browser.origin)
    theirs = await sign_in(colleague, "zhao")
    document = room.library.documents()[0].id
    with ExitStack() as waiting:
        for _ in range(WAITING_STRANGERS):
            waiting.enter_context(room.in_line(ANYBODY))
        asked = await stranger.post("/", {"question": QUESTION})
        assert (asked.status, "Retry-After" in asked.headers) == (503, True)
        assert (await stranger.get(f"/source/{document}")).status == 503
        assert (await desk.browser.get(f"/source/{document}")).status == 200
        assert 'data-answered="yes"' in await desk.say(QUESTION)
        assert (await stranger.get("/health")).status == 200
        for _ in range(WAITING_OF_ONE):
            waiting.enter_context(room.in_line(Visitor(CLERK.id, CLERK)))
        assert (await desk.browser.get("/")).status == 503
        assert (await colleague.post("/", brought(theirs) | {"question": QUESTION})).status == 200
    assert (await stranger.post("/", {"question": QUESTION})).status == 200
    await stranger.close()
    await colleague.close()


async def test_what_is_waited_for_and_made_is_for_this_sign_in_alone(desk: Desk) -> None:
    path = await issued(desk)
    await desk.say(f"给{COMPANY}开近三年的报告")
    asked = brought(desk.said)
    elsewhere = Browser(desk.browser.origin)
    page = await sign_in(elsewhere, "wang")
    answer = await elsewhere.post("/", asked | {"question": "营业执照、身份证", "token": page.token})
    assert "请确认签发" not in answer.text
    assert "刚才说的事已经中断" in shown(answer)
    assert (await elsewhere.get(path)).status == 404
    assert (await desk.browser.get(path)).status == 200
    await elsewhere.close()


async def test_a_file_is_for_the_duties_it_was_made_under(desk: Desk) -> None:
    path = await issued(desk)
    fewer = replace(CLERK, roles=frozenset({Role.RECORDS}))
    change(desk.office.engine, lambda before: before.with_member(fewer), Deed("管理员", "测试", datetime.now(SHANGHAI)))
    assert (await desk.browser.get(path)).status == 404


async def test_an_answer_to_what_is_over_goes_to_no_texts_and_into_no_log(desk: Desk, tmp_path: Path) -> None:
    await desk.enter()
    await desk.say(f"给{COMPANY}开近三年的报告")
    over = {"pending": brought(desk.said)["pending"][:-4] + "AAA="}
    for papers in ("法定代表人欧阳示例，营业执照", "确认"):
        answer = await desk.browser.post("/", brought(desk.said) | over | {"question": papers})
        assert "刚才说的事已经中断" in shown(answer)
        assert brought(answer)["pending"] == ""
    asked = await desk.browser.post("/", brought(desk.said) | over | {"question": QUESTION})
    assert 'data-answered="yes"' in asked.text
    await desk.browser.get("/history")
    with sqlite3.connect(tmp_path / "questions.db") as log:
        assert log.execute("select question from askings").fetchall() == [(QUESTION,)]
    log.close()


async def test_four_confirmations_at_once_are_one_report_and_one_objection(desk: Desk) -> None:
    async def confirmed() -> list[str]:
        fields = brought(desk.said) | {"question": "确认"}
        answers = await asyncio.gather(*(desk.browser.post("/", fields) for _ in range(4)))
        return [number for answer in answers for number in re.findall(r"(?:已签发 |编号 )(\w+)", shown(answer))]

    await desk.enter()
    for words in (f"给{COMPANY}开近三年的报告", "营业执照、法定代表人身份证"):
        await desk.say(words)
    numbers = await confirmed()
    assert (len(numbers), len(set(numbers)), desk.office.count("ledger")) == (4, 1, 1)
    for words in (f"对{COMPANY}提异议", "1", "该处罚决定已被撤销（示例）", "经办人孙示例，营业执照"):
        await desk.say(words)
    numbers = await confirmed()
    assert (len(numbers), len(set(numbers)), desk.office.count("objections")) == (4, 1, 1)


async def test_without_its_line_in_the_audit_nothing_is_shown_and_a_stream_has_an_end(desk: Desk) -> None:
    await desk.enter()
    with desk.office.engine.begin() as connection:
        broken = "create trigger broken before insert on audit begin select raise(abort, 'no'); end"
        connection.execute(text(broken))
    answer = await desk.browser.post("/", brought(desk.said) | {"question": LOOK_UP})
    assert (answer.status, DOCUMENT in answer.text) == (500, False)
    streamed = await desk.browser.post("/", brought(desk.said) | {"question": LOOK_UP}, **STREAM)
    assert [name for name, _ in events_in(streamed.text)] == ["heard", "problem"]
    assert DOCUMENT not in streamed.text


async def test_whose_conversation_it_is_is_of_no_use_to_anybody_else(desk: Desk) -> None:
    await desk.enter()
    assert DOCUMENT in await desk.say(LOOK_UP)
    second = replace(CLERK, id="E002", name="赵示例")
    change(
        desk.office.engine, lambda before: before.with_member(second), Deed("管理员", "测试", datetime.now(SHANGHAI))
    )
    other = Browser(desk.browser.origin)
    page = await sign_in(other, "zhao")
    same = {"conversation": brought(desk.said)["conversation"], "question": f"查一下{COMPANY}"}
    asked = await other.post("/", brought(page) | same)
    assert "请先说明为哪个事项查询" in shown(asked)
    assert DOCUMENT not in asked.text
    await other.close()


async def test_markup_in_what_is_registered_is_text_everywhere(desk: Desk) -> None:
    nasty = '"><img src=x onerror=alert(1)></li></ul>\u2028示例公司'
    with desk.office.engine.begin() as connection:
        connection.execute(text("update subjects set name = :name"), {"name": nasty})
    await desk.enter()
    fields = brought(desk.said) | {"question": LOOK_UP}
    streamed = await desk.browser.post("/", fields, **STREAM)
    pages = [streamed.text]
    for words in (nasty, LOOK_UP, f"给{COMPANY}开近三年的报告", "营业执照、身份证"):
        await desk.say(words)
        pages.append(desk.said.text)
    conversation = brought(desk.said)["conversation"]
    pages += [(await desk.browser.get(path)).text for path in ("/history", f"/history/{conversation}")]
    assert [page for page in pages if "<img" in page] == []
    assert all("&lt;img src=x onerror=alert(1)&gt;" in page for page in (*pages[:3], pages[4], pages[6]))


async def test_a_number_that_is_none_of_the_list_has_the_list_again(desk: Desk) -> None:
    await desk.enter()
    await desk.say(f"查一下{COMPANY}")
    again = await desk.say("9")
    assert "没有看懂" in again
    assert "回复序号" not in again
    assert choices(again) == ["招标投标", "行政审批", "取消"]
    years = await desk.say(f"给{COMPANY}开报告")
    assert "查询年限" in years
    assert "请回复 1、2 或 3" not in years


async def test_a_confirmation_whose_answer_died_with_the_process_is_the_same_act_in_the_next(desk: Desk) -> None:
    await desk.enter()
    for words in (f"给{COMPANY}开近三年的报告", "营业执照、法定代表人身份证"):
        await desk.say(words)
    fields = brought(desk.said) | {"question": "确认"}
    first = re.findall(r"已签发 (\w+)", await desk.say("确认"))
    acting = desk.service._acting
    assert acting is not None
    restarted = Service(desk.settings, acts=Acts(acting._actions, acting._threads))
    async with TestServer(alone(restarted)) as server:
        again = desk.browser.copy()
        again.origin = str(server.make_url("")).rstrip("/")
        answer = await again.post("/", fields)
        await again.close()
    assert re.findall(r"已签发 (\w+)", shown(answer)) == first
    assert (len(first), desk.office.count("ledger")) == (1, 1)
