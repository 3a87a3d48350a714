"""Answers verify/batch/inputs.py: folders and zips, and what enemies and old programs put into them."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from tests.verify.batch.made import zipped
from tests.verify.documents.report import Report, qr_png
from tests.verify.sample import QR
from verify.batch import inputs
from verify.batch.inputs import items_of_folder, items_of_zip, shown
from verify.errors import DocumentError
from verify.reasons import Reason, Rejection

PNG = qr_png(QR)


def refusal(content: object) -> Reason:
    with pytest.raises(Rejection) as rejection:
        content() if callable(content) else items_of_zip(io.BytesIO(content))  # type: ignore[arg-type]
    return rejection.value.reason


def test_a_folder_is_read_in_order_without_what_systems_leave_behind(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    for name in ("b/报告.docx", "a.png", ".hidden", "~$a.docx", "__MACOSX/a.png", "b/Thumbs.db"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    items = items_of_folder(tmp_path)
    assert [(item.name, item.content()) for item in items] == [
        ("a.png", b"a.png"),
        ("b/报告.docx", "b/报告.docx".encode()),
    ]


def test_too_many_files_are_refused_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "FILES_MAX", 2)
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(QR)
    with pytest.raises(DocumentError) as folder:
        items_of_folder(tmp_path)
    with pytest.raises(DocumentError) as packed:
        items_of_zip(zipped({f"{number}.txt": b"" for number in range(3)}))
    assert folder.value.code == packed.value.code == "TOO_MANY_FILES"


def test_a_file_that_cannot_be_opened_is_an_answer_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(QR)
    (item,) = items_of_folder(tmp_path)
    (tmp_path / "a.txt").unlink()
    assert refusal(item.content) is Reason.FILE_NOT_OPENED


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_names_in_zips_are_read_however_they_were_written(encoding: str) -> None:
    items = items_of_zip(zipped({"投标文件/甲公司.png": PNG, "投标文件/乙公司.png": b""}, raw_names=encoding))
    assert items is not None
    assert [item.name for item in items] == ["投标文件/甲公司.png", "投标文件/乙公司.png"]
    assert items[0].content() == PNG


def test_names_that_climb_or_hide_are_names_and_nothing_else() -> None:
    items = items_of_zip(zipped({"../../etc/passwd": b"x", "a\u202egnp.exe": b"y", "/root.png": b"z"}))
    assert items is not None
    assert [item.name for item in items] == ["../../etc/passwd", "a\ufffdgnp.exe", "/root.png"]
    assert len(shown("长" * 5000)) == inputs.NAME_CHARACTERS_MAX


def test_an_office_document_is_one_file_and_no_zip_of_files(report: Report) -> None:
    assert items_of_zip(io.BytesIO(report.docx())) is None


def test_a_zip_within_a_zip_is_named_and_not_opened() -> None:
    items = items_of_zip(zipped({"inner.zip": zipped({"a.png": PNG}).getvalue(), "b.rar": b"Rar!", "c.png": PNG}))
    assert items is not None
    assert [refusal(item.content) for item in items[:2]] == [Reason.NESTED_ARCHIVE] * 2
    assert items[2].content() == PNG


def test_a_bomb_is_refused_and_its_neighbours_are_not() -> None:
    items = items_of_zip(
        zipped({"bomb.png": bytes(19 * 1024 * 1024), "large.pdf": bytes(21 * 1024 * 1024), "c.png": PNG})
    )
    assert items is not None
    assert [refusal(item.content) for item in items[:2]] == [Reason.DANGEROUS_FILE, Reason.FILE_TOO_LARGE]
    assert items[2].content() == PNG


def patched(data: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """``data`` with ``value`` at ``offset`` of every record that begins with ``signature``."""
    changed, place = bytearray(data), data.find(signature)
    assert place >= 0
    while place >= 0:
        changed[place + offset : place + offset + len(value)] = value
        place = data.find(signature, place + 1)
    return bytes(changed)


CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"


def test_a_locked_member_is_named_so() -> None:
    data = patched(patched(zipped({"a.png": PNG}).getvalue(), CENTRAL, 8, b"\x01\x00"), LOCAL, 6, b"\x01\x00")
    (item,) = items_of_zip(io.BytesIO(data)) or ()
    assert refusal(item.content) is Reason.FILE_LOCKED


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    data = patched(zipped({"a.bin": bytes(5000)}).getvalue(), CENTRAL, 24, struct.pack("<I", 10))
    (item,) = items_of_zip(io.BytesIO(data)) or ()
    assert refusal(item.content) in {Reason.DANGEROUS_FILE, Reason.DAMAGED_FILE}


def test_a_method_that_is_not_known_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.png", PNG)
    (item,) = items_of_zip(out) or ()
    assert refusal(item.content) is Reason.DANGEROUS_FILE


def test_members_that_lie_in_each_other_refuse_the_whole() -> None:
    """A quoted bomb: many names, one content."""
    data = zipped({f"{number}.bin": bytes(range(256)) * 40 for number in range(3)}).getvalue()
    overlapping = patched(data, CENTRAL, 20, struct.pack("<I", len(data)))
    assert refusal(overlapping) is Reason.DANGEROUS_FILE
    one = zipped({"a.txt": b"A" * 300}).getvalue()
    central, end = one.index(CENTRAL), one.index(END)
    tail = bytearray(one[end:])
    struct.pack_into("<HHI", tail, 8, 2, 2, 2 * (end - central))
    assert refusal(one[:end] + one[central:end] + bytes(tail)) is Reason.DANGEROUS_FILE


def test_a_directory_of_millions_is_refused_before_it_is_read() -> None:
    data = zipped({"a.png": PNG}).getvalue()
    assert refusal(patched(data, END, 12, struct.pack("<I", inputs.DIRECTORY_LIMIT_BYTES + 1))) is Reason.DANGEROUS_FILE
    place = data.rindex(END)
    zip64 = data[:place] + b"PK\x06\x07" + bytes(16) + data[place:]
    assert refusal(zip64) is Reason.DANGEROUS_FILE


@pytest.mark.parametrize("cut", [4, 30, 200])
def test_a_zip_that_is_cut_is_damaged(cut: int) -> None:
    assert refusal(zipped({"a.png": PNG}).getvalue()[:-cut]) is Reason.DAMAGED_FILE
