# ruff: noqa: E501 - markup in one line reads best
"""Word files: what a reader of the printed page sees comes out, in order, and nothing else."""

from pathlib import Path

import pytest
from docx import Document as new_word_file

from index.errors import UnreadablePolicy
from index.policies.readers.docx import read_docx
from index.policies.readers.docx.symbols import UNKNOWN
from tests.index.policies.readers.word_files import (
    cell,
    footnote,
    note_mark,
    paragraph,
    rezipped,
    row,
    run,
    table,
    word_file,
)


def lines_of(content: bytes) -> list[str]:
    return [line.strip() for line in read_docx(Path("甲.docx"), content).text.split("\n") if line.strip()]


def lines_in(body: str, **parts: object) -> list[str]:
    return lines_of(word_file(body, **parts))  # type: ignore[arg-type]


def test_a_file_written_by_python_docx_is_read_with_its_headings_and_rows(tmp_path: Path) -> None:
    document = new_word_file()
    document.add_heading("云岭市茶园管理办法", 0)
    document.add_paragraph("为管好茶园，制定本办法。")
    document.add_heading("茶园名单", 1)
    grid = document.add_table(rows=3, cols=3)
    for at, text in enumerate(("序号", "茶园", "负责人|电话")):
        grid.cell(0, at).text = text
    grid.cell(1, 0).merge(grid.cell(1, 2)).text = "首批"
    for at, text in enumerate(("1", "东园", "张三")):
        grid.cell(2, at).text = text
    path = tmp_path / "甲.docx"
    document.save(str(path))
    raw = read_docx(path, path.read_bytes())
    assert raw.text.split("\n") == [
        "云岭市茶园管理办法",
        "为管好茶园，制定本办法。",
        "茶园名单",
        "序号 | 茶园 | 负责人｜电话",
        "首批",
        "1 | 东园 | 张三",
    ]
    assert raw.headings == (("云岭市茶园管理办法", 0), ("茶园名单", 1))


INSERTED = 'w:id="1" w:author="甲" w:date="2031-01-01T00:00:00Z"'


def test_tracked_changes_are_read_as_accepted() -> None:
    deleted = f"<w:del {INSERTED}><w:r><w:delText>旧</w:delText></w:r></w:del>"
    moved = f"<w:moveFrom {INSERTED}>{run('移走')}</w:moveFrom><w:moveTo {INSERTED}>{run('移来')}</w:moveTo>"
    runs = f"{run('茶园')}{deleted}<w:ins {INSERTED}>{run('新')}</w:ins>{run('规')}{moved}"
    assert lines_in(paragraph(runs=runs)) == ["茶园新规移来"]


def test_a_deleted_paragraph_mark_joins_two_paragraphs_and_a_deleted_paragraph_is_gone() -> None:
    mark = f"<w:rPr><w:del {INSERTED}/></w:rPr>"
    gone = paragraph(runs=f"<w:del {INSERTED}><w:r><w:delText>整段删去</w:delText></w:r></w:del>", properties=mark)
    body = paragraph("茶园应当", mark) + gone + paragraph("整洁。") + paragraph("下一段。")
    assert lines_in(body) == ["茶园应当整洁。", "下一段。"]


def test_words_before_a_deleted_mark_are_kept_even_at_the_end_and_before_a_table() -> None:
    mark = f"<w:rPr><w:del {INSERTED}/></w:rPr>"
    body = paragraph("表前", mark) + table(row(cell("甲"), cell("乙"))) + paragraph("最后", mark)
    assert lines_in(body) == ["表前", "甲 | 乙", "最后"]


def test_deleted_rows_and_cells_are_gone() -> None:
    body = table(
        row(cell("甲"), cell("乙")),
        row(cell("删"), cell("去"), properties=f"<w:del {INSERTED}/>"),
        row(cell("丙"), cell("丁"), cell("多", f"<w:cellDel {INSERTED}/>")),
    )
    assert lines_in(body) == ["甲 | 乙", "丙 | 丁"]


def test_hidden_text_is_no_text_also_through_styles() -> None:
    styles = (
        '<w:style w:type="character" w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Dark"><w:basedOn w:val="Base"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    runs = (
        run("看得见")
        + run("藏一", "<w:vanish/>")
        + run("藏二", '<w:rStyle w:val="Dark"/>')
        + run("不藏", '<w:rStyle w:val="Dark"/><w:vanish w:val="0"/>')
    )
    body = paragraph(runs=runs) + paragraph("藏三", '<w:pStyle w:val="Gone"/>')
    assert lines_in(body, parts={"styles": styles}) == ["看得见不藏"]


def test_a_style_based_on_itself_does_not_hang() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/><w:name w:val="A"/></w:style>'
    assert lines_in(paragraph("茶", '<w:pStyle w:val="A"/>'), parts={"styles": styles}) == ["茶"]


