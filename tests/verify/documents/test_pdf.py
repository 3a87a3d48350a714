"""Answers verify/documents/pdf.py, pdf_pages.py, pdf_text.py: what is read of a PDF, and what a hostile one gets."""

import logging
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from PIL import Image
from pyhanko.pdf_utils import generic

from tests.verify.documents.genuine import TYPESETTER, certify, genuine, identity, listed, look, trust
from tests.verify.documents.pdf_attacks import RESULT, forger, in_the_content_stream, resigned_by_a_forger
from tests.verify.documents.pdf_tools import Writer, dictionary, name, numbers, saved_again, updated, with_annotation
from tests.verify.documents.report import qr_png
from tests.verify.issuing.pdf.sheets import REPORTS, sheet_of
from tests.verify.sample import ISSUED, NOW, QR
from verify.binding import FieldPackage
from verify.check import check
from verify.credential import Credential
from verify.documents.pdf import read_pdf
from verify.documents.pdf_pages import PAGES_MAX
from verify.flow import compare_pages
from verify.issuing.fields import fields_of
from verify.reasons import CODE_ALONE, WORDING, Reason, Rejection

WORDS = b"BT /F 12 Tf %d Tr 40 40 Td (Scanned by an office machine) Tj ET"
HELVETICA = dictionary(Type=name("/Font"), Subtype=name("/Type1"), BaseFont=name("/Helvetica"))


def page(text: str | None = None, size: tuple[int, int] = (1240, 1754)) -> Image.Image:
    """A sheet of white paper, with a QR at its upper right if ``text`` is given."""
    sheet = Image.new("RGB", size, "white")
    if text is not None:
        with Image.open(BytesIO(qr_png(text))) as code:
            sheet.paste(code.convert("RGB").resize((300, 300)), (size[0] - 360, 60))
    return sheet


def file(*pages: Image.Image, resolution: float = 150.0) -> bytes:
    stream = BytesIO()
    pages[0].save(stream, format="PDF", save_all=True, append_images=pages[1:], resolution=resolution)
    return stream.getvalue()


def with_drawing(scan: bytes, content: bytes, *, under: bool = False) -> bytes:
    """The first page of a scan with something drawn over its picture, or under it."""

    def edit(writer: Writer) -> None:
        found = writer.find_page_for_modification(0)[0].get_object()
        found["/Resources"][name("/Font")] = dictionary(F=HELVETICA)
        parts = [found.raw_get("/Contents"), writer.add_object(generic.StreamObject(stream_data=content))]
        found[name("/Contents")] = generic.ArrayObject(reversed(parts) if under else parts)
        writer.update_container(found)

    return updated(scan, edit, strict=False)


def of_kind(kind: str) -> tuple[FieldPackage, bytes]:
    """A report as it is set, and the package it carries."""
    made = REPORTS[kind]
    return FieldPackage(bytes(32), fields_of(made)), TYPESETTER.set(sheet_of(made))


class Sealed:
    """The sealed content of one report."""

    def __init__(self, package: FieldPackage) -> None:
        self.package = package

    def token_for(self, number: str, code: str) -> bytes:
        raise Rejection(Reason.TYPED_CODE_UNKNOWN)

    def package_for(self, credential: Credential) -> FieldPackage | None:
        return self.package


# scans


def test_the_code_of_a_scanned_pdf_is_verified_wherever_it_stands_and_by_its_code_alone() -> None:
    scan = file(page(), page(QR))
    answer = look(scan)
    assert (answer.reason, answer.next_step) == (Reason.OK, CODE_ALONE)
    assert read_pdf(scan).places == (2,)


def test_a_red_seal_over_the_code_is_looked_through() -> None:
    sheet = page(QR)
    red = Image.new("RGB", (300, 300), (220, 30, 30))
    box = (sheet.width - 360, 60, sheet.width - 60, 360)
    code = sheet.crop(box)
    sheet.paste(Image.composite(code, red, code.convert("L").point(lambda value: 255 if value < 128 else 0)), box)
    assert look(file(sheet)).reason is Reason.OK


@pytest.mark.parametrize(("mode", "under"), [(0, True), (3, True), (3, False)])
def test_words_that_a_scanner_lays_under_its_picture_or_unseen_over_it_do_not_make_a_scan_a_document(
    mode: int, *, under: bool
) -> None:
    answer = look(with_drawing(file(page(QR)), WORDS % mode, under=under))
    assert (answer.reason, answer.next_step) == (Reason.OK, CODE_ALONE)


@pytest.mark.parametrize(
    "drawing",
    [
        WORDS % 0,
        b"q 0.8 g 20 20 80 60 re f Q 1 g " + WORDS % 0,
        WORDS % 1,
        b"q 1 0 0 RG 40 40 m 300 40 l S Q",
        b"q 1 0 0 rg 40 40 200 20 re f Q",
    ],
    ids=["words", "white words on a patch", "outlined words", "a line", "a patch"],
)
def test_a_scan_with_something_drawn_over_its_picture_is_no_scan(drawing: bytes) -> None:
    answer = look(with_drawing(file(page(QR)), drawing))
    assert (answer.reason, answer.differences) == (Reason.PDF_UNCERTIFIED, ())


