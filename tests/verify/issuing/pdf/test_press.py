"""Answers verify/issuing/pdf/press.py and its place in issuing: real store, real files, real fonts."""

import io
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.verify.issuing.office import ISSUED, TYPESETTER, WALL, TestOffice
from tests.verify.issuing.pdf.sheets import page_texts
from verify.documents.docx import package_xml
from verify.errors import IssuingError, KeyringError
from verify.issuing.fields import fields_of
from verify.issuing.freezing import thaw
from verify.issuing.orders import IssuedReport
from verify.issuing.pdf.fonts import fonts_in
from verify.issuing.pdf.typesetting import Typesetter
from verify.issuing.printing import prepare
from verify.issuing.service import Issuing
from verify.reasons import Reason

QR = zxingcpp.BarcodeFormat.QRCode
"""Hairlines of a table may look like a linear code."""


def without_fonts(folder: Path) -> Typesetter:
    return Typesetter(lambda: fonts_in((str(folder),), with_system=False))


def use(office: TestOffice, typesetter: Typesetter) -> None:
    """As a machine with other fonts would."""
    office.issuing = Issuing(
        engine=office.engine,
        office=office.office,
        keys=office.keys,
        places=office.places,
        clock=lambda: office.wall,
        typesetter=typesetter,
    )


def pdf_of(report: IssuedReport) -> bytes:
    assert report.pdf is not None
    return report.pdf.read_bytes()


def test_the_pdf_is_valid_by_the_trust_file_of_its_own_office_and_with_one_byte_more_it_is_not(
    office: TestOffice,
) -> None:
    office.add_records({})
    report = office.issue()
    answer = office.examine(pdf_of(report))
    assert (answer.reason, answer.differences) == (Reason.OK, ())
    assert office.examine(pdf_of(report) + b"\n").reason is Reason.PDF_CHANGED_SINCE


def test_every_report_comes_with_a_pdf_that_is_certified_and_says_the_same(office: TestOffice) -> None:
    office.add_records({})
    report = office.issue()
    assert report.without_pdf == ""
    assert report.to_json()["files"]["pdf"] == str(report.pdf)
    pdf = pdf_of(report)
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    identity = office.keys.documents.identity_for(report.issued_at)
    root = Certificate.load(identity.chain[1].public_bytes(Encoding.DER))
    assert validate_pdf_signature(signature, ValidationContext(trust_roots=[root], moment=ISSUED)).bottom_line
    shown = "".join(page_texts(pdf))
    assert report.number in shown
    assert report.typed_code in shown
    assert "盐环罚〔2025〕示例12号" in shown
    assert stat.S_IMODE(office.places.pdf(report.number).stat().st_mode) == 0o600


def test_its_qr_and_its_field_package_verify(office: TestOffice) -> None:
    report = office.issue()
    document = pypdfium2.PdfDocument(pdf_of(report))
    (code,) = zxingcpp.read_barcodes(document[0].render(scale=200 / 72).to_pil().convert("L"), formats=QR)
    attached = bytes(document.get_attachment(0).get_data())
    document.close()
    assert code.text == report.qr_text
    assert office.examine(code.text).reason is Reason.OK
    draft = thaw(office.issuing._ledger.intent(report.number).content)
    assert attached == package_xml(prepare(draft).package)
    assert prepare(draft).package.fields == fields_of(draft.content)


@pytest.mark.parametrize("lost", ["report.pdf", "report.docx", "qr.png"])
def test_a_lost_file_is_made_again_byte_for_byte(office: TestOffice, lost: str) -> None:
    report = office.issue(idempotency_key="K-1")
    path = office.places.reports / report.number / lost
    issued = path.read_bytes()
    path.unlink()
    office.wall += timedelta(days=3)
    office.reopen()
    assert office.issue(idempotency_key="K-1") == report
    assert path.read_bytes() == issued


