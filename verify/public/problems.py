"""What is said when a request cannot be answered: one table of statuses, one exception, one outermost boundary.

"Not valid" is an answer with status 200, not a problem. A problem never shows a traceback, never what was sent.

    Refused   this request is not served: status, code, sentence, next step
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from verify.errors import VerifyError

FOR_PROGRAMS = ("/api/", "/issuing/")
LOGGER = logging.getLogger("chenghe.web")


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    title: str
    message: str
    next_step: str
    retry_after_seconds: int | None = None

    def to_json(self) -> dict[str, dict[str, str]]:
        return {"error": {"code": self.code, "message": self.message, "next_step": self.next_step}}


PROBLEMS = MappingProxyType(
    {
        problem.status: problem
        for problem in (
            Problem(
                400, "BAD_REQUEST", "没有看懂这个请求", "提交的内容不完整或格式不对。", "请返回上一页，检查后重新提交。"
            ),
            Problem(403, "FORBIDDEN", "不允许访问", "这个地址不对外开放。", "请从首页进入。"),
            Problem(
                404,
                "NOT_FOUND",
                "没有这个页面",
                "网址可能输错了，或者页面已经不在了。",
                "请从首页进入，或者重新扫描二维码。",
            ),
            Problem(405, "METHOD_NOT_ALLOWED", "不支持这种访问方式", "这个地址不接受这种请求方法。", "请从首页进入。"),
            Problem(408, "TOO_SLOW", "提交超时", "内容没有在规定时间内传完。", "请检查网络后重新提交。"),
            Problem(
                413,
                "TOO_LARGE",
                "内容太大",
                "提交的内容超过了大小限制。",
                "请换用原始报告文件，或者只拍首页右上角的二维码。",
            ),
            Problem(
                415, "UNSUPPORTED_TYPE", "不支持这种内容", "这个地址不接受这种格式的内容。", "请按说明的格式提交。"
            ),
            Problem(
                429,
                "TOO_MANY_REQUESTS",
                "请求太频繁",
                "短时间内请求次数过多，已暂停受理。",
                "请稍候再试；扫描二维码核验通常不受影响。",
            ),
            Problem(
                500,
                "INTERNAL_ERROR",
                "服务出错了",
                "这次没能完成，问题已经记录；不能据此判断报告真伪。",
                "请稍后重试；仍不行，请联系签发机构。",
            ),
            Problem(503, "BUSY", "服务正忙", "正在处理的文件较多，这次没有受理。", "请过几秒钟再试。"),
        )
    }
)


class Refused(VerifyError):
    """Raised by handlers; becomes a page or JSON at the boundary."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, next_step=problem.next_step, code=problem.code)
        self.problem = problem


def problem_of(status: int) -> Problem:
    """The table's row for ``status``; the nearest general one for a status we never chose."""
    return PROBLEMS.get(status) or PROBLEMS[400 if status < 500 else 500]


def boundary(page: Callable[[web.Request, Problem], web.Response]) -> Middleware:
    """The outermost middleware: whatever goes wrong inside becomes a Chinese page, or JSON where programs ask."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            problem, headers = refused.problem, {}
        except web.HTTPException as answer:
            if answer.status < 400:
                raise
            problem = problem_of(answer.status)
            headers = {"Allow": answer.headers["Allow"]} if "Allow" in answer.headers else {}
        except Exception as fault:  # noqa: BLE001 - the one boundary behind which nothing is left to go on with
            problem, headers = PROBLEMS[400 if _hung_up(request, fault) else 500], {}
            if problem.status == 500:
                report(fault)
        response = _json(problem) if request.path.startswith(FOR_PROGRAMS) else page(request, problem)
        if problem.retry_after_seconds is not None:
            headers["Retry-After"] = str(problem.retry_after_seconds)
        response.headers.update(headers)
        return response

    return middleware


def _hung_up(request: web.Request, fault: Exception) -> bool:
    """Whoever leaves in the middle is no fault of ours: nobody shall write into our log of faults by leaving."""
    return isinstance(fault, ConnectionError) and (request.transport is None or request.transport.is_closing())


def json_response(document: object, *, status: int = 200) -> web.Response:
    """Chinese stays readable."""
    return web.Response(body=orjson.dumps(document), status=status, content_type="application/json", charset="utf-8")


def _json(problem: Problem) -> web.Response:
    return json_response(problem.to_json(), status=problem.status)


def report(fault: BaseException) -> None:
    """Where it happened, and of what kind; not the message, which may quote what a person sent."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(fault.__traceback__)]
    LOGGER.error("%s at %s", type(fault).__name__, " < ".join(reversed(places)))
