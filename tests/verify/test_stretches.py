"""Answers verify/stretches.py: what is said to be equal is equal, in order, and nothing large is missed."""

from hypothesis import given
from hypothesis import strategies as st

from verify.stretches import Stretch, stretches

TEXTS = st.text("甲乙丙丁1234", max_size=120)


def held(one: str, other: str, found: list[Stretch]) -> None:
    end = other_end = 0
    for start, other_start, length in found:
        assert length > 0
        assert start >= end
        assert other_start >= other_end
        assert one[start : start + length] == other[other_start : other_start + length]
        end, other_end = start + length, other_start + length


@given(TEXTS, TEXTS)
def test_stretches_are_equal_in_both_texts_in_order_and_never_overlap(one: str, other: str) -> None:
    held(one, other, stretches(one, other))


@given(st.text(min_size=1, max_size=200))
def test_a_text_is_one_stretch_of_itself(text: str) -> None:
    assert stretches(text, text) == [Stretch(0, 0, len(text))]


@given(st.integers(0, 3000), st.text("新增文字", min_size=1, max_size=40))
def test_an_insertion_into_a_long_text_is_all_that_differs(place: int, added: str) -> None:
    text = "".join(f"第{number}行查询结果未查询到" for number in range(300))
    place = min(place, len(text))
    changed = text[:place] + added + text[place:]
    found = stretches(text, changed)
    held(text, changed, found)
    assert sum(each.length for each in found) >= len(text) - 1


def test_a_moved_part_is_found_missing_in_one_place_and_added_in_another() -> None:
    parts = ["".join(f"{letter}段第{number}句话" for number in range(80)) for letter in "甲乙丙"]
    found = stretches("".join(parts), parts[0] + parts[2] + parts[1])
    assert sum(each.length for each in found) >= len(parts[0]) + len(parts[1])


def test_long_texts_with_nothing_in_common_cost_no_time() -> None:
    assert stretches("甲" * 50_000, "乙" * 50_000) == []
    held("甲乙" * 10_000, "乙甲" * 10_000, stretches("甲乙" * 10_000, "乙甲" * 10_000))
