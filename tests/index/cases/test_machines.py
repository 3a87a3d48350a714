"""Both workflows walked at random on a real store, beside a model that is written down independently of the code.

Promises: no step out of order, steps chain without a gap, the flag on a record is "an objection is open", every act
has its audit line, notices are those the model counts, and those the pure rule counts from what the store holds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from index.cases import objection, repair
from index.cases.notices import closures, shown
from index.cases.objection import Event as Objecting
from index.cases.repair import Event as Repairing
from index.cases.transitions import E, Role
from index.errors import CaseError
from index.records.model import Severity
from index.store import tables
from tests.index.cases.desk import KEY, PDF, UNIT, Desk, application, chained, filing
from tests.index.cases.expected import due
from tests.index.records.samples import COMPANY, record

KEYS = (KEY, "second")
OPEN = {"已提交", "已受理", "核实中", "审核中"}
OBJECTION_WAY = {
    ("已提交", "受理"): "已受理",
    ("已提交", "不予受理"): "不予受理",
    ("已受理", "开始核实"): "核实中",
    ("核实中", "更正"): "更正",
    ("核实中", "维持"): "维持",
    ("更正", "反馈"): "已反馈",
    ("维持", "反馈"): "已反馈",
}
REPAIR_WAY = {
    ("已提交", "受理"): "已受理",
    ("已提交", "不予受理"): "不予受理",
    ("已受理", "开始审核"): "审核中",
    ("审核中", "准予修复"): "准予修复",
    ("审核中", "不予修复"): "不予修复",
    ("准予修复", "办结"): "已办结",
    ("不予修复", "办结"): "已办结",
}
"""As the two documents draw them (docs/cases.md), by hand."""


WALKS = settings(
    max_examples=15, stateful_step_count=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)
"""No shrinking: every step is a durable transaction, and a long walk that fails is readable as it is."""

ACTING = st.sampled_from([None, None, None, UNIT, "市市场监督管理局"])
"""For whom the staff act; None = the credit office, which may do every step."""


def likely(events: type[E], way: dict[tuple[str, str], str], state: str) -> st.SearchStrategy[E]:
    """Mostly what leads on from a state, so that the walks get far; sometimes anything."""
    possible = [event for event in events if (state, event.value) in way and event.value != "不予受理"]
    return st.sampled_from([*possible * 8, *events])


def test_the_tables_are_the_documents() -> None:
    for machine, states, events, way in (
        (objection.MACHINE, objection.State, objection.Event, OBJECTION_WAY),
        (repair.MACHINE, repair.State, repair.Event, REPAIR_WAY),
    ):
        for state in states:
            for event in events:
                try:
                    after = str(machine.after(state, event))  # type: ignore[attr-defined]
                except CaseError:
                    assert (state, event) not in way
                else:
                    assert way.get((state, event)) == after or (event == "转办" and after == state in OPEN)


@dataclass
class Case:
    key: str | None
    state: str = "已提交"
    steps: int = 1
    unit: str = UNIT


@dataclass
class Report:
    issued_at: datetime
    keys: frozenset[str]


@dataclass
class Model:
    objections: dict[str, Case] = field(default_factory=dict)
    repairs: dict[str, Case] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    repaired: set[str] = field(default_factory=set)
    notices: dict[tuple[str, str], str] = field(default_factory=dict)

    def close(self, kind: str, case_number: str, key: str | None, at: datetime) -> None:
        for number, report in self.reports.items():
            alive = report.issued_at <= at < report.issued_at + timedelta(days=30, seconds=1)
            if alive and (key is None or key in report.keys):
                self.notices.setdefault((number, kind), case_number)

    def is_open_on(self, key: str | None, cases: dict[str, Case]) -> bool:
        return any(case.key == key and case.state in OPEN for case in cases.values())


class Workflows(RuleBasedStateMachine):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.desk.add(record(key="second", document_number="云环罚〔2025〕示例13号", severity=Severity.SERIOUS))
        self.model = Model()

    # Acts

    @rule(hours=st.sampled_from([1, 24, 24 * 29, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.desk.moment += timedelta(hours=hours)

    @rule(keys=st.sets(st.sampled_from(KEYS)))
    def a_report_is_issued(self, keys: set[str]) -> None:
        number = self.desk.report(*keys)
        self.model.reports[number] = Report(self.desk.moment, frozenset(keys))

    @rule(key=st.sampled_from([*KEYS, None]))
    def the_subject_objects(self, key: str | None) -> None:
        taken = filing(record_key=key, domain=4)
        if self.model.is_open_on(key, self.model.objections):
            self._refused("OBJECTION_OPEN", lambda: self.desk.objections.file(taken, [], self.desk.now()))
        else:
            number = self.desk.objections.file(taken, [], self.desk.now()).number
            self.model.objections[number] = Case(key)

    @precondition(lambda self: self.model.objections)
    @rule(data=st.data(), steps=st.integers(1, 4))
    def staff_work_on_an_objection(self, data: st.DataObject, steps: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.objections)))
        for _ in range(steps):
            event = data.draw(likely(Objecting, OBJECTION_WAY, self.model.objections[number].state))
            self._act_on_an_objection(number, event, data.draw(ACTING))

    def _act_on_an_objection(self, number: str, event: Objecting, unit: str | None) -> None:
        case = self.model.objections[number]
        after = OBJECTION_WAY.get((case.state, event.value))

        def step() -> object:
            correction = {"note": f"更正 {self.desk.moment.isoformat()}"} if after == "更正" and case.key else None
            return self.desk.objections.act(
                number,
                event,
                actor="王核实",
                reason="示例",
                unit=unit,
                files=[PDF] if after == "更正" else [],
                correction=correction,
                now=self.desk.now(),
            )

        if event is Objecting.ASSIGN:
            self._refused("UNIT_MISSING", step)
        elif after is None:
            self._refused("CASE_STEP_NOT_ALLOWED", step)
        elif unit not in (None, case.unit):
            self._refused("CASE_NOT_YOURS", step)
        else:
            step()
            case.state, case.steps = after, case.steps + 1
            if after == "更正":
                self.model.close("corrected", number, case.key, self.desk.moment)

    @precondition(lambda self: self.model.objections)
    @rule(data=st.data(), unit=st.sampled_from([UNIT, "市市场监督管理局"]))
    def the_office_assigns(self, data: st.DataObject, unit: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.objections)))
        case = self.model.objections[number]

        def step() -> object:
            return self.desk.objections.assign(
                number, unit, actor="李分派", reason="示例", unit=None, now=self.desk.now()
            )

        if case.state in OPEN and case.unit == unit:
            self._refused("UNIT_UNCHANGED", step)
        elif case.state in OPEN:
            step()
            case.unit, case.steps = unit, case.steps + 1
        else:
            self._refused("CASE_STEP_NOT_ALLOWED", step)

    @rule(key=st.sampled_from(KEYS))
    def the_subject_applies_for_repair(self, key: str) -> None:
        severity = None if key == "second" else Severity.SERIOUS
        taken = application(record_key=key, severity=severity)

        def step() -> str:
            return self.desk.repairs.file(taken, [PDF], self.desk.now()).number

        if self.model.is_open_on(key, self.model.repairs):
            self._refused("REPAIR_OPEN", step)
        elif not self._may_be_repaired(key):
            self._refused("REPAIR_NOT_POSSIBLE", step)
        else:
            self.model.repairs[step()] = Case(key)

    @precondition(lambda self: self.model.repairs)
    @rule(data=st.data(), steps=st.integers(1, 4))
    def staff_work_on_a_repair(self, data: st.DataObject, steps: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.repairs)))
        for _ in range(steps):
            event = data.draw(likely(Repairing, REPAIR_WAY, self.model.repairs[number].state))
            self._act_on_a_repair(number, event, data.draw(ACTING))

    def _act_on_a_repair(self, number: str, event: Repairing, unit: str | None) -> None:
        case = self.model.repairs[number]
        after = REPAIR_WAY.get((case.state, event.value))

        def step() -> object:
            severity = None if case.key == "second" else Severity.SERIOUS
            return self.desk.repairs.act(
                number, event, actor="赵审核", reason="示例", unit=unit, severity=severity, now=self.desk.now()
            )

        if after is None:
            self._refused("CASE_STEP_NOT_ALLOWED", step)
        elif unit not in (None, UNIT):
            self._refused("CASE_NOT_YOURS", step)
        elif after == "准予修复" and not self._may_be_repaired(str(case.key)):
            self._refused("REPAIR_NOT_POSSIBLE", step)
        else:
            step()
            case.state, case.steps = after, case.steps + 1
            if after == "准予修复":
                self.model.repaired.add(str(case.key))
                self.model.close("repaired", number, case.key, self.desk.moment)

    # Promises

    @invariant()
    def states_and_steps_are_the_models(self) -> None:
        events = self.desk.rows("case_events")
        for table, cases in (("objections", self.model.objections), ("repairs", self.model.repairs)):
            assert {row["number"]: row["state"] for row in self.desk.rows(table)} == {
                number: case.state for number, case in cases.items()
            }
            for number, case in cases.items():
                own = [event for event in events if event["case_number"] == number]
                assert len(own) == case.steps
                assert chained(own)
                assert own[-1]["after"] == case.state
        assert {row["number"]: row["unit"] for row in self.desk.rows("objections")} == {
            number: case.unit for number, case in self.model.objections.items()
        }

    @invariant()
    def the_flag_says_whether_an_objection_is_open(self) -> None:
        for key in KEYS:
            assert self.desk.stored(key)["under_objection"] == self.model.is_open_on(key, self.model.objections)

    @invariant()
    def every_act_has_its_audit_line(self) -> None:
        lines = [row["action"].split(".") for row in self.desk.rows("audit")]
        for kind, cases in (("objection", self.model.objections), ("repair", self.model.repairs)):
            assert sum(line[0] == kind for line in lines) == sum(case.steps for case in cases.values())

    @invariant()
    def notices_are_the_models_and_the_rules(self) -> None:
        stored = {(number, kind): case for number, kind, case in self.desk.notices()}
        assert stored == self.model.notices
        with self.desk.engine.connect() as connection:
            reports = shown(connection, tables.ledger.c.subject_code == COMPANY)
            counted = due(reports, closures(connection, COMPANY), self.desk.office.domains)
        assert {(each.number, each.kind.value): each.case_number for each in counted} == stored

    @invariant()
    def repaired_is_what_was_granted(self) -> None:
        assert {key for key in KEYS if self.desk.stored(key)["repaired_on"]} == self.model.repaired

    def _may_be_repaired(self, key: str) -> bool:
        """Both are of 2025-03-14, published to 2028-03-14: the rule's longest for 严重, the unit's word for 一般."""
        return key not in self.model.repaired and self.desk.moment.date() <= date(2028, 3, 14)

    def _refused(self, code: str, step: Callable[[], object]) -> None:
        before = self.desk.snapshot()
        with pytest.raises(CaseError) as refused:
            step()
        assert refused.value.code == code
        assert self.desk.snapshot() == before


def test_both_workflows_hold_whatever_is_done_in_any_order(new_desk: Callable[[], Desk]) -> None:
    run_state_machine_as_test(lambda: Workflows(new_desk()), settings=WALKS)


def test_the_parts_of_the_staff_are_not_the_subjects() -> None:
    for machine in (objection.MACHINE, repair.MACHINE):
        assert not any(Role.SUBJECT in row.by for row in machine.table if row.sources)
