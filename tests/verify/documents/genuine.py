"""One fictional report as its office delivers it: certified PDF, unsigned PDF, docx, and the trust that knows them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256

from tests.verify.documents.report import Report
from tests.verify.issuing.test_content import RECORD, SUBJECT, content
from tests.verify.sample import FACTS, ISSUED, KEY, KEYS, NOW, Office
from verify.binding import FieldPackage
from verify.check import Verification
from verify.credential import sign
from verify.documents.archive import members
from verify.documents.docx import package_xml
from verify.documents.examine import SealedContents, examine
from verify.issuing.content import ReportContent
from verify.issuing.document import render
from verify.issuing.fields import fields_of, outline_of
from verify.issuing.pdf.authority import certified, new_authority, new_key
from verify.issuing.pdf.certificates import DocumentIdentity
from verify.issuing.pdf.certifying import Certifier, Statement
from verify.issuing.pdf.sheet import Sheet
from verify.issuing.pdf.typesetting import Typesetter
from verify.issuing.qr import picture
from verify.keylist import ListedCertificate
from verify.scanned import qr_text
from verify.trust import Trust

URL = KEYS.issuer.verify_url
SINCE, UNTIL = datetime(2026, 8, 1, tzinfo=UTC), datetime(2027, 8, 1, tzinfo=UTC)
OTHER_COMPANY = replace(SUBJECT, name="盐城示例清源建材有限公司（虚构）", code="91320981MA1EX0M44E")
TYPESETTER = Typesetter()


@dataclass(frozen=True, slots=True)
class Genuine:
    """``sheet``: what the PDF was set from; ``token`` signs ``package``."""

    sheet: Sheet
    package: FieldPackage
    token: bytes
    unsigned: bytes
    pdf: bytes
    docx: Report

    @property
    def qr(self) -> str:
        return qr_text(self.token, URL)


@lru_cache
def identity(name: str = "示例签发机构（虚构）") -> DocumentIdentity:
    """A document certificate below an authority of its own, new for each name and each run."""
    root_key, root = new_authority(name, SINCE)
    key = new_key()
    certificate = certified(key.public_key(), name, root_key, root, since=SINCE, until=UNTIL)
    return DocumentIdentity("test", SINCE, key, (certificate, root))


def listed(which: DocumentIdentity) -> ListedCertificate:
    return ListedCertificate(which.certificate.fingerprint(SHA256()), SINCE, UNTIL)


@lru_cache
def genuine() -> Genuine:
    return issue(content(RECORD))


@lru_cache
def of_another_company() -> Genuine:
    return issue(content(subject=OTHER_COMPANY))


def issue(made: ReportContent) -> Genuine:
    package = FieldPackage(b"a seed of a report in the tests!", fields_of(made))
    token = sign(replace(FACTS, content_root=package.root(), subject_code=made.subject.code), KEY)
    qr = picture(qr_text(token, URL))
    sheet = Sheet(outline_of(made), qr, package_xml(package), made.issuer_name, ISSUED)
    unsigned = TYPESETTER.set(sheet)
    docx = members(render(sheet.outline, qr, sheet.package_xml, issuer=made.issuer_name, moment=ISSUED))
    return Genuine(sheet, package, token, unsigned, certify(unsigned), Report(docx, token, package))


def certify(pdf: bytes, by: DocumentIdentity | None = None) -> bytes:
    return Certifier(by or identity()).certify(pdf, Statement("签发（虚构）", "盐城市", ISSUED))


@lru_cache
def trust() -> Trust:
    """The office of ``sample``, and the certificate of its PDFs."""
    return Office(keys=replace(KEYS, certificates=(listed(identity()),))).trust()


def look(data: bytes, sealed: SealedContents | None = None, *, by: Trust | None = None) -> Verification:
    return examine(data, name="报告", trust=by or trust(), at=NOW, now=NOW, sealed=sealed)


Build = Callable[[Genuine], bytes]
