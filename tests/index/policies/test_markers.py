"""Numbering: what is a marker by its looks, and which markers are in sequence."""

import pytest

from index.policies.markers import Sequence, Style, marker, number_of


@pytest.mark.parametrize(
    ("line", "style", "number", "rest"),
    [
        ("第十二章 附则", Style.CHAPTER, 12, "附则"),
        ("第二十六条 本办法", Style.ARTICLE, 26, "本办法"),
        ("十一、其他", Style.CHINESE, 11, "其他"),
        ("（三）做法", Style.CHINESE_BRACKETED, 3, "做法"),
        ("10.做法", Style.NUMBER, 10, "做法"),
        ("3、做法", Style.NUMBER, 3, "做法"),
        ("（2）做法", Style.NUMBER_BRACKETED, 2, "做法"),
        ("③做法", Style.CIRCLED, 3, "做法"),
        ("——原则", Style.DASH, 1, "原则"),
    ],
)
def test_markers_by_their_looks(line: str, style: Style, number: int, rest: str) -> None:
    found = marker(line)
    assert found is not None
    assert (found.style, found.number, line[found.end :]) == (style, number, rest)


@pytest.mark.parametrize(
    "line",
    [
        "第三条规定的条件",
        "第三条第二款",
        "3.5亿元",
        "2031年工作",
        "（某市）",
        "第一章的规定",
        "一是加强",
        "——",
        "第一条、第二条",
    ],
)
def test_sentences_are_no_markers(line: str) -> None:
    assert marker(line) is None


@pytest.mark.parametrize(("text", "value"), [("十", 10), ("二十六", 26), ("一百零五", 105), ("39", 39), ("〇", 0)])
def test_values_of_chinese_numbers(text: str, value: int) -> None:
    assert number_of(text) == value


def test_a_number_out_of_sequence_is_no_marker() -> None:
    lines = ["一、甲", "七、乙", "二、丙", "（一）丁", "三、戊"]
    sequence = Sequence(lines)
    assert [sequence.accept(line) is not None for line in lines] == [True, False, True, True, True]


def test_numbers_that_run_on_under_the_next_heading_are_in_sequence() -> None:
    lines = ["（一）甲", "1、乙", "2、丙", "（二）丁", "3、戊", "1.己"]
    sequence = Sequence(lines)
    assert all(sequence.accept(line) for line in lines)


def test_an_attachment_starts_its_own_numbers() -> None:
    sequence = Sequence(["一、甲", "二、乙", "二、丙"])
    assert sequence.accept("一、甲")
    sequence.restart()
    assert sequence.accept("二、乙") is None
