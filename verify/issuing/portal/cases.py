"""Objections and repairs as pages show them: one line in a list, one case with its steps; the same on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote

from aiohttp import web

from index.cases.book import CaseStep
from index.cases.evidence import Evidence
from index.cases.objection import Filing, Objection
from index.cases.objections import Objections
from index.cases.repair import Application, Repair
from index.cases.repairs import Repairs
from index.channel import Channel
from index.errors import UnknownCase
from index.records.model import Severity
from index.rules.model import Office
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.room import Room, not_found
from verify.issuing.wording import day_text

CASE_NUMBER = r"{number:[A-Z]{2}[0-9]{8,20}}"
FILE = r"{file:[0-9]{1,12}}"
COMMITMENT = (
    "本单位承诺：所提供的材料真实、合法、有效；已经纠正违法行为并履行相关义务；今后依法诚信经营，自愿接受监督；"
    "违背承诺的，自愿承担相应责任。"
)
REASON_MAX = 2000
KEY_MAX = 400
_TONES = {
    "已提交": "unsure",
    "已受理": "late",
    "核实中": "late",
    "审核中": "late",
    "更正": "good",
    "准予修复": "good",
    "维持": "unsure",
    "不予修复": "unsure",
    "不予受理": "unsure",
}


class Kind(StrEnum):
    """The two kinds, by the last part of their addresses."""

    OBJECTION = "objections"
    REPAIR = "repairs"

    @property
    def label(self) -> str:
        return "异议" if self is Kind.OBJECTION else "信用修复"


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A case as people read it. ``due``: the office's service level; empty = none set, or over."""

    kind: Kind
    number: str
    subject_code: str
    about: str
    unit: str
    state: str
    tone: str
    filed: str
    filed_by: str
    due: str
    overdue: bool
    closed: bool
    outcome: str
    steps: tuple[CaseStep, ...]


def shown_case(case: Objection | Repair, office: Office, now: datetime) -> ShownCase:
    kind = Kind.OBJECTION if isinstance(case, Objection) else Kind.REPAIR
    due_on = case.due_on if isinstance(case, Objection) and not case.is_closed else None
    return ShownCase(
        kind=kind,
        number=case.number,
        subject_code=case.subject_code,
        about=_about(case, office),
        unit=case.unit,
        state=case.state.value,
        tone=_TONES.get(case.state.value, "good"),
        filed=day_text(case.filed_at.date()),
        filed_by=case.filed_by,
        due=day_text(due_on) if due_on else "",
        overdue=isinstance(case, Objection) and case.is_overdue(now),
        closed=case.is_closed,
        outcome=case.outcome,
        steps=case.steps,
    )


def _about(case: Objection | Repair, office: Office) -> str:
    """The record's document number, or the domain."""
    if case.record_key:
        return case.record_key.split("/", 1)[-1].rpartition("/")[0] or case.record_key
    names = {domain.number: domain.name for domain in office.domains}
    return names.get(case.domain, "") if isinstance(case, Objection) else ""


class Cases:
    """Reads of both kinds, for a thread. ``actor`` stands in the audit line of each."""

    def __init__(self, room: Room) -> None:
        self._room = room

    @property
    def objections(self) -> Objections:
        return Objections(self._room.engine, self._room.office)

    @property
    def repairs(self) -> Repairs:
        return Repairs(self._room.engine, self._room.office)

    def get(self, kind: Kind, number: str, actor: str) -> Objection | Repair:
        """Raises Refused (no such page): a number nobody was given and somebody else's look the same."""
        try:
            return self._book(kind).get(number, actor=actor, now=self._room.now())
        except UnknownCase as cause:
            raise not_found() from cause

    def of_subject(self, code: str, actor: str) -> tuple[ShownCase, ...]:
        """Both kinds, newest first."""
        now = self._room.now()
        objections = self.objections.of_subject(code, actor=actor, now=now)
        return self._shown([*objections, *self.repairs.of_subject(code, actor=actor, now=now)], now)

    def waiting(self, unit: str | None, actor: str) -> tuple[ShownCase, ...]:
        """What a unit has to do, or anybody (None: the office looks)."""
        if unit is not None:
            return tuple(case for case in self._of_unit(unit, actor) if not case.closed)
        now = self._room.now()
        objections = self.objections.open_cases(actor=actor, now=now)
        return self._shown([*objections, *self.repairs.open_cases(actor=actor, now=now)], now)

    def over(self, unit: str | None, actor: str) -> tuple[ShownCase, ...]:
        """What a unit has done, or anybody."""
        if unit is not None:
            return tuple(case for case in self._of_unit(unit, actor) if case.closed)
        now = self._room.now()
        objections = self.objections.closed_cases(actor=actor, now=now)
        return self._shown([*objections, *self.repairs.closed_cases(actor=actor, now=now)], now)

    def _of_unit(self, unit: str, actor: str) -> tuple[ShownCase, ...]:
        now = self._room.now()
        objections = self.objections.of_unit(unit, actor=actor, now=now)
        return self._shown([*objections, *self.repairs.of_unit(unit, actor=actor, now=now)], now)

    def file(self, kind: Kind, number: str, file_id: int, actor: str) -> Evidence:
        """Raises Refused (no such page)."""
        try:
            return self._book(kind).evidence(number, file_id, actor=actor, now=self._room.now())
        except UnknownCase as cause:
            raise not_found() from cause

    def _book(self, kind: Kind) -> Objections | Repairs:
        return self.objections if kind is Kind.OBJECTION else self.repairs

    def _shown(self, found: Sequence[Objection | Repair], now: datetime) -> tuple[ShownCase, ...]:
        ordered = sorted(found, key=lambda case: case.filed_at, reverse=True)
        return tuple(shown_case(case, self._room.office, now) for case in ordered)


def filing_of(asked: Asked, code: str, channel: Channel, filed_by: str) -> Filing:
    """The objection a form holds: to a record, or to a whole domain."""
    record, domain = asked.text("record", KEY_MAX), asked.text("domain", 3)
    return Filing(
        subject_code=code,
        report_number=asked.text("report") or None,
        record_key=record or None,
        domain=int(domain) if domain.isdecimal() and not record else None,
        reason=asked.text("reason", REASON_MAX),
        channel=channel,
        filed_by=filed_by,
    )


def application_of(asked: Asked, code: str, channel: Channel, filed_by: str) -> Application | None:
    """The application for repair a form holds; None when a date or the commitment is missing."""
    corrected, done = asked.day("corrected_on"), asked.day("done_on")
    if corrected is None or done is None or asked.text("promise") != "yes":
        return None
    severity = asked.text("severity")
    return Application(
        subject_code=code,
        record_key=asked.text("record", KEY_MAX),
        severity=Severity(severity) if severity in set(Severity) else None,
        corrected_on=corrected,
        obligations_done_on=done,
        commitment=COMMITMENT,
        channel=channel,
        filed_by=filed_by,
        reason=asked.text("reason", REASON_MAX) or "申请信用修复",
    )


def evidence_of(asked: Asked) -> tuple[Evidence, ...]:
    return tuple(Evidence(file.name, file.content) for file in asked.files())


def handed_out(file: Evidence) -> web.Response:
    """Somebody else's file: to be saved, never to be shown in our origin."""
    name = quote(file.name, safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return web.Response(body=file.content, content_type="application/octet-stream", headers=headers)