def test_breaks_tabs_hyphens_and_signs_are_characters() -> None:
    runs = (
        "<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t><w:noBreakHyphen/><w:t>丁</w:t><w:softHyphen/>"
        '<w:br w:type="page"/><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="仿宋" w:char="4E00"/>'
        '<w:sym w:font="Wingdings" w:char="F022"/><w:sym w:font="x" w:char="zz"/></w:r>'
    )
    assert lines_in(paragraph(runs=runs)) == ["甲", f"乙\t丙-丁☑一{UNKNOWN}"]


def test_fields_give_their_result_never_their_instruction() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    link = f"{mark('begin')}<w:r><w:instrText> HYPERLINK x </w:instrText></w:r>{mark('separate')}{run('茶园')}{mark('end')}"
    page = f"{mark('begin')}<w:r><w:instrText> PAGE </w:instrText></w:r>{mark('separate')}{run('7')}{mark('end')}"
    simple = f'<w:fldSimple w:instr=" REF a ">{run("名录")}</w:fldSimple>'
    hyper = f"<w:hyperlink>{run('（附）')}</w:hyperlink>"
    assert lines_in(paragraph(runs=link + page + simple + hyper)) == ["茶园名录（附）"]


def test_a_table_of_contents_is_no_text_but_nothing_is_lost_when_its_end_is_missing() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    start = f'{mark("begin")}<w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>{mark("separate")}{run("第一章……1")}'
    contents = paragraph(runs=start) + paragraph("第二章……9") + paragraph(runs=mark("end"))
    assert lines_in(contents + paragraph("第一章")) == ["第一章"]
    assert lines_in(paragraph(runs=start) + paragraph("第一条 茶。")) == ["第一章……1", "第一条 茶。"]


def test_content_controls_are_read_and_their_prompts_are_not() -> None:
    filled = f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('填了的话')}</w:sdtContent></w:sdt>"
    empty = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{paragraph('单击此处')}</w:sdtContent></w:sdt>"
    rows = f"<w:sdt><w:sdtContent>{row(cell('甲'), cell('乙'))}</w:sdtContent></w:sdt>"
    assert lines_in(filled + empty + table(rows)) == ["填了的话", "甲 | 乙"]


def test_a_text_box_comes_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph('框里的话')}{table(row(cell('甲'), cell('乙')))}</w:txbxContent>"
    both = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    body = paragraph(runs=f"{run('段落')}<w:r>{both}</w:r>") + paragraph("后文")
    assert lines_in(body) == ["段落", "框里的话", "甲 | 乙", "后文"]


def test_ruby_gives_its_base_and_a_fraction_its_bar() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{run('chá')}</w:rt><w:rubyBase>{run('茶')}</w:rubyBase></w:ruby></w:r>"
    fraction = (
        "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>3</m:t></m:r></m:den></m:f></m:oMath>"
    )
    assert lines_in(paragraph(runs=ruby + run("税") + fraction)) == ["茶税1/3"]


def test_comments_are_no_text() -> None:
    runs = f'<w:commentRangeStart w:id="0"/>{run("茶")}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>'
    content = rezipped(word_file(paragraph(runs=runs)), {"word/comments.xml": b"<a>no text</a>"})
    assert lines_of(content) == ["茶"]


def test_notes_follow_their_paragraph_marked_and_the_sentence_stays_whole() -> None:
    body = paragraph(runs=run("茶园") + note_mark(5) + run("应当整洁。") + note_mark(3, "endnote")) + paragraph("后文")
    body += paragraph(runs=run("又见") + note_mark(5) + note_mark(6))
    notes = footnote(0, "-", "footnote").replace('w:id="0"', 'w:type="separator" w:id="0"') + footnote(5, "指在册的。")
    parts = {"footnotes": notes + footnote(6, "另一条。"), "endnotes": footnote(3, "见附录。", "endnote")}
    assert lines_in(body, parts=parts) == [
        "茶园应当整洁。",
        "注1：指在册的。",
        "尾注1：见附录。",
        "后文",
        "又见",
        "注2：另一条。",
    ]


def test_notes_of_a_table_stand_below_it() -> None:
    noted = paragraph(runs=run("东园") + note_mark(2))
    body = table(row(cell(noted), cell("1")), row(cell("西园"), cell("2"))) + paragraph("后文")
    assert lines_in(body, parts={"footnotes": footnote(2, "已歇业。")}) == [
        "东园 | 1",
        "西园 | 2",
        "注1：已歇业。",
        "后文",
    ]


def test_headers_and_footers_are_kept_once_marked_if_they_say_something() -> None:
    headers = {
        "header1": paragraph("云岭市茶园管理办法") + paragraph("征求意见稿"),
        "header2": paragraph("征求意见稿"),
        "footer1": paragraph(
            runs=run("第 ") + '<w:fldSimple w:instr="PAGE">' + run("3") + "</w:fldSimple>" + run(" 页")
        ),
        "footer2": paragraph("— 4 —") + paragraph("云岭市茶业局印发"),
    }
    body = paragraph("云岭市茶园管理办法") + paragraph("第一条 茶。")
    assert lines_in(body, headers=headers) == [
        "云岭市茶园管理办法",
        "第一条 茶。",
        "页眉：征求意见稿",
        "页脚：云岭市茶业局印发",
    ]