def test_a_report_of_another_version_of_this_program_keeps_its_files_and_gets_no_new_ones(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = office.issue()
    docx = report.docx.read_bytes()
    assert report.pdf is not None
    report.pdf.unlink()
    monkeypatch.setattr("verify.issuing.fields.PART_THREE", "三、新版说明")
    again = office.issuing.issued(report.number, "经办")
    assert again.pdf is None
    assert "REPORT_OUTDATED" in again.without_pdf
    assert report.docx.read_bytes() == docx
    report.docx.unlink()
    with pytest.raises(IssuingError) as caught:
        office.issuing.issued(report.number, "经办")
    assert caught.value.code == "REPORT_OUTDATED"


def test_a_file_that_is_there_is_not_written_again(office: TestOffice) -> None:
    report = office.issue()
    assert report.pdf is not None
    report.docx.write_bytes(b"as delivered")
    report.pdf.unlink()
    assert pdf_of(office.issuing.issued(report.number, "经办"))
    assert report.docx.read_bytes() == b"as delivered"


def test_after_a_new_certificate_an_earlier_report_is_still_made_again_byte_for_byte(office: TestOffice) -> None:
    report = office.issue()
    issued = pdf_of(report)
    office.keys.documents.ensure(WALL + timedelta(days=900))
    assert report.pdf is not None
    report.pdf.unlink()
    office.reopen()
    assert pdf_of(office.issuing.issued(report.number, "经办")) == issued


def test_without_fonts_the_docx_is_issued_and_the_pdf_follows_when_they_are_there(
    office: TestOffice, tmp_path: Path
) -> None:
    use(office, without_fonts(tmp_path))
    problem = office.issuing.pdf_problem(WALL)
    assert problem is not None
    assert problem.code == "FONT_MISSING"
    report = office.issue(idempotency_key="K-1")
    assert report.pdf is None
    assert "fonts-noto-cjk" in report.without_pdf
    assert report.to_json()["files"]["pdf"] is None
    assert report.copied_to(tmp_path / "out").pdf is None
    assert office.examine(report.docx).reason is Reason.OK
    use(office, TYPESETTER)
    assert office.issuing.pdf_problem(WALL) is None
    again = office.issue(idempotency_key="K-1")
    assert pdf_of(again)
    assert again.docx.read_bytes() == report.docx.read_bytes()


def test_a_character_without_glyph_costs_the_pdf_and_not_the_report(office: TestOffice) -> None:
    office.add_records({"CF_SY": "含有本机字体没有的字𐨀"})
    report = office.issue()
    assert report.pdf is None
    assert "𐨀" in report.without_pdf
    assert office.examine(report.docx).reason is Reason.OK


def test_a_real_office_without_document_certificate_issues_docx_until_the_keys_are_rotated(office: TestOffice) -> None:
    office.be_real(bases=tuple(replace(basis, effective_to=None) for basis in office.office.bases))
    office.keys.init(WALL)
    (office.home / "keys" / "document-keys.json").unlink()
    office.reopen()
    report = office.issue(WALL, idempotency_key="K-1")
    assert report.pdf is None
    assert "DOCUMENT_KEY_MISSING" in report.without_pdf
    office.keys.rotate(WALL)
    assert pdf_of(office.issue(WALL, idempotency_key="K-1"))


def test_a_document_key_that_cannot_be_opened_stops_the_report_before_it_is_signed(office: TestOffice) -> None:
    office.issue()
    next((office.home / "keys").glob("document-????????????????.pem")).write_bytes(b"no key")
    office.reopen()
    with pytest.raises(KeyringError) as caught:
        office.issue()
    assert caught.value.code == "KEY_FILE_UNREADABLE"
    assert office.count("ledger") == 1


def test_a_page_that_cannot_be_set_stops_the_report_before_it_is_signed(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "report.typ"
    broken.write_text("#panic()")
    monkeypatch.setattr("verify.issuing.pdf.typesetting._TEMPLATE", broken)
    use(office, Typesetter())
    with pytest.raises(IssuingError) as caught:
        office.issue()
    assert caught.value.code == "PDF_FAILED"
    assert office.count("ledger") == 0


def test_the_copy_for_the_receiver_has_the_pdf_too(office: TestOffice, tmp_path: Path) -> None:
    report = office.issue()
    copied = report.copied_to(tmp_path / "out")
    assert copied.pdf == tmp_path / "out" / f"{report.number}.pdf"
    assert pdf_of(copied) == pdf_of(report)
