"""What is asked for and what is handed out: requests for one report or many, the issued report, its ledger line.

JSON of an issued report: design §8. ``files.pdf`` is null where the machine cannot make one (docs/decisions/0149).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from index.channel import Channel
from index.errors import OfficeError
from verify.errors import VerifyError
from verify.issuing.files import write_whole


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """``moment``: the issuing moment, aware. Two requests with one ``idempotency_key`` get one report."""

    subject_code: str
    years: int
    purpose: str
    moment: datetime
    actor: str
    idempotency_key: str | None = None
    channel: Channel = Channel.DESK
    identity_check: str = ""
    """How the applicant's identity was checked: at the desk which document, online which provider."""
    request: str | None = None
    """The batch request it belongs to; None = asked for alone."""
    applicant: str | None = None
    """Code of the subject whose identity was checked; None = the one the report is about."""
    authorisation: str | None = None
    """Number of the registered authorisation under which somebody else asks; ``grantee``: who that is."""
    grantee: str = ""


@dataclass(frozen=True, slots=True)
class IssuedReport:
    """A report as handed out. ``calendar_published`` False: its window was counted by weekends only; say so."""

    number: str
    subject_code: str
    issued_at: datetime
    valid_until: datetime
    period_from: date
    period_to: date
    qr_text: str
    typed_code: str
    docx: Path
    qr_png: Path
    calendar_published: bool
    pdf: Path | None = None
    """None: ``without_pdf`` says why (Chinese)."""
    without_pdf: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "subject_code": self.subject_code,
            "issued_at": self.issued_at.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "period_from": self.period_from.isoformat(),
            "period_to": self.period_to.isoformat(),
            "qr_text": self.qr_text,
            "typed_code": self.typed_code,
            "files": {
                "docx": str(self.docx),
                "pdf": str(self.pdf) if self.pdf is not None else None,
                "qr_png": str(self.qr_png),
            },
        }

    def copied_to(self, folder: Path) -> "IssuedReport":
        """The same report with its files copied into ``folder``, named by its number. Raises IssuingError."""
        docx, qr_png = folder / f"{self.number}.docx", folder / f"{self.number}-qr.png"
        write_whole(docx, self.docx.read_bytes())
        write_whole(qr_png, self.qr_png.read_bytes())
        pdf = None if self.pdf is None else folder / f"{self.number}.pdf"
        if self.pdf is not None and pdf is not None:
            write_whole(pdf, self.pdf.read_bytes())
        return replace(self, docx=docx, pdf=pdf, qr_png=qr_png)


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """Many reports in one request: of ``subject_codes``, or of every branch of ``parent_code``.

    ``with_parent``: the parent's own report too, first. Repeated with one ``idempotency_key``: the same reports.
    """

    years: int
    purpose: str
    moment: datetime
    actor: str
    subject_codes: tuple[str, ...] = ()
    parent_code: str | None = None
    with_parent: bool = False
    idempotency_key: str | None = None
    channel: Channel = Channel.DESK
    identity_check: str = ""
    applicant: str | None = None
    """Code of the subject whose identity was checked; None = the parent's, or each subject's own."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """What became of one subject of a batch: its report, or the problem that kept it from having one."""

    subject_code: str
    report: IssuedReport | None = None
    problem: OfficeError | VerifyError | None = None

    def to_json(self) -> dict[str, Any]:
        problem = self.problem
        said = {"code": problem.code, "message": problem.message, "next_step": problem.next_step} if problem else None
        report = self.report.to_json() if self.report else None
        return {"subject_code": self.subject_code, "report": report, "problem": said}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger. ``state``: valid, revoked, superseded, suspended; expiry is no state."""

    number: str
    idempotency_key: str
    subject_code: str
    issued_at: datetime
    valid_until: datetime
    period_from: date
    period_to: date
    years: int
    calendar_published: bool
    purpose: str
    basis_title: str
    status_index: int
    token: bytes
    content_root: bytes
    kid: bytes
    typed_code_digest: bytes
    actor: str
    channel: str = Channel.DESK.value
    identity_check: str = ""
    request: str | None = None
    state: str = "valid"
    state_reason: str | None = None
    state_changed_at: datetime | None = None
    state_actor: str | None = None

    def to_json(self) -> dict[str, Any]:
        """What ``report show`` prints: neither the credential nor the typed code."""
        changed = self.state_changed_at
        return {
            "number": self.number,
            "subject_code": self.subject_code,
            "issued_at": self.issued_at.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "period_from": self.period_from.isoformat(),
            "period_to": self.period_to.isoformat(),
            "calendar_published": self.calendar_published,
            "years": self.years,
            "purpose": self.purpose,
            "basis": self.basis_title,
            "key_id": self.kid.hex(),
            "issued_by": self.actor,
            "channel": self.channel,
            "identity_check": self.identity_check,
            "request": self.request,
            "state": self.state,
            "state_reason": self.state_reason,
            "state_changed_at": changed.isoformat() if changed else None,
        }