def test_outlines_of_words_without_any_picture_are_no_scan() -> None:
    """A report whose letters were turned into curves, beside the picture of its code."""

    def smaller(writer: Writer) -> None:
        found = writer.find_page_for_modification(0)[0].get_object()
        found[name("/MediaBox")] = numbers(0, 0, 1200, 1700)
        writer.update_container(found)

    small = updated(saved_again(file(page(QR))), smaller)
    assert look(small).reason is Reason.OK
    assert look(with_drawing(small, b"0 g 700 900 m 760 1000 l 820 900 l f")).reason is Reason.PDF_UNCERTIFIED


def test_a_note_a_form_field_or_a_script_makes_a_scan_a_document() -> None:
    scan, box = saved_again(file(page(QR))), numbers(40, 40, 300, 60)
    note = {"Subtype": name("/FreeText"), "Contents": generic.TextStringObject("CLEAN")}
    field = {"Subtype": name("/Widget"), "FT": name("/Tx"), "V": generic.TextStringObject("CLEAN")}
    for more in (note, field):
        assert look(with_annotation(scan, 0, Rect=box, **more)).reason is Reason.PDF_UNCERTIFIED

    def script(writer: Writer) -> None:
        action = dictionary(S=name("/JavaScript"), JS=generic.TextStringObject("this.addAnnot({})"))
        writer.root[name("/OpenAction")] = action
        writer.update_root()

    assert look(updated(scan, script)).reason is Reason.PDF_UNCERTIFIED
    changed = look(updated(genuine().pdf, script))
    assert [each.where for each in changed.differences] == ["签名之后：脚本", "签名之后：动作"]
    link = {"Subtype": name("/Link"), "Border": numbers(0, 0, 0)}
    assert look(with_annotation(scan, 0, Rect=box, **link)).reason is Reason.OK


def test_a_scan_that_carries_what_was_left_of_a_signature_is_a_document() -> None:
    """The report drawn as pictures, edited, and signed by nobody, by a forger, or so that we cannot read it."""
    pictures = saved_again(file(page(QR)))
    assert look(certify(pictures, forger())).reason is Reason.PACKAGE_MISSING
    for claim in (b"%/ByteRange [0 1 2 3]\n", b"%/ByteRange 7 0 R\n"):
        assert look(pictures + claim).reason is Reason.PDF_UNCERTIFIED
    assert look(certify(pictures, forger()).replace(b"/ByteRange", b"/ByteRang#65")).reason is not Reason.OK


def test_two_codes_in_one_pdf_are_not_chosen_among() -> None:
    assert look(file(page(QR), page(f"{QR}0"))).reason is Reason.SEVERAL_CODES


def test_a_pdf_without_a_code_says_so() -> None:
    assert look(file(page())).reason is Reason.NO_CODE_FOUND


# documents


def test_a_certified_report_is_valid_as_a_document_not_by_its_code_alone() -> None:
    found = read_pdf(genuine().pdf)
    assert found.document is not None
    assert found.document.package == genuine().package
    assert found.document.certification is not None
    assert found.document.certification.sound
    assert (found.qr_texts, found.places, found.unread) == ((genuine().qr,), (1,), False)
    assert look(genuine().pdf).next_step == WORDING[Reason.OK].next_step


@pytest.mark.parametrize("kind", ["gaps", "no data at all", "wordy", "markup everywhere", "facts longer than a page"])
def test_the_words_of_an_unsigned_copy_of_any_report_compare_equal(kind: str) -> None:
    package, copy = of_kind(kind)
    document = read_pdf(copy).document
    assert document is not None
    assert document.package == package
    assert compare_pages(package, document.lines) == []


def test_a_copy_that_another_program_wrote_is_no_original_but_differs_in_nothing() -> None:
    answer = look(saved_again(genuine().unsigned))
    assert (answer.reason, answer.differences) == (Reason.PDF_UNCERTIFIED, ())


def test_a_print_without_package_is_compared_with_the_sealed_content_where_that_is_at_hand() -> None:
    def stripped(pdf: bytes) -> bytes:
        def edit(writer: Writer) -> None:
            del writer.root["/Names"]
            del writer.root["/AF"]
            writer.update_root()

        return updated(pdf, edit)

    sealed = Sealed(genuine().package)
    assert look(stripped(genuine().unsigned)).reason is Reason.PDF_UNCERTIFIED
    assert look(stripped(genuine().unsigned), sealed).reason is Reason.PDF_UNCERTIFIED
    edited = look(stripped(in_the_content_stream(genuine())), sealed)
    assert edited.reason is Reason.FIELDS_DIFFER
    assert [each.where for each in edited.differences] == [RESULT]


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_print_of_the_docx_by_libreoffice_compares_equal(tmp_path: Path) -> None:
    issued = tmp_path / "report.docx"
    issued.write_bytes(genuine().docx.docx())
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(issued)], check=True, capture_output=True, timeout=120)
    answer = look((tmp_path / "report.pdf").read_bytes(), Sealed(genuine().package))
    assert (answer.reason, answer.differences) == (Reason.PDF_UNCERTIFIED, ())


