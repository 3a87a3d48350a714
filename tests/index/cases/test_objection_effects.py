"""Answers index/cases/objections.py: where an objection goes, by when, what it leaves in reports, history and files."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from index.cases.evidence import Evidence
from index.cases.objection import MACHINE
from index.cases.objections import Event, Objections, State
from index.errors import AccessDenied, CaseError, UnknownCase
from index.store import tables
from index.store.engine import writing
from tests.index.cases.cutting import cut_at_every_write
from tests.index.cases.desk import KEY, PDF, UNIT, Desk, chained, filing
from tests.index.cases.stepping import UPHELD, act, filed
from tests.index.records.samples import COMPANY, SHOP

# Routing


def test_a_domain_with_one_unit_goes_to_it(desk: Desk) -> None:
    assert filed(desk).unit == UNIT
    assert filed(desk, record_key=None, domain=1).unit == "市中级人民法院"


def test_a_domain_with_several_units_goes_to_the_source_of_the_record_else_to_the_credit_office(desk: Desk) -> None:
    shared = tuple(
        replace(domain, units=("甲局", UNIT)) if domain.number == 4 else domain for domain in desk.office.domains
    )
    desk.office = replace(desk.office, domains=shared)
    desk.objections = Objections(desk.engine, desk.office)
    assert filed(desk).unit == UNIT
    whole = filed(desk, record_key=None, domain=4)
    assert whole.unit == desk.office.issuer_name
    assigned = desk.objections.assign(
        whole.number, "甲局", actor="李分派", reason="属甲局职责（示例）", unit=None, now=desk.now()
    )
    assert (assigned.unit, assigned.state, assigned.steps[-1].event) == ("甲局", State.SUBMITTED, "转办")
    assert act(desk, whole.number, Event.ACCEPT, unit="甲局").state is State.ACCEPTED


def test_assigning_names_a_unit_and_is_the_credit_offices(desk: Desk) -> None:
    number = filed(desk).number
    with pytest.raises(CaseError, match="转给哪个单位"):
        act(desk, number, Event.ASSIGN)
    with pytest.raises(CaseError, match="没有名为"):
        desk.objections.assign(number, "外地某局", actor="李分派", reason="示例", unit=None, now=desk.now())


# Service level


def test_the_service_level_counts_working_days_of_the_calendar(desk: Desk) -> None:
    friday = filed(desk)
    assert (friday.due_on, friday.due_published) == (date(2026, 12, 4), True)
    at_new_year = replace(desk.office, objection_days=60)
    guessed = Objections(desk.engine, at_new_year).get(friday.number, actor="甲", now=desk.now())
    assert not guessed.due_published


def test_without_a_service_level_nothing_is_due(desk: Desk) -> None:
    filed(desk)
    without = Objections(desk.engine, replace(desk.office, objection_days=None))
    later = desk.moment + timedelta(days=400)
    assert without.overdue(actor="甲", now=later) == ()
    assert without.of_subject(COMPANY, actor="甲", now=later)[0].due_on is None


def test_overdue_is_what_is_unanswered_on_the_day_after_the_last(desk: Desk) -> None:
    late, corrected, refused = (
        filed(desk),
        filed(desk, record_key=None, domain=1),
        filed(desk, record_key=None, domain=2),
    )
    act(desk, refused.number, Event.REFUSE)
    for event in (Event.ACCEPT, Event.VERIFY, Event.MAINTAIN):
        act(desk, corrected.number, event)
    last = desk.moment.replace(month=12, day=4, hour=23, minute=59)
    assert desk.objections.overdue(actor="甲", now=last) == ()
    overdue = desk.objections.overdue(actor="甲", now=last + timedelta(minutes=1))
    assert [each.number for each in overdue] == [late.number, corrected.number]


# Reports that showed the record


def test_a_correction_flags_the_unexpired_reports_that_showed_the_record(desk: Desk) -> None:
    expired = desk.report(KEY, at=desk.moment - timedelta(days=31))
    living, other = desk.report(KEY), desk.report()
    number = filed(desk, report_number=living).number
    for event in UPHELD:
        act(desk, number, event)
    assert desk.notices() == {(living, "corrected", number)}
    assert {expired, other}.isdisjoint(number for number, _, _ in desk.notices())


def test_a_second_correction_adds_no_second_notice(desk: Desk) -> None:
    report = desk.report(KEY)
    first = filed(desk).number
    for event in UPHELD:
        act(desk, first, event)
    second = filed(desk).number
    for event in UPHELD:
        act(desk, second, event, **({"correction": {"published": False}} if event is Event.CORRECT else {}))
    assert desk.notices() == {(report, "corrected", first)}


def test_an_upheld_objection_to_a_domain_flags_the_reports_that_carry_it(desk: Desk) -> None:
    report, others = desk.report(), desk.report(code=SHOP)
    number = filed(desk, record_key=None, domain=4).number
    act(desk, number, Event.ACCEPT)
    act(desk, number, Event.VERIFY)
    with pytest.raises(CaseError, match="不能更正记录"):
        act(desk, number, Event.CORRECT)
    act(desk, number, Event.CORRECT, correction=None)
    assert desk.notices() == {(report, "corrected", number)}
    assert others


# History, audit, files


def test_the_correction_keeps_the_record_as_it_was(desk: Desk) -> None:
    number = filed(desk).number
    for event in UPHELD[:3]:
        act(desk, number, event)
    history = desk.rows("record_history")
    assert [row["reason"].split("：")[0] for row in history] == [f"异议 {number} 提交", f"异议 {number} 更正"]
    assert '"legal_state": "生效"' in history[-1]["before"]


def test_every_act_and_every_look_leaves_an_audit_line(desk: Desk) -> None:
    number = filed(desk).number
    act(desk, number, Event.ACCEPT)
    desk.objections.get(number, actor="读", now=desk.now())
    desk.objections.of_subject(COMPANY, actor="读", now=desk.now())
    desk.objections.of_unit(UNIT, actor="读", now=desk.now())
    desk.objections.overdue(actor="读", now=desk.now())
    own = [(row["action"], row["actor"]) for row in desk.rows("audit") if row["action"].startswith("objection.")]
    assert own == [("objection.file", "经办人示例"), ("objection.step", "王核实"), *[("objection.read", "读")] * 4]


@pytest.mark.parametrize("name", ["objections", "case_events", "case_files", "report_notices"])
def test_what_happened_in_a_case_cannot_be_deleted_and_steps_cannot_be_rewritten(desk: Desk, name: str) -> None:
    desk.report(KEY)
    number = desk.objections.file(filing(), [PDF], desk.now()).number
    for event in UPHELD:
        act(desk, number, event)
    table = tables.metadata.tables[name]
    with pytest.raises(IntegrityError, match="never deleted"), writing(desk.engine) as connection:
        connection.execute(delete(table))
    if name != "objections":
        first = next(iter(table.c))
        with pytest.raises(IntegrityError, match="never change"), writing(desk.engine) as connection:
            connection.execute(update(table).values({first.name: first}))


def test_nobody_looks_without_a_name(desk: Desk) -> None:
    number = filed(desk).number
    with pytest.raises(AccessDenied):
        desk.objections.get(number, actor="", now=desk.now())
    with pytest.raises(AccessDenied):
        desk.objections.of_subject(COMPANY, actor=" ", now=desk.now())


def test_evidence_comes_back_as_it_was_given(desk: Desk) -> None:
    number = desk.objections.file(filing(), [PDF, Evidence("../说明.txt", "示例".encode())], desk.now()).number
    case = desk.objections.get(number, actor="甲", now=desk.now())
    files = case.steps[0].files
    assert [file.name for file in files] == ["核实意见.pdf", "说明.txt"]
    assert desk.objections.evidence(number, files[1].id, actor="甲", now=desk.now()).content == "示例".encode()
    assert desk.rows("audit")[-1]["detail"].endswith("说明.txt")
    with pytest.raises(UnknownCase):
        desk.objections.evidence(number, 99, actor="甲", now=desk.now())
    with pytest.raises(UnknownCase):
        desk.objections.evidence("YY0", files[0].id, actor="甲", now=desk.now())


def test_a_case_takes_ten_files_at_most_over_all_its_steps(desk: Desk) -> None:
    number = desk.objections.file(filing(), [PDF] * 9, desk.now()).number
    with pytest.raises(CaseError, match="最多 10 个"):
        act(desk, number, Event.ACCEPT, files=[PDF, PDF])
    act(desk, number, Event.ACCEPT, files=[PDF])


def test_a_power_cut_at_any_write_of_any_step_leaves_the_store_as_it_was(desk: Desk) -> None:
    desk.report(KEY)
    cuts = cut_at_every_write(desk, lambda: desk.objections.file(filing(), [PDF], desk.now()))
    assert cuts >= 6
    number = desk.rows("objections")[0]["number"]
    for event in UPHELD:
        assert cut_at_every_write(desk, lambda event=event: act(desk, number, event)) >= 3
    assert chained(desk.rows("case_events"))


def test_what_may_be_done_follows_from_the_table() -> None:
    from index.cases.transitions import Role

    assert MACHINE.possible(State.SUBMITTED, Role.UNIT) == (Event.ACCEPT, Event.REFUSE)
    assert MACHINE.possible(State.SUBMITTED, Role.OFFICE) == (Event.ACCEPT, Event.REFUSE, Event.ASSIGN)
    assert MACHINE.possible(State.SUBMITTED, Role.SUBJECT) == ()
    assert {state for state in State if MACHINE.is_final(state)} == {State.REFUSED, State.ANSWERED}
