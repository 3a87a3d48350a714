"""From a frozen draft and its credential to the finished files, and the facts that a credential signs.

Rules kept:
* Pure: the same draft and credential give the same files, byte for byte, today and after a crash.
* What the credential counts (domains, records, domains without data) is what the report says, from the same content.
* What does not depend on the credential is computed once for a draft (``prepare``) and handed through all steps.

Source: design §3, §5; verify.credential.Facts.
"""

from dataclasses import dataclass

from verify.binding import FieldPackage
from verify.credential import Facts, ReportType
from verify.documents.docx import package_part
from verify.issuing.document import render
from verify.issuing.fields import fields_in, outline_of
from verify.issuing.freezing import Draft
from verify.issuing.outline import Outline
from verify.issuing.qr import QrPicture, picture
from verify.scanned import qr_text

_SEQUENCE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft, and all that follows from it without a signature. ``package_bytes``: the field package, encoded."""

    draft: Draft
    outline: Outline
    package: FieldPackage
    package_bytes: bytes
    facts: Facts


@dataclass(frozen=True, slots=True)
class Printed:
    """The files of one report, and the text of its QR."""

    qr_text: str
    qr: QrPicture
    docx: bytes


def prepare(draft: Draft) -> Prepared:
    """The package is not read back here: the rehearsal does, from the docx that carries it."""
    outline = outline_of(draft.content)
    package = FieldPackage(draft.seed, fields_in(outline))
    return Prepared(draft, outline, package, package.encoded(), _facts(draft, package.root()))


def _facts(draft: Draft, root: bytes) -> Facts:
    """What gets signed."""
    content = draft.content
    return Facts(
        report_type=ReportType.SPECIAL,
        sequence=int(content.number[-_SEQUENCE_DIGITS:]),
        issued_at=content.issued_at,
        status_index=draft.status_index,
        subject_code=content.subject.code,
        subject_name=content.subject.name,
        period_from=content.period_from,
        period_to=content.period_to,
        domains=len(content.domains),
        records=len(content.details),
        domains_without_data=len(content.gaps),
        content_root=root,
    )


def print_report(prepared: Prepared, token: bytes) -> Printed:
    """The docx and the QR of a signed draft."""
    content = prepared.draft.content
    text = qr_text(token, content.verify_url)
    qr = picture(text)
    attached = package_part(prepared.package_bytes)
    docx = render(prepared.outline, qr, attached, issuer=content.issuer_name, moment=content.issued_at)
    return Printed(text, qr, docx)
