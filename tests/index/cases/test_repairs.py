"""Answers index/cases/repairs.py and repair.py: the way of an application, and what a granted one does."""

from datetime import date, timedelta

import pytest

from index.cases.objections import Event as ObjectionEvent
from index.cases.repairs import Event, Repair, State
from index.errors import AccessDenied, CaseError, OfficeError, UnknownCase
from index.records.inclusion import exclusion
from index.records.model import LegalState, RecordKind, Secrecy, Severity
from index.records.window import query_window
from tests.index.cases.cutting import cut_at_every_write
from tests.index.cases.desk import KEY, PDF, UNIT, Desk, application, chained, filing
from tests.index.records.samples import COMPANY, record

GRANTED = (Event.ACCEPT, Event.REVIEW, Event.GRANT, Event.CLOSE)
DENIED = (Event.ACCEPT, Event.REVIEW, Event.DENY, Event.CLOSE)


def act(desk: Desk, number: str, event: Event, **changes: object) -> Repair:
    given = {"actor": "赵审核", "reason": f"{event}（示例）", "now": desk.now(), "unit": None}
    if event is Event.GRANT:
        given |= {"severity": Severity.SERIOUS}
    return desk.repairs.act(number, event, **(given | changes))  # type: ignore[arg-type]


def filed(desk: Desk, **changes: object) -> Repair:
    return desk.repairs.file(application(**changes), [PDF], desk.now())


def code(error: pytest.ExceptionInfo[OfficeError]) -> str:
    assert error.value.next_step
    return error.value.code


def test_a_granted_repair_sets_both_days_on_the_record(desk: Desk) -> None:
    number = filed(desk).number
    assert [act(desk, number, event).state for event in GRANTED] == [
        State.ACCEPTED,
        State.REVIEWING,
        State.GRANTED,
        State.CLOSED,
    ]
    stored = desk.stored()
    assert (stored["corrected_on"], stored["repaired_on"]) == (date(2025, 6, 1), desk.moment.date())
    assert stored["severity"] == "严重"
    closed = desk.repairs.get(number, actor="甲", now=desk.now())
    assert (closed.outcome, closed.unit, closed.is_closed) == ("办结（示例）", UNIT, True)
    assert chained(desk.rows("case_events"))


def test_a_denied_repair_leaves_the_record_as_it_was(desk: Desk) -> None:
    before = dict(desk.stored())
    number = filed(desk).number
    for event in DENIED:
        act(desk, number, event)
    assert dict(desk.stored()) == before
    assert desk.notices() == set()


def test_the_record_vanishes_from_new_reports_on_the_day_by_itself(desk: Desk) -> None:
    def appears(day: date) -> bool:
        row = desk.stored()
        stored = record(corrected_on=row["corrected_on"], repaired_on=row["repaired_on"])
        window = query_window(day, 3)
        return (
            exclusion(stored, subject_code=COMPANY, window=window, issue_day=day, domains=desk.office.domains) is None
        )

    number = filed(desk).number
    for event in GRANTED[:2]:
        act(desk, number, event)
    assert appears(desk.moment.date())
    act(desk, number, Event.GRANT)
    assert not appears(desk.moment.date())
    assert appears(desk.moment.date() - timedelta(days=1))


def test_a_grant_flags_the_unexpired_reports_that_show_the_record(desk: Desk) -> None:
    desk.report(KEY, at=desk.moment - timedelta(days=31))
    desk.report()
    living = desk.report(KEY)
    number = filed(desk).number
    for event in GRANTED:
        act(desk, number, event)
    assert desk.notices() == {(living, "repaired", number)}


def test_a_report_can_carry_both_notices(desk: Desk) -> None:
    living = desk.report(KEY)
    objection = desk.objections.file(filing(), [], desk.now()).number
    for event in (ObjectionEvent.ACCEPT, ObjectionEvent.VERIFY, ObjectionEvent.CORRECT):
        desk.objections.act(
            objection,
            event,
            actor="甲",
            reason="示例",
            unit=None,
            now=desk.now(),
            files=[PDF],
            correction={"content": "罚款一万元（示例）"} if event is ObjectionEvent.CORRECT else None,
        )
    number = filed(desk).number
    for event in GRANTED:
        act(desk, number, event)
    assert desk.notices() == {(living, "corrected", objection), (living, "repaired", number)}


def test_too_early_is_told_with_the_exact_day(desk: Desk) -> None:
    desk.add(record(key="fresh", decided_on=date(2026, 8, 31), severity=Severity.GENERAL))
    early = {"record_key": "fresh", "severity": None, "obligations_done_on": date(2026, 9, 1)}
    with pytest.raises(CaseError) as refused:
        filed(desk, **early)
    assert code(refused) == "REPAIR_TOO_EARLY"
    assert "2026-12-01" in refused.value.next_step
    desk.moment = desk.moment.replace(month=11, day=30, hour=23, minute=58)
    with pytest.raises(CaseError):
        filed(desk, **early)
    assert filed(desk, **early).state is State.SUBMITTED


