"""From a frozen draft and its credential to the finished files, and the facts that a credential signs.

Rules kept:
* Pure: the same draft and credential give the same docx and the same PNG, byte for byte, today and after a crash.
* What the credential counts (domains, records, domains without data) is what the report says, from the same content.

Source: design §3, §5; verify.credential.Facts.
"""

from dataclasses import dataclass

from verify.binding import FieldPackage
from verify.credential import Facts, ReportType
from verify.documents.docx import package_xml
from verify.issuing.document import render
from verify.issuing.fields import fields_of, outline_of
from verify.issuing.freezing import Draft
from verify.issuing.qr import picture
from verify.scanned import qr_text

_SEQUENCE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Printed:
    """The files of one report, and the text of its QR."""

    qr_text: str
    qr_png: bytes
    docx: bytes


def package_of(draft: Draft) -> FieldPackage:
    return FieldPackage(draft.seed, fields_of(draft.content))


def facts_of(draft: Draft) -> Facts:
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
        content_root=package_of(draft).root(),
    )


def print_report(draft: Draft, token: bytes) -> Printed:
    """The docx and the QR of a signed draft."""
    content = draft.content
    text = qr_text(token, content.verify_url)
    qr = picture(text)
    attached = package_xml(package_of(draft))
    docx = render(outline_of(content), qr, attached, issuer=content.issuer_name, moment=content.issued_at)
    return Printed(text, qr.png, docx)
