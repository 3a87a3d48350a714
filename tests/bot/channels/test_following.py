"""A running service sees what other processes do to library and log, and answers when the log cannot be written."""

import logging
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from bot.__main__ import main
from bot.channels.web import WebSettings, build
from index.policies.library import Library
from index.questions.listing import entries_of
from index.questions.store import QuestionStore
from tests.bot.channels.conftest import NOW, POLICIES
from tests.index.questions.conftest import FERRIES

Clients = Callable[..., Awaitable[TestClient]]
QUESTION = "办理渡口许可收费吗？"


@pytest.fixture
async def serving(tmp_path: Path, aiohttp_client: Clients) -> TestClient:
    """A service over a home of its own."""
    Library(tmp_path / "library").add(sorted(POLICIES.iterdir())[0])
    settings = WebSettings(tmp_path / "library", tmp_path / "search", tmp_path / "questions.db", lambda: NOW)
    return await aiohttp_client(build(settings))


async def asked(client: TestClient, question: str) -> dict[str, object]:
    return await (await client.post("/api/ask", json={"question": question, "as_of": "2026-11-22"})).json()


async def test_a_text_added_while_serving_answers_the_next_question(serving: TestClient, tmp_path: Path) -> None:
    assert not (await asked(serving, QUESTION))["answered"]
    (tmp_path / "ferries.txt").write_text(FERRIES, encoding="utf-8")
    assert main(["--home", str(tmp_path), "policies", "add", str(tmp_path / "ferries.txt")]) == 0
    assert (await asked(serving, QUESTION))["answered"]
    document = next(one.id for one in Library(tmp_path / "library").documents() if "渡口" in one.title)
    assert main(["--home", str(tmp_path), "policies", "remove", document]) == 0
    assert not (await asked(serving, QUESTION))["answered"]


async def test_an_approval_given_while_serving_answers_the_next_question(serving: TestClient, tmp_path: Path) -> None:
    question = "食堂几点开饭？"
    assert not (await asked(serving, question))["answered"]
    await serving.post("/api/feedback", json={"id": "x" * 43, "verdict": "useful"})  # the log's thread has caught up
    store = QuestionStore(tmp_path / "questions.db")
    (entry,) = entries_of(store)
    store.close()
    (document,) = Library(tmp_path / "library").documents()
    words = [
        "answer",
        str(entry.number),
        "--text",
        "不由政策文件规定。",
        "--cite",
        document.id,
        "第九条",
        "--by",
        "王某",
    ]
    assert main(["--home", str(tmp_path), "questions", *words]) == 0
    given = await asked(serving, "请问食堂几点开饭")
    assert str(given["answer"]).startswith("经办人审核的答复（审核人：王某")
    follow_up = await serving.post(
        "/api/ask", json={"question": question, "context": [{"role": "user", "content": "专用信用报告多久有效？"}]}
    )
    assert (await follow_up.json())["answered"]


async def test_answers_are_given_while_the_log_cannot_be_written(
    tmp_path: Path, aiohttp_client: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(POLICIES, tmp_path / "texts")
    Library(tmp_path / "library").add_files(sorted((tmp_path / "texts").iterdir()))
    (tmp_path / "questions.db").write_bytes(b"no database" * 1000)
    settings = WebSettings(tmp_path / "library", tmp_path / "search", tmp_path / "questions.db", lambda: NOW)
    client = await aiohttp_client(build(settings))
    with caplog.at_level(logging.ERROR, logger="chenghe.questions"):
        answer = await asked(client, "专用信用报告自开具之日起多长时间内核验有效？")
        rated = await client.post("/api/feedback", json={"id": "x" * 43, "verdict": "useful"})
    assert answer["answered"]
    assert rated.status == 503
    assert any("STORE_ERROR" in message for message in caplog.messages)
    assert not any("核验有效" in message for message in caplog.messages)


async def test_what_waits_is_written_before_the_service_ends(serving: TestClient, tmp_path: Path) -> None:
    for number in range(5):
        await asked(serving, f"第{number}个没有的问题？")
    await serving.close()
    store = QuestionStore(tmp_path / "questions.db")
    assert sum(entry.asked for entry in entries_of(store)) == 5
    store.close()
