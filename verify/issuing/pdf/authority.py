"""The office's own certificate authority: P-256 keys, its certificate, the document certificates below it.

Rules kept:
* The authority signs document certificates only (path length 0); a document certificate signs documents only.
* The subject is the issuer's name, as page 1 prints it.
* A certificate brought in must fit its key, be in force, and be allowed to sign.

Source: RFC 5280 §4; RFC 9336.
"""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID, ObjectIdentifier

from verify.issuing.private_keys import sealed

DocumentKey = EllipticCurvePrivateKey | RSAPrivateKey
AUTHORITY_YEARS = 15
LEAST_RSA_BITS = 2048
_OLDEST = datetime(2020, 1, 1, tzinfo=UTC)
"""Before any report of this program: a sample office may issue for any moment since."""
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
_COMMON_NAME_BYTES = 64


def new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def new_authority(issuer_name: str, since: datetime) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
    """A key and its own certificate, for fifteen years from ``since``."""
    key = new_key()
    name = _name(issuer_name, "文件签名根证书")
    until = since + timedelta(days=366 * AUTHORITY_YEARS)
    builder = _builder(name, name, key.public_key(), _OLDEST, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(certificates=True), critical=True)
    return key, builder.sign(key, SHA256())


def certified(
    public: EllipticCurvePublicKey,
    issuer_name: str,
    root_key: EllipticCurvePrivateKey,
    root: x509.Certificate,
    *,
    since: datetime,
    until: datetime,
) -> x509.Certificate:
    """A document certificate for ``public``."""
    builder = _builder(_name(issuer_name), root.subject, public, since, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return builder.add_extension(above, critical=False).sign(root_key, SHA256())


def pem_of(key: DocumentKey, passphrase: str | None) -> bytes:
    """PKCS#8, encrypted when there is a passphrase."""
    return sealed(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), passphrase)


def refuse_unusable(key: DocumentKey, certificate: x509.Certificate, now: datetime) -> str:
    """Why ``certificate`` cannot certify; empty when it can."""
    if key.public_key() != certificate.public_key():
        return "证书与私钥不是一对"
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first <= now < last:
        return f"证书的有效期是 {first:%Y-%m-%d} 至 {last:%Y-%m-%d}"
    if isinstance(key, RSAPrivateKey) and key.key_size < LEAST_RSA_BITS:
        return f"RSA 密钥只有 {key.key_size} 位，至少要 {LEAST_RSA_BITS} 位"
    return "" if _may_sign(certificate) else "证书的用途不包含签名"


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _builder(
    subject: x509.Name, issuer: x509.Name, public: EllipticCurvePublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(issuer_name: str, unit: str = "") -> x509.Name:
    """The whole name as organisation; as common name, what of it fits 64 bytes."""
    common = issuer_name.encode()[:_COMMON_NAME_BYTES].decode(errors="ignore")
    parts = [(NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, issuer_name)]
    parts += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    return x509.Name([x509.NameAttribute(*part) for part in (*parts, (NameOID.COMMON_NAME, common))])


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
