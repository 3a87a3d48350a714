"""The tree: passages tile the source, paths are full, numbering is checked, tables have named columns."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.policies.cleaning import clean
from index.policies.model import Passage, PassageKind
from index.policies.split import TextPart, split
from index.policies.structure import passages
from tests.index.policies.texts import ARTICLES_WITHOUT_BLANKS, LETTER_AND_SCHEME, LINES

Read = list[tuple[PassageKind, tuple[str, ...], str]]


def read(text: str, at: int = 0) -> Read:
    part = split(clean(text))[at]
    return [(one.kind, one.heading[1:], part.source[one.start : one.end].strip()) for one in passages("x", part)]


def rows(part: TextPart) -> list[Passage]:
    return [one for one in passages("x", part) if one.kind is PassageKind.TABLE_ROW]


lines = st.sampled_from(LINES.strip().split("\n"))


@given(st.lists(lines, min_size=1, max_size=30))
def test_spans_of_passages_are_the_whole_source(chosen: list[str]) -> None:
    parts = split("\n".join(chosen))
    assert "".join(part.source for part in parts) == "\n".join(chosen) + "\n"
    for part in parts:
        found = passages("x", part)
        assert "".join(part.source[one.start : one.end] for one in found) == part.source
        assert [one.number for one in found] == list(range(len(found)))
        for one in found:
            assert one.heading[0] == part.title
            texts = [part.source[start:end] for start, end in one.spans]
            assert texts == [text for _, text in one.columns]


def test_article_keeps_its_body_and_stands_in_the_path() -> None:
    found = read(LETTER_AND_SCHEME)
    assert (
        PassageKind.PARAGRAPH,
        ("第二章 监督", "第五条"),
        "第五条 本办法自2031年5月1日起施行，有效期2年。《云岭市公平秤暂行规定》（云政办发〔2026〕6号）同时废止。",
    ) in found


def test_a_reference_to_an_article_at_a_line_start_is_no_article() -> None:
    found = read(LETTER_AND_SCHEME)
    assert (PassageKind.PARAGRAPH, ("第一章 总则", "第二条"), "第三条规定的数量设置公平秤。") in found
    assert (PassageKind.PARAGRAPH, ("第二章 监督", "第四条"), "第三条规定的，由市市场监管局责令改正。") in found
    assert [heading for kind, heading, _ in found if heading[-1:] == ("第三条",)] == [("第一章 总则", "第三条")] * 3


def test_articles_without_blanks_are_articles_too() -> None:
    found = read(ARTICLES_WITHOUT_BLANKS)
    assert [text[:3] for _, heading, text in found if heading] == ["第一条", "第二条", "第三条", "第三条", "第四条"]
    assert [heading for _, heading, text in found if text.startswith("第三条规定")] == [("第二条",)]


def test_items_of_an_article_are_no_headings() -> None:
    found = read(LETTER_AND_SCHEME)
    assert (PassageKind.PARAGRAPH, ("第一章 总则", "第三条"), "（一）农贸市场不少于两台；") in found


def test_heading_and_body_on_one_line_are_told_apart() -> None:
    found = read(LETTER_AND_SCHEME, 1)
    path = ("二、任务分工", "（一）宣传发动")
    at = found.index((PassageKind.HEADING, path, "（一）宣传发动。"))
    assert found[at + 1][:2] == (PassageKind.PARAGRAPH, path)
    assert found[at + 1][2].startswith("发放告知书。")


def test_a_deeper_heading_follows_and_the_next_one_replaces_it() -> None:
    found = read(LETTER_AND_SCHEME, 1)
    assert (PassageKind.PARAGRAPH, ("二、任务分工", "（二）检查", "2.查网店"), "每月查一次。") in found


def test_the_closing_line_stands_under_the_title() -> None:
    found = read(LETTER_AND_SCHEME, 1)
    assert (PassageKind.PARAGRAPH, (), "本方案自印发之日起施行，有效期至2033年12月31日。") in found


def test_table_rows_have_named_columns_and_labelled_entries_besides() -> None:
    part = split(clean(LETTER_AND_SCHEME))[1]
    first, second = rows(part)
    assert first.heading == ("云岭市茶叶包装整治方案", "附件 任务分工表")
    assert first.columns == (
        ("序号", "1"),
        ("任务", "查商场"),
        ("单位", "牵头单位：市市场监管局 配合单位：市商务局"),
        ("牵头单位", "市市场监管局"),
        ("配合单位", "市商务局"),
    )
    assert dict(second.columns)["牵头单位"] == "市网信办"
    assert [part.source[start:end] for start, end in first.spans] == [text for _, text in first.columns]


def test_headings_styled_by_the_file_count_without_numbers() -> None:
    (part,) = split("云岭市茶园办法\n总的要求\n种好茶。\n做法\n浇水。")
    found = passages("x", part, {"总的要求": 1, "做法": 1})
    assert [one.heading[1:] for one in found] == [(), ("总的要求",), ("总的要求",), ("做法",), ("做法",)]


def test_group_rows_and_repeated_headers_of_a_table() -> None:
    text = "云岭市茶园名单方案\n为种茶，制定本方案。\n附件\n茶园名单\n首批（1个）\n序号 | 园 | 时间\n1 | 东园 | 三月\n"
    (part,) = split(text + "第二批（1个）\n序号 | 园 | 时间\n2 | 西园 | 四月")
    found = passages("x", part)
    assert [one.kind for one in found[-6:]] == [
        PassageKind.HEADING,
        PassageKind.TABLE_HEADER,
        PassageKind.TABLE_ROW,
    ] * 2
    assert found[-1].heading[1:] == ("附件 茶园名单", "第二批（1个）")
    assert found[-1].columns == (("序号", "2"), ("园", "西园"), ("时间", "四月"))


@pytest.fixture(scope="module")
def real(shared: Path) -> dict[str, TextPart]:
    found = {}
    for path in sorted((shared / "corpus/raw").glob("*.txt")):
        for number, part in enumerate(split(clean(path.read_text("utf-8")))):
            found[f"{path.name[:3]}{'abc'[number]}"] = part
    return found


@pytest.mark.shared
def test_documents_of_the_real_files_are_told_apart(real: dict[str, TextPart], shared: Path) -> None:
    assert sorted(real) == ["000a", "001a", "002a", "002b", "003a", "004a", "004b", "004c"]
    for name in ("004a", "004b", "004c"):
        assert real[name].source.strip() == (shared / f"corpus/clean/{name}.txt").read_text("utf-8").strip()
    assert (
        real["002a"].source + real["002b"].source.strip()
        == (shared / "corpus/clean/002.txt").read_text("utf-8").strip()
    )


@pytest.mark.shared
def test_every_line_of_the_real_texts_is_in_one_passage(real: dict[str, TextPart]) -> None:
    for part in real.values():
        found = passages("x", part)
        assert "".join(part.source[one.start : one.end] for one in found) == part.source


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "path", "beginning"),
    [
        ("004b", ("二、适用范围", "（六）专用信用报告时效性"), "根据经营主体"),
        ("004c", ("第三章 信用评价报告", "第十四条"), "第十四条 信用评价报告有效期"),
        (
            "002b",
            ("二、重点任务", "（二）建立健全政务信用管理体系", "5、建立完善公务员诚信档案"),
            "以公民统一社会信用代码",
        ),
        ("001a", ("三、重点任务", "（二）加强重点领域政务诚信建设", "7.加强基层政务诚信建设"), "定期组织开展"),
        ("003a", ("倒排工期，新型政商环境营建再提速",), "根据《江苏省"),
        ("004a", ("一、总体要求", "（二）基本原则", "——政务公开"), "推进阳光行政"),
    ],
)
def test_paths_of_the_real_texts(real: dict[str, TextPart], name: str, path: tuple[str, ...], beginning: str) -> None:
    part = real[name]
    found = [part.source[one.start : one.end] for one in passages("x", part) if one.heading == (part.title, *path)]
    assert any(text.startswith(beginning) for text in found)
