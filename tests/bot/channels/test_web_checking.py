"""Answers bot/channels/web_checking.py: a file or a code sent with the page → the verdict, and nothing kept."""

import asyncio
import io
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from PIL import Image

from bot.actions.checking import Checking as CheckingAction
from bot.actions.checking import Published
from bot.channels import web_checking
from bot.channels.web import Acts, Service, WebSettings, alone
from bot.channels.web_line import Line
from index.policies.library import Library
from index.questions.listing import entries_of
from index.questions.store import QuestionStore
from tests.bot.channels.conftest import NOW
from tests.bot.channels.test_web import QUESTION, STREAM, events_in
from verify.documents.examine import Answer
from verify.documents.reading import read
from verify.reasons import Reason, Rejection
from verify.verification import refused


@pytest.fixture
def service(library: Library, tmp_path: Path) -> Iterator[Service]:
    """Nothing is published in its folder: every code is indeterminate, never green."""
    folder = library.folder.parent
    settings = WebSettings(folder / "library", folder / "search", tmp_path / "questions.db", lambda: NOW)
    (tmp_path / "public").mkdir()
    published = Published(tmp_path / "public", lambda: NOW, read)
    with ThreadPoolExecutor(1) as threads:
        yield Service(settings, published=published, acts=Acts((CheckingAction(published),), threads))


@pytest.fixture
async def page(service: Service, aiohttp_client: Callable[..., Awaitable[TestClient]]) -> TestClient:
    return await aiohttp_client(alone(service))


def form(content: bytes, name: str = "报告.pdf", **fields: str) -> FormData:
    data = FormData(quote_fields=False)
    for key, value in fields.items():
        data.add_field(key, value)
    data.add_field("file", content, filename=name)
    return data


def photo() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(picture, "PNG")
    return picture.getvalue()


async def test_checking_is_offered_when_something_is_published_and_not_before(page: TestClient, tmp_path: Path) -> None:
    (tmp_path / "public").rmdir()
    assert 'action="/check"' not in await (await page.get("/")).text()
    assert (await page.post("/check", data=form(photo(), "核验码.png"))).status == 404
    (tmp_path / "public").mkdir()
    assert 'action="/check"' in await (await page.get("/")).text()
    assert (await page.post("/check", data=form(photo(), "核验码.png"))).status == 200


async def test_without_anything_published_the_verdict_is_never_green(page: TestClient) -> None:
    answer = await page.post("/check", data=form(photo(), "照片.png"))
    text = await answer.text()
    assert answer.status == 200
    assert 'data-verdict="indeterminate"' in text
    assert "照片.png" in text
    assert 'class="check unsure"' in text
    assert 'href="#icon-indeterminate"' in text


async def test_a_page_where_nothing_is_checked_offers_nothing(client: TestClient) -> None:
    assert "上传报告" not in await (await client.get("/")).text()
    assert 'action="/check"' not in await (await client.get("/")).text()
    assert (await client.post("/check", data=form(photo()))).status == 404


async def test_what_is_no_file_is_named(page: TestClient) -> None:
    for data in (form(b"", "空.pdf"), {"file": "x"}):
        answer = await page.post("/check", data=data)
        assert answer.status in (400, 415)
        assert "Traceback" not in await answer.text()


async def test_a_file_too_large_is_refused_before_it_is_read(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_checking, "LIMITS", web_checking.BodyLimits(file_bytes=1000, small_bytes=1000))
    assert (await page.post("/check", data=form(b"x" * 5000))).status == 413


async def test_a_file_sent_by_another_site_is_refused(page: TestClient) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert (await page.post("/check", data=form(photo()), headers=headers)).status == 403


async def test_a_name_that_is_markup_is_shown_as_text(page: TestClient) -> None:
    text = await (await page.post("/check", data=form(photo(), "<img src=x onerror=alert(1)>.png"))).text()
    assert "<img" not in text


async def test_the_conversation_is_shown_again_under_which_it_was_sent(page: TestClient) -> None:
    context = '[{"role": "user", "content": "收费吗"}, {"role": "assistant", "content": "不收费"}]'
    text = await (await page.post("/check", data=form(photo(), context=context, as_of="2026-11-01"))).text()
    assert "收费吗" in text
    assert 'value="2026-11-01"' in text


async def test_a_code_typed_as_a_question_is_checked_and_not_logged(page: TestClient, tmp_path: Path) -> None:
    typed = "YCZX202608200000001 7K3M-2QXP-9TRW"
    text = await (await page.post("/", data={"question": typed})).text()
    assert 'data-verdict="indeterminate"' in text
    told = events_in(await (await page.post("/", data={"question": typed}, headers=STREAM)).text())
    assert [name for name, _ in told] == ["heard", "piece", "end"]
    assert "indeterminate" in told[1][1]["html"]
    asked = await (await page.post("/", data={"question": "核验 YCZX202608200000001"})).text()
    assert "手输核验码" in asked
    assert 'data-answered="yes"' in await (await page.post("/", data={"question": QUESTION})).text()
    await page.close()
    assert [entry.question for entry in entries_of(QuestionStore(tmp_path / "questions.db"))] == [QUESTION]


async def test_of_many_codes_the_first_are_told_and_the_rest_counted(
    page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tuple(Answer(1, number, refused(Rejection(Reason.NO_CODE_FOUND), NOW)) for number in range(1, 14))
    monkeypatch.setattr(Published, "examined", lambda *_: many)
    text = await (await page.post("/check", data=form(photo()))).text()
    assert text.count('data-reason="NO_CODE_FOUND"') == 10
    assert "另有 3 个码没有列出" in text


async def test_more_files_than_can_be_read_are_refused_and_others_come_through_after(
    page: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service._checking, "_line", Line(0, 0))
    answer = await page.post("/check", data=form(photo()))
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    monkeypatch.undo()
    assert (await page.post("/check", data=form(photo()))).status == 200


async def test_files_that_hang_keep_no_other_work_waiting(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is signed in is looked up in the loop's own threads."""
    hang, reached = threading.Event(), threading.Event()

    def hanging(*_: object) -> tuple[Answer, ...]:
        reached.set()
        hang.wait(600)
        return (Answer(1, 1, refused(Rejection(Reason.NO_CODE_FOUND), NOW)),)

    monkeypatch.setattr(Published, "examined", hanging)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    sent = asyncio.ensure_future(page.post("/check", data=form(photo())))
    while not reached.is_set():
        await asyncio.sleep(0.01)
    async with asyncio.timeout(60):
        assert await asyncio.to_thread(lambda: not hang.is_set())
    hang.set()
    assert (await sent).status == 200
