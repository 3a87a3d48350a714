"""Answers index/rules/overview.py."""

from dataclasses import replace
from datetime import date

from index.calendar import Calendar
from index.rules.offices import load_profile
from index.rules.overview import overview

YANCHENG, YUNTING = load_profile("yancheng"), load_profile("yunting")
NOVEMBER = date(2026, 11, 22)


def test_an_office_that_could_issue_has_no_obstacle() -> None:
    found = overview(YUNTING, NOVEMBER)
    assert found.obstacles == ()
    assert found.basis == YUNTING.bases[0]
    assert (len(found.in_force), [domain.number for domain in found.coming]) == (10, [11, 12])


def test_an_ended_basis_is_an_obstacle_unless_the_office_allows_it() -> None:
    (obstacle,) = overview(YANCHENG, NOVEMBER).obstacles
    assert "chenghe bases register" in obstacle
    assert overview(replace(YANCHENG, allow_expired_basis=True), NOVEMBER).obstacles == ()


def test_before_the_first_domain_there_is_nothing_to_ask() -> None:
    assert len(overview(YANCHENG, date(2024, 8, 31)).obstacles) == 2


def test_a_year_without_published_days_is_named() -> None:
    found = overview(YUNTING, NOVEMBER)
    assert found.years == ((2026, True), (2027, False))
    assert any("2027 年的放假安排尚未录入" in notice for notice in found.notices)
    own = replace(YUNTING, calendar=Calendar({}, frozenset({2027})))
    assert not any("放假安排" in notice for notice in overview(own, NOVEMBER).notices)


def test_in_the_first_days_of_a_year_the_year_before_counts_too() -> None:
    assert [year for year, _ in overview(YUNTING, date(2026, 1, 1)).years] == [2025, 2026, 2027]


def test_a_sample_says_so_and_a_real_office_does_not() -> None:
    assert any("示例" in notice for notice in overview(YUNTING, NOVEMBER).notices)
    assert not any("示例" in notice for notice in overview(replace(YUNTING, sample=False), NOVEMBER).notices)


def test_a_unit_of_units_csv_that_answers_for_no_domain_is_named() -> None:
    assert not any("units.csv" in notice for notice in overview(YUNTING, NOVEMBER).notices)
    slipped = replace(YUNTING, unit_kinds=(("市税务总局", "垂直管理单位"), *YUNTING.unit_kinds))
    (notice,) = [each for each in overview(slipped, NOVEMBER).notices if "units.csv" in each]
    assert "市税务总局不是" in notice
