"""The issuing room as the chat asks it: one report, one file; in this process or over its HTTP interface.

* The chat signs nothing and sees no key: it is handed something that issues (``Here``), or an address and a token
  (``Elsewhere``), and gets a file back.
* One key, one report: an order that is repeated after a crash gets the same report.

Decision: docs/decisions/0231.
"""

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.channels.messages import OutFile
from verify.errors import IssuingError, VerifyError
from verify.issuing.orders import IssuedReport, IssueRequest

SECONDS = 60
LIMIT_BYTES = 20 * 1024 * 1024
_CREATED, _OK = 201, 200
_PRINTED_MAX = 300


@dataclass(frozen=True, slots=True)
class Order:
    """``identity``: how the applicant's identity was checked; ``key``: the same for a repetition."""

    subject_code: str
    years: int
    purpose: str
    actor: str
    identity: str
    key: str
    as_word: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """``why_no_pdf``: said when a docx came instead of a PDF; ``guessed``: the window was counted by weekends only."""

    number: str
    valid_until: datetime
    file: OutFile
    guessed: bool
    why_no_pdf: str = ""


class IssuingRoom(Protocol):
    def issue(self, order: Order) -> Delivered:
        """Raises OfficeError and VerifyError."""


class Issues(Protocol):
    """``verify.issuing.service.Issuing``."""

    def issue(self, request: IssueRequest) -> IssuedReport: ...


class Here:
    """In one process. ``clock``: the issuing moment is the wall clock's, never the chat's."""

    def __init__(self, issuing: Issues, clock: Callable[[], datetime]) -> None:
        self._issuing = issuing
        self._clock = clock

    def issue(self, order: Order) -> Delivered:
        report = self._issuing.issue(
            IssueRequest(
                subject_code=order.subject_code,
                years=order.years,
                purpose=order.purpose,
                moment=self._clock(),
                actor=order.actor,
                idempotency_key=order.key,
                identity_check=order.identity,
            )
        )
        pdf = None if order.as_word else report.pdf
        path = report.docx if pdf is None else pdf
        file = OutFile(f"{report.number}{path.suffix}", path.read_bytes())
        why = "" if order.as_word or report.pdf is not None else report.without_pdf
        return Delivered(report.number, report.valid_until, file, not report.calendar_published, why)


class Elsewhere:
    """On the issuing machine. ``address``: its origin; ``token``: of its ``keys/api-token``."""

    def __init__(self, address: str, token: str, seconds: float = SECONDS) -> None:
        self._address = address
        self._token = token
        self._seconds = seconds

    def issue(self, order: Order) -> Delivered:
        body = {
            "subject_code": order.subject_code,
            "years": order.years,
            "purpose": order.purpose,
            "actor": order.actor,
            "identity_check": order.identity,
        }
        report = self._report(body, order.key)
        pdf = None if order.as_word else report["files"]["pdf"]
        place = pdf or report["files"]["docx"]
        headers = {"X-Actor": order.actor.encode().decode("latin-1")}
        _, content = self._asked("GET", place, None, headers, _OK)
        name = f"{report['number']}.{'pdf' if pdf else 'docx'}"
        why = "" if pdf or order.as_word else "签发服务暂时不能制作 PDF，先发送 docx。"
        moment = datetime.fromisoformat(report["valid_until"])
        return Delivered(report["number"], moment, OutFile(name, content), not report["calendar_published"], why)

    def _report(self, body: Mapping[str, Any], key: str) -> Any:
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        _, answer = self._asked("POST", "/issuing/reports", content, headers, _CREATED)
        return json.loads(answer)

    def _asked(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], wanted: int
    ) -> tuple[int, bytes]:
        try:
            status, content = self._spoken(method, path, body, headers)
        except (OSError, http.client.HTTPException) as cause:
            raise _unreachable(type(cause).__name__) from cause
        if status != wanted:
            raise _refused(status, content)
        return status, content

    def _spoken(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        parts = urlsplit(self._address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._seconds)
        try:
            known = {"Authorization": f"Bearer {self._token}", **headers}
            connection.request(method, f"{parts.path.rstrip('/')}{path}", body, known)
            with connection.getresponse() as answer:
                content = answer.read(LIMIT_BYTES + 1)
            if len(content) > LIMIT_BYTES:
                raise http.client.HTTPException("too large")
            return answer.status, content
        finally:
            connection.close()


def _refused(status: int, content: bytes) -> VerifyError:
    """The service's own words, when they are there."""
    try:
        problem = json.loads(content)
        told = [str(problem[name])[:_PRINTED_MAX] for name in ("message", "next_step", "code")]
    except (ValueError, KeyError, TypeError):
        return _unreachable(f"HTTP {status}")
    return IssuingError(told[0], next_step=told[1], code=told[2])


def _unreachable(what: str) -> IssuingError:
    return IssuingError(
        f"签发服务没有应答（{what}），不知道报告是否已签发。",
        next_step="请稍后再回复“确认”：同一次申请只签发一份；仍不行的，请联系签发服务管理员。",
        code="ISSUING_UNREACHABLE",
    )