@pytest.mark.parametrize(
    ("record_changes", "changes", "says"),
    [
        ({"repaired_on": date(2026, 1, 1)}, {}, "已于 2026-01-01 完成修复"),
        ({"kind": RecordKind.PERMIT}, {}, "不是违法违规记录"),
        ({"legal_state": LegalState.REVOKED}, {}, "法律状态为“撤销”"),
        ({"published": False}, {}, "未公示"),
        ({"publication_until": date(2026, 11, 19)}, {}, "公示已于 2026-11-19 届满"),
        ({"severity": Severity.MINOR, "publication_until": None}, {"severity": None}, "公示已于 2025-06-14 届满"),
        ({"severity": Severity.GENERAL}, {}, "申请说明为“严重”"),
        ({}, {"severity": None}, "申请也没有说明"),
        ({}, {"corrected_on": date(2026, 11, 21)}, "纠正日期 2026-11-21 晚于"),
        ({}, {"obligations_done_on": date(2026, 11, 21)}, "履行义务日期 2026-11-21 晚于"),
        ({}, {"obligations_done_on": date(2025, 3, 13)}, "早于决定日期"),
        ({}, {"commitment": " "}, "没有承诺内容"),
    ],
)
def test_what_cannot_be_repaired_is_not_taken(
    desk: Desk, record_changes: dict[str, object], changes: dict[str, object], says: str
) -> None:
    desk.add(record(key="one", **record_changes))
    before = desk.snapshot()
    with pytest.raises(CaseError, match=says) as refused:
        filed(desk, record_key="one", **changes)
    assert code(refused) == "REPAIR_NOT_POSSIBLE"
    assert desk.snapshot() == before


def test_an_application_needs_evidence_a_name_and_a_record_of_ones_own(desk: Desk) -> None:
    desk.add(record(key="secret", secrecy=Secrecy.STATE))
    before = desk.snapshot()
    with pytest.raises(CaseError, match="须附材料"):
        desk.repairs.file(application(), [], desk.now())
    with pytest.raises(AccessDenied):
        filed(desk, filed_by="")
    with pytest.raises(CaseError, match="没有可以办理的记录"):
        filed(desk, record_key="secret")
    assert desk.snapshot() == before


def test_a_second_application_is_told_of_the_first(desk: Desk) -> None:
    first = filed(desk)
    with pytest.raises(CaseError, match=first.number) as refused:
        filed(desk)
    assert code(refused) == "REPAIR_OPEN"
    act(desk, first.number, Event.REFUSE)
    assert filed(desk).number == "XF202611200002"


def test_a_severity_the_record_does_not_state_is_the_units_to_confirm(desk: Desk) -> None:
    number = filed(desk, severity=Severity.GENERAL).number
    for event in GRANTED[:2]:
        act(desk, number, event)
    with pytest.raises(CaseError) as refused:
        act(desk, number, Event.GRANT, severity=None)
    assert code(refused) == "SEVERITY_UNCONFIRMED"
    assert act(desk, number, Event.GRANT, severity=Severity.SERIOUS).severity is Severity.SERIOUS


def test_a_confirmed_severity_is_checked_against_the_periods(desk: Desk) -> None:
    desk.add(record(key="fresh", decided_on=date(2026, 6, 1)))
    number = filed(desk, record_key="fresh", severity=Severity.GENERAL, obligations_done_on=date(2026, 6, 2)).number
    for event in GRANTED[:2]:
        act(desk, number, event)
    before = desk.snapshot()
    with pytest.raises(CaseError, match="2027-06-02"):
        act(desk, number, Event.GRANT, severity=Severity.SERIOUS)
    assert desk.snapshot() == before
    act(desk, number, Event.GRANT, severity=Severity.GENERAL)


def test_what_was_corrected_meanwhile_is_not_granted(desk: Desk) -> None:
    number = filed(desk).number
    for event in GRANTED[:2]:
        act(desk, number, event)
    objection = desk.objections.file(filing(), [], desk.now()).number
    for event in (ObjectionEvent.ACCEPT, ObjectionEvent.VERIFY, ObjectionEvent.CORRECT):
        correction = {"legal_state": LegalState.REVOKED} if event is ObjectionEvent.CORRECT else None
        desk.objections.act(
            objection, event, actor="甲", reason="示例", unit=None, now=desk.now(), files=[PDF], correction=correction
        )
    with pytest.raises(CaseError, match="法律状态为“撤销”"):
        act(desk, number, Event.GRANT)


def test_only_the_unit_the_record_comes_from_and_the_credit_office_decide(desk: Desk) -> None:
    number = filed(desk).number
    with pytest.raises(CaseError, match="应由市生态环境局办理"):
        act(desk, number, Event.ACCEPT, unit="市市场监督管理局")
    assert act(desk, number, Event.ACCEPT, unit=UNIT).state is State.ACCEPTED


def test_looking_is_listed_and_leaves_an_audit_line(desk: Desk) -> None:
    number = filed(desk).number
    for found in (
        desk.repairs.of_subject(COMPANY, actor="读", now=desk.now()),
        desk.repairs.of_unit("云汀市生态环境局", actor="读", now=desk.now()),
        desk.repairs.open_cases(actor="读", now=desk.now()),
    ):
        assert [each.number for each in found] == [number]
    assert desk.repairs.of_unit("市市场监督管理局", actor="读", now=desk.now()) == ()
    assert desk.repairs.recheck(number, actor="读", now=desk.now()).is_met
    assert desk.repairs.check(application(), desk.now()).is_met
    own = [row["actor"] for row in desk.rows("audit") if row["action"] == "repair.read"]
    assert own == ["读"] * 5 + ["经办人示例"]
    with pytest.raises(UnknownCase):
        desk.repairs.get("XF0", actor="读", now=desk.now())


def test_a_power_cut_at_any_write_of_any_step_leaves_the_store_as_it_was(desk: Desk) -> None:
    desk.report(KEY)
    assert cut_at_every_write(desk, lambda: filed(desk)) >= 5
    number = desk.rows("repairs")[0]["number"]
    for event in GRANTED:
        assert cut_at_every_write(desk, lambda event=event: act(desk, number, event)) >= 3
    assert desk.stored()["repaired_on"] == desk.moment.date()
