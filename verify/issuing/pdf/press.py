"""The PDF of a report: set by Typst, certified by pyHanko, or said why there is none.

Rules kept:
* The same draft and credential give the same file, byte for byte, on one machine with its fonts and keys.
* What a machine is not set up for (fonts, document certificate) costs the PDF, not the report: the docx is issued, and
  the PDF follows when the report is fetched again. Decision: docs/decisions/0149.
* The rehearsal does everything but the signature, so that no report enters the ledger whose PDF then fails.

Source: design §5, §6.
"""

from contextlib import suppress
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from verify.documents.docx import package_part
from verify.issuing.pdf.certificates import DocumentCertificates
from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.pdf.sheet import Sheet
from verify.issuing.pdf.typesetting import Typesetter
from verify.issuing.printing import Prepared
from verify.issuing.qr import QrPicture

if TYPE_CHECKING:
    from verify.issuing.pdf.certifying import Certifier


class Press:
    """Of one office. Fonts, layouts and the opened key are kept between reports."""

    def __init__(self, certificates: DocumentCertificates, typesetter: Typesetter) -> None:
        self._certificates = certificates
        self._typesetter = typesetter
        self._last: Certifier | None = None
        self._turn = Lock()

    def problem(self, moment: datetime) -> PdfUnavailable | None:
        """Why a report of ``moment`` would have no PDF, whatever it says."""
        try:
            self._certificates.identity_for(moment)
            self._typesetter.require_fonts()
        except PdfUnavailable as problem:
            return problem
        return None

    def rehearse(self, prepared: Prepared, qr: QrPicture) -> None:
        """Raises IssuingError or KeyringError when the PDF would fail later."""
        with suppress(PdfUnavailable):
            self._certifier(prepared.draft.content.issued_at)
            self._typesetter.set(_sheet(prepared, qr))

    def pdf(self, prepared: Prepared, qr: QrPicture) -> bytes:
        """The certified PDF. Raises PdfUnavailable; IssuingError or KeyringError as in ``rehearse``."""
        from verify.issuing.pdf.certifying import Statement

        content = prepared.draft.content
        certifier = self._certifier(content.issued_at)
        reason = f"签发{content.report_title}，编号 {content.number}"
        statement = Statement(reason, content.city, content.issued_at)
        unsigned = self._typesetter.set(_sheet(prepared, qr))
        with self._turn:
            return certifier.certify(unsigned, statement)

    def _certifier(self, moment: datetime) -> "Certifier":
        from verify.issuing.pdf.certifying import Certifier

        identity = self._certificates.identity_for(moment)
        if self._last is None or self._last.identity != identity:
            self._last = Certifier(identity)
        return self._last


def _sheet(prepared: Prepared, qr: QrPicture) -> Sheet:
    content = prepared.draft.content
    package = package_part(prepared.package_bytes)
    return Sheet(prepared.outline, qr, package, content.issuer_name, content.issued_at)
