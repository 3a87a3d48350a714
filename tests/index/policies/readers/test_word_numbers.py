"""Automatic numbers of Word files: what the page shows before a paragraph stands in the text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.policies.markers import number_of
from index.policies.readers.docx import read_docx
from index.policies.readers.docx.number_formats import formatted
from tests.index.policies.readers.word_files import level, numbered, numbering, paragraph, word_file


def lines_in(body: str, numbers: str, styles: str = "") -> list[str]:
    content = word_file(body, parts={"numbering": numbers, "styles": styles})
    return [line for line in read_docx(Path("甲.docx"), content).text.split("\n") if line]


@pytest.mark.parametrize(
    ("number_format", "number", "shown"),
    [
        ("decimal", 12, "12"),
        ("decimalZero", 7, "07"),
        ("upperRoman", 1994, "MCMXCIV"),
        ("lowerRoman", 14, "xiv"),
        ("upperLetter", 27, "AA"),
        ("lowerLetter", 3, "c"),
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 21, "二十一"),
        ("chineseCounting", 105, "一〇五"),
        ("chineseCountingThousand", 10, "十"),
        ("chineseCountingThousand", 12, "十二"),
        ("chineseCountingThousand", 100, "一百"),
        ("chineseCountingThousand", 105, "一百零五"),
        ("chineseCountingThousand", 110, "一百一十"),
        ("chineseCountingThousand", 1260, "一千二百六十"),
        ("chineseCountingThousand", 1005, "一千零五"),
        ("chineseCountingThousand", 10_010, "一万零一十"),
        ("japaneseCounting", 20, "二十"),
        ("japaneseCounting", 111, "百十一"),
        ("ideographDigital", 205, "二〇五"),
        ("ideographTraditional", 2, "乙"),
        ("ideographTraditional", 11, "11"),
        ("ideographZodiac", 12, "亥"),
        ("ideographZodiacTraditional", 60, "癸亥"),
        ("decimalEnclosedCircle", 20, "⑳"),
        ("decimalEnclosedCircle", 21, "21"),
        ("decimalEnclosedParen", 3, "⑶"),
        ("decimalEnclosedFullstop", 3, "⒊"),
        ("decimalFullWidth", 12, "１２"),
        ("ideographEnclosedCircle", 1, "㊀"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("ideographLegalTraditional", 205, "貳佰零伍"),
        ("ordinal", 12, "12th"),
        ("ordinal", 21, "21st"),
        ("none", 3, ""),
        ("bullet", 3, ""),
        ("somethingNew", 3, "3"),
    ],
)
def test_every_format_writes_as_word_does(number_format: str, number: int, shown: str) -> None:
    assert formatted(number, number_format) == shown


@given(st.integers(1, 9999))
def test_chinese_numbers_read_back_as_the_number(number: int) -> None:
    assert number_of(formatted(number, "chineseCountingThousand")) == number


@given(
    st.sampled_from(["upperRoman", "lowerLetter", "japaneseCounting", "chineseLegalSimplified", "hex"]), st.integers()
)
def test_no_number_is_too_large_or_too_small(number_format: str, number: int) -> None:
    assert formatted(number, number_format)


def test_levels_count_and_restart_and_show_their_parents() -> None:
    levels = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2", suffix="space") + level(2, "lowerLetter", "%3)")
    body = "".join(numbered(text, 1, depth) for text, depth in zip("甲乙丙丁戊己", (0, 1, 2, 1, 0, 1), strict=True))
    assert lines_in(body, numbering({1: levels}, {1: (1, "")})) == [
        "1.甲",
        "1.1 乙",
        "a)丙",
        "1.2 丁",
        "2.戊",
        "2.1 己",
    ]


def test_articles_count_through_the_chapters_where_the_level_never_restarts() -> None:
    levels = level(0, "chineseCounting", "第%1章", suffix="tab")
    levels += level(1, "chineseCounting", "第%2条", suffix="tab", more='<w:lvlRestart w:val="0"/>')
    body = "".join(numbered(text, 1, depth) for text, depth in zip("甲乙丙丁", (0, 1, 0, 1), strict=True))
    assert lines_in(body, numbering({1: levels}, {1: (1, "")})) == ["第一章 甲", "第一条 乙", "第二章 丙", "第二条 丁"]


def test_lists_of_one_abstract_count_on_and_an_override_starts_anew_once() -> None:
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    numbers = numbering({1: level(0, "decimal", "%1、")}, {1: (1, ""), 2: (1, ""), 3: (1, restart)})
    body = "".join(numbered(text, key) for text, key in zip("甲乙丙丁", (1, 2, 3, 3), strict=True))
    assert lines_in(body, numbers) == ["1、甲", "2、乙", "5、丙", "6、丁"]


def test_an_override_may_bring_a_level_of_its_own() -> None:
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "upperLetter", "%1、")}</w:lvlOverride>'
    numbers = numbering({1: level(0, "decimal", "%1、")}, {1: (1, ""), 2: (1, own)})
    assert lines_in(numbered("甲", 1) + numbered("乙", 2), numbers) == ["1、甲", "B、乙"]


def test_all_levels_are_digits_where_the_list_is_legal() -> None:
    levels = level(0, "chineseCounting", "第%1章") + level(1, "decimal", "%1.%2", suffix="space", more="<w:isLgl/>")
    body = numbered("甲", 1) + numbered("乙", 1, 1)
    assert lines_in(body, numbering({1: levels}, {1: (1, "")})) == ["第一章甲", "1.1 乙"]


def test_a_style_brings_the_numbering_at_the_level_that_names_it_and_a_paragraph_can_refuse_it() -> None:
    levels = level(0, "decimal", "%1.") + level(1, "chineseCounting", "（%2）", more='<w:pStyle w:val="two"/>')
    styles = (
        '<w:style w:type="paragraph" w:styleId="one"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="two"><w:basedOn w:val="one"/></w:style>'
    )
    refuse = '<w:pStyle w:val="one"/><w:numPr><w:numId w:val="0"/></w:numPr>'
    body = (
        paragraph("甲", '<w:pStyle w:val="one"/>')
        + paragraph("乙", '<w:pStyle w:val="two"/>')
        + paragraph("丙", refuse)
    )
    assert lines_in(body, numbering({1: levels}, {1: (1, "")}), styles) == ["1.甲", "（一）乙", "丙"]


def test_a_list_linked_to_a_numbering_style_takes_its_levels() -> None:
    numbers = numbering(
        {1: '<w:styleLink w:val="S"/>' + level(0, "decimal", "%1)"), 2: '<w:numStyleLink w:val="S"/>'},
        {1: (1, ""), 2: (2, "")},
    )
    assert lines_in(numbered("甲", 2) + numbered("乙", 1), numbers) == ["1)甲", "2)乙"]


def test_bullets_are_no_text_but_a_dash_is() -> None:
    levels = {1: level(0, "bullet", "\uf0b7"), 2: level(0, "bullet", "——")}
    assert lines_in(numbered("甲", 1) + numbered("乙", 2), numbering(levels, {1: (1, ""), 2: (2, "")})) == [
        "甲",
        "——乙",
    ]


def test_a_number_never_runs_into_a_figure() -> None:
    numbers = numbering({1: level(0, "decimal", "%1.")}, {1: (1, "")})
    assert lines_in(numbered("5亿元", 1), numbers) == ["1. 5亿元"]


def test_empty_numbered_paragraphs_count_and_hidden_ones_do_not() -> None:
    numbers = numbering({1: level(0, "decimal", "%1.")}, {1: (1, "")})
    hidden = "<w:rPr><w:vanish/></w:rPr>"
    body = numbered("甲", 1) + numbered("", 1) + numbered("", 1, 0, hidden) + numbered("乙", 1)
    assert lines_in(body, numbers) == ["1.甲", "3.乙"]
