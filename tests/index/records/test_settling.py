"""Answers index/records/settling.py: a file that is sent again does not undo what the office decided."""

from datetime import date
from decimal import Decimal

import pytest

from index.records.settling import refusal, settled

STORED = {"fine_wan": Decimal("0.5"), "repaired_on": date(2026, 5, 1), "under_objection": False, "facts": "更正后"}
ORIGINAL = {"fine_wan": Decimal("1.25"), "repaired_on": None, "under_objection": False, "facts": "更正前"}


def test_fields_nobody_amended_are_the_departments() -> None:
    assert settled(STORED, ORIGINAL, frozenset()) == (ORIGINAL, ())


def test_uncorrected_facts_are_named() -> None:
    _, against = settled(STORED, ORIGINAL, frozenset({"fine_wan", "facts"}))
    assert against == ("facts", "fine_wan")


def test_third_version_is_refused_too() -> None:
    assert settled(STORED, {"fine_wan": Decimal("2")}, frozenset({"fine_wan"}))[1] == ("fine_wan",)


def test_corrected_facts_may_come_with_other_changes() -> None:
    sent = {**STORED, "violation": "新的说法"}
    assert settled(STORED, sent, frozenset({"fine_wan", "facts"})) == (sent, ())


def test_blank_does_not_undo_a_repair() -> None:
    assert settled(STORED, ORIGINAL, frozenset({"repaired_on"})) == (
        {**ORIGINAL, "repaired_on": date(2026, 5, 1)},
        (),
    )


@pytest.mark.parametrize(
    ("stored", "sent", "landed"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_our_objection_mark_is_not_cleared_by_a_file(stored: bool, sent: bool, landed: bool) -> None:
    facts, against = settled({"under_objection": stored}, {"under_objection": sent}, frozenset({"under_objection"}))
    assert (facts, against) == ({"under_objection": landed}, ())


def test_refusal_names_the_fields_in_chinese() -> None:
    message, next_step = refusal(("fine_wan", "facts"))
    assert "罚款金额（万元）、违法事实" in message
    assert "请按更正后的内容报送" in next_step
