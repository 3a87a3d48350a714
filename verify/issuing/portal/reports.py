"""What both sides of the counter see of a report: the choices before it, the preview, the report, its files.

* A preview is the very content a report would have, arranged as the verification page arranges it.
* Whether a report still counts is said in one place: withdrawn, over, or in force – and what changed behind it since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web
from sqlalchemy import Engine, select

from index.store import tables
from verify.issuing.content import ReportContent
from verify.issuing.fields import fields_of
from verify.issuing.orders import IssuedReport, LedgerEntry
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.room import not_found
from verify.issuing.states import State
from verify.issuing.wording import end_of_day_text, moment_text, period_text
from verify.notices import Notice
from verify.public.content import Section, sections

YEARS = ((1, "近一年"), (2, "近两年"), (3, "近三年"))
NUMBER = r"{number:[A-Z]{4}[0-9]{15}}"
KEY_MAX = 60
_KINDS = {
    "report.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "report.pdf": "application/pdf",
    "qr.png": "image/png",
}
_NOTICES = {"corrected": Notice.DATA_CORRECTED, "repaired": Notice.RECORD_REPAIRED}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a report; ``years`` 0: nothing sensible yet."""

    years: int
    purpose: str

    @classmethod
    def of(cls, asked: Asked) -> "Choice":
        years = asked.text("years", 1)
        return cls(int(years) if years in ("1", "2", "3") else 0, asked.text("purpose"))


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A line of the ledger as people read it. ``tone``: a colour of ``.badge``."""

    number: str
    subject_code: str
    issued: str
    valid_until: str
    period: str
    purpose: str
    state: str
    tone: str
    reason: str
    notices: tuple[Notice, ...]
    calendar_published: bool


def shown_report(entry: LedgerEntry, now: datetime, notices: tuple[Notice, ...] = ()) -> ShownReport:
    over = now > entry.valid_until
    state = State(entry.state)
    label = "已过期" if over and state is State.VALID else state.label
    tone = "bad" if state is not State.VALID else "unsure" if over else "late" if notices else "good"
    return ShownReport(
        number=entry.number,
        subject_code=entry.subject_code,
        issued=moment_text(entry.issued_at),
        valid_until=end_of_day_text(entry.valid_until.date()),
        period=period_text(entry.years, entry.period_from, entry.period_to),
        purpose=entry.purpose or "未指定",
        state=label,
        tone="unsure" if state is State.SUSPENDED else tone,
        reason=entry.state_reason or "" if state is not State.VALID else "",
        notices=notices if state is State.VALID and not over else (),
        calendar_published=entry.calendar_published,
    )


def notices_of(engine: Engine, numbers: tuple[str, ...]) -> Mapping[str, tuple[Notice, ...]]:
    """What changed behind these reports since they were issued; most serious first."""
    table = tables.report_notices
    query = select(table.c.number, table.c.kind).where(table.c.number.in_(numbers)).order_by(table.c.kind)
    found: dict[str, tuple[Notice, ...]] = {}
    with engine.connect() as connection:
        for number, kind in connection.execute(query):
            found[number] = (*found.get(number, ()), _NOTICES[kind])
    return found


def preview_of(content: ReportContent) -> tuple[Section, ...]:
    """Unfolded: the front page, and the records where there are any."""
    unfolded = (0, 2) if content.details else (0,)
    return tuple(replace(section, open=place in unfolded) for place, section in enumerate(sections(fields_of(content))))


def file_of(report: IssuedReport, name: str) -> web.Response:
    """One of the report's files to be saved. Reads it: for a thread."""
    path = report.qr_png if name == "qr.png" else report.pdf if name == "report.pdf" else report.docx
    if path is None:
        raise not_found()
    shown = f"{report.number}-qr.png" if name == "qr.png" else f"{report.number}{path.suffix}"
    place = "inline" if name == "qr.png" else "attachment"
    headers = {"Content-Disposition": f'{place}; filename="{shown}"', "Cache-Control": "no-store"}
    return web.Response(body=path.read_bytes(), content_type=_KINDS[name], headers=headers)
