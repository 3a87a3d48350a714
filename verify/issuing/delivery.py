"""Where the finished report goes: its files, and the two ciphertexts for the trace-back. Repeating changes nothing.

Rules kept:
* ``reports/<number>/`` holds docx, PDF and QR, readable by the service's user only.
* A report without PDF (``pdf.errors``) is delivered as docx, and gets its PDF when it is delivered again.
* A file that is there is never written again. What another version of this program would print differently from what
  was signed is not printed at all.
* ``public/`` receives ciphertexts only, named by locators that come from the credential or the typed code: whoever
  reads the folder learns neither a number nor a name.

Source: design §5 (sealed), §6 (seal, deliver).
"""

from dataclasses import dataclass
from pathlib import Path

from verify.credential import decode, encode_facts
from verify.issuing.files import PRIVATE_FILE, sweep, write_whole
from verify.issuing.freezing import Draft
from verify.issuing.orders import IssuedReport
from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.pdf.press import Press
from verify.issuing.printing import Prepared, Printed, print_report
from verify.scanned import qr_text
from verify.sealing import seal, seal_typed


@dataclass(frozen=True, slots=True)
class Places:
    """Where the room writes. ``public`` is all that the public service will see."""

    reports: Path
    public: Path

    @property
    def trust(self) -> Path:
        return self.public / "trust.json"

    @property
    def sealed(self) -> Path:
        return self.public / "sealed"

    @property
    def typed(self) -> Path:
        return self.public / "typed"

    def docx(self, number: str) -> Path:
        return self.reports / number / "report.docx"

    def pdf(self, number: str) -> Path:
        return self.reports / number / "report.pdf"

    def qr_png(self, number: str) -> Path:
        return self.reports / number / "qr.png"


def seal_report(places: Places, prepared: Prepared, token: bytes) -> None:
    """Stores the sealed field package and the sealed credential."""
    draft = prepared.draft
    content = seal(token, prepared.package_bytes)
    typed = seal_typed(draft.content.number, draft.content.typed_code, token)
    write_whole(places.sealed / content.locator, content.ciphertext)
    write_whole(places.typed / typed.locator, typed.ciphertext)


def deliver(places: Places, press: Press, prepared: Prepared, token: bytes) -> IssuedReport:
    """Writes those of docx, QR and PDF that are missing, and hands them out. Raises IssuingError (REPORT_OUTDATED).

    The caller holds the issuing lock.
    """
    number = prepared.draft.content.number
    sweep(places.docx(number).parent)
    if decode(token).signed.payload != encode_facts(prepared.facts):
        return _as_it_was(places, prepared.draft, token)
    printed = print_report(prepared, token)
    _write_missing(places.qr_png(number), printed.qr.png)
    _write_missing(places.docx(number), printed.docx)
    problem = _deliver_pdf(places, press, prepared, printed)
    return handed_out(places, prepared.draft, token, problem)


def _deliver_pdf(places: Places, press: Press, prepared: Prepared, printed: Printed) -> PdfUnavailable | None:
    try:
        pdf = press.pdf(prepared, printed.qr)
    except PdfUnavailable as problem:
        return problem
    _write_missing(places.pdf(prepared.draft.content.number), pdf)
    return None


def _write_missing(path: Path, content: bytes) -> None:
    if not path.is_file():
        write_whole(path, content, mode=PRIVATE_FILE)


def _as_it_was(places: Places, draft: Draft, token: bytes) -> IssuedReport:
    """A report that an earlier version printed in other words: what was delivered then, and nothing new."""
    number = draft.content.number
    problem = PdfUnavailable(
        "这份报告由以前的版本签发，当时的版面与现在不同，不能补做文件。",
        next_step="已交付的文件照常核验；需要 PDF 的，请重新申请一份。",
        code="REPORT_OUTDATED",
    )
    if not (places.docx(number).is_file() and places.qr_png(number).is_file()):
        raise problem
    return handed_out(places, draft, token, problem)


def sweep_public(places: Places) -> None:
    """Removes what kills left of half-written files. The caller holds the issuing lock."""
    for folder in (places.public, places.sealed, places.typed):
        sweep(folder)


def is_delivered(places: Places, number: str) -> bool:
    """Whether every file is there, the PDF too."""
    return all(path.is_file() for path in (places.docx(number), places.pdf(number), places.qr_png(number)))


def handed_out(places: Places, draft: Draft, token: bytes, without_pdf: PdfUnavailable | None = None) -> IssuedReport:
    """The report as its receiver gets it."""
    content = draft.content
    return IssuedReport(
        number=content.number,
        subject_code=content.subject.code,
        issued_at=content.issued_at,
        valid_until=content.valid_until,
        period_from=content.period_from,
        period_to=content.period_to,
        qr_text=qr_text(token, content.verify_url),
        typed_code=content.typed_code,
        docx=places.docx(content.number),
        qr_png=places.qr_png(content.number),
        calendar_published=content.calendar_published,
        pdf=None if without_pdf else places.pdf(content.number),
        without_pdf=without_pdf.sentence if without_pdf else "",
    )
