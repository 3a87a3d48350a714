"""The cases of a unit at the desk: what waits, what is overdue, and the next step with its reason and evidence.

    GET  /desk/cases                            ?show=overdue|closed
    GET  /desk/{objections|repairs}/{number}    the case, and what may be done now
    POST /desk/{objections|repairs}/{number}    one step
    GET  /desk/{objections|repairs}/{number}/files/{file}

* A unit sees its own cases; the credit office sees all, and alone may hand one on (转办).
* Whoever was faster wins: a step taken from a page that is out of date does nothing and says so.
* What was corrected or repaired is published at once, so that the verification page says it.
"""

import logging
from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from index.cases import objection, repair
from index.cases.corrections import CORRECTABLE, read_correction
from index.cases.objection import Objection
from index.cases.repair import Repair
from index.cases.transitions import Role
from index.errors import CaseError, OfficeError
from index.records.amendable import LABELS
from index.records.model import Severity
from index.rules.model import Office
from verify.errors import VerifyError
from verify.issuing.portal.cases import (
    CASE_NUMBER,
    FILE,
    REASON_MAX,
    Cases,
    Kind,
    evidence_of,
    handed_out,
    shown_case,
)
from verify.issuing.portal.claims import Clerk
from verify.issuing.portal.desk import clerk_in, reader_of
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.room import Room, not_found, see
from verify.issuing.portal.settings import Realm, Task

LOGGER = logging.getLogger("chenghe.portal")
MATTER = "异议和信用修复办理"
CORRECTIONS_MAX = 3
Choice = TypeVar("Choice", bound=StrEnum)


