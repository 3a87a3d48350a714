"""Asking on the page and by the API of the page, whole or in parts, and a reader's word on an answer.

    GET  /                  the page
    POST /                  the form: question, as_of, what the page brings along (``web_talk``) → the page with what
                            came of it; its parts, if asked for
    POST /api/ask           {"question", "as_of"?, "context"?} → the ask JSON (design §8), named by its header; or parts
    POST /feedback          the form under an answer: id, verdict, note, what the page brings along → the page
    POST /api/feedback      {"id", "verdict": "useful"|"useless", "note"?} → {"id", "verdict"}
    POST /check             a file to be checked → the page with the verdict (``web_checking``)

* A message goes the same way as on the platforms: a report's code is checked, an action takes it, or else the texts
  answer; only this last is streamed sentence by sentence, and only this the next question is understood by.
* The parts that the page is sent are made by the templates that make the whole page, and put together they are it.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace

from aiohttp import web

from bot.assistant.answer import Role, Turn
from bot.assistant.desk import Exchange
from bot.channels import asking, rating
from bot.channels.openai_answer import pieces
from bot.channels.showing import ShownAnswer, ShownRating, shown_answer
from bot.channels.showing_acted import ShownAct
from bot.channels.streaming import answer_events, event, problem_event, stream, streamed, wants_events
from bot.channels.web_acting import Acting
from bot.channels.web_checking import Checking, ShownCheck
from bot.channels.web_page import ChatPage
from bot.channels.web_room import Room, Visitor, cannot_answer
from bot.channels.web_talk import Kept, Talk, Talks
from index.errors import OfficeError, QuestionError, UnknownQuestion
from index.questions.log import NOTE_MAX
from index.questions.model import Channel, Feedback
from verify.public.problems import PROBLEMS, Problem, Refused, json_response

ANSWER_ID = "Chenghe-Answer-Id"
Shown = ShownAnswer | ShownAct | ShownCheck


class Asking:
    """``checking`` None: nothing is published here that a report could be checked by; ``acting`` None: nothing is done
    here."""

    def __init__(
        self, room: Room, talks: Talks, checking: Checking | None = None, acting: Acting | None = None
    ) -> None:
        self._room = room
        self._talks = talks
        self._checking = checking
        self._acting = acting
        self.page = ChatPage(room, talks, checks=self._checks, acts=acting is not None)

    def routes(self) -> list[web.RouteDef]:
        askers = self._room.for_askers
        checking = [] if self._checking is None else [web.post("/check", askers(self.check))]
        return [
            *checking,
            web.get("/", askers(self.start)),
            web.post("/", askers(self.ask_on_page)),
            web.post("/api/ask", self._room.for_programs(self.ask)),
            web.post("/feedback", askers(self.rate_on_page)),
            web.post("/api/feedback", self._room.for_programs(self.rate)),
        ]

    async def start(self, request: web.Request, who: Visitor) -> web.Response:
        return await self.page.shown(who, self._talks.new(), as_of=request.query.get("as_of", ""))

    async def ask_on_page(self, request: web.Request, who: Visitor) -> web.StreamResponse:
        sent, asked = await asking.from_page(request, self._room.today())
        who.require(sent.get("token"))
        if isinstance(asked, Problem):
            talk = self._talks.read(sent, asking.turns_of(sent), who, self._room.reception.clock())
            as_of, draft = sent.get("as_of", ""), sent.get("question", "")
            return await self.page.shown(who, talk, as_of=as_of, draft=draft, problem=asked)
        talk = self._talks.read(sent, asked.context, who, self._room.reception.clock())
        if wants_events(request):
            heard = event("heard", {"question": asked.question, "today": self._room.today().isoformat()})
            return await streamed(request, self._stream(request), heard, self._pieces(asked, talk, who))
        shown, after = await self._said(asked, talk, who)
        as_of = asked.as_of.isoformat()
        return await self.page.shown(who, after, as_of=as_of, earlier=asked.context, now=shown)

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
        if self._checking is None or not self._checking.is_offered():
            raise Refused(PROBLEMS[404])
        checked, sent = await self._checking.of_form(request, who)
        talk = self._talks.read(sent.fields, sent.context, who, self._room.reception.clock())
        return await self.page.shown(who, talk, as_of=sent.as_of, earlier=sent.context, now=checked)

    async def rate_on_page(self, request: web.Request, who: Visitor) -> web.Response:
        rated, earlier, sent = await rating.from_page(request)
        who.require(sent.get("token"))
        await self._rate(rated, who)
        as_of = sent.get("as_of", "")[:10]
        shown = ShownRating(rated.ticket, as_of, rated.verdict.value, rated.note)
        talk = self._talks.read(sent, earlier, who, self._room.reception.clock())
        return await self.page.shown(who, talk, as_of=as_of, earlier=earlier, now=shown)

    async def rate(self, request: web.Request, who: Visitor) -> web.Response:
        rated = await rating.from_api(request)
        await self._rate(rated, who)
        return json_response({"id": rated.ticket, "verdict": rated.verdict})

    def _checks(self) -> bool:
        return self._checking is not None and self._checking.is_offered()

    # What came of a message

    async def _said(self, asked: asking.Asked, talk: Talk, who: Visitor) -> tuple[Shown, Talk]:
        """And the conversation as the next message finds it. Raises Refused."""
        checked = None if self._checking is None else await self._checking.of_text(asked.question)
        if checked is not None:
            return checked, talk
        acted = None if self._acting is None else await self._acting.of(asked.question, talk, who)
        if acted is not None:
            return acted.shown, acted.talk
        exchange = await self._answer(asked, Channel.WEB, who, talk.conversation)
        after = replace(talk, context=_going_on(asked, exchange), pending=None)
        return shown_answer(exchange.answer, exchange.line), after

    def _stream(self, request: web.Request) -> web.StreamResponse:
        response = stream()
        self._room.keep(request, response)
        return response

    async def _events(self, asked: asking.Asked, who: Visitor) -> Iterator[bytes]:
        try:
            return answer_events(await self._answer(asked, Channel.API, who))
        except Refused as refused:
            return iter((problem_event(refused.problem),))

    async def _pieces(self, asked: asking.Asked, talk: Talk, who: Visitor) -> Iterator[bytes]:
        try:
            shown, after = await self._said(asked, talk, who)
        except Refused as refused:
            return iter((problem_event(refused.problem),))
        kept = self.page.kept(after, who)
        if isinstance(shown, ShownAnswer):
            return self._answer_events(shown, kept, who)
        return self._card_events("acted" if isinstance(shown, ShownAct) else "checked", shown, kept, who)

    def _card_events(self, name: str, shown: Shown, kept: Kept, who: Visitor) -> Iterator[bytes]:
        """What comes whole."""
        yield self._piece("", name, shown, kept, who)
        yield event("end", asdict(kept))

    def _answer_events(self, shown: ShownAnswer, kept: Kept, who: Visitor) -> Iterator[bytes]:
        """Each piece of the page, and where in the exchange it belongs; last of all what the next question brings."""
        yield self._piece("", "frame", shown, kept, who)
        for line in shown.lines:
            yield self._piece(".said", "line", "", kept, who)
            for sentence in pieces(line):
                yield self._piece(".said > p:last-child", "sentence", sentence, kept, who)
        for name in shown.lists:
            yield self._piece(".body", "list", name, kept, who)
            for value in getattr(shown, name):
                yield self._piece(f".{name}-list", name, value, kept, who)
        yield self._piece(".body", "foot", shown, kept, who)
        yield self._piece("", "rating", shown, kept, who)
        yield event("end", asdict(kept))

    def _piece(self, into: str, name: str, value: object, kept: Kept, who: Visitor) -> bytes:
        markup = self._room.text(
            "exchange_piece.html", piece=name, value=value, kept=kept, note_limit=NOTE_MAX, who=who
        )
        return event("piece", {"into": into, "html": markup})

    async def _answer(
        self, asked: asking.Asked, channel: Channel, who: Visitor, conversation: str | None = None
    ) -> Exchange:
        """``conversation``: of a member; what a stranger asks belongs to nothing."""
        named = conversation if who.staff else None
        try:
            with self._room.in_line(who):
                return await self._room.reception.answer(
                    asked.question,
                    as_of=asked.as_of,
                    channel=channel,
                    context=asked.context,
                    actor=who.actor,
                    conversation=named,
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


def _not_taken(status: int, error: OfficeError) -> Refused:
    return Refused(Problem(status, error.code, "评价没有记下", error.message, error.next_step))
