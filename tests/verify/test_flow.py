"""Answers verify/flow.py and margins.py: running text of pages led back to fields, and pages told by their numbers."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.binding import Difference, Field, FieldPackage, VisibleLine
from verify.flow import compare_pages

ROW = "一、结果／第{0}行 {1}／"
DOMAINS = ("法院领域", "教育领域", "生态领域", "税务领域")
RESULTS = ("未查询到", "未查询到", "有 1 条", "未查询到")
HEADING = ("序号", "领域", "查询结果")
FOOTER = "第 {PAGE} 页 共 {NUMPAGES} 页 · 核验有效"


def package() -> FieldPackage:
    fields = [
        Field("首页页眉／名称", "页眉文字", "信用报告"),
        Field("首页页眉／水印", "水印", "示例"),
        Field("页眉／编号", "页眉文字", "编号 A17"),
        Field("页眉／水印", "水印", "示例"),
        Field("首页／标题", "报告标题", "专用信用报告"),
        Field("首页／结论", "查询结论", "经查询，查询到违法违规记录 1 条，其余领域未查询到。"),
        *(Field(f"一、结果／表头／{name}", "表头", name) for name in HEADING),
    ]
    for number, (domain, result) in enumerate(zip(DOMAINS, RESULTS, strict=True), start=1):
        row = ROW.format(number, domain)
        fields += [
            Field(row + "序号", "表格文字", str(number)),
            Field(row + "领域", "表格文字", domain),
            Field(row + "查询结果", "查得结果", result),
            Field(row + "备注", "表格文字", ""),
        ]
    fields += [
        Field("三、说明／第1条", "说明条目", "1. 数据由各责任单位提供。"),
        Field("首页页脚／页码", "页脚文字", FOOTER),
        Field("页脚／页码", "页脚文字", FOOTER),
    ]
    return FieldPackage(b"a seed of a report of some pages", tuple(fields))


PACKAGE = package()
PAGES = (
    ["示例", "信用报告", "专用信用报告", "经查询，查询到违法违规记录", "1 条，其余领域未查询到。"],
    ["示例", "编号 A17", "序号 领域 查询结果", "1 法院领域 未查询到", "2 教育领域 未查询到"],
    [
        "示例",
        "编号 A17",
        "序号 领域 查询结果",
        "3 生态领域 有 1 条",
        "4 税务领域 未查询到",
        "1. 数据由各责任单位提供。",
    ],
)


def lines(order: Sequence[int] = (1, 2, 3), of: int = 3) -> list[VisibleLine]:
    """The pages of these printed numbers."""
    found = []
    for place, number in enumerate(order, start=1):
        footer = f"第 {number} 页 共 {of} 页 · 核验有效"
        found += [VisibleLine(f"第 {place} 页", text) for text in [*PAGES[number - 1], footer]]
    return found


def with_line(old: str, new: str, count: int = 1) -> list[VisibleLine]:
    found, left = [], count
    for line in lines():
        hit = left > 0 and old in line.text
        left -= hit
        found.append(VisibleLine(line.place, line.text.replace(old, new)) if hit else line)
    assert left < count, "nothing to change"
    return found


def test_the_report_as_issued_has_no_difference_however_its_lines_break() -> None:
    assert compare_pages(PACKAGE, lines()) == []
    broken = [VisibleLine(line.place, part) for line in lines() for part in line.text.split() if part]
    assert compare_pages(PACKAGE, broken) == []
    joined = [
        VisibleLine(name, "".join(x.text for x in lines() if x.place == name))
        for name in ("第 1 页", "第 2 页", "第 3 页")
    ]
    assert compare_pages(PACKAGE, joined) == []


def test_a_watermark_that_a_printer_draws_as_a_shape_is_not_missed_but_one_missing_on_a_page_is() -> None:
    assert compare_pages(PACKAGE, [line for line in lines() if line.text != "示例"]) == []
    assert compare_pages(PACKAGE, lines()[1:]) == [Difference("第 1 页，首页页眉／水印", "示例", "")]


RESULT = ROW.format(3, "生态领域") + "查询结果"
EDITS = {
    "a cell": (with_line("有 1 条", "未查询到"), RESULT, "有 1 条", "未查询到"),
    "a digit": (with_line("有 1 条", "有 7 条"), RESULT, "有 1 条", "有 7 条"),
    "words added to a paragraph": (
        with_line("1 条，其余", "1 条（已修复），其余"),
        "首页／结论",
        "经查询，查询到违法违规记录 1 条，其余领域未查询到。",
        "经查询，查询到违法违规记录1 条（已修复），其余领域未查询到。",
    ),
    "an empty cell filled": (
        with_line("4 税务领域", "已修复 4 税务领域"),
        ROW.format(3, "生态领域") + "备注",
        "",
        "已修复",
    ),
    "a line removed": (
        [line for line in lines() if not line.text.startswith("1. 数据")],
        "三、说明／第1条",
        "1. 数据由各责任单位提供。",
        "",
    ),
    "a line added": (
        with_line("1. 数据由各责任单位提供。", "1. 数据由各责任单位提供。\n2. 本企业无记录。"),
        "第 3 页，三、说明／第1条之后",
        "",
        "2. 本企业无记录。",
    ),
    "the header of a page": (with_line("编号 A17", "编号 A18"), "第 2 页，页眉／编号", "编号 A17", "编号 A18"),
    "a look-alike": (
        with_line("生态领域", "生态领\u57df\u200b"),
        ROW.format(3, "生态领域") + "领域",
        "生态领域",
        "生态领域‹U+200B›",
    ),
}


@pytest.mark.parametrize(("found", "where", "issued", "shown"), EDITS.values(), ids=EDITS.keys())
def test_what_was_edited_is_named_by_its_field_and_nothing_else_is(
    found: list[VisibleLine], where: str, issued: str, shown: str
) -> None:
    assert compare_pages(PACKAGE, found) == [Difference(where, issued, shown)]


def test_a_row_removed_is_named_cell_by_cell() -> None:
    found = compare_pages(PACKAGE, [line for line in lines() if "教育领域" not in line.text])
    assert [each.where for each in found] == [ROW.format(2, "教育领域") + name for name in HEADING]


def test_a_finding_moved_to_another_row_is_named_in_both() -> None:
    swap = {"2 教育领域 未查询到": "2 教育领域 有 1 条", "3 生态领域 有 1 条": "3 生态领域 未查询到"}
    found = compare_pages(PACKAGE, [VisibleLine(line.place, swap.get(line.text, line.text)) for line in lines()])
    assert [each.where for each in found] == [ROW.format(2, "教育领域") + "查询结果", RESULT]


def test_pages_are_told_by_their_printed_numbers() -> None:
    assert compare_pages(PACKAGE, lines((1, 3, 2))) == [Difference("页的次序", "1、2、3", "1、3、2")]
    gone = compare_pages(PACKAGE, lines((1, 2)))
    assert gone[0] == Difference("第 3 页", "第 3 页 共 3 页", "‹没有这一页›")
    assert ROW.format(4, "税务领域") + "查询结果" in [each.where for each in gone]
    assert Difference("第 3 页", "", "‹第 2 页又出现一次›") in compare_pages(PACKAGE, lines((1, 2, 2, 3)))
    foreign = [*lines(), VisibleLine("第 4 页", "本企业无任何记录")]
    assert compare_pages(PACKAGE, foreign)[:2] == [
        Difference("第 4 页", "", "‹多出的一页，没有签发时的页码›"),
        Difference("第 4 页，三、说明／第1条之后", "", "本企业无任何记录"),
    ]


def test_a_page_of_a_report_of_another_length_is_noticed() -> None:
    mixed = [
        line if line.place != "第 2 页" else VisibleLine(line.place, line.text.replace("共 3", "共 9"))
        for line in lines()
    ]
    assert Difference("第 2 页", "共 3 页", "共 9 页") in compare_pages(PACKAGE, mixed)


@given(st.lists(st.tuples(st.sampled_from(["第 1 页", "第 2 页", "第 3 页"]), st.text(max_size=40)), max_size=30))
def test_any_lines_are_compared_without_failing_and_foreign_ones_never_equal(found: list[tuple[str, str]]) -> None:
    assert compare_pages(PACKAGE, [VisibleLine(*line) for line in found])


@given(st.data())
def test_any_character_changed_in_the_body_is_noticed(data: st.DataObject) -> None:
    issued = lines()
    place = data.draw(st.sampled_from([n for n, line in enumerate(issued) if line.text != "示例"]))
    text = issued[place].text
    index = data.draw(st.sampled_from([n for n, character in enumerate(text) if not character.isspace()]))
    issued[place] = VisibleLine(issued[place].place, text[:index] + "㐀" + text[index + 1 :])
    assert compare_pages(PACKAGE, issued)


def test_a_package_whose_paths_name_no_margins_is_compared_as_one_text() -> None:
    plain = FieldPackage(bytes(32), (Field("第1项", "行", "甲"), Field("第2项", "行", "乙丙")))
    assert compare_pages(plain, [VisibleLine("第 1 页", "甲 乙"), VisibleLine("第 2 页", "丙")]) == []
    assert compare_pages(plain, []) != []
