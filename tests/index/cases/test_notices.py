"""Answers index/cases/notices.py: which reports a verifier is told of, and that none slips through."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from index.cases.changes import Read, catch_up
from index.cases.notices import Closure, Kind, Notice, Shown, shown
from index.cases.objections import Event
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import writing
from tests.index.cases.desk import KEY, NOW, PDF, Desk, filing
from tests.index.cases.expected import due
from tests.index.records.samples import COMPANY, SHOP

DOMAINS = load_profile("yunting").domains
HOURS = st.integers(0, 24 * 60).map(lambda hours: NOW + timedelta(hours=hours))
REPORTS = st.builds(
    lambda issued_at, code, records: (issued_at, code, frozenset(records)),
    HOURS,
    st.sampled_from([COMPANY, SHOP]),
    st.sets(st.sampled_from("ab")),
)
CLOSURES = st.tuples(HOURS, st.sampled_from(Kind), st.sampled_from(["a", "b", None]), st.sampled_from([4, 99]))


@given(st.lists(REPORTS, max_size=6), st.lists(CLOSURES, max_size=6))
def test_a_report_is_told_of_the_first_case_of_each_kind_that_touched_it(
    reports: list[tuple[object, ...]], closed: list[tuple[object, ...]]
) -> None:
    issued = [
        Shown(f"R{place}", code, at, at + timedelta(days=30), records)  # type: ignore[arg-type, operator]
        for place, (at, code, records) in enumerate(reports)
    ]
    closures = [
        Closure(kind, f"C{place}", at, COMPANY, key, domain)  # type: ignore[arg-type]
        for place, (at, kind, key, domain) in enumerate(closed)
    ]
    found = due(issued, closures, DOMAINS)
    for report in issued:
        for kind in Kind:
            meant = [
                closure
                for closure in closures
                if closure.kind is kind
                and report.subject_code == COMPANY
                and report.issued_at <= closure.at <= report.valid_until + timedelta(microseconds=999_999)
                and (closure.record_key is None or closure.record_key in report.records)
            ]
            told = {notice for notice in found if (notice.number, notice.kind) == (report.number, kind)}
            if meant:
                first = min(meant, key=lambda closure: (closure.at, closure.case_number))
                assert told == {Notice(report.number, kind, first.case_number)}
            else:
                assert told == set()


def test_a_domain_that_the_office_has_dropped_may_have_been_carried() -> None:
    report = Shown("R", COMPANY, NOW, NOW + timedelta(days=30), frozenset())
    closure = Closure(Kind.CORRECTED, "C", NOW, COMPANY, None, 99)
    assert due([report], [closure], DOMAINS) == {Notice("R", Kind.CORRECTED, "C")}


def test_a_domain_that_a_report_did_not_carry_yet_does_not_touch_it() -> None:
    early = min(domain.effective_on for domain in DOMAINS) - timedelta(days=1)
    issued_at = NOW.replace(year=early.year, month=early.month, day=early.day)
    report = Shown("R", COMPANY, issued_at, issued_at + timedelta(days=30), frozenset())
    closure = Closure(Kind.CORRECTED, "C", issued_at + timedelta(days=3), COMPANY, None, 4)
    assert due([report], [closure], DOMAINS) == frozenset()


def test_the_last_second_of_a_report_still_counts() -> None:
    report = Shown("R", COMPANY, NOW, NOW + timedelta(days=30), frozenset("a"))
    for late, told in ((timedelta(seconds=0.9), True), (timedelta(seconds=1), False)):
        closure = Closure(Kind.REPAIRED, "C", report.valid_until + late, COMPANY, "a", 4)
        assert bool(due([report], [closure], DOMAINS)) is told


def test_a_report_whose_records_were_read_before_a_correction_is_caught_up_with(desk: Desk) -> None:
    read_at = desk.now()
    number = desk.objections.file(filing(), [], desk.now()).number
    for event in (Event.ACCEPT, Event.VERIFY, Event.CORRECT):
        correction = {"published": False} if event is Event.CORRECT else None
        desk.objections.act(
            number, event, actor="甲", reason="示例", unit=None, files=[PDF], correction=correction, now=desk.now()
        )
    stale, fresh = desk.report(KEY, at=read_at), desk.report(at=desk.now())
    for report, moment in ((stale, read_at), (fresh, desk.now())):
        for _ in range(2):
            with writing(desk.engine) as connection:
                (found,) = shown(connection, tables.ledger.c.number == report)
                kinds = catch_up(
                    connection, found, desk.office.domains, read=Read(moment, None), at=desk.now(), actor="签发员"
                )
            assert kinds == ((Kind.CORRECTED,) if report == stale else ())
    assert desk.notices() == {(stale, "corrected", number)}
