"""Where the finished report goes: its two files, and the two ciphertexts for the trace-back. Repeating changes nothing.

Rules kept:
* ``reports/<number>/`` holds docx and QR, readable by the service's user only.
* ``public/`` receives ciphertexts only, named by locators that come from the credential or the typed code: whoever
  reads the folder learns neither a number nor a name.

Source: design §5 (sealed), §6 (seal, deliver).
"""

from dataclasses import dataclass
from pathlib import Path

from verify.issuing.files import PRIVATE_FILE, write_whole
from verify.issuing.freezing import Draft
from verify.issuing.orders import IssuedReport
from verify.issuing.printing import Prepared, print_report
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

    def docx(self, number: str) -> Path:
        return self.reports / number / "report.docx"

    def qr_png(self, number: str) -> Path:
        return self.reports / number / "qr.png"


def seal_report(places: Places, prepared: Prepared, token: bytes) -> None:
    """Stores the sealed field package and the sealed credential."""
    draft = prepared.draft
    content = seal(token, prepared.package_bytes)
    typed = seal_typed(draft.content.number, draft.content.typed_code, token)
    write_whole(places.public / "sealed" / content.locator, content.ciphertext)
    write_whole(places.public / "typed" / typed.locator, typed.ciphertext)


def deliver(places: Places, prepared: Prepared, token: bytes) -> None:
    """Writes docx and QR."""
    printed = print_report(prepared, token)
    number = prepared.draft.content.number
    write_whole(places.qr_png(number), printed.qr.png, mode=PRIVATE_FILE)
    write_whole(places.docx(number), printed.docx, mode=PRIVATE_FILE)


def is_delivered(places: Places, number: str) -> bool:
    return places.docx(number).is_file() and places.qr_png(number).is_file()


def handed_out(places: Places, draft: Draft, token: bytes) -> IssuedReport:
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
    )
