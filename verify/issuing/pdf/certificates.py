"""The office's document certificates: who certifies the PDF, from when on, and where the private key lies.

Rules kept:
* An office has its own certificate authority (P-256) and below it one document certificate at a time (P-256, 398 days).
  A certificate of a commercial or government authority can take its place (PKCS#12).
* ``document-keys.json`` says which certificate certifies from which moment on. A report keeps its certificate for ever:
  the moment of issue chooses, so that delivering again gives the same file.
* A certificate outlives every report it certifies.
* Private keys are PKCS#8 PEM like all keys of the office: same passphrase, 0600 in a folder of 0700.
* A sample office gets one for any moment asked for; a real one never does by itself.

Source: RFC 5280; RFC 9336 (document signing); ETSI EN 319 142-1. Decision: docs/decisions/0150.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from verify.errors import KeyringError
from verify.issuing.files import locked, read_private, write_private
from verify.issuing.passphrase import FILE_VARIABLE, PASSPHRASE_VARIABLE, Passphrase
from verify.issuing.pdf.authority import (
    DocumentKey,
    certified,
    new_authority,
    new_key,
    pem_of,
    refuse_unusable,
)
from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.private_keys import secret_for
from verify.keylist import ListedCertificate
from verify.validity import SHANGHAI, valid_until

REGISTER, REVOKED = "document-keys.json", "revoked_at"
ROOT_KEY, ROOT_CERTIFICATE = "document-root.pem", "document-root.crt"
CERTIFIES_DAYS = 366
LASTS_DAYS = CERTIFIES_DAYS + 32
RENEW_WITHIN = timedelta(days=122)
"""``keys rotate`` comes every 90 days: a certificate that would end before the next one is renewed."""


@dataclass(frozen=True, slots=True)
class DocumentIdentity:
    """A certificate in use. ``chain`` begins with the certificate itself; ``since``: certifies reports from then on."""

    name: str
    since: datetime
    key: DocumentKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]


@dataclass(frozen=True, slots=True)
class DocumentCertificate:
    """One line of the register, as people see it. ``own``: made by this office, not brought in."""

    name: str
    since: datetime
    own: bool
    subject: str
    issuer: str
    not_after: datetime
    fingerprint: bytes
    """SHA-256 of its DER, as the key list names it."""
    revoked_at: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        in_use = self.since <= moment and (self.revoked_at is None or moment < self.revoked_at)
        return in_use and valid_until(moment) <= self.not_after


class DocumentCertificates:
    """The document certificates in the folder ``keys/``. Opened keys stay in memory as long as this object."""

    def __init__(self, folder: Path, issuer_name: str, *, provisions: bool, passphrase: Passphrase) -> None:
        self._folder = folder
        self._issuer_name = issuer_name
        self._provisions = provisions
        self._passphrase = passphrase
        self._opened: dict[str, DocumentIdentity] = {}
        self._chains: dict[str, tuple[x509.Certificate, ...]] = {}

    def entries(self) -> tuple[DocumentCertificate, ...]:
        """Every certificate in the order in which they came into use."""
        return tuple(self._described(line) for line in self._register())

    def listed(self) -> tuple[ListedCertificate, ...]:
        """Every certificate as the key list names it to verifiers: for the reports of its time in use."""
        return tuple(
            ListedCertificate(
                entry.fingerprint, _whole_second(entry.since), _whole_second(entry.not_after), entry.revoked_at
            )
            for entry in self.entries()
        )

    def identity_for(self, moment: datetime) -> DocumentIdentity:
        """Who certifies a report of ``moment``. Raises PdfUnavailable (DOCUMENT_KEY_MISSING) or KeyringError."""
        found = self._find(moment)
        if found is None and self._provisions:
            with locked(self._folder):
                found = self._find(moment) or self._add_own(_first_second(moment))
        if found is None:
            raise PdfUnavailable(
                f"没有可在 {moment.astimezone(SHANGHAI):%Y-%m-%d} 使用的文件签名证书，不能生成 PDF。",
                next_step="请由密钥管理员执行 chenghe keys rotate，或用 keys certificate 换入证书，再重新取报告。",
                code="DOCUMENT_KEY_MISSING",
            )
        return self._open(found)

    def ensure(self, now: datetime) -> bool:
        """A certificate of our own for the months to come; True when one was made. The caller holds the folder's lock.

        One that was brought in is used to its end, and then replaced by another, or by our own on the next call.

        The first one certifies the reports of the last month too: those are still valid and may be fetched again.
        """
        current = self._find(now)
        if current is not None and (not current.own or current.not_after - now > RENEW_WITHIN):
            return False
        known = self._register()
        self._add_own(now if known else _first_second(now) - timedelta(days=32))
        return True

    def bring_in(self, content: bytes, password: bytes | None, now: datetime) -> DocumentCertificate:
        """A certificate and its key, PKCS#12, in use from ``now`` on. The caller holds the folder's lock.

        Raises KeyringError (CERTIFICATE_REFUSED).
        """
        try:
            bundle = pkcs12.load_key_and_certificates(content, password)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise _refused("打不开文件，或者口令不对") from error
        key, certificate, others = bundle
        if certificate is None or not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
            raise _refused("文件里没有证书和它的私钥，或者不是 RSA、P-256 一类的密钥")
        problem = refuse_unusable(key, certificate, now)
        if problem:
            raise _refused(problem)
        return self._add(key, (certificate, *others), now)

    def revoke(self, name: str, now: datetime) -> None:
        """Certifies nothing from ``now`` on. The caller holds the folder's lock. Raises KeyringError."""
        lines = self._register()
        line = next((each for each in lines if each["name"] == name), None)
        if line is None or REVOKED in line:
            known = line is not None
            raise KeyringError(
                f"{name} {'已经停用过' if known else '不是登记的文件签名证书'}。",
                next_step="不需要再停用；不能确定是否已经公布的，请执行 chenghe keys export。"
                if known
                else "请用 chenghe keys certificate 核对名称。",
                code="KEY_REVOKED_ALREADY" if known else "KEY_UNKNOWN",
            )
        line[REVOKED] = _whole_second(now).isoformat()
        self._write_register(lines)

    def authority(self) -> bytes | None:
        """The certificate of the office's own authority, PEM: for whoever wants to trust its PDFs."""
        return read_private(self._folder, ROOT_CERTIFICATE) if (self._folder / ROOT_CERTIFICATE).is_file() else None

    # The register

    def _register(self) -> list[dict[str, str]]:
        if not (self._folder / REGISTER).is_file():
            return []
        try:
            lines = json.loads(read_private(self._folder, REGISTER))
            return [
                {key: str(line[key]) for key in ("name", "since", REVOKED) if key != REVOKED or key in line}
                for line in lines
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable(REGISTER) from error

    def _write_register(self, lines: list[dict[str, str]]) -> None:
        write_private(self._folder, REGISTER, json.dumps(lines, indent=1).encode())

    def _find(self, moment: datetime) -> DocumentCertificate | None:
        """The one that came into use last before ``moment``."""
        usable = [line for line in self.entries() if line.covers(moment)]
        return max(usable, key=lambda line: line.since, default=None)

    def _described(self, line: dict[str, str]) -> DocumentCertificate:
        certificate = self._chain(line["name"])[0]
        return DocumentCertificate(
            name=line["name"],
            since=datetime.fromisoformat(line["since"]),
            own=self._is_own(certificate),
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            not_after=certificate.not_valid_after_utc,
            fingerprint=certificate.fingerprint(SHA256()),
            revoked_at=datetime.fromisoformat(line[REVOKED]) if REVOKED in line else None,
        )

    def _is_own(self, certificate: x509.Certificate) -> bool:
        return (self._folder / ROOT_CERTIFICATE).is_file() and certificate.issuer == self._root().subject

    def _root(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(read_private(self._folder, ROOT_CERTIFICATE))

    # Files

    def _open(self, found: DocumentCertificate) -> DocumentIdentity:
        if found.name not in self._opened:
            key = self._read_key(_key_file(found.name))
            chain = self._chain(found.name)
            if key.public_key() != chain[0].public_key():
                raise _unreadable(_key_file(found.name))
            self._opened[found.name] = DocumentIdentity(found.name, found.since, key, chain)
        return self._opened[found.name]

    def _chain(self, name: str) -> tuple[x509.Certificate, ...]:
        if name not in self._chains:
            try:
                chain = tuple(x509.load_pem_x509_certificates(read_private(self._folder, _chain_file(name))))
            except ValueError as error:
                raise _unreadable(_chain_file(name)) from error
            self._chains[name] = chain
        return self._chains[name]

    def _read_key(self, file: str) -> DocumentKey:
        pem = read_private(self._folder, file)
        secret = secret_for(pem, self._passphrase())
        try:
            key = load_pem_private_key(pem, secret.encode() if secret else None)
        except (ValueError, TypeError) as error:  # wrong passphrase, none given, or no PEM
            raise _unreadable(file) from error
        if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
            raise _unreadable(file)
        return key

    def _add_own(self, since: datetime) -> DocumentCertificate:
        root_key, root = self._authority(since)
        key = new_key()
        first = since.replace(microsecond=0)
        last = first + timedelta(days=LASTS_DAYS)
        leaf = certified(key.public_key(), self._issuer_name, root_key, root, since=first, until=last)
        return self._add(key, (leaf, root), since)

    def _authority(self, since: datetime) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
        """The office's own authority, made when there is none yet."""
        if not (self._folder / ROOT_CERTIFICATE).is_file():
            key, certificate = new_authority(self._issuer_name, since)
            write_private(self._folder, ROOT_KEY, pem_of(key, self._passphrase()))
            write_private(self._folder, ROOT_CERTIFICATE, certificate.public_bytes(Encoding.PEM))
        root_key = self._read_key(ROOT_KEY)
        if not isinstance(root_key, EllipticCurvePrivateKey):
            raise _unreadable(ROOT_KEY)
        return root_key, self._root()

    def _add(self, key: DocumentKey, chain: tuple[x509.Certificate, ...], since: datetime) -> DocumentCertificate:
        """Key and chain first, the register last: what it names is there."""
        name = x509.SubjectKeyIdentifier.from_public_key(chain[0].public_key()).digest[:8].hex()
        write_private(self._folder, _key_file(name), pem_of(key, self._passphrase()))
        write_private(self._folder, _chain_file(name), b"".join(each.public_bytes(Encoding.PEM) for each in chain))
        line = {"name": name, "since": since.isoformat()}
        lines = [known for known in self._register() if known["name"] != name]
        self._write_register([*lines, line])
        self._opened.pop(name, None)
        self._chains.pop(name, None)
        return self._described(line)


def _key_file(name: str) -> str:
    return f"document-{name}.pem"


def _chain_file(name: str) -> str:
    return f"document-{name}.crt"


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(microsecond=0)


def _first_second(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def _unreadable(file: str) -> KeyringError:
    return KeyringError(
        f"文件签名证书不可用：打不开 {file}，或者与证书不符。",
        next_step=f"请核对环境变量 {PASSPHRASE_VARIABLE}（或 {FILE_VARIABLE}）中的口令，或从备份恢复该文件。",
        code="KEY_FILE_UNREADABLE",
    )


def _refused(what: str) -> KeyringError:
    return KeyringError(
        f"不能使用这份证书：{what}。",
        next_step="请向证书机构核对，并以 PKCS#12（.p12、.pfx）文件重新导出，含私钥和上级证书。",
        code="CERTIFICATE_REFUSED",
    )
