"""An unsigned PDF becomes a certified one: PAdES B-B, no change allowed, by pyHanko in one incremental update.

Rules kept:
* A certification signature (DocMDP 1) over the whole file; ETSI.CAdES.detached; no visible field: page 1 has its own
  words about the signature.
* The signing time is the report's moment of issue, never the clock: delivering again gives the same bytes.
* No network: no time stamp, no revocation data (B-B). A report lives for one month.

Source: ISO 32000-2 §12.8; ETSI EN 319 142-1. Decision: docs/decisions/0151.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1, ISO32002
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from verify.issuing.pdf.certificates import DocumentIdentity
from verify.issuing.pdf.mould import DIGEST, CmsMould

FIELD = "ChengheSignature"
_ROOM = 2 * 1024
"""Bytes for the signature besides the certificates: attributes, algorithm names, an RSA signature of 8192 bits."""
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Statement:
    """What the signature says for itself: why, where, when."""

    reason: str
    location: str
    moment: datetime


class Certifier:
    """Certifies under one identity. Made once and kept: the signature's mould is its costly part."""

    def __init__(self, identity: DocumentIdentity) -> None:
        self.identity = identity
        self._mould = CmsMould(identity)
        certificates = sum(len(each.public_bytes(Encoding.DER)) for each in identity.chain)
        self._reserved = 2 * (certificates + _ROOM)

    def certify(self, pdf: bytes, statement: Statement) -> bytes:
        """The same file with its certification signature at the end."""
        writer = _Writer(io.BytesIO(pdf))
        writer.identify(sha256(pdf).digest()[:_ID_BYTES])
        writer.register_extension(ESIC_EXTENSION_1)
        if isinstance(self.identity.key, EllipticCurvePrivateKey):
            writer.register_extension(ISO32002)
        embedding = PdfCMSEmbedder(SigFieldSpec(FIELD)).write_cms(FIELD, writer)
        next(embedding)
        embedding.send(SigObjSetup(self._placeholder(statement), SigMDPSetup(DIGEST, True, None, MDPPerm.NO_CHANGES)))
        prepared, output = embedding.send(SigIOSetup(DIGEST, in_place=True))
        embedding.send(self._mould.cms(prepared.document_digest))
        certified: bytes = output.getvalue()
        return certified

    def _placeholder(self, statement: Statement) -> SignatureObject:
        return SignatureObject(
            timestamp=statement.moment,
            subfilter=SigSeedSubFilter.PADES,
            location=statement.location,
            reason=statement.reason,
            bytes_reserved=self._reserved,
        )


class _Writer(IncrementalPdfFileWriter):
    """pyHanko's writer without clock and chance: it would write the time of today and a random id."""

    def identify(self, identifier: bytes) -> None:
        first, _ = self._document_id
        self._document_id = ArrayObject([first, ByteStringObject(identifier)])

    def _update_meta(self) -> None:
        """What the report says about itself is the typesetter's, and stays."""
