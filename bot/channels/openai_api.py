"""The assistant for programs that speak OpenAI's API: Open WebUI, LobeChat, Dify, a Word plug-in.

    POST /v1/chat/completions   a question; ``stream``: in pieces (server-sent events)
    GET  /v1/models             the one model there is
    GET  /v1/models/{id}

* Nobody is answered without a bearer token (``chenghe api-token``); the question log names the member it stands for.
* Answers come from the policy texts only: no records, whoever asks.
* Every refusal has OpenAI's error shape, with a Chinese sentence and the next step:
  400 401 404 405 408 413 415 429 503.
* ``RATE`` questions for each token; ``WAITING_MAX`` may wait at all. Wrong tokens are counted for each address.

Source: OpenAI API reference; RFC 6750 (bearer tokens); docs/api.md.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import hdrs, web

from bot.assistant.answer import Citation
from bot.assistant.desk import Exchange
from bot.channels.openai_answer import Address, Written, pieces, written
from bot.channels.openai_request import MODEL, Completion, Wrong, read_completion
from bot.channels.reception import Reception
from bot.errors import BotError
from bot.holders import Check
from bot.tokens import Token
from index.errors import OfficeError
from index.questions.model import Channel
from verify.public.bodies import BodyLimits, json_object
from verify.public.limits import Buckets, Rate, client_of
from verify.public.problems import Problem, Refused, json_response

LIMITS = BodyLimits(file_bytes=0, small_bytes=512 * 1024)
RATE = Rate(burst=30, per_second=1.0)
WRONG_TOKENS = Rate(burst=10, per_second=0.2)
WAITING_MAX = 100
ANSWER_ID = "Chenghe-Answer-Id"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class OpenAiApi:
    """``check``: whose token it is, ``bot.holders.Holders.check``."""

    def __init__(self, reception: Reception, check: Check, rate: Rate = RATE) -> None:
        self._reception = reception
        self._check = check
        self._asking = Buckets(rate)
        self._guessing = Buckets(WRONG_TOKENS)
        self._waiting = 0

    def mount(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/v1/models", _shaped(self.models)),
                web.get("/v1/models/{model}", _shaped(self.model)),
                web.post("/v1/chat/completions", _shaped(self.complete)),
                web.route("*", "/v1/{rest:.*}", _shaped(self.unknown)),
            ]
        )

    async def models(self, request: web.Request) -> web.Response:
        self._holder(request)
        return json_response({"object": "list", "data": [self._model()]})

    async def model(self, request: web.Request) -> web.Response:
        self._holder(request)
        if request.match_info["model"] != MODEL:
            raise Wrong("model_not_found", "没有这个模型。", f"model 请写 {MODEL}。", param="model", status=404)
        return json_response(self._model())

    async def unknown(self, request: web.Request) -> web.Response:
        self._holder(request)
        known = request.path in {"/v1/models", "/v1/chat/completions"}
        raise Wrong(
            "METHOD_NOT_ALLOWED" if known else "NOT_FOUND",
            "不支持这种访问方式。" if known else "没有这个接口。",
            "请使用 GET /v1/models 或 POST /v1/chat/completions。",
            status=405 if known else 404,
        )

    async def complete(self, request: web.Request) -> web.StreamResponse:
        token = self._holder(request)
        self._admit(token)
        asked = read_completion(await json_object(request, LIMITS), self._reception.clock().date())
        async with self._in_line():
            exchange = await self._answer(asked, token)
        message = written(exchange.answer, _address(request, exchange))
        if asked.stream:
            return await self._streamed(request, asked, exchange, message)
        answered = json_response(self._whole(asked, exchange, message))
        answered.headers[ANSWER_ID] = exchange.line.ticket
        return answered

    def _holder(self, request: web.Request) -> Token:
        """Who asks. Raises Wrong 401, or 429 for an address that keeps guessing."""
        scheme, _, sent = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        found = self._check(sent.strip(), self._reception.clock()) if scheme.lower() == "bearer" else None
        if found is not None:
            return found
        wait = self._guessing.wait(client_of(request.remote, None, frozenset()), time.monotonic())
        if wait:
            raise _too_many(wait)
        raise Wrong(
            "invalid_api_key",
            "没有令牌，或者令牌不对、已停用、已过期。",
            "请向管理员要一个令牌（chenghe api-token new），写在 Authorization: Bearer 之后。",
            status=401,
        )

    def _admit(self, token: Token) -> None:
        wait = self._asking.wait(token.id, time.monotonic())
        if wait:
            raise _too_many(wait)

    @asynccontextmanager
    async def _in_line(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING_MAX:
            raise Wrong(
                "BUSY", "正在回答的问题太多，这次没有受理。", "请过几秒钟再试。", status=503, retry_after_seconds=2
            )
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def _answer(self, asked: Completion, token: Token) -> Exchange:
        return await self._reception.answer(
            asked.question, as_of=asked.as_of, channel=Channel.API, context=asked.context, actor=token.staff
        )

    def _whole(self, asked: Completion, exchange: Exchange, message: Written) -> dict[str, Any]:
        said = {
            "role": "assistant",
            "content": message.text,
            "refusal": None,
            "annotations": list(message.annotations),
        }
        choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": "stop"}
        head = self._head(exchange, "chat.completion")
        return {**head, "choices": [choice], "usage": _usage(asked, message), "chenghe": exchange.answer.to_json()}

    async def _streamed(
        self, request: web.Request, asked: Completion, exchange: Exchange, message: Written
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8"})
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        response.headers[ANSWER_ID] = exchange.line.ticket
        await response.prepare(request)
        try:
            for chunk in self._chunks(asked, exchange, message):
                await response.write(b"data: " + orjson.dumps(chunk) + b"\n\n")
            await response.write(b"data: [DONE]\n\n")
            await response.write_eof()
        except ConnectionError:  # the reader has left; the answer is in the log
            pass
        return response

    def _chunks(self, asked: Completion, exchange: Exchange, message: Written) -> list[dict[str, Any]]:
        head = self._head(exchange, "chat.completion.chunk")
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"content": piece} for piece in pieces(message.text)]
        chunks = [{**head, "choices": [_choice(delta, None)]} for delta in deltas]
        end = _choice({"annotations": list(message.annotations)}, "stop")
        chunks.append({**head, "choices": [end], "chenghe": exchange.answer.to_json()})
        if asked.usage:
            chunks.append({**head, "choices": [], "usage": _usage(asked, message)})
        return chunks

    def _head(self, exchange: Exchange, kind: str) -> dict[str, Any]:
        created = int(exchange.line.at.timestamp())
        return {"id": f"chatcmpl-{exchange.line.ticket}", "object": kind, "created": created, "model": MODEL}

    def _model(self) -> dict[str, Any]:
        return {"id": MODEL, "object": "model", "created": 0, "owned_by": "chenghe"}


def _choice(delta: Mapping[str, Any], finished: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finished}


def _usage(asked: Completion, message: Written) -> dict[str, int]:
    """Characters, not tokens: there is no tokenizer."""
    given = len(asked.question) + sum(len(turn.content) for turn in asked.context)
    return {"prompt_tokens": given, "completion_tokens": len(message.text), "total_tokens": given + len(message.text)}


def _address(request: web.Request, exchange: Exchange) -> Address:
    """The page of the source under the address by which the program reached us, on the day that was answered for."""
    origin = _origin(request)

    def address(citation: Citation) -> str:
        day = exchange.answer.as_of.isoformat()
        span = f"start={citation.start}&end={citation.end}&as_of={day}"
        return f"{origin}/source/{quote(citation.source, safe='')}?{span}#quote"

    return address


def _origin(request: web.Request) -> str:
    """What a proxy in front says of its scheme is believed: only who asks sees the address."""
    try:
        origin = request.url.origin()
        return str(origin.with_scheme("https") if request.headers.get("X-Forwarded-Proto") == "https" else origin)
    except ValueError:  # a Host that is none
        return ""


def _too_many(wait_seconds: int) -> Wrong:
    return Wrong(
        "rate_limit_exceeded",
        "请求太频繁，这次没有受理。",
        f"请 {wait_seconds} 秒后再试。",
        status=429,
        retry_after_seconds=wait_seconds,
    )


def _shaped(handler: Handler) -> Handler:
    """Every refusal in OpenAI's shape."""

    async def shaped(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Wrong as wrong:
            return _refusal(wrong)
        except Refused as refused:
            return _refusal(_of_a_body(refused.problem))
        except (OfficeError, BotError) as fault:
            return _refusal(Wrong(fault.code, fault.message, fault.next_step, status=503))

    return shaped


def _of_a_body(problem: Problem) -> Wrong:
    """Why a body was not read, in words that fit a question."""
    messages = {
        400: ("请求不是有效的 JSON 对象。", "请用 UTF-8 的 JSON 发送。"),
        408: (problem.message, "请检查网络后重新发送。"),
        413: (f"请求超过了 {LIMITS.small_bytes // 1024} KB。", "请少带一些之前的对话。"),
        415: ("请求的类型不对。", "请用 Content-Type: application/json 发送。"),
    }
    message, next_step = messages.get(problem.status, (problem.message, problem.next_step))
    return Wrong(problem.code, message, next_step, status=problem.status)


def _refusal(wrong: Wrong) -> web.Response:
    kind = _TYPES.get(wrong.status, "invalid_request_error" if wrong.status < 500 else "server_error")
    error = {"message": f"{wrong.message}下一步：{wrong.next_step}", "type": kind, "param": wrong.param}
    response = json_response({"error": {**error, "code": wrong.code}}, status=wrong.status)
    if wrong.status == 401:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    if wrong.retry_after_seconds is not None:
        response.headers[hdrs.RETRY_AFTER] = str(wrong.retry_after_seconds)
    return response
