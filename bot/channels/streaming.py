"""An answer in parts, as server-sent events: whoever reads along sees each sentence and each citation as it comes.

* ``heard`` is sent at once, so that a slow answer is told from a dead line; while nothing comes, a comment every few
  seconds keeps proxies from hanging up.
* For programs (``POST /api/ask`` with ``Accept: text/event-stream``): ``heard``, ``sentence`` …, ``citation`` …,
  ``notice`` …, ``suggestion`` …, ``end`` with the whole ask JSON and the answer's id. The sentences, put together, are
  the answer. What goes wrong after ``heard`` is a ``problem``: code, message, next_step.
* A reader who leaves costs nothing: the answer is in the log all the same.

Source: HTML Living Standard §9.2 (server-sent events); issue 6 §1.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any

import orjson
from aiohttp import hdrs, web

from bot.assistant.desk import Exchange
from bot.channels.openai_answer import pieces
from verify.public.problems import PROBLEMS, Problem, report

EVENTS = "text/event-stream"
ALIVE_SECONDS = 10.0
_ALIVE = b": \n\n"


def wants_events(request: web.Request) -> bool:
    return EVENTS in request.headers.get(hdrs.ACCEPT, "")


def event(name: str, data: object) -> bytes:
    """JSON has no line breaks of its own: one ``data`` line."""
    return b"event: " + name.encode("ascii") + b"\ndata: " + orjson.dumps(data) + b"\n\n"


def problem_event(problem: Problem) -> bytes:
    return event("problem", problem.to_json()["error"])


def stream() -> web.StreamResponse:
    """An answer that ``streamed`` fills; its head may still be added to."""
    return web.StreamResponse(headers={hdrs.CONTENT_TYPE: f"{EVENTS}; charset=utf-8", "X-Accel-Buffering": "no"})


async def streamed(
    request: web.Request,
    response: web.StreamResponse,
    heard: bytes,
    answered: Coroutine[Any, Any, Iterable[bytes]],
) -> web.StreamResponse:
    """Sends ``heard``, then the events that ``answered`` gives, whenever it does."""
    answering = asyncio.ensure_future(answered)
    try:
        await response.prepare(request)
        await response.write(heard)
        while not (await asyncio.wait({answering}, timeout=ALIVE_SECONDS))[0]:
            await response.write(_ALIVE)
        for each in _events(answering):
            await response.write(each)
        await response.write_eof()
    except ConnectionError:  # the reader has left
        await asyncio.wait({answering})
    return response


def _events(answered: "asyncio.Future[Iterable[bytes]]") -> Iterable[bytes]:
    """What has come; a fault of ours, which cannot be a page any more, is said too, and the stream has an end."""
    fault = answered.exception()
    if fault is None:
        return answered.result()
    report(fault)
    return (problem_event(PROBLEMS[500]),)


def answer_events(exchange: Exchange) -> Iterator[bytes]:
    """What a program is sent after ``heard``."""
    answer = exchange.answer
    for sentence in pieces(answer.answer):
        yield event("sentence", {"text": sentence})
    for number, citation in enumerate(answer.citations, 1):
        yield event("citation", {"number": number, **citation.to_json()})
    for notice in answer.notices:
        yield event("notice", {"text": notice})
    for suggestion in answer.suggestions:
        yield event("suggestion", {"text": suggestion})
    yield event("end", {"id": exchange.line.ticket, **answer.to_json()})
