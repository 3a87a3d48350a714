"""The web chat for staff: a page that asks the assistant and shows where in the source each answer stands.

* Plain forms and server-rendered pages; the script only sends the same form in the background.
* Asking and reading run in the thread of the reception, which other channels share (``bot.channels.reception``).
* There is no sign-in yet: ``chenghe serve`` therefore listens on 127.0.0.1 unless told otherwise (docs/serving.md).

    GET  /                  the page
    POST /                  the form: question, as_of, context → the page with the answer
    POST /api/ask           {"question", "as_of"?, "context"?} → the ask JSON (design §8), named by its header
    POST /feedback          the form under an answer: id, verdict, note, context → the page
    POST /api/feedback      {"id", "verdict": "useful"|"useless", "note"?} → {"id", "verdict"}
    GET  /source/{id}       a policy text; ?start=&end= marks a quote, ?as_of= the day of its status
    GET  /health            200 when the library can be read
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from bot.assistant.answer import Role, Turn
from bot.assistant.desk import Exchange
from bot.channels import asking, rating
from bot.channels.openai_api import OpenAiApi
from bot.channels.reception import Reception, ReceptionSettings
from bot.channels.showing import ShownRating, shown_answer
from bot.channels.source import Source, source_of, span_in
from bot.tokens import TokenBook
from index.errors import OfficeError, QuestionError, UnknownPolicy, UnknownQuestion
from index.questions.log import NOTE_MAX
from index.questions.model import Channel, Feedback
from verify.public.headers import set_headers
from verify.public.look import LOOK, STATIC, Assets, Pages
from verify.public.problems import PROBLEMS, Problem, Refused, boundary, json_response

HERE = Path(__file__).parent
LOGGER = logging.getLogger("chenghe.questions")
ANSWER_ID = "Chenghe-Answer-Id"
EXAMPLES = (
    "专用信用报告多长时间内有效？",
    "查询和下载专用信用报告收费吗？",
    "对报告里的记录有异议怎么办？",
    "已经完成信用修复的记录还会显示吗？",
)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Parts of the home: two folders and the question log. ``verify_page``: where reports are verified, if known."""

    library: Path
    search: Path
    questions: Path
    clock: Callable[[], datetime]
    verify_page: str | None = None
    search_database: str | None = field(default=None, repr=False)
    api_tokens: Path | None = None

    def reception(self) -> ReceptionSettings:
        return ReceptionSettings(self.library, self.search, self.questions, self.clock, self.search_database)


def build(settings: WebSettings) -> web.Application:
    """The service alone, as it stands in the staff network."""
    service = Service(settings)
    app = web.Application(middlewares=[boundary(service.problem_page)])
    app.on_response_prepare.append(set_headers)
    service.mount(app)
    app.add_routes([web.get("/health", service.health)])
    return app


