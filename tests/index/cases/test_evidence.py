"""Answers index/cases/evidence.py: what may come in, and under which name. Every file is from an enemy."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cases.evidence import MAX_BYTES, MAX_NAME, Evidence, checked, clean_name, kind_of
from index.errors import CaseError


def packed(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")
XLSX = packed("[Content_Types].xml", "xl/workbook.xml")
GOOD = {
    "pdf": b"\n%PDF-1.7\n",
    "jpg": b"\xff\xd8\xff\xe0rest",
    "png": b"\x89PNG\r\n\x1a\nrest",
    "docx": DOCX,
    "xlsx": XLSX,
    "txt": "说明（示例）\r\n第二行".encode("gb18030"),
}


def code(files: list[Evidence], already: int = 0) -> str:
    with pytest.raises(CaseError) as refused:
        checked(files, already)
    assert refused.value.next_step
    return refused.value.code


@pytest.mark.parametrize("kind", GOOD)
def test_the_six_kinds_are_known_by_their_content(kind: str) -> None:
    assert kind_of(GOOD[kind]) == kind
    (kept,) = checked([Evidence(f"材料.{kind.upper()}", GOOD[kind])])
    assert (kept.name, kept.content) == (f"材料.{kind}", GOOD[kind])


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00",
        b"<html><script>",
        b"  <?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
        b"GIF89a\x01\x00\x01\x00",
        b"<html><script>%PDF-1.7",
        b"GIF89a\x01\x00%PDF-1.7",
        b"PK\x03\x04broken",
        packed("a.txt"),
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        packed("[Content_Types].xml", "ppt/presentation.xml"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"text\x00with nul",
        b"\x81\xff\xff",
    ],
)
def test_anything_else_is_refused_whatever_its_name(content: bytes) -> None:
    assert kind_of(content) is None
    assert code([Evidence("材料.pdf", content)]) == "EVIDENCE_KIND"


@pytest.mark.parametrize("name", ["材料.exe", "材料.pdf.exe", "材料.docm", "材料.txt", "a.html"])
def test_a_name_that_says_something_else_than_the_content_is_refused(name: str) -> None:
    assert code([Evidence(name, GOOD["pdf"])]) == "EVIDENCE_KIND"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\a\\证据.pdf", "证据.pdf"),
        ("说明\u202efdp.pdf", "说明fdp.pdf"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ('a:b*c?"d<e>f|.pdf', "a_b_c__d_e_f_.pdf"),
        ("", "材料1.pdf"),
        ("...", "材料1.pdf"),
        (".pdf", "pdf.pdf"),
        ("2025.3.14通知", "2025.3.14通知.pdf"),
        ("甲" * 300 + ".pdf", "甲" * 76 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_harms(given_name: str, kept: str) -> None:
    assert checked([Evidence(given_name, GOOD["pdf"])])[0].name == kept


@given(st.text(max_size=200))
def test_no_name_leaves_its_folder_or_hides_anything(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned == clean_name(cleaned)
    assert not set(cleaned) & set('/\\:*?"<>|\x00\n\r\u202e')
    assert not cleaned.startswith(".")


@given(st.binary(max_size=400))
def test_no_content_breaks_the_look_at_it(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", DOCX[:200]):
        kind = kind_of(start + content)
        assert kind in (None, *GOOD)


def test_size_and_number_are_bounded() -> None:
    assert code([Evidence("a.pdf", b"")]) == "EVIDENCE_EMPTY"
    assert code([Evidence("a.pdf", b"%PDF-" + bytes(MAX_BYTES))]) == "EVIDENCE_TOO_LARGE"
    assert checked([Evidence("a.pdf", b"%PDF-" + bytes(MAX_BYTES - 5))])
    assert code([Evidence("a.pdf", GOOD["pdf"])] * 11) == "EVIDENCE_TOO_MANY"
    assert code([Evidence("a.pdf", GOOD["pdf"])] * 2, already=9) == "EVIDENCE_TOO_MANY"
    assert all(len(file.name) <= MAX_NAME for file in checked([Evidence("长" * 500, GOOD["pdf"])]))


def test_a_zip_with_very_many_parts_is_not_looked_into() -> None:
    assert kind_of(packed("[Content_Types].xml", "word/document.xml", *(str(n) for n in range(5000)))) is None
