"""Answers index/rules/repair.py: the periods of the law, on the day, to the day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RuleError
from index.records.model import RecordKind, Severity
from index.rules import repair
from index.rules.repair import add_months, band_on, bands, first_repair_day, last_publication_day, publication_end

NOW = date(2026, 11, 22)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("severity", "least", "most"), [(Severity.MINOR, None, 3), (Severity.GENERAL, 3, 12), (Severity.SERIOUS, 12, 36)]
)
@pytest.mark.parametrize("day", [date(2025, 6, 22), date(2026, 3, 31), date(2026, 4, 1), NOW])
def test_each_severity_has_its_band(severity: Severity, least: int | None, most: int, day: date) -> None:
    band = band_on(severity, day)
    assert band is not None
    assert (band.least_months, band.most_months) == (least, most)


def test_the_source_is_the_text_in_force() -> None:
    earlier, later = band_on(Severity.GENERAL, date(2026, 3, 31)), band_on(Severity.GENERAL, date(2026, 4, 1))
    assert earlier is not None
    assert "22号" in earlier.source
    assert later is not None
    assert "第36号" in later.source


def test_before_the_first_rule_and_without_a_severity_there_is_no_band() -> None:
    assert band_on(Severity.SERIOUS, date(2025, 6, 21)) is None
    assert last_publication_day(date(2020, 1, 1), Severity.SERIOUS, date(2025, 6, 21)) is None
    assert band_on(None, NOW) is None


@pytest.mark.parametrize(
    ("decided_on", "severity", "last"),
    [
        (date(2026, 8, 20), Severity.MINOR, date(2026, 11, 20)),
        (date(2025, 11, 30), Severity.MINOR, date(2026, 2, 28)),
        (date(2024, 2, 29), Severity.GENERAL, date(2025, 2, 28)),
        (date(2025, 3, 14), Severity.SERIOUS, date(2028, 3, 14)),
    ],
)
def test_the_longest_publication_ends_on_the_day_of_the_same_number(
    decided_on: date, severity: Severity, last: date
) -> None:
    assert last_publication_day(decided_on, severity, NOW) == last


@pytest.mark.parametrize(
    ("severity", "first"),
    [
        (Severity.MINOR, date(2026, 1, 31)),
        (Severity.GENERAL, date(2026, 5, 1)),
        (Severity.SERIOUS, date(2027, 2, 1)),
    ],
)
def test_repair_is_possible_on_the_day_after_the_least_publication(severity: Severity, first: date) -> None:
    assert first_repair_day(date(2026, 1, 31), severity, NOW) == first


@given(DAYS, st.integers(0, 60))
def test_months_keep_the_number_of_the_day_or_end_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(st.sampled_from(RecordKind), DAYS, st.sampled_from(Severity), st.none() | DAYS, st.none() | DAYS, DAYS)
def test_publication_ends_with_the_rule_unless_something_stands_open_and_the_unit_says_later(
    kind: RecordKind, decided_on: date, severity: Severity, corrected_on: date | None, until: date | None, day: date
) -> None:
    end = publication_end(
        kind=kind,
        decided_on=decided_on,
        severity=severity,
        corrected_on=corrected_on,
        publication_until=until,
        day=day,
    )
    longest = last_publication_day(decided_on, severity, day)
    if longest is None or until is None:
        assert end == (longest if until is None else until)
    elif end is not None and end > longest:
        assert end == until
        assert kind.value in ("法院执行", "严重失信主体名单")
        assert corrected_on is None or corrected_on > day
    else:
        assert end == min(longest, until)


@pytest.mark.parametrize("kind", [RecordKind.ENFORCEMENT, RecordKind.SERIOUS_LIST])
def test_what_is_not_carried_out_stands_until_the_day_its_unit_states(kind: RecordKind) -> None:
    decided_on, until, day = date(2025, 1, 10), date(2026, 12, 31), date(2026, 11, 22)
    ends = [
        publication_end(
            kind=kind,
            decided_on=decided_on,
            severity=Severity.GENERAL,
            corrected_on=corrected_on,
            publication_until=until,
            day=day,
        )
        for corrected_on in (None, day + timedelta(days=1), day)
    ]
    assert ends == [until, until, date(2026, 1, 10)]


def test_without_a_severity_only_the_unit_ends_publication() -> None:
    for until in (None, date(2030, 1, 1)):
        end = publication_end(
            kind=RecordKind.PENALTY,
            decided_on=date(2000, 1, 1),
            severity=None,
            corrected_on=None,
            publication_until=until,
            day=NOW,
        )
        assert end == until


HEADINGS = ",".join(repair.COLUMNS)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("一般,3,2,2026-04-01,,示例", "最长期短于最短期"),
        ("一般,3,12,2026-04-01,2026-03-01,示例", "失效早于施行"),
        ("很重,3,12,2026-04-01,,示例", "“很重”不认识"),
        ("一般,三,12,2026-04-01,,示例", "“三”不是月数"),
        ("一般,3,12,2026-04-01,,示例\n一般,3,12,2027-01-01,,示例", "在同一天有两条规定"),
    ],
)
def test_rule_data_that_contradicts_itself_is_refused(
    line: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repair_bands.csv").write_text(f"{HEADINGS}\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(repair, "files", lambda _package: tmp_path)
    with pytest.raises(RuleError, match=wrong):
        bands.__wrapped__()
