"""What a member typed, and codes and names in it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from bot.actions.chosen import ASKS
from bot.actions.looking_up import asks
from bot.actions.naming import Wanted, code_in, wanted_in, with_codes_joined
from bot.actions.typed import LONGEST, choice, folded, is_no, is_question, is_yes, line
from index.errors import RecordError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
stems = st.tuples(
    st.sampled_from(["91", "92", "93"]), st.integers(100000, 659999), st.text(ALPHABET, min_size=9, max_size=9)
)


@pytest.mark.parametrize("text", ["是", "是的", "好。", "确认", "确认签发", "ＯＫ", "可以", " 对 的 "])
def test_yes(text: str) -> None:
    assert is_yes(text)
    assert not is_no(text)


@pytest.mark.parametrize("text", ["不", "不是", "取消。", "算了", "No", "不用了"])
def test_no(text: str) -> None:
    assert is_no(text)
    assert not is_yes(text)


@pytest.mark.parametrize("text", ["不是不可以", "好像不对", "确认一下有效期", "是否", "对方", "一", ""])
def test_neither(text: str) -> None:
    assert not is_yes(text)
    assert not is_no(text)


def test_a_number_of_a_list() -> None:
    assert [choice(text, 12) for text in ("1", "２", "第三个", "选4", "十二", "12.")] == [0, 1, 2, 3, 11, 11]
    assert [choice(text, 3) for text in ("0", "4", "零", "", "一家公司", "1号店", "第")] == [None] * 7


def test_questions_are_told_from_answers() -> None:
    assert is_question("专用信用报告多长时间内有效")
    assert is_question("可以吗")
    assert not is_question("核实示例项目的投标资格")


@given(stem=stems, gap=st.sampled_from(["", " ", "-", "  "]), lower=st.booleans(), wide=st.booleans())
def test_every_code_is_heard_however_it_is_typed(stem: tuple[str, int, str], gap: str, lower: bool, wide: bool) -> None:
    body = f"{stem[0]}{stem[1]}{stem[2]}"
    code = body + uscc.calc_check_digit(body)
    typed = gap.join(code[start : start + 4] for start in range(0, 18, 4))
    typed = typed.lower() if lower else typed
    typed = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in typed) if wide else typed
    assert asks(f"查一下{typed}") == Wanted(code=code)
    assert wanted_in(typed) == Wanted(code=code)


@given(text=st.text(max_size=120))
def test_nothing_that_is_typed_breaks_the_hearing(text: str) -> None:
    folded(text)
    line(text, 10)
    choice(text, 5)
    code_in(with_codes_joined(text))
    for each in ASKS:
        with suppress(RecordError):
            each(text)


@pytest.mark.parametrize(
    "bit", ["查", "请", "请问", "开一份", "9", "5月6日", "我们单位的任务和", ",", "对", "算一下", "公示"]
)
@pytest.mark.parametrize("length", [LONGEST, 100_000])
def test_long_messages_are_nobodys_and_cost_little(bit: str, length: int) -> None:
    text = (bit * length)[:length]
    for each in ASKS:
        assert each(text) is None or bit == "9"
