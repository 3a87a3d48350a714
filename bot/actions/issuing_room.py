"""The issuing room as the chat asks it: one report, one file; in this process or over its HTTP interface.

* The chat signs nothing and sees no key: it is handed something that issues (``Here``), or an address and a token
  (``Elsewhere``), and gets a file back.
* One key, one report: an order that is repeated after a crash gets the same report.

Decision: docs/decisions/0231.
"""

import http.client
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from bot.channels.messages import OutFile
from bot.errors import UsageError
from verify.errors import IssuingError, VerifyError
from verify.issuing.orders import IssuedReport, IssueRequest

SECONDS = 30
LIMIT_BYTES = 20 * 1024 * 1024
_CREATED, _OK = 201, 200
_PRINTED_MAX = 300
_PLACE = re.compile(r"/issuing/reports/[A-Z]{4}[0-9]{15}/report\.(?:pdf|docx)")


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
        try:
            file = OutFile(f"{report.number}{path.suffix}", path.read_bytes())
        except OSError as cause:  # issued it is: the same order again hands out the same report
            raise _unreachable(f"报告文件 {path.name}：{cause.strerror}") from cause
        why = "" if order.as_word or report.pdf is not None else report.without_pdf
        return Delivered(report.number, report.valid_until, file, not report.calendar_published, why)


class Elsewhere:
    """On the issuing machine. ``address``: its origin; ``token``: of its ``keys/api-token``.

    Raises UsageError for what is no address.
    """

    def __init__(self, address: str, token: str, seconds: float = SECONDS) -> None:
        self._host, self._port, self._base, self._kind = _parts(address)
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
        headers = {"Content-Type": "application/json", "Idempotency-Key": order.key}
        answer = self._asked("POST", "/issuing/reports", json.dumps(body).encode(), headers, _CREATED)
        report = _issued(answer, as_word=order.as_word)
        named = {"X-Actor": order.actor.encode().decode("latin-1")}
        content = self._asked("GET", report.place, None, named, _OK)
        file = OutFile(f"{report.number}{report.place[report.place.rindex('.') :]}", content)
        return Delivered(report.number, report.valid_until, file, report.guessed, report.why_no_pdf)

    def _asked(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], wanted: int) -> bytes:
        try:
            status, content = self._spoken(method, path, body, headers)
        except (OSError, http.client.HTTPException) as cause:
            raise _unreachable(type(cause).__name__) from cause
        if status != wanted:
            raise _refused(status, content)
        return content

    def _spoken(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = self._kind(self._host, self._port, timeout=self._seconds)
        try:
            known = {"Authorization": f"Bearer {self._token}", **headers}
            connection.request(method, f"{self._base}{path}", body, known)
            with connection.getresponse() as answer:
                content = answer.read(LIMIT_BYTES + 1)
            if len(content) > LIMIT_BYTES:
                raise http.client.HTTPException("too large")
            return answer.status, content
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class _Issued:
    """What the service says of a report; ``place``: of the file that is wanted."""

    number: str
    valid_until: datetime
    place: str
    guessed: bool
    why_no_pdf: str


def _issued(answer: bytes, *, as_word: bool) -> _Issued:
    """Raises IssuingError for anything but the service's own answer."""
    try:
        report = json.loads(answer)
        number, files = report["number"], report["files"]
        pdf = None if as_word else files["pdf"]
        why = "" if as_word or pdf else "签发服务暂时不能制作 PDF，先发送 docx。"
        moment, place = datetime.fromisoformat(report["valid_until"]), pdf or files["docx"]
        if not (isinstance(number, str) and _PLACE.fullmatch(place)):
            raise TypeError(number)
        return _Issued(number, moment, place, report["calendar_published"] is not True, why)
    except (ValueError, KeyError, TypeError) as cause:
        raise _unreachable("应答看不懂") from cause


def _parts(address: str) -> tuple[str, int | None, str, type[http.client.HTTPConnection]]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
        raise UsageError(
            f"看不懂签发服务的地址“{address}”。",
            next_step="请写成 https://issuing.example 这样的形式。",
            code="ADDRESS",
        )
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return host, port, parts.path.rstrip("/"), kind


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
