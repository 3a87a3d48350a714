"""Answers verify/issuing/states.py and standing.py: every change follows the table, has a reason, and is kept."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from index.errors import AccessDenied
from index.store import tables
from tests.verify.issuing.office import ACTOR, ISSUED, SHOP, WALL, TestOffice
from tests.verify.issuing.test_log_files import assert_readable
from verify.errors import IssuingError
from verify.issuing.states import ACTS, MACHINE, Event, State, possible
from verify.reasons import Reason, Verdict
from verify.registration import Act
from verify.transparency.leaves import MAY_FOLLOW

WAY = {
    ("valid", "revoke"): "revoked",
    ("valid", "supersede"): "superseded",
    ("valid", "suspend"): "suspended",
    ("suspended", "resume"): "valid",
    ("suspended", "revoke"): "revoked",
    ("suspended", "supersede"): "superseded",
}
REASONS = {
    State.VALID: Reason.OK,
    State.REVOKED: Reason.WITHDRAWN,
    State.SUSPENDED: Reason.SUSPENDED,
    State.SUPERSEDED: Reason.REPLACED,
}


def test_the_table_is_the_documents_and_what_auditors_of_the_log_expect() -> None:
    for state in State:
        assert {event.value: WAY[state, event] for event in possible(state)} == {
            event: after for (before, event), after in WAY.items() if before == state
        }
        reached = [act for event, act in ACTS.items() if WAY_ENDS[event] is state] + [Act.ISSUED] * (state == "valid")
        for act in reached:
            assert MAY_FOLLOW[act] == {ACTS[event] for event in possible(state)}
    assert MACHINE.first is State.VALID
    assert {state for state in State if MACHINE.is_final(state)} == {State.REVOKED, State.SUPERSEDED}


WAY_ENDS = {event: State(next(after for (_, done), after in WAY.items() if done == event)) for event in ACTS}


def test_a_suspended_report_is_not_confirmed_until_it_is_resumed(office: TestOffice) -> None:
    report, other = office.issue(), office.issue()
    office.issuing.suspend(report.number, "复核数据来源", ACTOR, WALL)
    answer = office.examine(report.docx)
    assert (answer.verdict, answer.reason) == (Verdict.INDETERMINATE, Reason.SUSPENDED)
    assert office.examine(other.docx).reason is Reason.OK
    entry = office.issuing.resume(report.number, "复核无误", ACTOR, WALL)
    assert (entry.state, entry.state_reason) == ("valid", "复核无误")
    assert office.examine(report.docx).reason is Reason.OK
    office.issuing.suspend(report.number, "再次复核", ACTOR, WALL)
    assert office.examine(report.docx).reason is Reason.SUSPENDED


def test_a_change_that_could_not_be_published_is_said_to_stand_and_how_it_is_published(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = office.issue()
    put = os.replace

    def full(source: str, target: str) -> None:
        if str(target).endswith("trust.json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        put(source, target)

    with monkeypatch.context() as disk:
        disk.setattr(os, "replace", full)
        with pytest.raises(IssuingError) as caught:
            office.issuing.revoke(report.number, "数据有误", ACTOR, WALL)
    assert caught.value.code == "CHANGED_UNPUBLISHED"
    assert "keys export" in caught.value.next_step
    assert office.issuing.show(report.number, ACTOR).entry.state == "revoked"
    assert office.examine(report.docx).reason is Reason.OK
    office.issuing.publish(WALL)
    assert office.examine(report.docx).reason is Reason.WITHDRAWN


def test_a_report_is_not_suspended_more_often_than_verifiers_read_of_it(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.issuing.states.LEAVES_MAX", 6)
    number, log = office.issue().number, office.keys.log_key()
    for _ in range(2):
        office.issuing.suspend(number, "复核", ACTOR, WALL)
        office.issuing.resume(number, "复核无误", ACTOR, WALL)
    with pytest.raises(IssuingError) as caught:
        office.issuing.suspend(number, "复核", ACTOR, WALL)
    assert caught.value.code == "REPORT_CHANGED_TOO_OFTEN"
    assert office.issuing.revoke(number, "数据有误", ACTOR, WALL).state == "revoked"
    assert assert_readable(office.places.public, log) == 1 + 6, "the opening, and as many of the report as are read"


def test_where_no_place_in_the_status_list_is_left_nothing_is_issued(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.issuing.drafting.INDEX_BITS", 1)
    monkeypatch.setattr("verify.issuing.drafting.INDEX_TRIES", 100)
    places = {office.issue().number, office.issue().number}
    with pytest.raises(IssuingError) as caught:
        office.issue()
    assert caught.value.code == "INDEXES_USED_UP"
    assert office.count("ledger") == len(places)
    assert office.count("intents") == len(places)


def test_a_replaced_report_says_so_and_its_successor_stands(office: TestOffice) -> None:
    older = office.issue()
    newer = office.issue(ISSUED + timedelta(hours=1))
    assert office.examine(older.docx).reason is Reason.OK, "another report replaces nothing by itself"
    office.issuing.supersede(older.number, newer.number, "数据更新后重开", ACTOR, WALL)
    assert office.examine(older.docx).verdict is Verdict.SUPERSEDED
    assert office.examine(newer.docx, newer.issued_at).reason is Reason.OK
    (change,) = office.issuing.show(older.number, ACTOR).changes
    assert (change.event, change.successor, change.reason) == (Event.SUPERSEDE, newer.number, "数据更新后重开")


def test_only_a_newer_valid_report_of_the_same_subject_replaces_another(office: TestOffice) -> None:
    first, second, third = office.issue(), office.issue(), office.issue()
    stranger = office.issue(ISSUED + timedelta(hours=1), subject_code=SHOP)
    office.issuing.revoke(third.number, "数据有误", ACTOR, WALL)
    for number, successor, code, said in (
        (second.number, second.number, "SUCCESSOR_REFUSED", "自己"),
        (second.number, first.number, "SUCCESSOR_REFUSED", "更早"),
        (first.number, stranger.number, "SUCCESSOR_REFUSED", "另一个主体"),
        (first.number, third.number, "SUCCESSOR_REFUSED", "已撤销"),
        (first.number, "YCZX209901010000001", "REPORT_UNKNOWN", "YCZX209901010000001"),
        (first.number, "", "SUCCESSOR_MISSING", "哪一份"),
    ):
        refused(office, code, lambda n=number, s=successor: office.issuing.supersede(n, s, "重开", ACTOR, WALL), said)


def test_every_change_needs_a_reason_and_somebody_who_makes_it(office: TestOffice) -> None:
    number = office.issue().number
    for event in (Event.REVOKE, Event.SUSPEND):
        refused(
            office, "REASON_MISSING", lambda e=event: office.issuing.change(number, e, " ", ACTOR, WALL), event.label
        )
    refused(office, "REASON_TOO_LONG", lambda: office.issuing.suspend(number, "长" * 501, ACTOR, WALL), "500 字")
    with pytest.raises(AccessDenied):
        office.issuing.suspend(number, "复核", " ", WALL)
    assert office.issuing.show(number, ACTOR).changes == ()


def test_a_refused_step_says_since_when_why_and_what_is_possible(office: TestOffice) -> None:
    number = office.issue().number
    refused(
        office, "REPORT_STEP_NOT_ALLOWED", lambda: office.issuing.resume(number, "无", ACTOR, WALL), "撤销、替换、暂停"
    )
    office.issuing.suspend(number, "复核", ACTOR, WALL)
    again = lambda: office.issuing.suspend(number, "复核", ACTOR, WALL)  # noqa: E731
    refused(office, "REPORT_STEP_NOT_ALLOWED", again, "撤销、替换、恢复")
    office.issuing.revoke(number, "数据有误", ACTOR, WALL)
    for act in (office.issuing.suspend, office.issuing.resume):
        refused(
            office, "REPORT_STEP_NOT_ALLOWED", lambda a=act: a(number, "再来", ACTOR, WALL), "2026-11-22 09:00 已撤销"
        )
    refused(office, "REPORT_ALREADY_REVOKED", lambda: office.issuing.revoke(number, "再撤", ACTOR, WALL), "数据有误")


def refused(office: TestOffice, code: str, act: Callable[[], object], said: str) -> None:
    """Refused with this code, and nothing stored."""
    names = ("ledger", "report_events", "log_leaves", "audit")
    before = {name: office.count(name) for name in names}
    with pytest.raises(IssuingError) as caught:
        act()
    assert caught.value.code == code
    assert said in caught.value.message + caught.value.next_step
    assert {name: office.count(name) for name in names} == before


def test_a_page_of_the_ledger_has_every_change_and_leaves_one_audit_line(office: TestOffice) -> None:
    report = office.issue()
    for minutes, act in enumerate((office.issuing.suspend, office.issuing.resume, office.issuing.revoke)):
        act(report.number, f"第{minutes}步", f"经办{minutes}", WALL + timedelta(minutes=minutes))
    issued, page = office.issuing.opened(report.number, "看的人")
    assert (issued.number, page.entry.number) == (report.number, report.number)
    assert [(step.event, step.before, step.after) for step in page.changes] == [
        ("suspend", "valid", "suspended"),
        ("resume", "suspended", "valid"),
        ("revoke", "valid", "revoked"),
    ]
    said = page.to_json()["changes"][1]
    assert said == {
        "at": "2026-11-22T09:01:00+08:00",
        "actor": "经办1",
        "event": "resume",
        "before": "suspended",
        "after": "valid",
        "reason": "第1步",
        "successor": None,
    }
    with office.engine.connect() as connection:
        audit = tables.audit
        lines = select(audit.c.action, audit.c.actor).where(audit.c.target == report.number).order_by(audit.c.id)
        assert [tuple(line) for line in connection.execute(lines)][3:] == [
            ("report.suspend", "经办0"),
            ("report.resume", "经办1"),
            ("report.revoke", "经办2"),
            ("report.read", "看的人"),
        ]


class Reports(RuleBasedStateMachine):
    """Three reports of one subject, and whatever is done to them."""

    def __init__(self, office: TestOffice) -> None:
        super().__init__()
        self.office = office
        self.reports = [office.issue(ISSUED + timedelta(hours=hour)) for hour in range(3)]
        self.states = dict.fromkeys((report.number for report in self.reports), "valid")
        self.steps = dict.fromkeys(self.states, 0)

    @rule(index=st.integers(0, 2), other=st.integers(0, 2), event=st.sampled_from(list(ACTS)))
    def change(self, index: int, other: int, event: Event) -> None:
        number, successor = self.reports[index].number, self.reports[other].number
        target = WAY.get((self.states[number], event))
        fits = event is not Event.SUPERSEDE or (index < other and self.states[successor] == "valid")
        named = successor if event is Event.SUPERSEDE else None
        try:
            self.office.issuing.change(number, event, "示例", ACTOR, self.office.wall, named)
        except IssuingError:
            assert target is None or not fits
        else:
            assert fits
            assert target is not None
            self.states[number] = target
            self.steps[number] += 1

    @invariant()
    def what_is_published_is_what_was_done(self) -> None:
        for report in self.reports:
            answer = self.office.examine(report.qr_text, report.issued_at)
            assert answer.reason is REASONS[State(self.states[report.number])]

    @invariant()
    def the_history_leads_to_the_state(self) -> None:
        for number, state in self.states.items():
            page = self.office.issuing.show(number, ACTOR)
            assert page.entry.state == state
            assert len(page.changes) == self.steps[number]
            states = ["valid", *(step.after for step in page.changes)]
            assert [step.before for step in page.changes] == states[:-1]
            assert states[-1] == state


WALKS = settings(max_examples=2, stateful_step_count=15, deadline=None)


def test_whatever_is_done_in_any_order_history_state_and_published_list_agree(
    new_office: Callable[[], TestOffice],
) -> None:
    run_state_machine_as_test(lambda: Reports(new_office()), settings=WALKS)
