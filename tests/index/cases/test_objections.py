"""Answers index/cases/objections.py and objection.py: the way of an objection, and what it does on its way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest

from index.cases.objections import Event, Objections, State
from index.channel import Channel
from index.errors import AccessDenied, CaseError, OfficeError, UnknownSubject
from index.records.model import LegalState, Secrecy
from tests.index.cases.desk import KEY, UNIT, Desk
from tests.index.cases.stepping import UPHELD, WITHDRAWN, act, code, filed
from tests.index.records.samples import SHOP, record


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


def test_the_same_request_again_is_the_same_objection_whatever_has_become_of_it(desk: Desk) -> None:
    first = filed(desk, idempotency_key="chat:1")
    assert filed(desk, idempotency_key="chat:1") == first
    act(desk, first.number, Event.REFUSE)
    again = filed(desk, idempotency_key="chat:1")
    assert (again.number, again.state) == (first.number, State.REFUSED)
    assert filed(desk, idempotency_key="chat:2").number != first.number


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
        ready.wait(60)
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
