"""A reader's word on an answer: taken once the ticket is known, changed at will, told apart from everything else."""

from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from index.questions.listing import askings_of, entries_of
from index.questions.model import Verdict
from index.questions.store import QuestionStore

QUESTION = "专用信用报告自开具之日起多长时间内核验有效？"


async def asked(client: TestClient, question: str = QUESTION) -> str:
    answer = await client.post("/api/ask", json={"question": question})
    return answer.headers["Chenghe-Answer-Id"]


def feedback(home: Path, ticket: str) -> list[tuple[Verdict, str]]:
    store = QuestionStore(home / "questions.db")
    askings = [asking for entry in entries_of(store) for asking in askings_of(store, entry.number, 500)]
    store.close()
    (found,) = [asking for asking in askings if asking.line.ticket == ticket]
    return [(said.verdict, said.note) for said in found.feedback]


async def test_every_answer_is_named_and_can_be_rated_and_rated_again(client: TestClient, home: Path) -> None:
    ticket = await asked(client)
    for body in ({"verdict": "useful"}, {"verdict": "useless", "note": "太短，请打13812345678"}):
        taken = await client.post("/api/feedback", json={"id": ticket, **body})
        assert taken.status == 200
        assert await taken.json() == {"id": ticket, "verdict": body["verdict"]}
    assert feedback(home, ticket) == [(Verdict.USEFUL, ""), (Verdict.USELESS, "太短，请打138*******8")]


async def test_a_refusal_can_be_rated_too(client: TestClient, home: Path) -> None:
    ticket = await asked(client, "食堂几点开饭？")
    assert (await client.post("/api/feedback", json={"id": ticket, "verdict": "useless"})).status == 200
    assert feedback(home, ticket) == [(Verdict.USELESS, "")]


async def test_the_names_of_answers_cannot_be_guessed(client: TestClient) -> None:
    tickets = {await asked(client) for _ in range(5)}
    assert len(tickets) == 5
    assert all(len(ticket) >= 43 for ticket in tickets)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"verdict": "useful"}, 400, "ANSWER_MISSING"),
        ({"id": "short", "verdict": "useful"}, 400, "ANSWER_MISSING"),
        ({"id": 1, "verdict": "useful"}, 400, "ANSWER_MISSING"),
        ({"id": "x" * 43, "verdict": "useful"}, 404, "ANSWER_UNKNOWN"),
        ({"id": "x" * 43, "verdict": "perfect"}, 400, "VERDICT_UNKNOWN"),
        ({"id": "x" * 43, "verdict": ["useful"]}, 400, "VERDICT_UNKNOWN"),
        ({"id": "x" * 43, "verdict": "useful", "note": "长" * 301}, 400, "NOTE_TOO_LONG"),
        ({"id": "x" * 43, "verdict": "useful", "note": 5}, 400, "NOTE_TOO_LONG"),
        ({"id": "x" * 43, "verdict": "useful", "admin": True}, 400, "FIELD_UNKNOWN"),
    ],
)
async def test_bad_ratings_are_named_in_chinese(client: TestClient, body: object, status: int, code: str) -> None:
    answer = await client.post("/api/feedback", json=body)
    assert answer.status == status
    error = (await answer.json())["error"]
    assert (error["code"], bool(error["next_step"])) == (code, True)


async def test_mind_may_be_changed_so_often_and_no_more(client: TestClient) -> None:
    ticket = await asked(client)
    statuses = [
        (await client.post("/api/feedback", json={"id": ticket, "verdict": "useful"})).status for _ in range(21)
    ]
    assert statuses == [200] * 20 + [409]


async def test_a_page_without_script_says_thanks_and_keeps_the_conversation(client: TestClient, home: Path) -> None:
    page = await (await client.post("/", data={"question": QUESTION})).text()
    ticket = page.split('name="id" value="')[1].split('"')[0]
    context = '[{"role": "user", "content": "前面问过的话"}]'
    rated = await client.post(
        "/feedback", data={"id": ticket, "verdict": "useful", "context": context, "as_of": "2027-01-02"}
    )
    page = await rated.text()
    assert "已记下“有用”，谢谢" in page
    assert "前面问过的话" in page
    assert 'type="date" name="as_of" value="2027-01-02"' in page
    assert 'aria-pressed="true">有用<' in page
    assert feedback(home, ticket) == [(Verdict.USEFUL, "")]


async def test_form_mistakes_are_a_page_and_markup_in_a_note_is_text(client: TestClient) -> None:
    answer = await client.post("/feedback", data={"id": "x" * 43, "verdict": "useful", "context": "["})
    assert answer.status == 404
    assert "评价没有记下" in await answer.text()
    ticket = await asked(client)
    nasty = '"><script>alert(1)</script>'
    page = await client.post("/feedback", data={"id": ticket, "verdict": "useless", "note": nasty})
    assert "<script>alert" not in await page.text()
