# ruff: noqa: E501 - words and their places stand best in one line
"""PDF files: paragraphs, tables and notes as their author wrote them; scans and unreadable text layers named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadablePolicy
from index.policies.readers.pdf import read_pdf
from index.policies.readers.pdf.page import Glyph
from index.policies.readers.pdf.paragraphs import joined
from index.policies.readers.pdf.rows import rows_of
from tests.index.policies.readers.pdf_files import Sheet, Word, block, printed

LONG = (
    "第一条 茶园信用信息由云岭市茶业局统一归集，按照谁产生、谁提供、谁负责的原则，由各单位在信息产生之日起七个工作日内报送，"
    "报送的信息应当真实、准确、完整；发现错误的，应当在三个工作日内更正。"
).replace(" ", "")
SECOND = "第二条茶园经营者应当如实提供信息，不得隐瞒，不得伪造，违反的由云岭市茶业局责令改正并记入信用记录。"


def lines_of(*sheets: Sheet) -> list[str]:
    return read_pdf(Path("甲.pdf"), printed(*sheets)).text.split("\n")


def test_printed_lines_become_paragraphs() -> None:
    words = [*block(LONG, top=700), *block(SECOND, top=560), *block("第三条茶。", top=440)]
    assert lines_of(Sheet(words)) == [LONG, SECOND, "第三条茶。"]


def test_paragraphs_without_indent_are_told_apart_by_their_last_lines_and_numbers() -> None:
    full = "第四条" + "茶" * 24 + "。"
    words = [
        *block(LONG, top=700, indent=0),
        *block(SECOND, top=560, indent=0),
        *block(full, top=448, indent=0),
        *block("第五条茶。", top=420, indent=0),
    ]
    assert lines_of(Sheet(words)) == [LONG, SECOND, full, "第五条茶。"]


def test_a_sentence_goes_on_over_the_page_past_footer_and_header() -> None:
    words = block(LONG, top=200)
    first = [word for word in words if word[1] > 140]
    rest = [(x, y + 600, size, text) for x, y, size, text in words if word_is_below(y)]
    head = (200.0, 800.0, 10.0, "云岭市人民政府公报")
    sheets = [
        Sheet([head, *first, (280, 40, 10, "—1—")]),
        Sheet([head, *rest, *block(SECOND, top=500), (280, 40, 10, "—2—")]),
    ]
    assert lines_of(*sheets) == [LONG, SECOND]


def word_is_below(y: float) -> bool:
    return y <= 140


@pytest.mark.parametrize("number", ["1", "—1—", "- 1 -", "第1页", "第 1 页 共 9 页", "1/9", "第一页", "· 1 ·"])
def test_a_page_number_goes_on_a_single_page_too(number: str) -> None:
    assert lines_of(Sheet([*block(SECOND, top=700), (290, 40, 10, number)])) == [SECOND]


def test_a_number_in_the_text_is_no_page_number() -> None:
    words = [*block(SECOND, top=700), (112, 600, 16, "2031"), (290, 40, 10, "电话12345")]
    assert lines_of(Sheet(words)) == [SECOND, "2031", "电话12345"]


def test_a_title_over_two_centred_lines_is_one() -> None:
    words = [
        (128, 760, 22, "云岭市人民政府办公室关于印发云"),
        (172, 730, 22, "岭市茶园管理办法的通知"),
        *block(SECOND, top=660),
    ]
    assert lines_of(Sheet(words)) == ["云岭市人民政府办公室关于印发云岭市茶园管理办法的通知", SECOND]


GRID = [(80, y, 480, y) for y in (700, 660, 620, 580)] + [(x, 580, x, 700) for x in (80, 160, 320, 480)]
CELLS = [(90, 675, 12, "序号"), (170, 675, 12, "茶园"), (330, 675, 12, "单位")]


def test_a_ruled_table_gives_rows_with_wrapped_cells_joined() -> None:
    words = [
        *CELLS,
        (90, 635, 12, "1"),
        (170, 645, 12, "东园和西园和北园和南园以"),
        (170, 630, 12, "及中园"),
        (330, 635, 12, "甲局"),
    ]
    words += [(90, 595, 12, "2"), (170, 595, 12, "上园"), (330, 595, 12, "乙局")]
    assert lines_of(Sheet([*block(SECOND, top=760), *words], GRID)) == [
        SECOND,
        "序号 | 茶园 | 单位",
        "1 | 东园和西园和北园和南园以及中园 | 甲局",
        "2 | 上园 | 乙局",
    ]


def test_a_cell_without_a_line_below_or_beside_it_is_merged() -> None:
    rules = [rule for rule in GRID if rule != (80, 620, 480, 620)] + [(80, 620, 320, 620)]
    words = [
        *CELLS,
        (90, 635, 12, "1"),
        (170, 635, 12, "东园"),
        (90, 595, 12, "2"),
        (170, 595, 12, "西园"),
        (330, 615, 12, "甲局"),
    ]
    assert lines_of(Sheet(words, rules)) == ["序号 | 茶园 | 单位", "1 | 东园 | 甲局", "2 | 西园 | 甲局"]


def test_a_box_around_words_is_no_table() -> None:
    box = [(70, 640, 540, 640), (70, 720, 540, 720), (70, 640, 70, 720), (540, 640, 540, 720)]
    assert lines_of(Sheet(block(SECOND, top=700), box)) == [SECOND]


def test_rows_without_ruled_lines_stay_rows() -> None:
    words = [
        (80, 700, 16, "茶园"),
        (300, 700, 16, "单位"),
        (80, 672, 16, "东园"),
        (300, 672, 16, "甲局"),
        *block(SECOND, top=600),
    ]
    assert lines_of(Sheet(words)) == ["茶园 | 单位", "东园 | 甲局", SECOND]


def test_a_wide_gap_behind_a_number_makes_no_table() -> None:
    words: list[Word] = list(block(LONG, top=700))
    for at, (number, text) in enumerate([("第一章", "总则"), ("第一条", "茶园应当整洁。"), ("（一）", "不得荒废；")]):
        words += [(80, 560 - 28 * at, 16, number), (180, 560 - 28 * at, 16, text)]
    assert lines_of(Sheet(words))[1:] == ["第一章 总则", "第一条 茶园应当整洁。", "（一） 不得荒废；"]


def test_names_of_units_in_a_row_that_the_page_breaks_stay_apart() -> None:
    first: list[Word] = [*CELLS, (90, 635, 12, "1"), (170, 635, 12, "东园"), (330, 635, 12, "甲局")]
    last = [(90, 595, 12, "2"), (170, 595, 12, "西园"), (330, 595, 12, "甲局")]
    rest = [(330, 675, 12, "乙局")]
    lines = lines_of(Sheet([*first, *last], GRID), Sheet(rest, GRID))
    assert lines == ["序号 | 茶园 | 单位", "1 | 东园 | 甲局", "2 | 西园 | 甲局 乙局"]


def test_a_footnote_follows_its_paragraph_and_its_mark_goes() -> None:
    words = [
        (112, 700, 16, "茶园"),
        (144, 707, 8, "1"),
        (153, 700, 16, "应当整洁，经营者应当登记。"),
        *block(SECOND, top=600),
    ]
    note = [(80, 90, 9, "1"), (90, 90, 9, "指在册的茶园。")]
    assert lines_of(Sheet(words + note, [(80, 110, 200, 110)])) == [
        "茶园应当整洁，经营者应当登记。",
        "注1：指在册的茶园。",
        SECOND,
    ]


def test_a_small_line_without_a_mark_in_the_text_stays_where_it_is() -> None:
    assert lines_of(Sheet([*block(SECOND, top=700), (80, 90, 9, "1本页说明。")])) == [SECOND, "1本页说明。"]


def test_a_turned_page_is_read_as_it_is_shown() -> None:
    upright = lines_of(Sheet(block(SECOND, top=700)))
    assert lines_of(Sheet(block(SECOND, top=700), turned=90, size=(842, 595))) == upright


def test_signs_drawn_twice_count_once() -> None:
    words = [
        word for x, y, size, text in block(SECOND, top=700) for word in ((x, y, size, text), (x + 0.4, y, size, text))
    ]
    assert lines_of(Sheet(words)) == [SECOND]


def test_a_scan_is_named_as_a_scan() -> None:
    with pytest.raises(UnreadablePolicy, match="扫描件") as caught:
        lines_of(Sheet(picture=True), Sheet([(100, 100, 10, "章")], picture=True))
    assert caught.value.code == "POLICY_SCAN"
    assert "OCR" in caught.value.next_step


def test_a_pdf_without_words_is_named_too() -> None:
    with pytest.raises(UnreadablePolicy, match="没有中文文字"):
        lines_of(Sheet([(100, 100, 10, "nothing to see")]))


def test_a_scanned_page_among_others_is_marked_at_its_place() -> None:
    pages = [Sheet(block(LONG + LONG, top=700)), Sheet(picture=True), Sheet(block(SECOND, top=700))]
    assert lines_of(*pages) == [LONG + LONG, "〔第2页是图片，没有可读的文字〕", SECOND]


def test_words_whose_font_says_no_characters_are_named() -> None:
    content = printed(Sheet(block(LONG, top=700)), encoding="Identity-H", ordering="Identity")
    with pytest.raises(UnreadablePolicy) as caught:
        read_pdf(Path("甲.pdf"), content)
    assert caught.value.code == "POLICY_NOT_TEXT"


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("茶园", "应当", "茶园应当"),
        ("informa-", "tion", "information"),
        ("China", "Tea", "China Tea"),
        ("2031", "年", "2031年"),
        ("于20", "31年", "于2031年"),
        ("A类", "B类", "A类B类"),
    ],
)
def test_lines_join_without_a_trace(first: str, second: str, whole: str) -> None:
    assert joined(first, second) == whole


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40), st.randoms())
def test_the_order_in_which_signs_are_drawn_does_not_matter(text: str, random: object) -> None:
    glyphs = [Glyph(char, 80 + 16 * at, 700, 96 + 16 * at, 716) for at, char in enumerate(text)]
    random.shuffle(glyphs)  # type: ignore[attr-defined]
    assert [row.text for row in rows_of(glyphs)] == [text]
