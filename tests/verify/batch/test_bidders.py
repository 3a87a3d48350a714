"""Answers verify/batch/bidders.py and verify/documents/sheets.py: a list as people send it."""

import io

import openpyxl
import pytest

from tests.verify.batch.made import company, subject_code, zipped
from verify.batch.bidders import bidders_in
from verify.documents.sheets import LIST_LIMIT_BYTES, ROWS_MAX, opened_rows, rows_of, written_rows
from verify.errors import DocumentError
from verify.reasons import Reason, Rejection

ROWS = [
    ("序号", "投标人名称", "统一社会信用代码", "电话"),
    *[(str(n), company(n), subject_code(n), "0515") for n in (1, 2)],
]
TEXT = "".join(f"{','.join(row)}\r\n" for row in ROWS)


def workbook(rows: list[tuple[object, ...]]) -> bytes:
    out, book = io.BytesIO(), openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


SENT = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "GB18030": TEXT.encode("gb18030"),
    "UTF-16": TEXT.encode("utf-16"),
    "tabs": TEXT.replace(",", "\t").encode("gb18030"),
    "semicolons": TEXT.replace(",", ";").encode(),
    "workbook": workbook(ROWS),
    "title above": ("某工程投标人名单（虚构）,,,\r\n,,,\r\n" + TEXT).encode(),
    "no heading": TEXT.partition("\r\n")[2].encode(),
    "columns the other way round": "".join(f"{row[2]},{row[1]}\n" for row in ROWS).encode(),
}


@pytest.mark.parametrize("data", SENT.values(), ids=SENT.keys())
def test_names_and_codes_are_found_however_the_list_was_written(data: bytes) -> None:
    found = bidders_in(opened_rows(written_rows(data)))
    assert [(each.name, each.code, each.sound) for each in found.bidders] == [
        (company(n), subject_code(n), True) for n in (1, 2)
    ]


def test_a_list_without_codes_is_a_list_of_names() -> None:
    found = bidders_in(rows_of("单位名称\n甲公司\n乙公司\n".encode()))
    assert [each.name for each in found.bidders] == ["甲公司", "乙公司"]
    assert found.of("甲公司", subject_code(1)) == found.bidders[0]


def test_a_code_that_cannot_be_is_kept_and_told() -> None:
    (bidder,) = bidders_in(rows_of("名称,代码\n甲公司,91320902MA1EX0M1X0\n".encode())).bidders
    assert (bidder.code, bidder.sound) == ("91320902MA1EX0M1X0", False)


@pytest.mark.parametrize("written", ["盐城示例（第1）公司", "盐城示例(第1) 公司", "盐城示例(第１)公司"])
def test_brackets_spaces_and_widths_make_no_other_name(written: str) -> None:
    found = bidders_in(rows_of("名称\n盐城示例（第1）公司\n".encode()))
    assert found.of(written, "") is not None
    assert found.of(written.replace("盐", "监"), "") is None


@pytest.mark.parametrize("text", ["", "\n\n", "你好,世界\n", "1,2,3\n"])
def test_a_list_without_names_and_codes_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        bidders_in(rows_of(text.encode()))
    assert refusal.value.code == "BIDDERS_NOT_FOUND"


HOSTILE = {
    "binary": (bytes(range(256)), Reason.UNSUPPORTED_FILE),
    "too large": (b"a," * LIST_LIMIT_BYTES, Reason.FILE_TOO_LARGE),
    "too many rows": ("甲公司\n" * (ROWS_MAX + 1), Reason.FILE_TOO_LARGE),
    "half a workbook": (workbook(ROWS)[:3000], Reason.DAMAGED_FILE),
    "a docx": (zipped({"[Content_Types].xml": b"", "word/document.xml": b""}).getvalue(), Reason.UNSUPPORTED_FILE),
    "an empty workbook": (zipped({"xl/workbook.xml": b""}).getvalue(), Reason.DAMAGED_FILE),
    "entities": (
        zipped({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}).getvalue(),
        Reason.DANGEROUS_FILE,
    ),
    "entities in UTF-16": (
        zipped({"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16")}).getvalue(),
        Reason.DANGEROUS_FILE,
    ),
    "a bomb": (zipped({"xl/workbook.xml": bytes(9 * 1024 * 1024)}).getvalue(), Reason.DANGEROUS_FILE),
}


@pytest.mark.parametrize(("data", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_list_is_refused_by_name(data: bytes | str, reason: Reason) -> None:
    with pytest.raises(Rejection) as refusal:
        rows_of(data.encode() if isinstance(data, str) else data)
    assert refusal.value.reason is reason
