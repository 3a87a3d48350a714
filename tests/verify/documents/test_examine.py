import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.verify.documents.report import PACKAGE_PART, Report, qr_png
from tests.verify.sample import NOW, QR, TOKEN, TRUST
from verify.binding import FieldPackage
from verify.check import Verification
from verify.credential import Credential
from verify.documents.examine import examine
from verify.errors import DocumentError
from verify.reasons import CODE_ALONE, WORDING, Reason, Rejection

NUMBER, CODE = "YCZX202608200000017", "7K3M-9Q2D-XW4T"


class Kept:
    """Sealed contents in memory: one report under one number and code."""

    def __init__(self, package: FieldPackage | None) -> None:
        self.package = package

    def token_for(self, number: str, code: str) -> bytes:
        if (number, code) != (NUMBER, CODE):
            raise Rejection(Reason.TYPED_CODE_UNKNOWN)
        return TOKEN

    def package_for(self, credential: Credential) -> FieldPackage | None:
        return self.package


def look(source: Path | bytes | str, sealed: Kept | None = None, name: str = "输入") -> Verification:
    return examine(source, name=name, trust=TRUST, at=NOW, now=NOW, sealed=sealed)


def test_a_text_a_picture_and_a_document_are_told_apart_by_content(report: Report, tmp_path: Path) -> None:
    assert look(QR).reason is Reason.OK
    assert look(qr_png(QR)).reason is Reason.OK
    assert look(QR.encode()).reason is Reason.OK
    path = tmp_path / "report.pdf"
    path.write_bytes(report.docx())
    assert look(path).reason is Reason.OK


def test_a_picture_or_pdf_is_valid_by_its_code_alone_and_the_next_step_says_so(report: Report) -> None:
    picture = qr_png(QR)
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").save(out, "PDF")
    for source in (picture, out.getvalue()):
        assert look(source).next_step == CODE_ALONE
        late = examine(source, name="输入", trust=TRUST, at=NOW + timedelta(days=60), now=NOW)
        assert late.next_step == WORDING[Reason.PERIOD_OVER].next_step
    for other in (QR, QR.encode(), report.docx()):
        assert look(other).next_step == WORDING[Reason.OK].next_step


UNREADABLE = {
    "empty": (b"", Reason.EMPTY),
    "white space": (b" \n", Reason.EMPTY),
    "half a PDF": (b"%PDF-1.7 ...", Reason.DAMAGED_FILE),
    "an old Word file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Reason.UNSUPPORTED_FILE),
    "a GIF": (b"GIF89a", Reason.UNSUPPORTED_FILE),
    "binary": (bytes(range(256)), Reason.UNSUPPORTED_FILE),
    "a long text": (b"1" * 5000, Reason.UNSUPPORTED_FILE),
    "a letter": ("尊敬的领导".encode(), Reason.NOT_A_VERIFICATION_CODE),
    "half a docx": (b"PK\x03\x04" + bytes(50), Reason.DAMAGED_FILE),
    "too much": (b"PK\x03\x04" + bytes(21 * 1024 * 1024), Reason.FILE_TOO_LARGE),
}


@pytest.mark.parametrize(("data", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_unreadable_with_its_reason(data: bytes, reason: Reason) -> None:
    assert look(data).reason is reason
    assert examine(data, name="x", trust=TRUST, at=NOW, now=NOW).reason is reason


def test_a_zip_that_is_no_docx_is_unsupported() -> None:
    from tests.verify.documents.report import pack

    assert look(pack({"readme.txt": b"hello"})).reason is Reason.UNSUPPORTED_FILE


def test_a_path_that_cannot_be_opened_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.docx", tmp_path):
        with pytest.raises(DocumentError) as error:
            look(path, name="nothing.docx")
        assert "nothing.docx" in error.value.message
        assert error.value.next_step


def test_number_and_code_are_answered_from_the_sealed_contents() -> None:
    kept = Kept(None)
    assert look(f"{NUMBER} {CODE}", kept).reason is Reason.OK
    assert look(f"{NUMBER}，{CODE}", kept).reason is Reason.OK
    assert look(f"{NUMBER} 7K3M-9Q2D-XW4S", kept).reason is Reason.TYPED_CODE_UNKNOWN
    assert look(f"{NUMBER} {CODE}").reason is Reason.NOT_A_VERIFICATION_CODE


def test_a_document_that_lost_its_package_is_compared_with_the_sealed_one(report: Report) -> None:
    without = report.without_part(PACKAGE_PART)
    assert look(without.docx()).reason is Reason.PACKAGE_MISSING
    assert look(without.docx(), Kept(None)).reason is Reason.PACKAGE_MISSING
    assert look(without.docx(), Kept(report.package)).reason is Reason.OK
    edited = without.swapped("word/document.xml", "有 1 条", "未查询到")
    answer = look(edited.docx(), Kept(report.package))
    assert answer.reason is Reason.FIELDS_DIFFER
    assert answer.differences[0].where.endswith("生态环境领域／查询结果")
