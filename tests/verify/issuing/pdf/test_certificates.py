"""Answers verify/issuing/pdf/certificates.py and authority.py: who certifies which report, who may read the files."""

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from tests.verify.issuing.pdf.conftest import ISSUER, certificates
from verify.errors import KeyringError
from verify.issuing.pdf.authority import DocumentKey
from verify.issuing.pdf.errors import PdfUnavailable
from verify.validity import SHANGHAI, valid_until

NOW = datetime(2026, 11, 22, 9, 30, 1, 500, tzinfo=SHANGHAI)


def test_the_first_certificate_serves_the_reports_that_are_still_valid(tmp_path: Path) -> None:
    ours = certificates(tmp_path)
    assert ours.ensure(NOW)
    for moment in (NOW, NOW - timedelta(days=31)):
        identity = ours.identity_for(moment)
        assert identity.certificate.not_valid_before_utc <= moment
        assert valid_until(moment) <= identity.certificate.not_valid_after_utc
    with pytest.raises(PdfUnavailable) as caught:
        ours.identity_for(NOW - timedelta(days=34))
    assert caught.value.code == "DOCUMENT_KEY_MISSING"
    assert "keys rotate" in caught.value.next_step


def test_it_names_the_issuer_and_stands_below_the_offices_own_authority(tmp_path: Path) -> None:
    ours = certificates(tmp_path)
    ours.ensure(NOW)
    leaf, root = ours.identity_for(NOW).chain
    (name,) = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert name.value == ISSUER
    leaf.verify_directly_issued_by(root)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert ours.authority() is not None


def test_a_long_name_of_an_office_is_kept_whole(tmp_path: Path) -> None:
    ours = certificates(tmp_path)
    ours._issuer_name = "很长的机构名称" * 12
    ours.ensure(NOW)
    (name,) = ours.identity_for(NOW).certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert name.value == "很长的机构名称" * 12


def test_a_report_keeps_its_certificate_when_a_newer_one_comes(tmp_path: Path) -> None:
    ours = certificates(tmp_path)
    ours.ensure(NOW)
    first = ours.identity_for(NOW)
    assert not ours.ensure(NOW + timedelta(days=200)), "not renewed before it is due"
    later = NOW + timedelta(days=260)
    assert ours.ensure(later)
    assert ours.identity_for(NOW) == first
    assert ours.identity_for(later) != first
    reopened = certificates(tmp_path)
    assert reopened.identity_for(NOW).certificate == first.certificate
    assert [entry.name for entry in reopened.entries()] == [first.name, ours.identity_for(later).name]


def test_keys_and_certificates_are_private_files_and_encrypted_with_the_passphrase(tmp_path: Path) -> None:
    ours = certificates(tmp_path, secret="口令")
    ours.ensure(NOW)
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if path.suffix == ".pem":
            assert b"ENCRYPTED" in path.read_bytes()
    assert certificates(tmp_path, secret="口令").identity_for(NOW)
    for wrong in (None, "别的口令"):
        with pytest.raises(KeyringError) as caught:
            certificates(tmp_path, secret=wrong).identity_for(NOW)
        assert caught.value.code == "KEY_FILE_UNREADABLE"


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    ours = certificates(tmp_path)
    ours.ensure(NOW)
    key = next((tmp_path / "keys").glob("document-????????????????.pem"))
    key.chmod(0o644)
    with pytest.raises(KeyringError) as caught:
        certificates(tmp_path).identity_for(NOW)
    assert caught.value.code == "KEYS_OPEN_TO_OTHERS"


def test_a_key_that_is_not_the_certificates_is_refused(tmp_path: Path) -> None:
    ours = certificates(tmp_path)
    ours.ensure(NOW)
    folder = tmp_path / "keys"
    next(folder.glob("document-????????????????.pem")).write_bytes((folder / "document-root.pem").read_bytes())
    with pytest.raises(KeyringError):
        certificates(tmp_path).identity_for(NOW)


def test_a_sample_office_gets_one_for_any_moment_and_a_real_one_never_by_itself(tmp_path: Path) -> None:
    sample = certificates(tmp_path / "sample", provisions=True)
    for day in (datetime(2026, 8, 20), datetime(2024, 10, 8), datetime(2027, 11, 1)):
        moment = day.replace(hour=10, tzinfo=SHANGHAI)
        identity = sample.identity_for(moment)
        assert identity.certificate.not_valid_before_utc <= moment
        assert identity.chain[1].not_valid_before_utc <= moment <= identity.chain[1].not_valid_after_utc
        assert sample.identity_for(moment) == identity
    assert len(sample.entries()) == 3
    with pytest.raises(PdfUnavailable):
        certificates(tmp_path / "real").identity_for(NOW)


@pytest.mark.parametrize("content", [b"", b"{", b'[{"name": 1}]', b"[1]"])
def test_a_damaged_register_is_said(tmp_path: Path, content: bytes) -> None:
    ours = certificates(tmp_path)
    ours.ensure(NOW)
    (tmp_path / "keys" / "document-keys.json").write_bytes(content)
    with pytest.raises(KeyringError) as caught:
        ours.identity_for(NOW)
    assert caught.value.code == "KEY_FILE_UNREADABLE"


def bundle(
    key: DocumentKey,
    *,
    password: bytes | None = None,
    until: timedelta = timedelta(days=700),
    signs: bool = True,
    now: datetime = NOW,
) -> bytes:
    """A PKCS#12 file as an authority hands out."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "某证书机构（虚构）")])
    usage = x509.KeyUsage(signs, False, not signs, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + until)
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, encryption)


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_a_certificate_of_an_authority_takes_over_from_now_on(tmp_path: Path, key: DocumentKey) -> None:
    ours = certificates(tmp_path)
    ours.ensure(NOW)
    before = ours.identity_for(NOW)
    later = NOW + timedelta(days=3)
    added = ours.bring_in(bundle(key, password=b"secret"), b"secret", later)
    assert not added.own
    assert ours.identity_for(NOW) == before
    assert ours.identity_for(later).name == added.name
    assert not ours.ensure(later), "it lasts long enough"
    assert not ours.ensure(later + timedelta(days=600)), "and is used to its end"
    ended = later + timedelta(days=800)
    assert ours.ensure(ended)
    assert ours.identity_for(ended).chain[1].subject != ours.identity_for(later).certificate.issuer


@pytest.mark.parametrize(
    ("content", "password", "why"),
    [
        (b"no pkcs12", None, "打不开"),
        (bundle(ec.generate_private_key(ec.SECP256R1()), password=b"secret"), b"wrong", "口令"),
        (bundle(ec.generate_private_key(ec.SECP256R1()), until=timedelta(days=-1)), None, "有效期"),
        (bundle(ec.generate_private_key(ec.SECP256R1()), signs=False), None, "用途"),
        (bundle(rsa.generate_private_key(65537, 1024)), None, "1024"),
    ],
)
def test_a_certificate_that_cannot_certify_is_refused(
    tmp_path: Path, content: bytes, password: bytes | None, why: str
) -> None:
    ours = certificates(tmp_path)
    with pytest.raises(KeyringError) as caught:
        ours.bring_in(content, password, NOW)
    assert caught.value.code == "CERTIFICATE_REFUSED"
    assert why in caught.value.message
    assert ours.entries() == ()
