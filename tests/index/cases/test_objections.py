"""Answers index/cases/objections.py and objection.py: the way of an objection, and what it does on its way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from index.cases.evidence import Evidence
from index.cases.objection import MACHINE
from index.cases.objections import Event, Objection, Objections, State
from index.channel import Channel
from index.errors import AccessDenied, CaseError, OfficeError, UnknownCase, UnknownSubject
from index.records.model import LegalState, Secrecy
from index.store import tables
from index.store.engine import writing
from tests.index.cases.cutting import cut_at_every_write
from tests.index.cases.desk import KEY, PDF, UNIT, Desk, chained, filing
from tests.index.records.samples import COMPANY, SHOP, record

WITHDRAWN = {"legal_state": LegalState.REVOKED}
UPHELD = (Event.ACCEPT, Event.VERIFY, Event.CORRECT, Event.FEEDBACK)


def act(desk: Desk, number: str, event: Event, **changes: object) -> Objection:
    given = {"actor": "王核实", "reason": f"{event}（示例）", "now": desk.now(), "unit": None}
    if event is Event.CORRECT:
        given |= {"correction": WITHDRAWN, "files": [PDF]}
    return desk.objections.act(number, event, **(given | changes))  # type: ignore[arg-type]


def filed(desk: Desk, **changes: object) -> Objection:
    return desk.objections.file(filing(**changes), [], desk.now())


def code(error: pytest.ExceptionInfo[OfficeError]) -> str:
    assert error.value.next_step
    return error.value.code


def test_an_upheld_objection_goes_all_the_way(desk: Desk) -> None:
    number = filed(desk).number
    states = [act(desk, number, event).state for event in UPHELD]
    assert states == [State.ACCEPTED, State.VERIFYING, State.CORRECTED, State.ANSWERED]
    answered = desk.objections.get(number, actor="王核实", now=desk.now())
    assert answered.outcome == "反馈（示例）"
    assert [(step.event, step.before, step.after) for step in answered.steps] == [
        ("提交", None, "已提交"),
        ("受理", "已提交", "已受理"),
        ("开始核实", "已受理", "核实中"),
        ("更正", "核实中", "更正"),
        ("反馈", "更正", "已反馈"),
    ]
    assert all(step.actor and step.reason and step.at for step in answered.steps)
    assert desk.stored()["legal_state"] == "撤销"


def test_a_refused_objection_ends_with_the_reason_the_subject_reads(desk: Desk) -> None:
    number = filed(desk).number
    refused = act(desk, number, Event.REFUSE, reason="不属于本市数据（示例）")
    assert (refused.state, refused.outcome, refused.is_closed) == (State.REFUSED, "不属于本市数据（示例）", True)


def test_a_maintained_record_stays_as_it_was(desk: Desk) -> None:
    before = dict(desk.stored())
    number = filed(desk).number
    for event in (Event.ACCEPT, Event.VERIFY, Event.MAINTAIN, Event.FEEDBACK):
        act(desk, number, event)
    assert dict(desk.stored()) == before
    assert desk.notices() == set()


@pytest.mark.parametrize("event", [Event.REFUSE, Event.MAINTAIN, Event.CORRECT])
def test_the_record_shows_the_objection_while_it_is_open_and_not_after(desk: Desk, event: Event) -> None:
    number = filed(desk).number
    assert desk.stored()["under_objection"]
    for step in () if event is Event.REFUSE else (Event.ACCEPT, Event.VERIFY):
        act(desk, number, step)
        assert desk.stored()["under_objection"]
    act(desk, number, event)
    assert not desk.stored()["under_objection"]


def test_answering_the_first_does_not_hide_that_a_second_is_open(desk: Desk) -> None:
    first = filed(desk).number
    for event in (Event.ACCEPT, Event.VERIFY, Event.MAINTAIN):
        act(desk, first, event)
    second = filed(desk).number
    act(desk, first, Event.FEEDBACK)
    assert desk.stored()["under_objection"]
    act(desk, second, Event.REFUSE)
    assert not desk.stored()["under_objection"]


@pytest.mark.parametrize("event", [Event.VERIFY, Event.CORRECT, Event.MAINTAIN, Event.FEEDBACK, Event.FILE])
def test_a_step_out_of_order_is_refused_and_says_what_is_possible(desk: Desk, event: Event) -> None:
    number = filed(desk).number
    before = desk.snapshot()
    with pytest.raises(CaseError) as refused:
        act(desk, number, event)
    assert code(refused) == "CASE_STEP_NOT_ALLOWED"
    assert "受理" in refused.value.next_step
    assert desk.snapshot() == before


def test_a_closed_objection_takes_no_step(desk: Desk) -> None:
    number = filed(desk).number
    act(desk, number, Event.REFUSE)
    for event in Event:
        if event is not Event.ASSIGN:
            with pytest.raises(CaseError, match="现为“不予受理”"):
                act(desk, number, event)


# Filing


def test_a_second_objection_to_a_record_is_told_of_the_first(desk: Desk) -> None:
    first = filed(desk)
    with pytest.raises(CaseError, match=first.number) as refused:
        filed(desk)
    assert code(refused) == "OBJECTION_OPEN"
    act(desk, first.number, Event.REFUSE)
    assert filed(desk).number != first.number


def test_a_second_objection_to_a_domain_is_told_of_the_first(desk: Desk) -> None:
    first = filed(desk, record_key=None, domain=4)
    with pytest.raises(CaseError, match=first.number):
        filed(desk, record_key=None, domain=4)
    assert filed(desk, record_key=None, domain=3).is_open
    assert filed(desk).is_open


def test_an_unknown_record_and_anothers_get_the_same_answer(desk: Desk) -> None:
    others = record(key="other", subject_code=SHOP, document_number="别人的文号")
    secret = record(key="secret", document_number="秘密文号", secrecy=Secrecy.STATE)
    desk.add(others, secret)
    said = set()
    for named in ("unknown", "other", "别人的文号", "secret", "秘密文号"):
        with pytest.raises(CaseError) as refused:
            filed(desk, record_key=named)
        assert code(refused) == "CASE_RECORD_UNKNOWN"
        said.add(refused.value.message.replace(named, "…"))
    assert len(said) == 1


def test_a_record_may_be_named_by_its_document_number(desk: Desk) -> None:
    assert filed(desk, record_key=record().document_number).record_key == KEY


def test_a_document_number_of_two_records_must_be_named_by_key(desk: Desk) -> None:
    desk.add(record(key="twin", decided_on=date(2025, 4, 1)))
    with pytest.raises(CaseError, match="有多条记录"):
        filed(desk, record_key=record().document_number)
    assert filed(desk, record_key="twin").record_key == "twin"


def test_the_report_must_be_the_subjects_own_and_show_the_record(desk: Desk) -> None:
    own, empty, others = desk.report(KEY), desk.report(), desk.report(KEY, code=SHOP)
    for number, expected in (
        (empty, "CASE_RECORD_NOT_SHOWN"),
        (others, "CASE_REPORT_UNKNOWN"),
        ("x", "CASE_REPORT_UNKNOWN"),
    ):
        with pytest.raises(CaseError) as refused:
            filed(desk, report_number=number)
        assert code(refused) == expected
    assert filed(desk, report_number=own).report_number == own


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": " "}, "REASON_MISSING"),
        ({"reason": "甲" * 2001}, "REASON_UNREADABLE"),
        ({"reason": "甲\u202e乙"}, "REASON_UNREADABLE"),
        ({"filed_by": " "}, "ACCESS_DENIED"),
        ({"filed_by": "甲\x1b[2J"}, "ACTOR_UNREADABLE"),
        ({"filed_by": "甲" * 201}, "ACTOR_UNREADABLE"),
        ({"record_key": None}, "DOMAIN_MISSING"),
        ({"record_key": None, "domain": 99}, "DOMAIN_UNKNOWN"),
        ({"domain": 3}, "DOMAIN_UNKNOWN"),
        ({"subject_code": "91320981MA1EX0M44E"}, "SUBJECT_UNKNOWN"),
    ],
)
def test_a_filing_that_cannot_be_taken_leaves_nothing(desk: Desk, changes: dict[str, object], expected: str) -> None:
    before = desk.snapshot()
    with pytest.raises((CaseError, AccessDenied, UnknownSubject)) as refused:
        filed(desk, **changes)
    assert code(refused) == expected
    assert desk.snapshot() == before


def test_numbers_run_by_day(desk: Desk) -> None:
    first = filed(desk)
    second = filed(desk, record_key=None, domain=1)
    desk.moment += timedelta(days=1)
    third = filed(desk, record_key=None, domain=2)
    assert [each.number for each in (first, second, third)] == ["YY202611200001", "YY202611200002", "YY202611210001"]


# Who may


def test_only_the_responsible_unit_and_the_credit_office_may_act(desk: Desk) -> None:
    number = filed(desk).number
    with pytest.raises(CaseError, match="应由市生态环境局办理") as refused:
        act(desk, number, Event.ACCEPT, unit="市市场监督管理局")
    assert code(refused) == "CASE_NOT_YOURS"
    with pytest.raises(CaseError, match="没有名为") as refused:
        act(desk, number, Event.ACCEPT, unit="外地某局")
    assert code(refused) == "UNIT_UNKNOWN"
    assert act(desk, number, Event.ACCEPT, unit="云汀市生态环境局").steps[-1].actor == "市生态环境局 王核实"
    assert act(desk, number, Event.VERIFY).steps[-1].actor == "王核实"


def test_the_credit_office_may_be_named_or_not(desk: Desk) -> None:
    number = filed(desk).number
    assert act(desk, number, Event.ACCEPT, unit=desk.office.issuer_name).steps[-1].actor == "王核实"


def test_a_unit_does_not_hand_its_case_on(desk: Desk) -> None:
    number = filed(desk).number
    with pytest.raises(CaseError, match="应由信用办办理") as refused:
        desk.objections.assign(number, "市市场监督管理局", actor="王核实", reason="示例", unit=UNIT, now=desk.now())
    assert code(refused) == "CASE_NOT_YOURS"


def test_any_unit_of_the_city_acts_on_what_it_provided_to_a_domain_without_units(desk: Desk) -> None:
    nobodys = tuple(replace(domain, units=()) if domain.number == 4 else domain for domain in desk.office.domains)
    desk.objections = Objections(desk.engine, replace(desk.office, domains=nobodys))
    desk.add(record(key="from elsewhere", source_unit="市示例服务中心", document_number="服务〔2025〕1号"))
    case = filed(desk, record_key="from elsewhere")
    assert case.unit == "市示例服务中心"
    assert act(desk, case.number, Event.ACCEPT, unit="市示例服务中心").state is State.ACCEPTED


def test_what_a_report_shows_can_be_objected_to_when_its_domain_is_listed_no_more(desk: Desk) -> None:
    report = desk.report(KEY)
    listed = tuple(domain for domain in desk.office.domains if domain.number != 4)
    desk.objections = Objections(desk.engine, replace(desk.office, domains=listed))
    for changes in ({"report_number": report}, {"record_key": None, "domain": 4, "report_number": report}):
        case = filed(desk, **changes)
        assert (case.domain, case.unit) == (4, desk.office.issuer_name)
    for number in (0, 1000):
        with pytest.raises(CaseError) as refused:
            filed(desk, record_key=None, domain=number, report_number=report)
        assert code(refused) == "DOMAIN_UNKNOWN"
    for event in (Event.ACCEPT, Event.VERIFY):
        act(desk, case.number, event)
    act(desk, case.number, Event.CORRECT, correction=None)
    assert desk.notices() == {(report, "corrected", case.number)}


def test_a_form_sent_twice_hands_nothing_on_twice(desk: Desk) -> None:
    number = filed(desk).number
    given = {"actor": "李分派", "reason": "示例", "unit": None, "seen": State.SUBMITTED}
    desk.objections.assign(number, "市市场监督管理局", now=desk.now(), **given)  # type: ignore[arg-type]
    before = desk.snapshot()
    with pytest.raises(CaseError) as refused:
        desk.objections.assign(number, "市市场监督管理局", now=desk.now(), **given)  # type: ignore[arg-type]
    assert code(refused) == "UNIT_UNCHANGED"
    assert desk.snapshot() == before


def test_a_flood_of_filings_is_stopped_online_and_the_desk_goes_on(desk: Desk) -> None:
    keys = [f"示例{number}" for number in range(22)]
    desk.add(*(record(key=key, document_number=key) for key in keys))
    for key in keys[:20]:
        filed(desk, record_key=key)
    before = desk.snapshot()
    with pytest.raises(CaseError, match="20 件") as refused:
        filed(desk, record_key=keys[20])
    assert code(refused) == "CASES_TOO_MANY"
    assert desk.snapshot() == before
    filed(desk, record_key=keys[20], channel=Channel.DESK)
    desk.moment += timedelta(days=1)
    filed(desk, record_key=keys[21])


def test_who_saw_another_state_is_told_that_it_moved_on(desk: Desk) -> None:
    number = filed(desk).number
    act(desk, number, Event.ACCEPT, seen=State.SUBMITTED)
    with pytest.raises(CaseError, match="现为“已受理”") as refused:
        act(desk, number, Event.VERIFY, seen=State.SUBMITTED)
    assert code(refused) == "CASE_MOVED_ON"


def test_of_two_who_decide_at_the_same_moment_one_is_told_that_it_moved_on(desk: Desk) -> None:
    number = filed(desk).number
    moment, ready = desk.now(), Barrier(2)

    def decide(event: Event) -> str:
        own = Desk(desk.home)
        given = {"actor": "甲", "reason": "示例", "unit": None, "seen": State.SUBMITTED, "now": moment}
        ready.wait(10)
        try:
            return str(own.objections.act(number, event, **given).state)  # type: ignore[arg-type]
        except CaseError as refused:
            return refused.code
        finally:
            own.engine.dispose()

    with ThreadPoolExecutor(2) as both:
        said = set(both.map(decide, (Event.ACCEPT, Event.REFUSE)))
    assert "CASE_MOVED_ON" in said
    assert len(said & {"已受理", "不予受理"}) == 1
    assert len(desk.rows("case_events")) == 2


def test_nobody_acts_without_a_name_or_a_reason(desk: Desk) -> None:
    number = filed(desk).number
    with pytest.raises(AccessDenied):
        act(desk, number, Event.ACCEPT, actor=" ")
    with pytest.raises(CaseError, match="没有填写"):
        act(desk, number, Event.ACCEPT, reason=" ")


def test_a_correction_needs_evidence_and_a_change(desk: Desk) -> None:
    number = filed(desk).number
    act(desk, number, Event.ACCEPT)
    act(desk, number, Event.VERIFY)
    before = desk.snapshot()
    for changes, expected in (
        ({"files": []}, "EVIDENCE_MISSING"),
        ({"correction": None}, "CORRECTION_MISSING"),
        ({"correction": {"legal_state": LegalState.EFFECTIVE}}, "CORRECTION_MISSING"),
        ({"correction": {"under_objection": False}}, "CORRECTION_UNKNOWN"),
        ({"correction": {"repaired_on": date(2026, 1, 1)}}, "CORRECTION_UNKNOWN"),
        ({"correction": {"domain": 99}}, "DOMAIN_UNKNOWN"),
        ({"correction": {"facts": "法定代表人手机 13800138000"}}, "FIELD_WRONG"),
    ):
        with pytest.raises(OfficeError) as refused:
            act(desk, number, Event.CORRECT, **changes)
        assert code(refused) == expected
    with pytest.raises(CaseError, match="不能更正记录"):
        act(desk, number, Event.MAINTAIN, correction=WITHDRAWN)
    assert desk.snapshot() == before


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
