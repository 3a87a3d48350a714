"""Answers verify/issuing/pdf/certifying.py and mould.py, by pyHanko's own validator: an independent reader."""

import io
from pathlib import Path

import pypdfium2
import pytest
from asn1crypto import cms
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from tests.verify.issuing.pdf.conftest import MOMENT, certificates
from tests.verify.issuing.pdf.sheets import REPORTS, sheet_of
from tests.verify.issuing.pdf.test_certificates import NOW, bundle
from verify.issuing.pdf.certificates import DocumentIdentity
from verify.issuing.pdf.certifying import Certifier, Statement
from verify.issuing.pdf.typesetting import Typesetter

STATEMENT = Statement("签发盐城市经营主体专用信用报告，编号 YCZX202608200000001", "盐城市", MOMENT)


@pytest.fixture(scope="module")
def unsigned(typesetter: Typesetter) -> bytes:
    return typesetter.set(sheet_of(REPORTS["one record"]))


@pytest.fixture(scope="module")
def certified(unsigned: bytes, identity: DocumentIdentity) -> bytes:
    return Certifier(identity).certify(unsigned, STATEMENT)


def validated(pdf: bytes, identity: DocumentIdentity) -> PdfSignatureStatus:
    reader = PdfFileReader(io.BytesIO(pdf))
    (signature,) = reader.embedded_signatures
    root = Certificate.load(identity.chain[-1].public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[root], moment=MOMENT)
    return validate_pdf_signature(signature, context)


def test_it_is_intact_trusted_covers_the_whole_file_and_allows_no_change(
    certified: bytes, identity: DocumentIdentity
) -> None:
    status = validated(certified, identity)
    assert status.bottom_line
    assert (status.intact, status.valid, status.trusted, status.docmdp_ok) == (True, True, True, True)
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert status.modification_level is ModificationLevel.NONE
    assert status.signer_reported_dt == MOMENT
    (signature,) = PdfFileReader(io.BytesIO(certified)).embedded_signatures
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Reason"] == STATEMENT.reason
    assert signature.sig_object["/Location"] == "盐城市"


def test_the_cms_is_cades_names_its_certificate_and_carries_no_time_of_its_own(certified: bytes) -> None:
    (signature,) = PdfFileReader(io.BytesIO(certified)).embedded_signatures
    signed: cms.SignedData = cms.ContentInfo.load(signature.pkcs7_content)["content"]
    names = {each["type"].native for each in signed["signer_infos"][0]["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= names
    assert "signing_time" not in names
    assert len(signed["certificates"]) == 2


def test_certifying_again_gives_the_same_bytes_also_in_another_process(
    unsigned: bytes, certified: bytes, identity: DocumentIdentity
) -> None:
    certifier = Certifier(identity)
    assert certifier.certify(unsigned, STATEMENT) == certified
    assert certifier.certify(unsigned, STATEMENT) == certified
    assert certified.startswith(unsigned)
    assert len(certified) < 200_000


def test_two_files_under_one_mould_are_both_valid_and_differ(
    typesetter: Typesetter, identity: DocumentIdentity
) -> None:
    certifier = Certifier(identity)
    made = {certifier.certify(typesetter.set(sheet_of(REPORTS[name])), STATEMENT) for name in ("gaps", "nothing found")}
    assert len(made) == 2
    assert all(validated(pdf, identity).bottom_line for pdf in made)


def test_signatures_of_every_length_fit_the_mould(identity: DocumentIdentity, unsigned: bytes) -> None:
    """ECDSA in DER has 70 to 72 bytes, rarely fewer."""
    certifier = Certifier(identity)
    lengths = set()
    for number in range(24):
        pdf = certifier.certify(unsigned, Statement(f"第{number}份", "盐城市", MOMENT))
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        lengths.add(len(signature.signer_info["signature"].native))
        assert signature.compute_integrity_info() is None
        assert validated(pdf, identity).intact
    assert len(lengths) > 1


def test_an_rsa_certificate_of_an_authority_works_too(tmp_path: Path, unsigned: bytes) -> None:
    ours = certificates(tmp_path)
    ours.bring_in(bundle(rsa.generate_private_key(65537, 3072)), None, NOW)
    identity = ours.identity_for(NOW)
    pdf = Certifier(identity).certify(unsigned, Statement("签发", "盐城市", NOW))
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    root = Certificate.load(identity.chain[-1].public_bytes(Encoding.DER))
    assert validate_pdf_signature(signature, ValidationContext(trust_roots=[root], moment=NOW)).intact


@pytest.mark.parametrize("place", [0.05, 0.5, 0.9])
def test_one_flipped_bit_is_noticed(certified: bytes, identity: DocumentIdentity, place: float) -> None:
    changed = bytearray(certified)
    position = certified.index(b"stream\n", int(len(certified) * place))
    changed[position + 20] ^= 1
    status = validated(bytes(changed), identity)
    assert not status.intact
    assert not status.bottom_line


def test_an_annotation_added_afterwards_is_noticed(certified: bytes, identity: DocumentIdentity) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(certified))
    note = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/FreeText"),
            generic.NameObject("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 100, 300, 130))),
            generic.NameObject("/Contents"): generic.TextStringObject("未查询到"),
            generic.NameObject("/DA"): generic.TextStringObject("/Helv 12 Tf"),
        }
    )
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))
    status = validated(_written(writer), identity)
    assert status.intact, "the signed bytes themselves are untouched"
    assert not status.bottom_line
    assert status.modification_level is ModificationLevel.OTHER


def test_a_page_replaced_by_an_update_is_noticed(certified: bytes, identity: DocumentIdentity) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(certified))
    page = writer.find_page_for_modification(1)[0].get_object()
    page[generic.NameObject("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"0 0 200 200 re f"))
    writer.update_container(page)
    status = validated(_written(writer), identity)
    assert not status.bottom_line
    assert not status.docmdp_ok


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_attachment_and_the_pages_are_there_as_before(unsigned: bytes, certified: bytes) -> None:
    before, after = pypdfium2.PdfDocument(unsigned), pypdfium2.PdfDocument(certified)
    assert bytes(after.get_attachment(0).get_data()) == bytes(before.get_attachment(0).get_data())
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        assert new.render(scale=0.5).to_pil().tobytes() == old.render(scale=0.5).to_pil().tobytes()
    before.close()
    after.close()