def test_headings_come_from_styles_names_and_outline_levels_also_inherited() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="mine"><w:name w:val="我的"/><w:basedOn w:val="1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="o"><w:name w:val="x"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    )
    body = (
        paragraph(runs="<w:r><w:t>云岭市茶园</w:t><w:br/><w:t>管理办法</w:t></w:r>", properties='<w:pStyle w:val="t"/>')
        + paragraph("二级", '<w:pStyle w:val="mine"/>')
        + paragraph("三级", '<w:pStyle w:val="o"/>')
        + paragraph("直接", '<w:outlineLvl w:val="0"/>')
        + paragraph("正文", '<w:pStyle w:val="o"/><w:outlineLvl w:val="9"/>')
    )
    raw = read_docx(Path("甲.docx"), word_file(body, parts={"styles": styles}))
    assert raw.headings == (("云岭市茶园管理办法", 0), ("二级", 2), ("三级", 3), ("直接", 1))


def test_merged_cells_are_filled_across_and_down_and_skipped_columns_keep_their_place() -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        row(cell("甲", '<w:gridSpan w:val="2"/>'), cell("乙")),
        row(cell("丙", down), cell("丁"), cell("戊", down)),
        row(cell("", on), cell("己"), cell("", on)),
        row(cell("庚"), cell("辛"), properties='<w:gridBefore w:val="1"/>'),
        row(cell("并", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), cell("壬")),
        row(cell(paragraph("整行") + paragraph("两段"), '<w:gridSpan w:val="3"/>')),
    )
    assert lines_in(body) == [
        "甲 | 甲 | 乙",
        "丙 | 丁 | 戊",
        "丙 | 己 | 戊",
        "| 庚 | 辛",
        "并 | 并 | 壬",
        "整行",
        "两段",
    ]


def test_a_table_inside_a_cell_becomes_words_of_the_cell() -> None:
    inner = table(row(cell("甲"), cell("1")), row(cell("乙"), cell("2")))
    body = table(row(cell("名单"), cell(paragraph("如下：") + inner + paragraph("完"))))
    assert lines_in(body) == ["名单 | 如下： 甲｜1；乙｜2 完"]


def test_a_frame_of_one_cell_is_read_as_paragraphs() -> None:
    body = table(row(cell(paragraph("第一段。") + paragraph("第二段。"))), columns=1)
    assert lines_in(body) == ["第一段。", "第二段。"]


def test_a_cell_merged_over_thousands_of_rows_is_filled_in_each() -> None:
    rows = (
        row(
            cell(
                "甲局" if at == 0 else "", f"<w:vMerge{' w:val=' + chr(34) + 'restart' + chr(34) if at == 0 else ''}/>"
            ),
            cell(f"茶{at}"),
        )
        for at in range(3000)
    )
    assert lines_in(table(*rows)) == [f"甲局 | 茶{at}" for at in range(3000)]


def test_a_strict_docx_is_read_like_any_other() -> None:
    content = word_file(paragraph("茶园应当整洁。"))
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    strict = (
        f'<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>茶园应当整洁。</w:t></w:r></w:p></w:body></w:document>'
    )
    strict = strict.replace(main, "http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert lines_of(rezipped(content, {"word/document.xml": strict.encode()})) == ["茶园应当整洁。"]


def test_a_word_file_without_chinese_words_is_named() -> None:
    with pytest.raises(UnreadablePolicy, match="没有中文正文"):
        lines_in(paragraph("nothing to see"))


@pytest.mark.parametrize(
    ("instruction", "shown"),
    [
        (r" eq \o\ac(○,3)", "③"),
        (r" eq \o\ac(○,甲)", "（甲）"),
        (r" EQ \* jc2 \* hps21 \o\ad(\s\up 9(chá),茶)", "茶"),
        (r" EQ \f(1,3)", "1/3"),
        (r" EQ \x(a)", ""),
        (" DATE ", ""),
    ],
)
def test_words_that_stand_in_an_instruction_are_read(instruction: str, shown: str) -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    head, tail = instruction[:6], instruction[6:]
    split = f"<w:r><w:instrText>{head}</w:instrText></w:r><w:r><w:instrText>{tail}</w:instrText></w:r>"
    assert lines_in(paragraph(runs=run("甲") + mark("begin") + split + mark("end") + run("乙"))) == [f"甲{shown}乙"]


def test_a_file_with_another_embedded_is_named_not_read_in_part() -> None:
    with pytest.raises(UnreadablePolicy, match="嵌有另一份文件"):
        lines_in(paragraph("茶园") + '<w:altChunk r:id="rId9"/>')