class DeskCases:
    """The pages under ``/desk/cases``, ``/desk/objections`` and ``/desk/repairs``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate
        self._cases = Cases(room)

    def routes(self) -> list[web.RouteDef]:
        staff = partial(self._gate.open_to, Realm.STAFF, task=Task.CASES)
        routes = [web.get("/desk/cases", staff(self.waiting))]
        for kind in Kind:
            place = f"/desk/{kind}/{CASE_NUMBER}"
            routes.append(web.get(place, staff(partial(self.case, kind))))
            routes.append(web.post(place, staff(partial(self.act, kind))))
            routes.append(web.get(f"{place}/files/{FILE}", staff(partial(self.file, kind))))
        return routes

    async def waiting(self, asked: Asked) -> web.StreamResponse:
        show, clerk = asked.text("show", 10), clerk_in(asked)
        read = self._cases.over if show == "closed" else self._cases.waiting
        cases = await self._room.reading(read, self._unit(clerk), clerk.signature)
        late = [case for case in cases if case.overdue]
        shown = late if show == "overdue" else cases
        return self._room.page("desk_cases.html", asked.session, cases=shown, show=show, overdue=len(late))

    async def case(self, kind: Kind, asked: Asked) -> web.StreamResponse:
        return await self._page(kind, asked, None)

    async def act(self, kind: Kind, asked: Asked) -> web.StreamResponse:
        try:
            await self._room.acting(lambda: self._act(kind, asked))
        except OfficeError as problem:
            return await self._page(kind, asked, problem)
        raise see(f"/desk/{kind}/{asked.request.match_info['number']}")

    async def file(self, kind: Kind, asked: Asked) -> web.StreamResponse:
        await self._room.reading(self._own, kind, asked)
        number, file_id = asked.request.match_info["number"], int(asked.request.match_info["file"])
        found = await self._room.reading(self._cases.file, kind, number, file_id, clerk_in(asked).signature)
        return handed_out(found)

    async def _page(self, kind: Kind, asked: Asked, problem: OfficeError | None) -> web.Response:
        case = await self._room.reading(self._own, kind, asked)
        role = Role.OFFICE if self._unit(clerk_in(asked)) is None else Role.UNIT
        machine: Any = objection.MACHINE if kind is Kind.OBJECTION else repair.MACHINE
        return self._room.page(
            "desk_case.html",
            asked.session,
            status=422 if problem else 200,
            case=shown_case(case, self._room.office, self._room.now()),
            facts=case,
            name=await self._room.reading(self._name, clerk_in(asked), case),
            checks=await self._checks(kind, asked),
            possible=machine.possible(case.state, role),
            asked=asked,
            wrong=problem,
            fields=tuple((LABELS[name], name) for name in CORRECTABLE),
            corrections=range(1, CORRECTIONS_MAX + 1),
            units=units_of(self._room.office),
            severities=tuple(Severity),
            reason_max=REASON_MAX,
        )

    async def _checks(self, kind: Kind, asked: Asked) -> object:
        """The conditions of a repair as they are today."""
        if kind is Kind.OBJECTION:
            return None
        number, now = asked.request.match_info["number"], self._room.now()
        return await self._room.reading(self._cases.repairs.recheck, number, actor=clerk_in(asked).signature, now=now)

    def _act(self, kind: Kind, asked: Asked) -> None:
        """One step, in turn; then what it changed is published. Raises CaseError, RecordError."""
        case, clerk = self._own(kind, asked), clerk_in(asked)
        step = _Step(case.number, asked, clerk.signature, self._unit(clerk))
        if isinstance(case, Objection):
            step.on_objection(self._cases, self._room)
        else:
            step.on_repair(self._cases, self._room)
        try:
            self._room.issuing.publish(self._room.now())
        except VerifyError as trouble:  # the step is done; the hourly renewal publishes it
            LOGGER.warning("%s %s 下一步：%s", trouble.code, trouble.message, trouble.next_step)

    def _own(self, kind: Kind, asked: Asked) -> Objection | Repair:
        """Raises Refused (no such page) for a case of another unit."""
        clerk = clerk_in(asked)
        case = self._cases.get(kind, asked.request.match_info["number"], clerk.signature)
        if self._unit(clerk) not in (None, case.unit):
            raise not_found()
        return case

    def _name(self, clerk: Clerk, case: Objection | Repair) -> str:
        return reader_of(self._room, clerk, case.subject_code, MATTER).subject(case.subject_code).name

    def _unit(self, clerk: Clerk) -> str | None:
        """For whom they act: None is the credit office."""
        return None if clerk.unit == self._room.office.issuer_name else clerk.unit


def units_of(office: Office) -> tuple[str, ...]:
    """To whom a case can be handed on: the units of the domains, and the office itself."""
    return (office.issuer_name, *sorted({unit for domain in office.domains for unit in domain.units}))


class _Step:
    """What the form asks for, done once."""

    def __init__(self, number: str, asked: Asked, actor: str, unit: str | None) -> None:
        self._number, self._asked, self._actor, self._unit = number, asked, actor, unit
        self._event = asked.text("event")
        self._reason = asked.text("reason", REASON_MAX)

    def on_objection(self, cases: Cases, room: Room) -> None:
        asked = self._asked
        event, seen = known_step(objection.Event, self._event), known_step(objection.State, asked.text("seen"))
        if event is objection.Event.ASSIGN:
            cases.objections.assign(
                self._number,
                asked.text("to_unit"),
                actor=self._actor,
                reason=self._reason,
                unit=self._unit,
                files=evidence_of(asked),
                seen=seen,
                now=room.now(),
            )
            return
        cases.objections.act(
            self._number,
            event,
            actor=self._actor,
            reason=self._reason,
            unit=self._unit,
            files=evidence_of(asked),
            correction=_correction(asked) if event is objection.Event.CORRECT else None,
            seen=seen,
            now=room.now(),
        )

    def on_repair(self, cases: Cases, room: Room) -> None:
        severity = self._asked.text("severity")
        cases.repairs.act(
            self._number,
            known_step(repair.Event, self._event),
            actor=self._actor,
            reason=self._reason,
            unit=self._unit,
            files=evidence_of(self._asked),
            severity=Severity(severity) if severity in set(Severity) else None,
            seen=known_step(repair.State, self._asked.text("seen")),
            now=room.now(),
        )


def known_step(kind: type[Choice], text: str, among: Iterable[Choice] = ()) -> Choice:
    """The step chosen in a form. ``among``: those that a form may offer, when not all."""
    if text not in {each.value for each in among or kind}:
        raise CaseError("没有选择要办理的步骤。", next_step="请选择一个步骤。", code="CASE_STEP_MISSING")
    return kind(text)


def _correction(asked: Asked) -> dict[str, object]:
    typed = {
        asked.text(f"field{number}"): asked.text(f"value{number}", REASON_MAX)
        for number in range(1, CORRECTIONS_MAX + 1)
        if asked.text(f"field{number}")
    }
    return dict(read_correction(typed))
