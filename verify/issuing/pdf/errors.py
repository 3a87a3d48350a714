"""Why a report has no PDF. Its docx is issued all the same; the PDF follows when the reason is gone.

    IssuingError
    └── PdfUnavailable   FONT_MISSING, CHARACTERS_MISSING, DOCUMENT_KEY_MISSING, REPORT_OUTDATED

Decision: docs/decisions/0149.
"""

from verify.errors import IssuingError


class PdfUnavailable(IssuingError):
    """The machine or the office is not set up for the PDF of this report."""

    code = "PDF_UNAVAILABLE"

    @property
    def sentence(self) -> str:
        """What happened and what to do, for whoever gets the docx alone."""
        return f"{self.message}{self.next_step}（{self.code}）"
