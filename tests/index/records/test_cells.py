"""Answers index/records/cells.py."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records.cells import (
    CellError,
    read_amount,
    read_choice,
    read_code,
    read_day,
    read_end,
    read_line,
    read_prose,
    read_text,
    read_yes_no,
)
from index.records.model import Secrecy
from tests.index.records.samples import COMPANY, COOPERATIVE, SHOP


@pytest.mark.parametrize("text", [COMPANY, COMPANY.lower(), f" {COMPANY} ", "９１３２０９０２MA1EX0M1XB"])
def test_code_is_read_whatever_its_width_and_case(text: str) -> None:
    assert read_code(text) == COMPANY


@pytest.mark.parametrize(
    "text",
    [f"'{COMPANY}", f'="{COMPANY}"', f"“{COMPANY}”", f"`{COMPANY}", f"{COMPANY}\u200b", f"\ufeff{COMPANY}\u00a0"],
)
def test_marks_that_keep_a_code_as_text_are_no_part_of_it(text: str) -> None:
    assert read_code(text) == COMPANY


def test_code_that_a_spreadsheet_made_a_number_is_called_so() -> None:
    with pytest.raises(CellError) as caught:
        read_code("9.13209E+17")
    assert caught.value.code == "USCC_SCIENTIFIC"


@pytest.mark.parametrize("code", [COMPANY, SHOP, COOPERATIVE, "91320981MA1EX0M44E", "91320925MA1EX0M526"])
def test_fictional_codes_of_the_conventions_hold(code: str) -> None:
    assert read_code(code) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("91320902MA1EX0M1X", "USCC_LENGTH"),
        ("91320902MA1EX0M1XC", "USCC_CHECKSUM"),
        ("91320902MA1EX0M1IB", "USCC_FORMAT"),
        ("91320902-MA1EX0M1XB", "USCC_FORMAT"),
        ("=cmd()", "USCC_LENGTH"),
    ],
)
def test_wrong_code_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(CellError) as caught:
        read_code(text)
    assert caught.value.code == code


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_changed_character_of_a_code_never_passes(position: int, character: str) -> None:
    changed = COMPANY[:position] + character + COMPANY[position + 1 :]
    if changed == COMPANY:
        assert read_code(changed) == COMPANY
    else:
        with pytest.raises(CellError):
            read_code(changed)


@pytest.mark.parametrize(
    "text",
    ["2025-03-14", "2025/3/14", "2025.3.14", "20250314", "2025年3月14日", "2025-3-14 00:00:00", "２０２５-03-14"],
)
def test_day_has_several_spellings(text: str) -> None:
    assert read_day(text) == date(2025, 3, 14)


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-29",
        "2025-13-01",
        "14/03/2025",
        "2025-03/14",
        "25-3-14",
        "45730",
        "２٠250314",
        "2025",
        "昨天",
        "1900-01-01",
        "2100-1-1",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        read_day(text)


@given(st.dates(date(1949, 10, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_from_every_spelling(day: date) -> None:
    for spelling in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日"):
        assert read_day(day.strftime(spelling)) == day


@pytest.mark.parametrize(
    "text", ["2025-03-14 10:23:11", "2025-03-14T00:00:00", "2025-03-14 00:00:00.0", "2025年3月14日 9:05"]
)
def test_time_behind_a_day_is_left_aside(text: str) -> None:
    assert read_day(text) == date(2025, 3, 14)


@pytest.mark.parametrize("text", ["45730", "45730.0", "45730.5"])
def test_serial_number_of_a_spreadsheet_is_called_so(text: str) -> None:
    with pytest.raises(CellError) as caught:
        read_day(text)
    assert caught.value.code == "DATE_SERIAL"


@pytest.mark.parametrize("text", ["2099/12/31", "2099-12-31", "20991231", "长期"])
def test_2099_12_31_means_no_end(text: str) -> None:
    assert read_end(text) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1.25", "1.25"), ("0", "0"), ("1,234.5", "1234.5"), ("0.000001", "0.000001"), ("１２", "12"), ("007", "7")],
)
def test_amount_is_exact(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "wan"), [("8万元", "8"), ("8.00 万", "8.00"), ("80,000元", "8"), ("0.01元", "0.000001"), ("0元", "0")]
)
def test_amount_that_names_its_unit_is_read_in_it(text: str, wan: str) -> None:
    assert read_amount(text) == Decimal(wan)


@pytest.mark.parametrize(
    "text", ["-1", "1e5", "1.2.3", "五万元", "0.001元", "1,23", "0.0000001", "NaN", "Infinity", "=1+1", "٣"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        read_amount(text)


@given(st.decimals(min_value=0, max_value=10**11, places=6))
def test_every_amount_to_the_fen_is_read_back(amount: Decimal) -> None:
    assert read_amount(format(amount, "f")) == amount


@pytest.mark.parametrize(("text", "yes"), [("是", True), ("否", False), ("1", True), ("n", False), ("未公示", False)])
def test_yes_and_no(text: str, yes: bool) -> None:
    assert read_yes_no(text) is yes


def test_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(CellError, match="不是“是”或“否”"):
        read_yes_no("大概")


def test_choice_is_one_of_the_listed_words() -> None:
    assert read_choice(" 商业秘密 ", Secrecy) is Secrecy.COMMERCIAL
    with pytest.raises(CellError) as caught:
        read_choice("机密", Secrecy)
    assert "国家秘密" in caught.value.next_step


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "a\x1bb", "a\u202eb", "a\u200bb", "a\u2066b", "a\u3164b", "a\x7fb", "a\u2028b", "a\ufffdb"],
)
def test_control_invisible_and_broken_characters_are_refused(text: str) -> None:
    with pytest.raises(CellError):
        read_text(text, 100)


@pytest.mark.parametrize("text", ["盐城\ue000公司", "\uf8ff", "\U000f0000"])
def test_self_made_characters_are_refused_because_a_report_could_not_print_them(text: str) -> None:
    with pytest.raises(CellError) as caught:
        read_text(text, 100)
    assert caught.value.code == "SELF_MADE"


def test_line_break_is_text_in_a_passage_and_an_error_in_a_line() -> None:
    assert read_text("一\r\n二", 10) == "一\n二"
    with pytest.raises(CellError, match="换行"):
        read_line("一\n二", 10)


@pytest.mark.parametrize("text", ["=cmd|'/C calc'!A0", "@SUM(1)", "+1", "-1+2", "<script>"])
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    assert read_text(text, 100) == text


@pytest.mark.parametrize(
    "text", ["当事人（身份证11010519491231002X）", "电话：13800000000。", "账号6222020000000000000", "13800000000"]
)
def test_what_is_printed_holds_no_personal_number(text: str) -> None:
    with pytest.raises(CellError) as caught:
        read_prose(text, 100)
    assert caught.value.code == "PERSONAL_NUMBER"
    assert text[:4] not in caught.value.message


@pytest.mark.parametrize(
    "text", [COMPANY, "罚款13800000000.5元", "110105194912310021", "编号6222020000000000005", "云环罚〔2025〕示例12号"]
)
def test_other_numbers_may_be_printed(text: str) -> None:
    assert read_prose(text, 100) == text


def test_length_is_bounded() -> None:
    assert read_text("字" * 10, 10)
    with pytest.raises(CellError, match="最多 10 个字"):
        read_text("字" * 11, 10)


@pytest.mark.parametrize("parse", [read_day, read_code, read_yes_no, read_amount])
def test_cells_far_too_long_are_refused_at_their_length(parse: Callable[[str], object]) -> None:
    with pytest.raises(CellError):
        parse("１" * 100_000)


@pytest.mark.parametrize("unseen", ["\xad", "\u061c", "\u180e", "\U000e0041", "\U0001d173"])
def test_letters_that_are_not_shown_do_not_hide_a_word(unseen: str) -> None:
    with pytest.raises(CellError) as caught:
        read_text(f"不予{unseen}处罚", 10)
    assert caught.value.code == "CONTROL_CHARACTER"
