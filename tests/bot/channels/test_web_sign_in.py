"""Answers bot/channels/{web_sign_in,web_sessions,web_history,web_room}.py: members at a real provider, and mallory."""

import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import Engine, select

from bot.actions.checking import Published
from bot.channels.web import Acts, Service, WebSettings, alone
from bot.channels.web_room import ACTS
from bot.channels.web_sign_in import SignInPlaces
from bot.tokens import Token
from index.directory.changing import Deed, State, change, disable, remove_account
from index.directory.model import Account, Role, Staff
from index.policies.library import Library
from index.store.engine import open_store
from index.store.tables import audit
from tests.bot.channels.test_web import STREAM, events_in
from tests.ports import free_port
from tests.provider import MockProvider
from tests.provider import mock as mock
from tests.verify.issuing.portal.browsing import Answer, Browser
from verify.documents.reading import read
from verify.issuing.portal.settings import PortalError
from verify.public.limits import Buckets, Rate
from verify.validity import SHANGHAI

ROOT = Path(__file__).resolve().parents[3]
COOKIE = "__Host-chenghe-chat"
QUESTION = "专用信用报告自开具之日起多长时间内核验有效？"
CLERK = Staff("E001", "王示例", "市发展改革委", frozenset({Role.RECORDS}))
CHIEF = Staff("E002", "赵示例", "市发展改革委", frozenset({Role.ADMIN}))


@dataclass
class Hall:
    """The page with sign-in, its members, and a browser at it. ``now`` may be moved."""

    browser: Browser
    engine: Engine
    service: Service
    issuer: str
    settings: WebSettings
    ahead: timedelta = timedelta()

    def deed(self) -> Deed:
        return Deed("管理员", "测试", datetime.now(SHANGHAI))

    async def ask(self, question: str = QUESTION, browser: Browser | None = None) -> Answer:
        at = browser or self.browser
        return await at.post("/", {"question": question, "token": (await at.get("/")).token})


def registered(engine: Engine, issuer: str) -> None:
    accounts = {Account("oidc", issuer, "wang"): CLERK.id, Account("oidc", issuer, "zhao"): CHIEF.id}
    deed = Deed("管理员", "测试", datetime.now(SHANGHAI))
    change(engine, lambda before: State({CLERK.id: CLERK, CHIEF.id: CHIEF}, accounts), deed)


@pytest.fixture
async def hall(library: Library, mock: MockProvider, tmp_path: Path) -> AsyncIterator[Hall]:
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
    engine = open_store(tmp_path / "office.db")
    registered(engine, mock.issuer)
    for person in ("wang", "zhao", "mallory"):
        mock.person(person)
    hall: Hall

    def now() -> datetime:
        return datetime.now(SHANGHAI) + hall.ahead

    folder = library.folder.parent
    settings = WebSettings(
        folder / "library",
        folder / "search",
        tmp_path / "questions.db",
        now,
        sign_in=SignInPlaces(tmp_path / "portal.toml", secrets, tmp_path / "office.db"),
    )
    service = Service(settings)
    hall = Hall(Browser(origin), engine, service, mock.issuer, settings)
    async with TestServer(alone(service), host="127.0.0.1", port=port):
        yield hall
        await hall.browser.close()
    engine.dispose()


async def sign_in(browser: Browser, person: str) -> Answer:
    answer = await browser.get("/sign-in", follow=False)
    assert answer.status == 303, answer.text
    return await browser.get(await browser.back_from(answer.headers["Location"], person))


async def test_nobody_asks_without_signing_in(hall: Hall) -> None:
    assert "请先登录" in (await hall.browser.get("/")).text
    assert "请先登录" in (await hall.browser.get("/history")).text
    for path in ("/", "/feedback"):
        answer = await hall.browser.post(path, {"question": QUESTION})
        assert (answer.status, "登录已经超时" in answer.text) == (401, True)
    async with hall.browser.session.post(f"{hall.browser.origin}/api/ask", json={"question": QUESTION}) as asked:
        assert (asked.status, (await asked.json())["error"]["code"]) == (401, "SIGNED_OUT")


async def test_policy_texts_are_open_to_whoever_follows_a_citation(hall: Hall, library: Library) -> None:
    assert (await hall.browser.get(f"/source/{library.documents()[0].id}")).status == 200


async def test_a_member_signs_in_asks_and_stands_in_the_log_as_the_one_who_asked(hall: Hall) -> None:
    page = await sign_in(hall.browser, "wang")
    assert page.address == f"{hall.browser.origin}/"
    assert "王示例" in page.text
    answered = await hall.ask()
    assert 'data-answered="yes"' in answered.text
    listed = await hall.browser.get("/history")
    assert QUESTION in listed.text
    with hall.engine.connect() as connection:
        lines = connection.execute(select(audit.c.actor, audit.c.action).where(audit.c.action == "chat.sign-in")).all()
    assert [(line.actor, line.action) for line in lines] == [("市发展改革委 王示例（E001）", "chat.sign-in")]


