"""Step 7 of a check: whether the document in hand is the one that was issued.

* Only a package that was signed is compared; another one says nothing about this report.
* A PDF must besides be certified, over the whole file, under a certificate that the key list names and that was in
  force when the report was issued. Then it is, byte for byte, what was certified, and its words need no second look.
* A certificate that was revoked after the report was issued proves nothing: who stole its key can sign with it, and a
  PDF's own time says nothing.
* A PDF that is not so certified is compared by its running text. Where its own signature holds, that says what happened
  (something came after, or another signed it), and the differences stand beside it.
* Everything that differs is named; nothing here decides how serious it is.

Specified in docs/credential.md §6; case 64–74 of the cases a verification service must survive.
"""

from collections.abc import Sequence
from datetime import datetime

from verify.binding import Certification, Difference, DocumentInHand, FieldPackage, compare
from verify.credential import Credential
from verify.flow import compare_pages
from verify.keylist import ListedCertificate
from verify.reasons import Reason

_EXPLAINING = frozenset({Reason.PDF_OTHER_CERTIFICATE, Reason.PDF_CHANGED_SINCE})
"""What tells more of a PDF than that words differ, while the signature in it holds."""
Certificates = tuple[ListedCertificate, ...] | None
"""Of the key list; None: it does not say."""


def match(
    document: DocumentInHand, credential: Credential, certificates: Certificates
) -> tuple[Sequence[Reason], tuple[Difference, ...]]:
    """What is wrong with the document, and where it differs; nothing when it is the one that was issued."""
    package, certification = document.package, document.certification
    faults = _certified(certification, credential.claimed.issued_at, certificates)
    if package is None:
        return [*_without_package(document), *faults], _since(document)
    if package.root() != credential.facts.content_root:
        return [Reason.OTHER_REPORT, *faults], ()
    if certification is not None and not faults:
        return [], ()
    since, words = _since(document), _words(document, package, faults)
    explained = Reason.PDF_SIGNATURE_INVALID not in faults and _EXPLAINING.intersection(faults)
    return [Reason.FIELDS_DIFFER, *faults] if words and not explained else faults, (*since, *words)


def _without_package(document: DocumentInHand) -> Sequence[Reason]:
    """A PDF that nobody signed, printed again perhaps, cannot be expected to have kept its package."""
    if document.package_damaged:
        return [Reason.PACKAGE_DAMAGED]
    unsigned = document.certification is not None and document.certification.certificate is None
    return [] if unsigned else [Reason.PACKAGE_MISSING]


def _words(document: DocumentInHand, package: FieldPackage, faults: Sequence[Reason]) -> tuple[Difference, ...]:
    """Not of a PDF where all that is wrong came after our signature: that says that the rest is as issued."""
    certification = document.certification
    if certification is None:
        return tuple(compare(package, document.lines))
    named = list(faults) == [Reason.PDF_CHANGED_SINCE] and certification.since
    return () if named else tuple(compare_pages(package, document.lines))


def _since(document: DocumentInHand) -> tuple[Difference, ...]:
    return () if document.certification is None else document.certification.since


def _certified(
    certification: Certification | None, issued_at: datetime, certificates: Certificates
) -> Sequence[Reason]:
    """A PDF's own signature: there, by a listed certificate, over the whole file as it is."""
    if certification is None:
        return []
    if certification.certificate is None:
        return [Reason.PDF_UNCERTIFIED]
    faults = []
    if certificates is None:
        faults.append(Reason.PDF_CERTIFICATES_UNKNOWN)
    else:
        named = [each for each in certificates if _is_listed(each, certification.certificate, issued_at)]
        if not named:
            faults.append(Reason.PDF_OTHER_CERTIFICATE)
        elif any(each.revoked_at is not None for each in named):
            faults.append(Reason.PDF_CERTIFICATE_REVOKED)
    if not certification.intact:
        faults.append(Reason.PDF_SIGNATURE_INVALID)
    elif not certification.sound:
        faults.append(Reason.PDF_CHANGED_SINCE)
    return faults


def _is_listed(listed: ListedCertificate, fingerprint: bytes, issued_at: datetime) -> bool:
    in_force = listed.not_before <= issued_at <= listed.not_after
    withdrawn = listed.revoked_at is not None and listed.revoked_at <= issued_at
    return listed.fingerprint == fingerprint and in_force and not withdrawn
