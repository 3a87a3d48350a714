"""The CMS signature of one certificate as a mould: pyHanko makes it once, each file puts in its digest and signature.

Rules kept:
* CAdES as PAdES wants it: content type, message digest, signing certificate (v2); no signing time inside. Only the
  digest and the signature differ between two files under one certificate; everything else is pyHanko's, byte for byte.
* ECDSA by RFC 6979: the same file gets the same signature. RSA: PKCS #1 v1.5, which is so anyway.

Source: ETSI EN 319 122-1, EN 319 142-1 (B-B); RFC 5652; RFC 6979. Decision: docs/decisions/0151.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.signers import Signer

from verify.errors import IssuingError
from verify.issuing.pdf.authority import DocumentKey
from verify.issuing.pdf.certificates import DocumentIdentity

DIGEST = "sha256"
_DIGEST_MARK = sha256(b"the digest of the file stands here").digest()
_SIGNATURE_MARK = sha256(b"the signature stands here").digest()


class CmsMould:
    """Makes detached CMS signatures for one document certificate."""

    def __init__(self, identity: DocumentIdentity) -> None:
        self._key = identity.key
        self._pouring = _Pouring(identity)
        self._attributes = self._pouring.attributes()
        self._moulds: dict[int, bytes] = {}
        self.cms(bytes(32))  # tried on nothing: a machine that cannot sign so must be known before a report is

    def cms(self, digest: bytes) -> bytes:
        """The CMS over a file of this SHA-256 digest."""
        signature = sign(self._key, _replaced(self._attributes, _DIGEST_MARK, digest))
        if len(signature) not in self._moulds:
            self._moulds[len(signature)] = self._pouring.cms(len(signature))
        whole = _replaced(self._moulds[len(signature)], _DIGEST_MARK, digest)
        return _replaced(whole, _mark(len(signature)), signature)


def sign(key: DocumentKey, content: bytes) -> bytes:
    """The same content gives the same signature."""
    if isinstance(key, EllipticCurvePrivateKey):
        return key.sign(content, ECDSA(SHA256(), deterministic_signing=True))
    return key.sign(content, PKCS1v15(), SHA256())


class _Pouring(Signer):
    """Lets pyHanko make a CMS around marks: it signs nothing."""

    def __init__(self, identity: DocumentIdentity) -> None:
        chain = list(load_certs_from_pemder_data(b"".join(_pem(each) for each in identity.chain)))
        super().__init__(signing_cert=chain[0])
        self.cert_registry.register_multiple(chain[1:])
        self._signature = b""
        self._signed = b""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        self._signed = data
        return self._signature

    def attributes(self) -> bytes:
        """What is signed, with the mark of the digest in it."""
        self.cms(len(_SIGNATURE_MARK))
        return self._signed

    def cms(self, signature_length: int) -> bytes:
        self._signature = _mark(signature_length)
        content: bytes = _finished(self.async_sign(_DIGEST_MARK, DIGEST, use_pades=True)).dump()
        return content


def _pem(certificate: Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _mark(length: int) -> bytes:
    return (_SIGNATURE_MARK * (length // len(_SIGNATURE_MARK) + 1))[:length]


def _replaced(content: bytes, mark: bytes, value: bytes) -> bytes:
    if content.count(mark) != 1 or len(mark) != len(value):
        raise IssuingError("PDF 签名的格式与预期不符。", next_step="请联系维护人员。", code="PDF_FAILED")
    return content.replace(mark, value)


def _finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of ``work``, in a thread of its own: the caller's may be running a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
