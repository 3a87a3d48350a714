"""One input of any kind → one verdict; a page with several codes → one each, for who asks so.

* A text is a scanned code, or a report number and typed code. A file is told by its content (``reading``).
* A document is compared field by field with the package it carries; without one, with the sealed content, if we have
  it.
* A picture or a scan is valid by its code alone, and the next step says so. Decision: docs/decisions/0141.
* An input that cannot be read is ``unreadable`` with its reason. Only a path that cannot be opened raises.
* What the log says of a report is looked up between the two halves of ``verify.check``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from verify.binding import DocumentInHand, FieldPackage
from verify.check import authenticate, judge
from verify.credential import Credential
from verify.documents.reading import Scanned, bytes_of, read
from verify.reasons import Reason, Rejection
from verify.registration import LogEvidence
from verify.trust import Trust
from verify.verification import Verification, refused

_TYPED = re.compile(r"\s*([A-Za-z]{4}[0-9]{15})[\s,，;；/]+([0-9A-Za-z][0-9A-Za-z\- ]{10,20})\s*")
Reader = Callable[[bytes, str], Scanned]
Evidence = Callable[[Credential], LogEvidence | None]


class SealedContents(Protocol):
    """Where sealed contents lie: the folder of the public service."""

    def token_for(self, number: str, code: str) -> bytes:
        """Raises Rejection TYPED_CODE_UNKNOWN."""
        ...

    def package_for(self, credential: Credential) -> FieldPackage | None: ...


@dataclass(frozen=True, slots=True)
class Means:
    """What questions are answered by. ``evidence``: what the log has of a report. ``reader``: in this process, or a
    worker (``workers.Readers.read``)."""

    trust: Trust
    at: datetime
    now: datetime
    sealed: SealedContents | None = None
    evidence: Evidence | None = None
    reader: Reader = read


@dataclass(frozen=True, slots=True)
class Answer:
    """``page`` and ``code`` count from 1: the page it stands on, and which of the file's codes it is.

    ``sha256`` of the file in hex; empty when it could not be read, or was no file.
    """

    page: int
    code: int
    verification: Verification
    sha256: str = ""


def examine(
    source: Path | bytes | str,
    *,
    name: str,
    trust: Trust,
    at: datetime,
    now: datetime,
    sealed: SealedContents | None = None,
    evidence: Evidence | None = None,
    reader: Reader = read,
) -> Verification:
    """Text is a code as scanned or typed; bytes and paths are files.

    Raises DocumentError for a path that cannot be opened, and nothing for text or bytes, whatever they are.
    """
    means = Means(trust, at, now, sealed, evidence, reader)
    if isinstance(source, str):
        return _typed_or_scanned(source, means)
    try:
        scanned = reader(bytes_of(source, name) if isinstance(source, Path) else source, name)
        text = _only_code(scanned)
    except Rejection as rejection:
        return refused(rejection, at)
    return _examined(text, scanned, means)


def examine_codes(data: bytes, name: str, means: Means) -> tuple[Answer, ...]:
    """One answer for each report whose code the file shows; one that says why when there is none. Raises nothing.

    A document is one report: several codes in it are not chosen among.
    """
    try:
        scanned = means.reader(data, name)
        if scanned.document is not None or not scanned.qr_texts:
            _only_code(scanned)
    except Rejection as rejection:
        return (Answer(1, 1, refused(rejection, means.at), sha256(data).hexdigest()),)
    digest = sha256(data).hexdigest()
    return tuple(
        Answer(scanned.page_of(number), number + 1, _examined(text, scanned, means), digest)
        for number, text in enumerate(scanned.qr_texts)
    )


def _typed_or_scanned(text: str, means: Means) -> Verification:
    typed = _TYPED.fullmatch(text)
    if typed is None or means.sealed is None:
        return _checked(text, None, means)
    try:
        token = means.sealed.token_for(typed[1], typed[2])
    except Rejection as rejection:
        return refused(rejection, means.at)
    return _checked(token, None, means)


def _only_code(scanned: Scanned) -> str:
    if not scanned.qr_texts:
        raise Rejection(Reason.NO_CODE_FOUND)
    if len(scanned.qr_texts) > 1:
        raise Rejection(Reason.SEVERAL_CODES)
    return scanned.qr_texts[0]


def _examined(text: str, scanned: Scanned, means: Means) -> Verification:
    answer = _checked(text, scanned.document, means)
    return answer._replace(code_alone=True) if scanned.unread else answer


def _checked(scanned: str | bytes, document: DocumentInHand | None, means: Means) -> Verification:
    try:
        authentic = authenticate(scanned, means.trust, means.now)
    except Rejection as rejection:
        return refused(rejection, means.at)
    credential = authentic.credential
    log = None if means.evidence is None else means.evidence(credential)
    document = _with_package(document, credential, means.sealed)
    return judge(authentic, trust=means.trust, at=means.at, now=means.now, document=document, log=log)


def _with_package(
    document: DocumentInHand | None, credential: Credential, sealed: SealedContents | None
) -> DocumentInHand | None:
    """What lost its package is compared with the sealed one."""
    if document is None or document.package is not None or document.package_damaged or sealed is None:
        return document
    return replace(document, package=sealed.package_for(credential))
