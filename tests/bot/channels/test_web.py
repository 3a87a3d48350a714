"""The staff chat: receive → should answer, with citations that open the source at the quote."""

import asyncio
import json
import threading
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from bot.assistant.desk import Desk, Exchange
from bot.channels import streaming
from bot.channels.web import Service
from index.errors import StoreError
from index.policies.library import Library

QUESTION = "专用信用报告自开具之日起多长时间内核验有效？"
REFUSED = "食堂几点开饭？"


def link_in(page: str) -> URL:
    return URL(unescape(page.split('class="to-source" href="')[1].split('"')[0]))


async def test_page_works_without_script(client: TestClient) -> None:
    page = await (await client.get("/")).text()
    assert 'method="post" action="/"' in page
    assert 'type="date" name="as_of" value="2026-11-21"' in page
    assert page.count('name="ask"') == 4


async def test_question_gets_an_answer_with_its_source(client: TestClient) -> None:
    answer = await client.post("/", data={"question": QUESTION})
    page = await answer.text()
    assert answer.status == 200
    assert 'data-answered="yes"' in page
    assert "一个月内" in page
    assert "现行有效" in page
    assert "云汀市经营主体专用信用报告管理办法" in page


async def test_citation_opens_the_source_at_the_quote(client: TestClient, library: Library) -> None:
    asked = await (await client.post("/api/ask", json={"question": QUESTION})).json()
    citation = asked["citations"][0]
    assert library.get(citation["source"]).source[citation["start"] : citation["end"]] == citation["quote"]
    link = link_in(await (await client.post("/", data={"question": QUESTION})).text())
    assert link.fragment == "quote"
    page = await (await client.get(link)).text()
    assert f'<mark id="quote">{citation["quote"]}</mark>' in page
    assert page.count('id="quote"') == 1
    assert "现行有效" in page


async def test_refusal_looks_different_and_cites_nothing(client: TestClient) -> None:
    page = await (await client.post("/", data={"question": REFUSED})).text()
    assert 'data-answered="no"' in page
    assert 'class="body refusal"' in page
    assert "to-source" not in page
    entry = await (await client.post("/api/ask", json={"question": REFUSED})).json()
    assert (entry["answered"], entry["citations"]) == (False, [])


async def test_api_gives_the_ask_json(client: TestClient) -> None:
    answer = await client.post("/api/ask", json={"question": QUESTION, "as_of": "2031-03-01", "context": []})
    entry = await answer.json()
    assert list(entry) == [
        "question", "as_of", "answered", "answer", "citations", "notices", "suggestions", "elapsed_ms"
    ]  # fmt: skip
    assert entry["as_of"] == "2031-03-01"
    assert entry["citations"][0]["status"]["state"] == "expired"
    assert entry["notices"]


async def test_status_in_the_source_is_that_of_the_day_asked_about(client: TestClient) -> None:
    page = await (await client.post("/", data={"question": QUESTION, "as_of": "2031-03-01"})).text()
    assert "有效期已届满" in page
    assert "有效期已届满" in await (await client.get(link_in(page))).text()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "QUESTION_MISSING"),
        ({"question": "  "}, "QUESTION_MISSING"),
        ({"question": 5}, "QUESTION_MISSING"),
        ({"question": "问" * 501}, "QUESTION_TOO_LONG"),
        ({"question": "问", "as_of": "明天"}, "DAY_UNREADABLE"),
        ({"question": "问", "as_of": 5}, "DAY_UNREADABLE"),
        ({"question": "问", "context": "x"}, "CONTEXT_UNREADABLE"),
        ({"question": "问", "context": [{"role": "system", "content": "x"}]}, "CONTEXT_UNREADABLE"),
        ({"question": "问", "context": [{"role": "user", "content": "x" * 4001}]}, "CONTEXT_UNREADABLE"),
        ({"question": "问", "context": [{"role": "user", "content": "x"}] * 41}, "CONTEXT_UNREADABLE"),
        ({"question": "问", "admin": True}, "FIELD_UNKNOWN"),
    ],
)
async def test_bad_input_is_named_in_chinese(client: TestClient, body: object, code: str) -> None:
    answer = await client.post("/api/ask", json=body)
    assert answer.status == 400
    error = (await answer.json())["error"]
    assert error["code"] == code
    assert error["message"] > "一"
    assert error["next_step"]


