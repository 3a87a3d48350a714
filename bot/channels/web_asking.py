"""Asking on the page and by the API of the page, whole or in parts, and a reader's word on an answer.

    GET  /                  the page
    POST /                  the form: question, as_of, context → the page with the answer; its parts, if asked for
    POST /api/ask           {"question", "as_of"?, "context"?} → the ask JSON (design §8), named by its header; or parts
    POST /feedback          the form under an answer: id, verdict, note, context → the page
    POST /api/feedback      {"id", "verdict": "useful"|"useless", "note"?} → {"id", "verdict"}
    POST /check             a file to be checked → the page with the verdict (``web_checking``)

* The parts that the page is sent are made by the templates that make the whole page, and put together they are it.
"""

import json
from collections.abc import Iterator, Mapping

from aiohttp import web

from bot.assistant.answer import Role, Turn
from bot.assistant.desk import Exchange
from bot.channels import asking, rating
from bot.channels.openai_answer import pieces
from bot.channels.showing import ShownAnswer, ShownRating, shown_answer
from bot.channels.streaming import answer_events, event, problem_event, stream, streamed, wants_events
from bot.channels.web_checking import Checking, ShownCheck
from bot.channels.web_room import Room, Visitor, cannot_answer
from index.errors import OfficeError, QuestionError, UnknownQuestion
from index.questions.log import NOTE_MAX
from index.questions.model import Channel, Feedback
from verify.public.problems import Problem, Refused, json_response

ANSWER_ID = "Chenghe-Answer-Id"
EXAMPLES = (
    "专用信用报告多长时间内有效？",
    "查询和下载专用信用报告收费吗？",
    "对报告里的记录有异议怎么办？",
    "已经完成信用修复的记录还会显示吗？",
)


