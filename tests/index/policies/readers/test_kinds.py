"""What a file is, by its content."""

import pytest

from index.policies.readers.kinds import WHAT_TO_DO, Kind, kind_of
from tests.bad_input import GOOD, ole
from tests.index.policies.readers import sample
from tests.index.policies.readers.word_files import zipped

KINDS = {
    Kind.WORD: GOOD,
    Kind.SPREADSHEET: zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
    Kind.SLIDES: zipped({"ppt/presentation.xml": b""}),
    Kind.FIXED_LAYOUT: zipped({"OFD.xml": b""}),
    Kind.OPEN_DOCUMENT: zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b""}),
    Kind.ARCHIVE: zipped({"甲.docx": GOOD}),
    Kind.PDF: b"\xef\xbb\xbf\n%PDF-1.4\n",
    Kind.RTF: b"{\\rtf1\\ansi }",
    Kind.OLD_WORD: ole("WordDocument"),
    Kind.ENCRYPTED_OFFICE: ole("EncryptedPackage"),
    Kind.UNKNOWN_OFFICE: ole("SomethingElse"),
    Kind.PICTURE: b"\xff\xd8\xff\xe0\0\x10JFIF",
    Kind.WEB_PAGE: "\ufeff\n<!-- 保存自 -->\n<HTML><body>茶".encode(),
    Kind.WEB_ARCHIVE: sample.as_archive(),
    Kind.TEXT: "主题：茶 <b>不是网页</b>\nfrom: 甲".encode(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_content_decides(kind: Kind) -> None:
    assert kind_of(KINDS[kind]) is kind


def test_a_page_in_utf_16_is_a_page() -> None:
    assert kind_of("<html><body>茶</body></html>".encode("utf-16")) is Kind.WEB_PAGE


def test_a_stream_named_in_running_text_decides_nothing() -> None:
    assert kind_of(ole("SomethingElse", "EncryptedPackage\0".encode("utf-16-le"))) is Kind.UNKNOWN_OFFICE


def test_every_kind_without_a_reader_says_what_to_do() -> None:
    assert all(next_step.endswith("。") for _, next_step in WHAT_TO_DO.values())
    assert (
        not {Kind.TEXT, Kind.WEB_PAGE, Kind.WEB_ARCHIVE, Kind.WORD, Kind.PDF, Kind.OLD_WORD, Kind.RTF}
        & WHAT_TO_DO.keys()
    )