async def test_bodies_that_are_no_json_are_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    for body, status in ((b"{", 400), (b"\xff", 400), (b"[" * 9999, 400), (b" " * 300_000, 413)):
        answer = await client.post("/api/ask", data=body, headers=headers)
        assert answer.status == status
        assert "error" in await answer.json()
    assert (await client.post("/api/ask", data="question=x")).status == 415


async def test_form_mistakes_are_explained_on_the_page(client: TestClient) -> None:
    for form in ({"question": ""}, {"question": "问", "as_of": "x"}, {"question": "问", "context": "{"}):
        answer = await client.post("/", data=form)
        assert answer.status == 400
        assert 'role="alert"' in await answer.text()
    deep = await client.post("/", data={"question": "问", "context": "[" * 5000})
    assert deep.status == 400


def events_in(text: str) -> list[tuple[str, dict[str, Any]]]:
    """As the standard reads them; comments are passed over."""
    blocks = [block.split("\n", 1) for block in text.split("\n\n") if block and not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


STREAM = {"Accept": "text/event-stream"}


async def test_api_sends_the_answer_in_parts_that_make_it_up(client: TestClient) -> None:
    whole = await (await client.post("/api/ask", json={"question": QUESTION})).json()
    answer = await client.post("/api/ask", json={"question": QUESTION}, headers=STREAM)
    assert answer.content_type == "text/event-stream"
    told = events_in(await answer.text())
    names = [name for name, _ in told]
    assert names[0] == "heard"
    assert names[-1] == "end"
    assert "".join(data["text"] for name, data in told if name == "sentence") == whole["answer"]
    cited = [
        {key: value for key, value in data.items() if key != "number"} for name, data in told if name == "citation"
    ]
    assert cited == whole["citations"]
    end = told[-1][1]
    assert len(end.pop("id")) == 43
    assert end | {"elapsed_ms": 0} == whole | {"elapsed_ms": 0}


async def test_refusal_in_parts_cites_nothing_and_bad_input_is_no_stream(client: TestClient) -> None:
    told = events_in(await (await client.post("/api/ask", json={"question": REFUSED}, headers=STREAM)).text())
    assert "citation" not in [name for name, _ in told]
    assert told[-1][1]["answered"] is False
    bad = await client.post("/api/ask", json={"question": ""}, headers=STREAM)
    assert (bad.status, (await bad.json())["error"]["code"]) == (400, "QUESTION_MISSING")


async def test_what_fails_after_the_first_part_is_told_as_a_problem(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreError("库打不开。", next_step="请检查。")

    monkeypatch.setattr(Desk, "ask", broken)
    told = events_in(await (await client.post("/api/ask", json={"question": QUESTION}, headers=STREAM)).text())
    assert [name for name, _ in told] == ["heard", "problem"]
    assert told[1][1] == {"code": "STORE_ERROR", "message": "库打不开。", "next_step": "请检查。"}
    on_page = events_in(await (await client.post("/", data={"question": QUESTION}, headers=STREAM)).text())
    assert [name for name, _ in on_page] == ["heard", "problem"]


async def test_while_an_answer_is_slow_the_line_is_kept_alive(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, alive, told = Desk.ask, threading.Event(), b""

    def slow(*values: Any, **named: Any) -> Exchange:
        assert alive.wait(60)
        return asked(*values, **named)

    monkeypatch.setattr(streaming, "ALIVE_SECONDS", 0.05)
    monkeypatch.setattr(Desk, "ask", slow)
    answer = await client.post("/api/ask", json={"question": QUESTION}, headers=STREAM)
    async for part in answer.content.iter_any():
        told += part
        if b"\n: \n\n" in told:
            alive.set()
    assert alive.is_set()
    assert events_in(told.decode())[-1][0] == "end"


async def test_more_questions_than_may_wait_are_refused_and_others_come_through_after(
    client: TestClient, chat: Service, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, line = f"/source/{library.documents()[0].id}", chat._room._line
    monkeypatch.setattr(line, "_at_once", 0)
    refused = await client.post("/api/ask", json={"question": QUESTION})
    assert (refused.status, (await refused.json())["error"]["code"]) == (503, "BUSY")
    assert refused.headers["Retry-After"]
    assert (await client.get(source)).status == 503
    monkeypatch.setattr(line, "_at_once", 3)
    answers = await asyncio.gather(*(client.post("/api/ask", json={"question": QUESTION}) for _ in range(20)))
    assert {answer.status for answer in answers} == {200, 503}
    monkeypatch.undo()
    assert (await client.post("/api/ask", json={"question": QUESTION})).status == 200


async def test_markup_in_a_question_is_text_in_every_part(client: TestClient) -> None:
    nasty = "</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    told = events_in(await (await client.post("/", data={"question": nasty}, headers=STREAM)).text())
    markup = "".join(data["html"] for name, data in told if name == "piece")
    assert "&lt;script&gt;" in markup
    assert "<script" not in markup
    assert "<img" not in markup


async def test_conversation_is_kept_without_script(client: TestClient) -> None:
    first = await (await client.post("/", data={"question": QUESTION})).text()
    context = unescape(first.split('name="context" value="')[1].split('"')[0])
    assert [turn["role"] for turn in json.loads(context)] == ["user", "assistant"]
    second = await (await client.post("/", data={"ask": "收费吗？", "question": "", "context": context})).text()
    assert QUESTION in unescape(second)
    assert len(json.loads(unescape(second.split('name="context" value="')[1].split('"')[0]))) == 4


async def test_markup_in_a_question_is_shown_as_text(client: TestClient) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    page = await (await client.post("/", data={"question": nasty, "context": "[]"})).text()
    assert "<script>alert" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    "span", ["", "?start=5&end=5", "?start=9&end=2", "?start=-1&end=4", "?start=٣&end=9", "?start=0&end=99999999999"]
)
async def test_impossible_span_shows_the_source_without_mark(client: TestClient, library: Library, span: str) -> None:
    document = library.documents()[0]
    answer = await client.get(f"/source/{document.id}{span}")
    page = await answer.text()
    assert answer.status == 200
    assert "<mark" not in page


@pytest.mark.parametrize("path", ["/source/..%2f..%2foffice.db", "/source/%00", "/source/<script>", "/source/x"])
async def test_unknown_source_is_not_found_and_never_a_path(client: TestClient, path: str) -> None:
    answer = await client.get(URL(path, encoded=True))
    page = await answer.text()
    assert answer.status == 404
    assert "<script>" not in page
    assert "政策库里没有" in page


async def test_bad_day_of_a_source_is_refused(client: TestClient, library: Library) -> None:
    assert (await client.get(f"/source/{library.documents()[0].id}?as_of=x")).status == 400


async def test_pages_load_nothing_foreign_and_are_not_kept(client: TestClient) -> None:
    for answer in (
        await client.get("/"),
        await client.get("/nowhere"),
        await client.post("/", data={"question": "问"}),
    ):
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert answer.headers["Cache-Control"] == "no-store"


async def test_health_counts_the_documents(client: TestClient, library: Library) -> None:
    health = await (await client.get("/health")).json()
    assert health == {"service": "bot", "ok": True, "documents": len(library.documents())}


async def test_a_greeting_is_no_refusal_and_nothing_to_rate(client: TestClient) -> None:
    page = await (await client.post("/", data={"question": "您好"})).text()
    assert 'class="body talk-line"' in page
    assert "没有找到依据" not in page
    assert 'name="verdict"' not in page


@pytest.mark.parametrize("address", ["/", "/feedback"])
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "http://[evil"}]
)
async def test_a_form_sent_by_another_site_is_refused(
    client: TestClient, address: str, headers: dict[str, str]
) -> None:
    form = {"question": QUESTION, "id": "x" * 43, "verdict": "useful"}
    assert (await client.post(address, data=form, headers=headers)).status == 403
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert (await client.post("/", data=form, headers=own)).status == 200
