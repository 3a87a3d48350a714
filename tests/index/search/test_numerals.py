import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.numerals import amounts, number

DIGITS = "零一二三四五六七八九"


def written(value: int) -> str:
    """``value`` below 10,000 in Chinese, as 一千零二十五."""
    text = ""
    gap = False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
        gap = not digit
    return text or "零"


@given(st.integers(0, 9_999))
def test_a_number_written_by_place_is_read_back(value: int) -> None:
    assert number(written(value)) == value
    if 10 <= value < 20:
        assert number(written(value).removeprefix("一")) == value


@given(st.integers(0, 9_999), st.integers(1, 9_999))
def test_groups_of_ten_thousand_are_read(low: int, high: int) -> None:
    assert number(f"{written(high)}万{written(low) if low else ''}") == high * 10_000 + low


@given(st.text(DIGITS, min_size=1, max_size=8))
def test_digits_one_by_one_are_read(text: str) -> None:
    assert number(text) == int("".join(str(DIGITS.index(digit)) for digit in text))


@given(st.integers(0, 9_999), st.sampled_from(["日", "条", "个工作日", "年", "元"]))
def test_chinese_and_arabic_digits_give_the_same_amount(value: int, unit: str) -> None:
    assert list(amounts(f"{written(value)}{unit}")) == list(amounts(f"{value}{unit}")) == [f"{value}{unit}"]


@given(st.text("〇零一二两三四五六七八九十百千万亿第条之年 0123456789", max_size=40))
def test_any_run_of_numerals_is_read_without_error(text: str) -> None:
    assert all(any(character.isdigit() for character in amount) for amount in amounts(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024年8月15日", "二〇二四年八月十五日"),
        ("第十四条", "第 14 条"),
        ("第一百二十条之一", "第120条之一"),
        ("两年", "2年"),
        ("一万元", "1万元"),
        ("三千万元", "30000000元"),
    ],
)
def test_ways_of_writing_an_amount_are_one(one: str, other: str) -> None:
    assert list(amounts(one)) == list(amounts(other)) != []


@given(st.text("一十百万亿a0条", max_size=8))
def test_what_is_no_chinese_number_is_none_and_no_error(text: str) -> None:
    assert number(text) is None or not set(text) & set("a0条")


def test_numerals_in_words_are_no_amounts() -> None:
    assert list(amounts("一般 万一 三亚 百姓 十分 统一")) == []


def test_three_months_are_not_march() -> None:
    assert list(amounts("三个月")) != list(amounts("三月"))


def test_a_fraction_is_not_read_from_its_middle() -> None:
    assert list(amounts("3.5万元 1,000元 0.5%")) == []
