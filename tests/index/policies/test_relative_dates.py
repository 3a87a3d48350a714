"""Relative days count from the text's own day, and only from it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.policies.relative_dates import resolve

ISSUED = date(2031, 3, 5)


@pytest.mark.parametrize(
    ("text", "words", "first", "last"),
    [
        ("今年底建成茶园", "今年底", date(2031, 12, 31), date(2031, 12, 31)),
        ("力争今年年底前完成", "今年年底前", None, date(2031, 12, 31)),
        ("年底前完成", "年底前", None, date(2031, 12, 31)),
        ("去年采茶三百吨", "去年", date(2030, 1, 1), date(2030, 12, 31)),
        ("本年度预算", "本年度", date(2031, 1, 1), date(2031, 12, 31)),
        ("上一年度的年报", "上一年度", date(2030, 1, 1), date(2030, 12, 31)),
        ("明年6月开园", "明年6月", date(2032, 6, 1), date(2032, 6, 30)),
        ("明年二月底前报送", "明年二月底前", None, date(2032, 2, 29)),
        ("今年10月15日前", "今年10月15日前", None, date(2031, 10, 15)),
        ("今年上半年", "今年上半年", date(2031, 1, 1), date(2031, 6, 30)),
        ("今年第三季度", "今年第三季度", date(2031, 7, 1), date(2031, 9, 30)),
        ("今年年内", "今年年内", date(2031, 1, 1), date(2031, 12, 31)),
        ("前年5月中旬", "前年5月中旬", date(2029, 5, 11), date(2029, 5, 20)),
        ("2018年年底前完成", "2018年年底前", None, date(2018, 12, 31)),
        ("2026年6月底前", "2026年6月底前", None, date(2026, 6, 30)),
    ],
)
def test_words_and_the_days_they_mean(text: str, words: str, first: date | None, last: date) -> None:
    (found,) = resolve(text, ISSUED)
    assert (found.text, found.first, found.last) == (words, first, last)
    assert text[found.start : found.end] == words


@pytest.mark.parametrize("text", ["今年底", "年底前完成", "去年的茶叶", "本年度", "明年6月"])
def test_without_a_day_of_issue_nothing_relative_is_resolved(text: str) -> None:
    assert resolve(text, None) == []


def test_a_year_of_its_own_needs_no_day_of_issue() -> None:
    (found,) = resolve("2018年年底前完成", None)
    assert found.last == date(2018, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "次年年底前",
        "当年年底前",
        "每年年底前",
        "第二年6月",
        "2031年3月5日",
        "6月底前报送",
        "今年2月30日",
        "2024年全年",
        "目前年份",
    ],
)
def test_what_counts_from_something_else_is_left_alone(text: str) -> None:
    assert [one.text for one in resolve(text, ISSUED) if one.text != "2031年3月5日"] == []


@given(st.text(alphabet="今去明前后年底末月日前上下半第一二三季度0123456789旬中初内", max_size=24), st.dates())
def test_any_text_gives_spans_of_itself_and_days_in_order(text: str, issued_on: date) -> None:
    for one in resolve(text, issued_on):
        assert text[one.start : one.end] == one.text
        assert one.first is None or one.first <= one.last