class Asking:
    """``checking`` None: nothing is published here that a report could be checked by."""

    def __init__(self, room: Room, checking: Checking | None = None) -> None:
        self._room = room
        self._checking = checking

    def routes(self) -> list[web.RouteDef]:
        members = self._room.for_members
        checking = [] if self._checking is None else [web.post("/check", members(self.check))]
        return [
            *checking,
            web.get("/", members(self.start)),
            web.post("/", members(self.ask_on_page)),
            web.post("/api/ask", self._room.for_programs(self.ask)),
            web.post("/feedback", members(self.rate_on_page)),
            web.post("/api/feedback", self._room.for_programs(self.rate)),
        ]

    async def start(self, request: web.Request, who: Visitor) -> web.Response:
        return await self._chat(who, {"as_of": request.query.get("as_of", "")})

    async def ask_on_page(self, request: web.Request, who: Visitor) -> web.StreamResponse:
        sent, asked = await asking.from_page(request, self._room.today())
        who.require(sent.get("token"))
        if isinstance(asked, Problem):
            return await self._chat(who, sent, problem=asked)
        checked = None if self._checking is None else await self._checking.of_text(asked.question)
        if wants_events(request):
            heard = event("heard", {"question": asked.question})
            if checked is not None:
                return await streamed(request, self._stream(request), heard, self._check_events(checked, asked))
            return await streamed(request, self._stream(request), heard, self._pieces(asked, who))
        if checked is not None:
            sent = {"as_of": asked.as_of.isoformat()}
            return await self._chat(who, sent, context=asked.context, earlier=asked.context, checked=checked)
        exchange = await self._answer(asked, Channel.WEB, who)
        return await self._chat(
            who,
            {"as_of": asked.as_of.isoformat()},
            context=_going_on(asked, exchange),
            earlier=asked.context,
            shown=shown_answer(exchange.answer, exchange.line),
        )

    async def ask(self, request: web.Request, who: Visitor) -> web.StreamResponse:
        asked = await asking.from_api(request, self._room.today())
        if wants_events(request):
            heard = event("heard", {"question": asked.question, "as_of": asked.as_of.isoformat()})
            return await streamed(request, self._stream(request), heard, self._events(asked, who))
        exchange = await self._answer(asked, Channel.API, who)
        answered = json_response(exchange.answer.to_json())
        answered.headers[ANSWER_ID] = exchange.line.ticket
        return answered

    async def check(self, request: web.Request, who: Visitor) -> web.Response:
        assert self._checking is not None  # else there is no such page
        checked, sent = await self._checking.of_form(request, who)
        return await self._chat(who, {"as_of": sent.as_of}, context=sent.context, earlier=sent.context, checked=checked)

    async def rate_on_page(self, request: web.Request, who: Visitor) -> web.Response:
        rated, earlier, sent = await rating.from_page(request)
        who.require(sent.get("token"))
        await self._rate(rated, who)
        as_of = sent.get("as_of", "")[:10]
        shown = ShownRating(rated.ticket, as_of, rated.verdict.value, rated.note)
        return await self._chat(who, {"as_of": as_of}, context=earlier, earlier=earlier, rated=shown)

    async def rate(self, request: web.Request, who: Visitor) -> web.Response:
        rated = await rating.from_api(request)
        await self._rate(rated, who)
        return json_response({"id": rated.ticket, "verdict": rated.verdict})

    def _stream(self, request: web.Request) -> web.StreamResponse:
        response = stream()
        self._room.keep(request, response)
        return response

    async def _events(self, asked: asking.Asked, who: Visitor) -> Iterator[bytes]:
        try:
            return answer_events(await self._answer(asked, Channel.API, who))
        except Refused as refused:
            return iter((problem_event(refused.problem),))

    async def _pieces(self, asked: asking.Asked, who: Visitor) -> Iterator[bytes]:
        try:
            exchange = await self._answer(asked, Channel.WEB, who)
        except Refused as refused:
            return iter((problem_event(refused.problem),))
        context = _kept(_going_on(asked, exchange))
        return self._page_events(shown_answer(exchange.answer, exchange.line), context, who)

    async def _check_events(self, checked: ShownCheck, asked: asking.Asked) -> Iterator[bytes]:
        markup = self._room.text("exchange_piece.html", piece="checked", value=checked)
        return iter((event("piece", {"into": "", "html": markup}), event("end", {"context": _kept(asked.context)})))

    def _page_events(self, shown: ShownAnswer, context: str, who: Visitor) -> Iterator[bytes]:
        """Each piece of the page, and where in the exchange it belongs; last of all what the next question brings."""

        def piece(into: str, name: str, value: object) -> bytes:
            markup = self._room.text(
                "exchange_piece.html", piece=name, value=value, context=context, note_limit=NOTE_MAX, who=who
            )
            return event("piece", {"into": into, "html": markup})

        yield piece("", "frame", shown)
        for line in shown.lines:
            yield piece(".said", "line", "")
            for sentence in pieces(line):
                yield piece(".said > p:last-child", "sentence", sentence)
        for name in shown.lists:
            yield piece(".body", "list", name)
            for value in getattr(shown, name):
                yield piece(f".{name}-list", name, value)
        yield piece(".body", "foot", shown)
        yield piece("", "rating", shown)
        yield event("end", {"context": context})

    async def _chat(
        self,
        who: Visitor,
        sent: Mapping[str, str],
        *,
        context: tuple[Turn, ...] = (),
        problem: Problem | None = None,
        **values: object,
    ) -> web.Response:
        documents = await self._room.in_thread(self._room.library.documents)
        defaults: dict[str, object] = {"shown": None, "rated": None, "checked": None, "earlier": ()}
        return self._room.page(
            "chat.html",
            who,
            status=200 if problem is None else problem.status,
            documents=len(documents),
            limit=asking.QUESTION_MAX,
            note_limit=NOTE_MAX,
            checks=self._checking is not None,
            problem=problem,
            examples=EXAMPLES,
            draft=sent.get("question", ""),
            as_of=sent.get("as_of") or self._room.today().isoformat(),
            today=self._room.today().isoformat(),
            context=sent.get("context") or _kept(context),
            **(defaults | values),
        )

    async def _answer(self, asked: asking.Asked, channel: Channel, who: Visitor) -> Exchange:
        try:
            with self._room.in_line():
                return await self._room.reception.answer(
                    asked.question, as_of=asked.as_of, channel=channel, context=asked.context, actor=who.actor
                )
        except OfficeError as cause:
            raise cannot_answer(cause) from cause

    async def _rate(self, rated: rating.Rated, who: Visitor) -> None:
        given = Feedback(self._room.reception.clock(), who.actor, rated.verdict, rated.note)
        try:
            await self._room.reception.keeper.take_feedback(rated.ticket, given)
        except UnknownQuestion as cause:
            raise _not_taken(404, cause) from cause
        except QuestionError as cause:
            raise _not_taken(409, cause) from cause
        except OfficeError as cause:
            raise _not_taken(503, cause) from cause


def _going_on(asked: asking.Asked, exchange: Exchange) -> tuple[Turn, ...]:
    """The conversation as the next question brings it."""
    said = Turn(Role.ASSISTANT, exchange.answer.answer[: asking.TURN_MAX])
    return (*asked.context, Turn(Role.USER, asked.question), said)


def _kept(context: tuple[Turn, ...]) -> str:
    return json.dumps([{"role": turn.role, "content": turn.content} for turn in context], ensure_ascii=False)


def _not_taken(status: int, error: OfficeError) -> Refused:
    return Refused(Problem(status, error.code, "评价没有记下", error.message, error.next_step))