class Service:
    """The handlers, and what they share. ``mount`` adds them to an application."""

    def __init__(self, settings: WebSettings, reception: Reception | None = None) -> None:
        """``reception``: shared with other channels; they open and close it, then."""
        self._settings = settings
        self._own = reception is None
        self._reception = reception or Reception(settings.reception())
        self._library = self._reception.library
        self._look = Assets.of("/static/look", STATIC)
        self._assets = Assets.of("/static/chat", HERE / "static")
        self._pages = Pages([HERE / "templates", LOOK], look=self._look, own=self._assets)

    def mount(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/", self.start),
                web.post("/", self.ask_on_page),
                web.post("/api/ask", self.ask),
                web.post("/feedback", self.rate_on_page),
                web.post("/api/feedback", self.rate),
                web.get("/source/{document_id}", self.source),
                self._look.route(),
                self._assets.route(),
            ]
        )
        if self._settings.api_tokens is not None:
            OpenAiApi(self._reception, TokenBook(self._settings.api_tokens).check).mount(app)
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)

    async def _open(self, app: web.Application) -> None:
        if self._own:
            await self._reception.open()

    async def _close(self, app: web.Application) -> None:
        if self._own:
            await self._reception.close()

    async def start(self, request: web.Request) -> web.Response:
        return await self._chat({"as_of": request.query.get("as_of", "")})

    async def ask_on_page(self, request: web.Request) -> web.Response:
        sent, asked = await asking.from_page(request, self._today())
        if isinstance(asked, Problem):
            return await self._chat(sent, problem=asked)
        exchange = await self._answer(asked, Channel.WEB)
        turns = (
            *asked.context,
            Turn(Role.USER, asked.question),
            Turn(Role.ASSISTANT, exchange.answer.answer[: asking.TURN_MAX]),
        )
        shown = shown_answer(exchange.answer, exchange.line)
        return await self._chat({"as_of": asked.as_of.isoformat()}, context=turns, earlier=asked.context, shown=shown)

    async def ask(self, request: web.Request) -> web.Response:
        asked = await asking.from_api(request, self._today())
        exchange = await self._answer(asked, Channel.API)
        answered = json_response(exchange.answer.to_json())
        answered.headers[ANSWER_ID] = exchange.line.ticket
        return answered

    async def rate_on_page(self, request: web.Request) -> web.Response:
        rated, earlier, as_of = await rating.from_page(request)
        await self._rate(rated)
        shown = ShownRating(rated.ticket, as_of, rated.verdict.value, rated.note)
        return await self._chat({"as_of": as_of}, context=earlier, earlier=earlier, rated=shown)

    async def rate(self, request: web.Request) -> web.Response:
        rated = await rating.from_api(request)
        await self._rate(rated)
        return json_response({"id": rated.ticket, "verdict": rated.verdict})

    async def source(self, request: web.Request) -> web.Response:
        try:
            day = date.fromisoformat(request.query.get("as_of") or self._today().isoformat())
        except ValueError as cause:
            raise Refused(PROBLEMS[400]) from cause
        name, start, end = request.match_info["document_id"], request.query.get("start"), request.query.get("end")
        return self._page("source.html", source=await self._in_thread(lambda: self._source(name, start, end, day)))

    async def health(self, request: web.Request) -> web.Response:
        documents = await self._in_thread(self._library.documents)
        return json_response({"service": "bot", "ok": True, "documents": len(documents)})

    def problem_page(self, request: web.Request, problem: Problem) -> web.Response:
        return self._page("problem.html", status=problem.status, problem=problem)

    def _source(self, name: str, start: str | None, end: str | None, day: date) -> Source:
        try:
            document = self._library.get(name)
        except UnknownPolicy as cause:
            raise _unknown(cause) from cause
        quote = span_in(document, start, end)
        original = self._library.raw_span(document.id, *quote) if quote else None
        return source_of(document, self._library.status(document.id, day), quote, original)

    async def _chat(
        self,
        sent: Mapping[str, str],
        *,
        context: tuple[Turn, ...] = (),
        problem: Problem | None = None,
        **values: object,
    ) -> web.Response:
        documents = await self._in_thread(self._library.documents)
        kept = json.dumps([{"role": turn.role, "content": turn.content} for turn in context], ensure_ascii=False)
        defaults: dict[str, object] = {"shown": None, "rated": None, "earlier": (), "examples": EXAMPLES}
        return self._page(
            "chat.html",
            status=200 if problem is None else problem.status,
            documents=len(documents),
            limit=asking.QUESTION_MAX,
            note_limit=NOTE_MAX,
            problem=problem,
            draft=sent.get("question", ""),
            as_of=sent.get("as_of") or self._today().isoformat(),
            context=sent.get("context") or kept,
            **(defaults | values),
        )

    def _page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        return self._pages.page(template, status=status, verify_page=self._settings.verify_page, **values)

    async def _answer(self, asked: asking.Asked, channel: Channel) -> Exchange:
        try:
            return await self._reception.answer(
                asked.question, as_of=asked.as_of, channel=channel, context=asked.context
            )
        except OfficeError as cause:
            raise _cannot_answer(cause) from cause

    async def _rate(self, rated: rating.Rated) -> None:
        given = Feedback(self._settings.clock(), None, rated.verdict, rated.note)
        try:
            await self._reception.keeper.take_feedback(rated.ticket, given)
        except UnknownQuestion as cause:
            raise _not_taken(404, cause) from cause
        except QuestionError as cause:
            raise _not_taken(409, cause) from cause
        except OfficeError as cause:
            raise _not_taken(503, cause) from cause

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        try:
            return await self._reception.in_thread(work)
        except OfficeError as cause:
            raise _cannot_answer(cause) from cause

    def _today(self) -> date:
        return self._settings.clock().date()


def _unknown(error: UnknownPolicy) -> Refused:
    return Refused(Problem(404, error.code, "没有这份文件", error.message, error.next_step))


def _not_taken(status: int, error: OfficeError) -> Refused:
    return Refused(Problem(status, error.code, "评价没有记下", error.message, error.next_step))


def _cannot_answer(error: OfficeError) -> Refused:
    return Refused(Problem(503, error.code, "暂时不能回答", error.message, error.next_step))
