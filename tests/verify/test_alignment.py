from hypothesis import given
from hypothesis import strategies as st

from verify.alignment import align, made_visible

texts = st.lists(st.sampled_from(["甲", "乙", "丙", "未查询到", "有 1 条"]), max_size=20)


@given(texts, texts)
def test_the_changes_turn_what_was_issued_into_what_was_found(issued: list[str], found: list[str]) -> None:
    changes = align(issued, found)
    removed = {change.issued for change in changes if change.issued is not None}
    added = {change.found for change in changes if change.found is not None}
    kept = [text for number, text in enumerate(issued) if number not in removed]
    assert kept == [text for number, text in enumerate(found) if number not in added]
    assert (changes == []) == (issued == found)


@given(texts, texts)
def test_changes_come_in_reading_order(issued: list[str], found: list[str]) -> None:
    changes = align(issued, found)
    for numbers in (
        [c.issued for c in changes if c.issued is not None],
        [c.found for c in changes if c.found is not None],
    ):
        assert numbers == sorted(numbers)


def test_an_edited_line_among_equal_ones_is_found_at_its_place() -> None:
    issued = ["未查询到"] * 45
    found = [*issued[:12], "有 1 条", *issued[13:]]
    assert [(change.issued, change.found) for change in align(issued, found)] == [(12, 12)]


def test_what_hides_or_imitates_is_written_out() -> None:
    assert made_visible("有\u200b 1 条", "有 1 条") == "有‹U+200B› 1 条"
    assert made_visible("Аbc", "Abc") == "А‹U+0410›bc"
    assert made_visible("\ue000", "") == "‹U+E000›"
    assert made_visible("有\u00a01", "有 1") == "有‹U+00A0›1"
    assert made_visible("盐城（虚构）· ‹隐藏：x›", "") == "盐城（虚构）· ‹隐藏：x›"


@given(st.text(max_size=50))
def test_nothing_that_hides_survives(found: str) -> None:
    shown = made_visible(found, found)
    assert not any(character in shown for character in "\u200b\u200c\u200d\u2060\ufeff\u202e\u0000\u2066")
