"""Readers: encodings recognised, Word files read in order, and everything broken or hostile named with a next step."""

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document as new_word_file
from docx.oxml import parse_xml

from index.errors import UnreadablePolicy
from index.policies.readers import read
from index.policies.reading import documents_of

TEXT = "云岭市茶叶管理办法\n第一条 为保护茶山，制定本办法。\n"
TRADITIONAL = "雲嶺市茶葉管理辦法\n第一條 為保護茶山，制定本辦法。\n"


def word_file(path: Path) -> Path:
    document = new_word_file()
    document.add_heading("云岭市茶园管理办法", 0)
    document.add_paragraph("为管好茶园，制定本办法。")
    document.add_heading("总的要求", 1)
    document.add_paragraph("种好茶。")
    document.add_heading("茶园名单", 1)
    table = document.add_table(rows=4, cols=3)
    for at, text in enumerate(("序号", "茶园", "负责人|电话")):
        table.cell(0, at).text = text
    table.cell(1, 0).merge(table.cell(1, 2)).text = "首批"
    for row, texts in ((2, ("1", "东园", "张三")), (3, ("2", "西园", ""))):
        for at, text in enumerate(texts):
            table.cell(row, at).text = text
    table.cell(2, 2).merge(table.cell(3, 2))
    document.add_paragraph("本办法自2031年5月1日起施行。")
    document.save(str(path))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "甲.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert read(path)[0].text == TEXT


def test_big5_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "甲.txt"
    path.write_bytes(TRADITIONAL.encode("big5"))
    assert read(path)[0].text == TRADITIONAL


def test_word_file_gives_headings_and_rows_in_order(tmp_path: Path) -> None:
    path = word_file(tmp_path / "甲.docx")
    raw, content = read(path)
    assert raw.text.split("\n") == [
        "云岭市茶园管理办法",
        "为管好茶园，制定本办法。",
        "总的要求",
        "种好茶。",
        "茶园名单",
        "序号 | 茶园 | 负责人｜电话",
        "首批",
        "1 | 东园 | 张三",
        "2 | 西园 | 张三",
        "本办法自2031年5月1日起施行。",
    ]
    (document,) = documents_of(raw, origin=path.name, content=content)
    assert document.title == "云岭市茶园管理办法"
    row = document.passages[-2]
    assert row.heading == ("云岭市茶园管理办法", "茶园名单", "首批")
    assert row.columns == (("序号", "2"), ("茶园", "西园"), ("负责人｜电话", "张三"))
    assert document.passages[-1].heading == ("云岭市茶园管理办法",)


def rezipped(content: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change.get(part.filename, old.read(part)))
        for name in change.keys() - {part.filename for part in old.infolist()}:
            new.writestr(name, change[name])
    return out.getvalue()


XXE = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'


def hostile(tmp_path: Path) -> dict[str, bytes]:
    good = word_file(tmp_path / "good.docx").read_bytes()
    encrypted = bytearray(good)
    at = encrypted.find(b"PK\x01\x02")
    encrypted[at + 8] |= 1
    return {
        "外部实体.docx": rezipped(good, {"word/document.xml": XXE}),
        "炸弹.docx": rezipped(good, {"word/media/a.xml": b"\0" * (40 * 1024 * 1024)}),
        "部件太多.docx": rezipped(good, {f"a/{number}.bin": b"" for number in range(2001)}),
        "加密.docx": bytes(encrypted),
        "截断.docx": good[: len(good) // 2],
        "不是文档.docx": rezipped(b"PK\x05\x06" + b"\0" * 18, {"a.txt": b"x"}),
        "坏正文.docx": rezipped(good, {"word/document.xml": b"<w:document"}),
        "旧版.doc": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        "甲.pdf": b"%PDF-1.7\n",
        "网页.txt": b"<!DOCTYPE html><html>",
        "空.txt": b"",
        "空白.txt": " \n　\n".encode(),
        "图片.txt": bytes(range(256)) * 40,
        "英文.txt": b"nothing to see",
        "太长.txt": "茶\n".encode() * 100_001,
    }


def test_every_broken_or_hostile_file_is_refused_with_a_next_step(tmp_path: Path) -> None:
    for name, content in hostile(tmp_path).items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UnreadablePolicy) as caught:
            read(path)
        assert name in caught.value.message
        assert caught.value.next_step.endswith("。")
        assert caught.value.code.startswith("POLICY_")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(UnreadablePolicy, match="16 MB"):
        read(path)


@pytest.mark.parametrize("name", ["没有.txt", "."])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadablePolicy, match="找不到|是文件夹"):
        read(tmp_path / name)


def test_an_undeclared_part_with_an_entity_is_refused_too(tmp_path: Path) -> None:
    good = word_file(tmp_path / "good.docx").read_bytes()
    path = tmp_path / "甲.docx"
    path.write_bytes(rezipped(good, {"customXml/item9.xml": XXE}))
    with pytest.raises(UnreadablePolicy, match="外部实体"):
        read(path)


def test_the_parser_itself_resolves_no_entities() -> None:
    """Should a declaration slip through, python-docx's parser still leaves the entity alone."""
    xml = '<!DOCTYPE d [<!ENTITY x "boom">]><w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">&x;</w:p>'
    assert "boom" not in "".join(parse_xml(xml).itertext())


def test_a_cell_merged_over_thousands_of_rows_is_filled_in_each(tmp_path: Path) -> None:
    good = word_file(tmp_path / "good.docx").read_bytes()
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    rows = "".join(
        f"<w:tr><w:tc><w:tcPr><w:vMerge{' w:val=' + chr(34) + 'restart' + chr(34) if number == 0 else ''}/></w:tcPr>"
        f"<w:p>{'<w:r><w:t>甲局</w:t></w:r>' if number == 0 else ''}</w:p></w:tc>"
        f"<w:tc><w:p><w:r><w:t>茶{number}</w:t></w:r></w:p></w:tc></w:tr>"
        for number in range(3000)
    )
    body = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>{rows}</w:tbl>"
    path = tmp_path / "甲.docx"
    path.write_bytes(
        rezipped(good, {"word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>".encode()})
    )
    lines = read(path)[0].text.split("\n")
    assert lines == [f"甲局 | 茶{number}" for number in range(3000)]
