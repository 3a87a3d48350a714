"""Certified PDFs as an office delivers them, of a fictional office in memory: for the benchmark of files.

Everything of a report but its ledger: content, credential, code, typesetting, certification.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256

from index.records.model import DomainFeed, Subject, SubjectKind
from index.rules.model import Office
from index.rules.offices import load_profile
from verify.bench.office import URL, BenchOffice
from verify.binding import SEED_BYTES, FieldPackage
from verify.credential import Facts, sign
from verify.documents.docx import package_xml
from verify.issuing.content import Known, Order, ReportContent, Signature, compose
from verify.issuing.fields import fields_of, outline_of
from verify.issuing.pdf.authority import certified, new_authority, new_key
from verify.issuing.pdf.certificates import DocumentIdentity
from verify.issuing.pdf.certifying import Certifier, Statement
from verify.issuing.pdf.sheet import Sheet
from verify.issuing.pdf.typesetting import Typesetter
from verify.issuing.qr import picture
from verify.keylist import ListedCertificate
from verify.scanned import qr_text
from verify.sealing import ENTROPY_BYTES, typed_code

_NAME = "示例签发机构（虚构）"
_YEAR = timedelta(days=365)


def new_identity(now: datetime) -> tuple[DocumentIdentity, ListedCertificate]:
    """A document certificate in force at ``now``, and its line in the key list."""
    since, until = now - _YEAR, now + _YEAR
    root_key, root = new_authority(_NAME, since)
    key = new_key()
    certificate = certified(key.public_key(), _NAME, root_key, root, since=since, until=until)
    listed = ListedCertificate(certificate.fingerprint(SHA256()), since, until)
    return DocumentIdentity("bench", since, key, (certificate, root)), listed


@dataclass(frozen=True, slots=True)
class Printer:
    """``rules``: what a report of this office says."""

    office: BenchOffice
    certifier: Certifier
    typesetter: Typesetter
    rules: Office

    @classmethod
    def ready(cls, office: BenchOffice, identity: DocumentIdentity) -> "Printer":
        return cls(office, Certifier(identity), Typesetter(), load_profile("yancheng"))

    def certified(self, numbers: range) -> list[bytes]:
        return [self._certified(number) for number in numbers]

    def _certified(self, number: int) -> bytes:
        """Issued a day earlier: on the last day of the benchmark the office has no basis any more."""
        facts = self.office.facts(number)
        facts = replace(facts, issued_at=facts.issued_at - timedelta(days=1))
        content = self._content(facts)
        package = FieldPackage(facts.content_root[:SEED_BYTES], fields_of(content))
        token = sign(replace(facts, content_root=package.root()), self.office.signer)
        code = picture(qr_text(token, URL))
        sheet = Sheet(outline_of(content), code, package_xml(package), content.issuer_name, facts.issued_at)
        statement = Statement("签发（虚构）", "盐城市", facts.issued_at)
        return self.certifier.certify(self.typesetter.set(sheet), statement)

    def _content(self, facts: Facts) -> ReportContent:
        feeds = tuple(DomainFeed(domain.number, facts.issued_at.date()) for domain in self.rules.domains)
        subject = Subject(facts.subject_code, facts.subject_name, SubjectKind.COMPANY)
        number = f"YTZX{facts.issued_at:%Y}{facts.sequence:011}"
        order = Order(3, "", facts.issued_at, number, typed_code(bytes(ENTROPY_BYTES)), Signature("Ed25519", "0011"))
        return compose(Known(subject, (), feeds), self.rules, order)
