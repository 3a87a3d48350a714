"""A PDF's own signature: which bytes it covers, whether it holds, under which certificate. Whose that is, others know.

Rules kept:
* Signatures are looked for in the bytes, not in the form: one that an update has taken out of the form is found too.
* The first in the file counts: whatever was signed later came after it.
* A signed revision is the file from its first byte to the end of the ByteRange, less one gap. The gap is exactly the
  hex string of /Contents: no other byte of the revision is left out, none is counted twice.
* It holds when pyHanko says so of the revision as a file of its own – ``bottom_line``, coverage ENTIRE_FILE, one
  signature, the same ByteRange and the same bytes in it. What was appended never reaches pyHanko.
* The certificate is its own trust anchor here, at its first second: whether it is one of the issuer's, only the key
  list says (``verify.matching``). No network.

Source: ISO 32000-2 §12.8.1; ETSI EN 319 142-1; cases 68–73. Decision: docs/decisions/0196.
"""

import io
import logging
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.decode_limits import DecodeLimits
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

CANDIDATES_MAX = 8
DECODED_MAX_BYTES = 64 * 1024 * 1024
"""Of all streams that pyHanko unpacks to find the signature: cross-references and object streams."""
_NEAR_BYTES = 64 * 1024
_BYTE_RANGE = re.compile(rb"/ByteRange\s{0,20}\[([\s0-9]{1,200})\]")
_BEFORE_GAP = re.compile(rb"/Contents\s{0,20}\Z")
_GAP = re.compile(rb"<((?:[0-9A-Fa-f]{2})+)>")
_CONTENTS = re.compile(rb"/Contents\s{0,20}" + _GAP.pattern)


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """``certificate``: SHA-256 of its DER, and ``signer`` whom it names; ``end``: where the signed revision ends.

    ``fits``: its ByteRange is all of that revision but the signature itself.
    """

    certificate: bytes
    signer: str
    intact: bool
    end: int
    fits: bool


def signature_of(data: bytes) -> PdfSignature | None:
    """The first signature that names its certificate; None when there is none. Raises nothing but MemoryError."""
    return next(signatures_in(data), None)


def signatures_in(data: bytes) -> Iterator[PdfSignature]:
    """In the order of the file. A place without a readable signature is none."""
    for found in islice(_BYTE_RANGE.finditer(data), CANDIDATES_MAX):
        numbers = tuple(int(number) for number in found[1].split()[:5])
        content = _gap(data, numbers) or _near(data, found.start())
        signed = None if content is None else _opened(content)
        if signed is not None:
            certificate, rest = signed
            end, fits = _end(data, numbers), _gap(data, numbers) == content and not rest.strip(b"\0")
            intact = fits and _holds(data[:end], numbers, certificate)
            yield PdfSignature(sha256(certificate.dump()).digest(), _name_of(certificate), intact, end, fits)


def _gap(data: bytes, numbers: tuple[int, ...]) -> bytes | None:
    """The content of the hex string that the ByteRange leaves out, if that is exactly what it leaves out."""
    if len(numbers) != 4 or numbers[0] != 0:
        return None
    _, start, end, rest = numbers
    if not start < end <= end + rest <= len(data) or end - start > _NEAR_BYTES * 4:
        return None
    found = _GAP.fullmatch(data, start, end)
    before = _BEFORE_GAP.search(data, max(0, start - 40), start)
    return bytes.fromhex(found[1].decode()) if found and before else None


def _near(data: bytes, place: int) -> bytes | None:
    """The /Contents next to a ByteRange that does not fit it: whose signature this was can still be said."""
    window = data[max(0, place - _NEAR_BYTES) : place + _NEAR_BYTES]
    found = min(_CONTENTS.finditer(window), key=lambda each: abs(each.start() - min(place, _NEAR_BYTES)), default=None)
    return None if found is None else bytes.fromhex(found[1].decode())


def _end(data: bytes, numbers: tuple[int, ...]) -> int:
    """The end of the signed revision; of the file where the numbers make no sense."""
    return min(len(data), numbers[2] + numbers[3]) if len(numbers) == 4 else len(data)


def _opened(content: bytes) -> "tuple[Certificate, bytes] | None":
    """The signer's certificate, and what stands behind the signature, which is padded with zeros."""
    from asn1crypto.cms import ContentInfo
    from pyhanko.sign.general import extract_certificate_info

    try:
        signed = ContentInfo.load(content)
        certificate = extract_certificate_info(signed["content"]).signer_cert
        return certificate, content[len(signed.dump()) :]
    except _unreadable():
        return None


def _name_of(certificate: "Certificate") -> str:
    try:
        names = certificate.subject.native
        return str(names.get("organization_name") or names.get("common_name") or "")[:200]
    except _unreadable():
        return ""


def _holds(revision: bytes, numbers: tuple[int, ...], certificate: "Certificate") -> bool:
    """Whether pyHanko finds this one signature over the whole of ``revision``, and nothing wrong with it."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    _silence()
    try:
        reader = PdfFileReader(io.BytesIO(revision), decode_limits=_limits())
        signatures: list[EmbeddedPdfSignature] = reader.embedded_signatures
        if len(signatures) != 1 or not _is_that(signatures[0], revision, numbers, certificate):
            return False
        context = ValidationContext(
            trust_roots=[certificate],
            moment=certificate.not_valid_before,
            allow_fetching=False,
            revocation_mode="soft-fail",
        )
        usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})
        status = validate_pdf_signature(signatures[0], context, key_usage_settings=usage)
        return bool(status.bottom_line) and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    except _unreadable():
        return False


def _silence() -> None:
    """What the libraries would log of a stranger's file would be a stranger's words in our log."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _is_that(
    signature: "EmbeddedPdfSignature", revision: bytes, numbers: tuple[int, ...], certificate: "Certificate"
) -> bool:
    """pyHanko reads the same ByteRange and the same bytes as we did: no second signature dictionary deceives either."""
    same_range = tuple(int(number) for number in signature.byte_range) == numbers
    same_bytes = signature.pkcs7_content == _gap(revision, numbers)
    return same_range and same_bytes and signature.signer_cert.dump() == certificate.dump()


def _limits() -> "DecodeLimits":
    from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget

    return DecodeLimits(document_budget=DocumentDecodeBudget(base_allowance=DECODED_MAX_BYTES, max_ratio=1))


def _unreadable() -> tuple[type[Exception], ...]:
    """What parsers of PDF, CMS and certificates raise for files made to break them. MemoryError is not among them."""
    from pyhanko.pdf_utils.misc import PdfError

    lookups = (KeyError, IndexError, AttributeError, TypeError, ValueError, ArithmeticError)
    return (PdfError, *lookups, AssertionError, NotImplementedError, RecursionError, EOFError, OSError, struct.error)
