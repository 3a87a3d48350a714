"""Answers verify/issuing/pdf/fitting.py."""

from hypothesis import given
from hypothesis import strategies as st

from verify.issuing.outline import Grid, GridKind, Role, Text
from verify.issuing.pdf.fitting import cell_widths, pieces, rows_that_may_break, stays_together


def value(text: str) -> Text:
    return Text("位置", Role.VALUE, text)


@given(st.text(max_size=80), st.floats(2, 170))
def test_the_pieces_are_the_text_and_no_piece_is_empty(text: str, width: float) -> None:
    made = pieces(value(text), width)
    assert "".join(made) == text
    assert all(made)


def test_only_a_word_wider_than_its_cell_is_taken_apart() -> None:
    assert pieces(value("统一社会信用代码91320902MA1EX0M1XB"), 80) == ("统一社会信用代码91320902MA1EX0M1XB",)
    assert pieces(value("网址 " + "w" * 30), 20) == ("网址 ", *("w" * 30))
    assert pieces(value("汉" * 100), 20) == ("汉" * 100,)


def test_a_row_shorter_than_a_page_stays_whole_and_a_longer_one_may_break() -> None:
    short, long = (value("栏目"), value("字" * 300)), (value("栏目"), value("字" * 3000))
    grid = Grid(GridKind.DETAIL, (short, long))
    assert rows_that_may_break(grid) == (False, True)
    assert not stays_together(grid)
    assert stays_together(Grid(GridKind.DETAIL, (short, short)))
    assert not stays_together(Grid(GridKind.DOMAINS, ((value("字"),) * 6,)))


def test_the_last_cell_spans_what_is_left() -> None:
    assert sum(cell_widths(GridKind.FACTS, (value(""), value("")))) < 170
    assert cell_widths(GridKind.FACTS, (value(""), value("")))[1] > cell_widths(GridKind.FACTS, (value(""),) * 4)[1]
