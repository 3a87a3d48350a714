"""What the issuing service answers: JSON, and for every problem a status, a code, a sentence and the next step.

* 400 not understood · 401 no token · 403 not entitled · 404 unknown · 409 contradicts what was done · 413 too large ·
  422 must not be issued · 500 our fault · 503 not ready. Never a traceback, never what was sent.
"""

import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from types import MappingProxyType

from aiohttp import web

from index.errors import AccessDenied, OfficeError, StoreError, UnknownSubject
from verify.errors import IssuingError, KeyringError, TrustError, VerifyError
from verify.issuing.pdf.errors import PdfUnavailable

LOGGER = logging.getLogger("chenghe.issuing")
Handler = Callable[[web.Request], Awaitable[web.Response]]
_BY_CODE = MappingProxyType(
    {
        "REQUEST_MALFORMED": 400,
        "TOKEN_WRONG": 401,
        "REPORT_UNKNOWN": 404,
        "IDEMPOTENCY_KEY_REUSED": 409,
        "REPORT_ALREADY_REVOKED": 409,
        "REPORT_STEP_NOT_ALLOWED": 409,
        "SUCCESSOR_REFUSED": 409,
        "REPORT_CHANGED_TOO_OFTEN": 409,
        "REQUEST_TOO_LARGE": 413,
        "REHEARSAL_FAILED": 500,
        "PDF_FAILED": 500,
        "CANNOT_WRITE": 500,
        "CHANGED_UNPUBLISHED": 500,
        "SIGNED_BYTES_DIFFER": 500,
        "LOG_AHEAD": 503,
        "LOG_CONTRADICTS": 503,
        "PROVIDER_UNAVAILABLE": 503,
    }
)
_BY_KIND: tuple[tuple[type[OfficeError | VerifyError], int], ...] = (
    (UnknownSubject, 404),
    (AccessDenied, 403),
    (PdfUnavailable, 503),
    (StoreError, 503),
    (KeyringError, 503),
    (TrustError, 503),
)


def json_answer(document: object, *, status: int = 200) -> web.Response:
    text = json.dumps(document, ensure_ascii=False)
    return web.Response(
        text=text, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def answering(handler: Handler) -> Handler:
    """``handler`` with its errors put into words."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except (OfficeError, VerifyError) as problem:
            return _problem(problem)
        except web.HTTPException:
            raise
        except Exception as fault:  # noqa: BLE001 - the one boundary behind which nothing is left to go on with
            places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(fault.__traceback__)]
            LOGGER.error("%s at %s", type(fault).__name__, " < ".join(reversed(places)))
            return _problem(_our_fault())

    return answer


def malformed(what: str) -> IssuingError:
    return IssuingError(f"请求看不懂：{what}。", next_step="请按接口说明检查请求内容。", code="REQUEST_MALFORMED")


def too_large() -> IssuingError:
    return IssuingError("请求内容过大。", next_step="请按接口说明检查请求内容。", code="REQUEST_TOO_LARGE")


def unauthorised() -> IssuingError:
    return IssuingError(
        "没有通过身份验证。",
        next_step="请在 Authorization 中使用签发服务 keys/api-token 文件里的令牌。",
        code="TOKEN_WRONG",
    )


def _our_fault() -> IssuingError:
    return IssuingError(
        "签发服务出错了，问题已经记录。",
        next_step="请稍后用同一个 Idempotency-Key 重试；仍不行请联系维护人员。",
        code="INTERNAL_ERROR",
    )


def _problem(problem: OfficeError | VerifyError) -> web.Response:
    body = {"code": problem.code, "message": problem.message, "next_step": problem.next_step}
    answer = json_answer(body, status=status_of(problem))
    if answer.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def status_of(problem: OfficeError | VerifyError) -> int:
    if problem.code == "INTERNAL_ERROR":
        return 500
    return _BY_CODE.get(problem.code) or next((s for kind, s in _BY_KIND if isinstance(problem, kind)), 422)
