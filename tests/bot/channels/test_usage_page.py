"""Answers bot/channels/usage_page.py: who sees the figures, and that they are those of the log and the post office."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.channels.messages import Incoming, Platform
from bot.channels.reception import Reception, ReceptionSettings
from bot.channels.usage_page import UsagePages
from bot.channels.web_room import Room, Visitor
from bot.post import inbox, outbox
from bot.post.office import open_messages
from index.directory.model import Role, Staff
from index.questions.log import record
from index.questions.model import Channel
from index.questions.store import QuestionStore
from index.store.engine import writing
from tests.bot.channels.test_web_sign_in import Hall, sign_in
from tests.bot.channels.test_web_sign_in import hall as hall
from tests.index.questions.conftest import NOW, line
from tests.provider import mock as mock
from tests.verify.issuing.portal.browsing import Browser
from verify.public.headers import set_headers
from verify.public.problems import boundary

Client = TestClient[web.Request, web.Application]
ADMIN = Staff("1", "管理员", "信用办", frozenset({Role.ADMIN}))
OTHERS = frozenset(Role) - {Role.ADMIN}


@dataclass
class Door:
    """Somebody is signed in, or nobody."""

    staff: Staff | None

    async def visitor(self, request: web.Request) -> Visitor | None:
        return None if self.staff is None else Visitor(self.staff.id, self.staff, "token")

    def keep(self, request: web.Request, response: web.StreamResponse) -> None:
        return


Open = Callable[[Door | None], Awaitable[Client]]


@pytest.fixture
def opened(tmp_path: Path, aiohttp_client: Callable[..., Awaitable[Client]]) -> Open:
    def clock() -> datetime:
        return NOW

    async def open_(door: Door | None) -> Client:
        home = tmp_path
        reception = Reception(ReceptionSettings(home / "library", home / "search", home / "questions.db", clock))
        room = Room(reception, door=door)
        pages = UsagePages(room, home / "questions.db", home / "messages.db", clock)
        app = web.Application(middlewares=[boundary(lambda request, problem: room.problem(problem))])
        app.on_response_prepare.append(set_headers)
        app.add_routes([*pages.routes(), room.look.route(), room.assets.route()])

        async def close(app: web.Application) -> None:
            pages.close()
            await reception.close()

        app.on_cleanup.append(close)
        return await aiohttp_client(app)

    return open_


def asked(folder: Path) -> None:
    store = QuestionStore(folder / "questions.db")
    for number in range(12):
        at = NOW - timedelta(days=number % 5, seconds=number)
        channel = Channel.WECOM if number % 3 else Channel.WEB
        record(store, line(f"问 {number}", at=at, channel=channel, answered=number % 4 > 0, elapsed_ms=300.0 * number))
    store.close()


@pytest.mark.parametrize(
    ("door", "status"),
    [
        (None, 404),
        (Door(Staff("2", "别人", "某局", OTHERS)), 403),
        (Door(Staff("2", "别人", "某局")), 403),
        (Door(ADMIN), 200),
    ],
)
async def test_only_a_signed_in_administrator_sees_it(
    opened: Open, tmp_path: Path, door: Door | None, status: int
) -> None:
    asked(tmp_path)
    answer = await (await opened(door)).get("/admin/usage")
    assert answer.status == status
    assert ("每天的提问" in await answer.text()) == (status == 200)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_nobody_signed_in_is_asked_to_sign_in(opened: Open, tmp_path: Path) -> None:
    asked(tmp_path)
    page = await (await (await opened(Door(None))).get("/admin/usage")).text()
    assert 'href="/sign-in"' in page
    assert "每天的提问" not in page


async def test_page_shows_the_figures_of_the_log(opened: Open, tmp_path: Path) -> None:
    asked(tmp_path)
    page = await (await (await opened(Door(ADMIN))).get("/admin/usage?days=7")).text()
    assert re.findall(r"<dd>([\d.]+)", page) == ["12", "3", "8", "3.30"]
    assert page.count("<svg") == 3
    assert page.count('<rect class="answered"') == 5 + 2
    assert "<title>企业微信　已回答 6</title>" in page
    assert '<th scope="row">2026-11-22</th><td>3</td><td>1</td>' in page
    assert "问 1" not in page
    assert "style=" not in page  # the browser is told to take no style from the page


async def test_page_without_any_question_says_so(opened: Open) -> None:
    page = await (await (await opened(Door(ADMIN))).get("/admin/usage?days=365")).text()
    assert page.count("这段时间没有提问。") == 2
    assert "还没有从即时通讯平台收到过消息" in page


@pytest.mark.parametrize("days", ["", "0", "31", "-7", "9" * 999, "七"])
async def test_other_spans_are_refused(opened: Open, days: str) -> None:
    assert (await (await opened(Door(ADMIN))).get("/admin/usage", params={"days": days})).status == 400


async def test_letters_that_were_given_up_are_shown_harmless(opened: Open, tmp_path: Path) -> None:
    late = NOW - timedelta(minutes=5)
    incoming = Incoming("wecom", Platform.WECOM, "m1", "ww", "zs", "zs", False, "问", late)
    engine = open_messages(tmp_path / "messages.db")
    with writing(engine) as connection:
        number = inbox.accept(connection, incoming, late).number
        letter = outbox.put(connection, number, incoming, ["答"], None, late)[0]
        found = outbox.find(connection, letter)
        assert found is not None
        outbox.give_up(connection, found, None, NOW, fault="<script>alert(1)</script>")
    engine.dispose()
    page = await (await (await opened(Door(ADMIN))).get("/admin/usage")).text()
    assert "没有送达的消息" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert re.findall(r"<dd>(\d+)</dd>", page)[-5:] == ["1", "0", "1", "1", "0"]


async def test_administrator_comes_to_it_by_signing_in_and_others_do_not(hall: Hall) -> None:
    assert "请先登录" in (await hall.browser.get("/admin/usage")).text
    page = await sign_in(hall.browser, "wang")
    assert "/admin/usage" not in page.text
    assert (await hall.browser.get("/admin/usage")).status == 403
    chief = Browser(hall.browser.origin)
    page = await sign_in(chief, "zhao")
    assert 'href="/admin/usage"' in page.text
    assert "每天的提问" in (await chief.get("/admin/usage")).text
    await chief.close()