def test_a_pdf_of_the_office_that_is_no_report_is_not_valid_for_the_code_in_it() -> None:
    """Signed by a listed certificate, but no field package says that it is this report."""
    found = read_pdf(genuine().pdf)
    assert found.document is not None
    document = replace(found.document, package=None)
    answer = check(genuine().qr, trust=trust(), at=NOW, now=NOW, document=document)
    assert answer.reason is Reason.PACKAGE_MISSING


def test_without_listed_certificates_an_intact_pdf_is_unknown_and_an_edited_one_still_altered() -> None:
    """A key list of the first format does not say whose certificate it is; the words still speak."""
    first = replace(trust(), keys=replace(trust().keys, certificates=None))
    assert look(genuine().pdf, by=first).reason is Reason.PDF_CERTIFICATES_UNKNOWN
    edited = look(resigned_by_a_forger(genuine()), by=first)
    assert edited.reason is Reason.FIELDS_DIFFER
    assert [each.where for each in edited.differences] == [RESULT]


def test_a_certificate_revoked_after_the_report_proves_nothing_and_its_pdf_is_compared() -> None:
    """Who stole its key signs edited reports with it, and says that it was before."""
    stolen = replace(listed(identity()), revoked_at=NOW)
    known = replace(trust(), keys=replace(trust().keys, certificates=(stolen,)))
    assert look(genuine().pdf, by=known).reason is Reason.PDF_CERTIFICATE_REVOKED
    edited = look(certify(in_the_content_stream(genuine())), by=known)
    assert (edited.reason, [each.where for each in edited.differences]) == (Reason.FIELDS_DIFFER, [RESULT])
    before = replace(trust(), keys=replace(trust().keys, certificates=(replace(stolen, revoked_at=ISSUED),)))
    assert look(genuine().pdf, by=before).reason is Reason.PDF_OTHER_CERTIFICATE


def test_a_package_in_the_place_of_another_or_broken_is_damaged() -> None:
    for content in (b"<x", b"", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'):
        sheet = replace(genuine().sheet, package_xml=content or b" ")
        assert look(TYPESETTER.set(sheet)).reason is Reason.PACKAGE_DAMAGED


# hostile files


def test_pages_without_end_and_pages_of_any_size_are_bounded() -> None:
    dot = Image.new("1", (8, 8), 1)
    assert look(file(*[dot] * (PAGES_MAX + 1))).reason is Reason.FILE_TOO_LARGE
    assert look(file(page(), resolution=0.2)).reason is Reason.NO_CODE_FOUND


@pytest.mark.parametrize("cut", [20, 300, 2000])
def test_a_broken_pdf_is_named_as_broken_or_shows_no_code(cut: int) -> None:
    assert look(file(page(QR))[:cut]).reason in {Reason.DAMAGED_FILE, Reason.NO_CODE_FOUND}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_genuine_file_cut_short_is_never_valid(share: float) -> None:
    data = genuine().pdf
    assert look(data[: int(len(data) * share)]).reason is not Reason.OK


def test_a_bit_flipped_anywhere_is_never_valid() -> None:
    data = genuine().pdf
    for place in range(7, len(data), len(data) // 7):
        changed = data[:place] + bytes([data[place] ^ 0x04]) + data[place + 1 :]
        assert look(changed).reason is not Reason.OK


def test_pages_that_are_their_own_parents_and_signatures_by_the_thousand_are_answered() -> None:
    def loop(writer: Writer) -> None:
        pages = writer.root["/Pages"]
        pages[name("/Kids")] = generic.ArrayObject([writer.root.raw_get("/Pages")] * 5)
        writer.update_container(pages)

    assert look(updated(genuine().unsigned, loop)).reason is Reason.DAMAGED_FILE
    claims = b"/ByteRange [0 100 200 300] /Contents <30030201>\n" * 20_000
    assert look(genuine().unsigned + claims).reason is Reason.PDF_UNCERTIFIED


def test_what_a_stranger_writes_into_a_signature_reaches_no_log() -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    try:
        changed = genuine().pdf.replace(b"/ETSI.CAdES.detached", b"/Hello.to.your.log!!")
        assert look(changed).reason is Reason.PDF_SIGNATURE_INVALID
    finally:
        logging.getLogger().removeHandler(handler)
    assert stream.getvalue() == ""