async def test_the_request_to_the_provider_is_code_with_pkce_and_comes_back_here(hall: Hall) -> None:
    answer = await hall.browser.get("/sign-in", follow=False)
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{hall.browser.origin}/signed-in"]
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    for word in ("__Host-chenghe-chat-sign-in", "Secure", "HttpOnly", "SameSite=Lax"):
        assert word in answer.headers["Set-Cookie"]


async def test_whoever_is_not_in_the_directory_is_not_let_in_and_told_what_to_do(hall: Hall) -> None:
    answer = await sign_in(hall.browser, "mallory")
    assert answer.status == 403
    assert "NOT_STAFF" in answer.text or "还没有登记" in answer.text
    assert "mallory" in answer.text
    assert not hall.browser.cookie(COOKIE)


async def test_a_member_who_is_disabled_or_loses_the_account_is_out_at_once(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    disable(hall.engine, CLERK.id, hall.deed())
    assert "请先登录" in (await hall.browser.get("/")).text
    await sign_in(hall.browser, "zhao")
    assert "赵示例" in (await hall.browser.get("/")).text
    remove_account(hall.engine, Account("oidc", hall.issuer, "zhao"), hall.deed())
    assert "请先登录" in (await hall.browser.get("/")).text


async def test_a_form_without_the_token_of_the_session_is_refused(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    for token in ({}, {"token": ""}, {"token": "x" * 32}):
        answer = await hall.browser.post("/", {"question": QUESTION, **token})
        assert (answer.status, "页面已经过期" in answer.text) == (403, True)
        assert (await hall.browser.post("/sign-out", token)).status == 403
    assert "您还没有提过问题" in (await hall.browser.get("/history")).text


async def test_a_form_of_another_site_is_refused_with_the_token_even(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    token = (await hall.browser.get("/")).token
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await hall.browser.post("/", {"question": QUESTION, "token": token}, **headers)
        assert answer.status == 403


async def test_an_answer_begun_in_another_browser_or_taken_twice_is_refused(hall: Hall) -> None:
    mallory = Browser(hall.browser.origin)
    begun = (await mallory.get("/sign-in", follow=False)).headers["Location"]
    back = await mallory.back_from(begun, "zhao")
    assert (await hall.browser.get(back)).status == 403
    assert not hall.browser.cookie(COOKIE)
    thief = mallory.copy()
    assert (await mallory.get(back)).status == 200
    assert (await thief.get(back)).status == 403
    await mallory.close()
    await thief.close()


async def test_a_changed_cookie_and_one_of_the_portal_are_nobody(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    cookie = hall.browser.cookie(COOKIE)
    hall.browser.set_cookie(COOKIE, cookie[:-6] + "AAAAA=")
    assert "请先登录" in (await hall.browser.get("/")).text
    (await hall.browser.get("/sign-in", follow=False))
    hall.browser.set_cookie(COOKIE, hall.browser.cookie(f"{COOKIE}-sign-in"))
    assert "请先登录" in (await hall.browser.get("/")).text


async def test_signing_out_ends_copies_of_the_cookie_too(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    copy = hall.browser.copy()
    out = await hall.browser.post("/sign-out", {"token": (await hall.browser.get("/")).token})
    assert "已经退出" in out.text
    assert "请先登录" in (await copy.get("/")).text
    await copy.close()


async def test_a_session_ends_unused_and_at_the_end_of_the_day_and_asking_keeps_it(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    token = (await hall.browser.get("/")).token
    for minutes in range(15, 60, 15):  # only streamed questions, and the session goes on
        hall.ahead = timedelta(minutes=minutes)
        sent = {"question": QUESTION, "token": token}
        told = events_in((await hall.browser.post("/", sent, **STREAM)).text)
        assert told[-1][0] == "end", told
    hall.ahead += timedelta(minutes=21)
    assert "请先登录" in (await hall.browser.get("/")).text
    hall.ahead = timedelta()  # the provider's clock cannot be moved
    again = await sign_in(hall.browser, "wang")
    assert again.token == token  # what was typed before can still be sent


async def test_another_member_gets_another_token_and_sees_none_of_the_questions(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    token = (await hall.browser.get("/")).token
    await hall.ask()
    (link,) = {part.split('"')[0] for part in (await hall.browser.get("/history")).text.split('href="/history/')[1:]}
    assert "一个月内" in (await hall.browser.get(f"/history/{link}")).text
    await sign_in(hall.browser, "zhao")
    assert (await hall.browser.get("/")).token != token
    assert "您还没有提过问题" in (await hall.browser.get("/history")).text
    foreign = await hall.browser.get(f"/history/{link}")
    assert (foreign.status, "没有找到这次对话" in foreign.text) == (404, True)
    assert "一个月内" not in foreign.text


async def test_an_old_question_is_opened_again_with_its_sources_and_asked_again(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    await hall.ask()
    listed = (await hall.browser.get("/history")).text
    again = await hall.browser.get("/history/" + listed.split('href="/history/')[1].split('"')[0])
    assert 'class="to-source" href="/source/' in again.text
    assert "现行有效" in again.text
    asked = await hall.browser.post("/", {"ask": QUESTION, "context": "[]", "token": again.token})
    assert 'data-answered="yes"' in asked.text
    assert (await hall.browser.get("/history")).text.count('href="/history/') == 2


async def test_the_list_goes_on_page_by_page_and_newest_first(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.web_history.AT_ONCE", 2)
    await sign_in(hall.browser, "wang")
    for word in ("甲", "乙", "丙"):
        await hall.ask(f"{word}是什么？")
    first = await hall.browser.get("/history")
    assert first.text.index("丙是什么") < first.text.index("乙是什么")
    assert "甲是什么" not in first.text
    older = "/history?before=" + first.text.split("/history?before=")[1].split('"')[0]
    assert "甲是什么" in (await hall.browser.get(older)).text
    for bad in ("x", "-1", "9" * 40, "٣"):
        assert (await hall.browser.get(f"/history?before={bad}")).status == 200


async def test_who_is_signed_in_is_told_to_other_pages(hall: Hall) -> None:
    seen: list[Staff | None] = []

    class Asked:
        def __init__(self, cookies: dict[str, str]) -> None:
            self.cookies = cookies

    async def ask(cookie: str) -> None:
        seen.append(await hall.service.signed_in(Asked({COOKIE: cookie})))  # type: ignore[arg-type]

    await ask("")
    await sign_in(hall.browser, "zhao")
    await ask(hall.browser.cookie(COOKIE))
    assert seen == [None, CHIEF]


class Standing(Buckets):
    """While no time passes: a slow machine would be given some back."""

    def wait(self, client: str, now: float) -> int:
        return super().wait(client, 0.0)


async def test_a_member_who_does_nothing_but_send_is_slowed(hall: Hall) -> None:
    await sign_in(hall.browser, "wang")
    hall.service._room._acts = Standing(ACTS)
    statuses = [(await hall.browser.get("/history")).status for _ in range(ACTS.burst + 2)]
    assert statuses == [*[200] * ACTS.burst, 429, 429]


async def test_every_page_and_code_is_in_the_documentation(hall: Hall, library: Library, tmp_path: Path) -> None:
    text = "\n".join(
        (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("serving.md", "api.md", "audit.md")
    )
    app = web.Application()
    with ThreadPoolExecutor(1) as threads:
        Service(hall.settings, published=Published(tmp_path, datetime.now, read), acts=Acts((), threads)).mount(app)
    pages = {route.resource.canonical for route in app.router.routes() if route.resource is not None}
    pages = {page.replace("document_id", "id") for page in pages if not page.startswith("/static")}
    assert {"/files/{ticket}", "/history/{conversation}/delete"} < pages
    assert not {page for page in pages if f"GET {page}" not in text and f"POST {page}" not in text}
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot" / "channels").glob("web*.py"))
    codes = set(re.findall(r'"([A-Z]+_[A-Z_]+)"', sources))
    assert not {code for code in codes if f"`{code}`" not in text}


async def test_half_right_settings_stop_the_service(tmp_path: Path, library: Library) -> None:
    (tmp_path / "portal.toml").write_text('base_url = "https://x.example"\n[chat]\nissuer = "https://id.example"\n')
    places = SignInPlaces(tmp_path / "portal.toml", tmp_path / "chat", tmp_path / "office.db")
    folder = library.folder.parent
    settings = WebSettings(folder / "library", folder / "search", tmp_path / "q.db", datetime.now, sign_in=places)
    with pytest.raises(PortalError):
        Service(settings)


async def test_a_program_asks_with_its_token_where_members_sign_in(hall: Hall) -> None:
    room = hall.service._room
    room._check = lambda sent, now: replace(TOKEN, staff=CLERK.id) if sent == "good" else None
    for sent, status in (("good", 200), ("bad", 401)):
        headers = {"Authorization": f"Bearer {sent}"}
        async with hall.browser.session.post(
            f"{hall.browser.origin}/api/ask", json={"question": QUESTION}, headers=headers
        ) as answer:
            assert answer.status == status
    room._acts = Buckets(Rate(burst=1, per_second=0.01))
    for status in (200, 429):
        async with hall.browser.session.post(
            f"{hall.browser.origin}/api/ask", json={"question": QUESTION}, headers={"Authorization": "Bearer good"}
        ) as answer:
            assert answer.status == status


TOKEN = Token("t1", "程序", None, "", datetime.now(SHANGHAI), "", datetime.now(SHANGHAI))
