"""Answers verify/documents/pdf_signature.py: what counts as signed, and where pyHanko alone would be deceived."""

import io
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.verify.documents.genuine import certify, genuine, identity
from tests.verify.documents.pdf_attacks import form_removed, overlay
from tests.verify.documents.pdf_tools import signed_again, signed_over
from tests.verify.issuing.pdf.conftest import certificates
from tests.verify.issuing.pdf.test_certificates import NOW, bundle
from verify.documents.pdf_signature import CANDIDATES_MAX, signature_of, signatures_in
from verify.issuing.pdf.authority import DocumentKey


def test_a_certified_file_is_intact_covered_and_names_the_fingerprint_of_its_own_certificate() -> None:
    found = signature_of(genuine().pdf)
    assert found is not None
    assert (found.intact, found.fits, found.end) == (True, True, len(genuine().pdf))
    assert found.certificate == identity().certificate.fingerprint(SHA256())
    assert found.signer == "示例签发机构（虚构）"


def test_a_file_without_a_signature_has_none() -> None:
    assert signature_of(genuine().unsigned) is None
    assert signature_of(b"") is None


def test_the_first_signature_counts_and_the_later_one_is_found_too() -> None:
    found = list(signatures_in(signed_again(genuine().pdf, identity("另一机构（虚构）"))))
    assert [each.signer for each in found] == ["示例签发机构（虚构）", "另一机构（虚构）"]
    assert (found[0].intact, found[0].end) == (True, len(genuine().pdf))


@pytest.mark.parametrize("change", [overlay, form_removed])
def test_what_was_appended_leaves_the_signed_revision_as_it_was(change: object) -> None:
    data = change(genuine())  # type: ignore[operator]
    found = signature_of(data)
    assert found is not None
    assert found.intact
    assert data[: found.end] == genuine().pdf


def test_a_gap_that_is_not_the_signature_deceives_pyhanko_and_not_us() -> None:
    """Signed, under our own key even, over a range whose hole lies a hundred bytes before /Contents."""
    data = signed_over(genuine().pdf, lambda a, b, c: (a - 100, b - 100, c + 100), identity())
    (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    root = Certificate.load(identity().chain[-1].public_bytes(Encoding.DER))
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root], moment=identity().since))
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE, "pyHanko only counts bytes"
    found = signature_of(data)
    assert found is not None
    assert (found.intact, found.fits) == (False, False)


def test_a_signature_over_all_but_the_last_bytes_is_no_signature_over_the_file() -> None:
    found = signature_of(signed_over(genuine().pdf, lambda a, b, c: (a, b, c - 30), identity()))
    assert found is not None
    assert not found.intact


def test_more_byte_ranges_than_anybody_signs_cost_no_time() -> None:
    flood = b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3] /Contents <3000>\n" * 10_000
    assert list(signatures_in(flood)) == []
    assert len(list(signatures_in(genuine().pdf * 12))) <= CANDIDATES_MAX


@settings(max_examples=40)
@given(st.data())
def test_no_change_to_a_signed_file_is_intact_and_none_raises(data: st.DataObject) -> None:
    pdf = genuine().pdf
    place = data.draw(st.integers(len(pdf) - 9000, len(pdf) - 1))
    length = data.draw(st.integers(1, 40))
    junk = data.draw(st.binary(max_size=40).filter(lambda each: each != pdf[place : place + length]))
    changed = pdf[:place] + junk + pdf[place + length :]
    found = signature_of(changed)
    same = changed[: found.end] == pdf if found is not None and found.intact else True
    hex_case = changed.lower() == pdf.lower()
    assert same or hex_case


def test_nothing_but_zeros_may_stand_behind_the_signature_in_its_room() -> None:
    pdf = genuine().pdf
    end = pdf.index(b">", pdf.index(b"/Contents <"))
    found = signature_of(pdf[: end - 8] + b"6a6b6c6d" + pdf[end:])
    assert found is not None
    assert not found.intact


def test_certifying_again_by_somebody_else_names_somebody_else() -> None:
    found = signature_of(certify(genuine().unsigned, identity("另一机构（虚构）")))
    assert found is not None
    assert found.intact
    assert found.certificate != identity().certificate.fingerprint(SHA256())


@pytest.mark.parametrize(
    "key", [generate_private_key(SECP256R1()), rsa.generate_private_key(65537, 2048)], ids=["EC", "RSA"]
)
def test_a_certificate_that_an_office_brought_in_certifies_as_well(tmp_path: Path, key: DocumentKey) -> None:
    ours = certificates(tmp_path)
    ours.bring_in(bundle(key), None, NOW)
    found = signature_of(certify(genuine().unsigned, ours.identity_for(NOW)))
    assert found is not None
    assert found.intact
    (listed,) = [each for each in ours.listed() if each.fingerprint == found.certificate]
    assert listed.not_before <= NOW <= listed.not_after
