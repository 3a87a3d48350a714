"""Answers index/cases/prechecks.py: the day it names is the first on which the check holds."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from index.cases.prechecks import Claim, Condition, Violation, precheck
from index.records.model import LegalState, RecordKind, Severity
from index.rules.repair import bands

IN_FORCE = date(2026, 4, 1)


def violation(decided_on: date, severity: Severity | None) -> Violation:
    return Violation(RecordKind.PENALTY, LegalState.EFFECTIVE, True, severity, decided_on, None, None, date(2099, 1, 1))


def claim(decided_on: date, severity: Severity | None = None) -> Claim:
    return Claim(severity, decided_on, decided_on, "承诺（示例）")


@given(st.dates(IN_FORCE, date(2040, 1, 1)), st.sampled_from(Severity))
def test_the_day_it_names_is_the_first_that_holds(decided_on: date, severity: Severity) -> None:
    possible_on = precheck(violation(decided_on, severity), claim(decided_on), decided_on).possible_on
    assert possible_on is not None
    on_the_day = precheck(violation(decided_on, severity), claim(decided_on), possible_on)
    assert on_the_day.is_met
    assert on_the_day.source in {band.source for band in bands()}
    if possible_on > decided_on:
        before = precheck(violation(decided_on, severity), claim(decided_on), possible_on - timedelta(days=1))
        assert before.only_too_early


@given(st.dates(IN_FORCE, date(2040, 1, 1)), st.sampled_from(Severity), st.sampled_from(Severity))
def test_a_record_that_states_its_severity_is_not_talked_out_of_it(day: date, own: Severity, said: Severity) -> None:
    found = precheck(violation(day, own), claim(day, said), day + timedelta(days=1000))
    agrees = next(finding.met for finding in found.findings if finding.condition is Condition.SEVERITY)
    assert agrees is (own is said)


def test_a_claimed_severity_ends_no_publication() -> None:
    decided_on, day = date(2026, 5, 10), date(2026, 11, 22)
    assert precheck(violation(decided_on, None), claim(decided_on, Severity.MINOR), day).is_met
    stated = precheck(violation(decided_on, Severity.MINOR), claim(decided_on), day)
    assert [finding.condition for finding in stated.unmet] == [Condition.RECORD]
    assert "2026-08-10 届满" in stated.unmet[0].says


def test_before_there_was_a_rule_nothing_can_be_counted() -> None:
    found = precheck(violation(date(2024, 1, 1), Severity.GENERAL), claim(date(2024, 1, 1)), date(2025, 6, 21))
    assert (found.possible_on, found.source, found.is_met, found.only_too_early) == (None, None, False, True)
    assert "没有生效的公示期规定" in found.unmet[0].says


def test_the_json_says_every_condition() -> None:
    told = precheck(violation(IN_FORCE, None), claim(IN_FORCE), IN_FORCE).to_json()
    assert [finding["condition"] for finding in told["findings"]] == list(Condition)
    assert (told["met"], told["possible_on"], told["source"]) == (False, None, None)
