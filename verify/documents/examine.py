"""One input of any kind → one verdict; a folder of them → one each.

* A text is a scanned code, or a report number and typed code. A file is told by its content (``reading``).
* A docx is compared field by field with the package it carries; without one, with the sealed content, if we have it.
* A picture or PDF is valid by its code alone, and the next step says so. Decision: docs/decisions/0141.
* An input that cannot be read is ``unreadable`` with its reason. Only a path that cannot be opened raises.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from verify.binding import DocumentInHand, FieldPackage
from verify.check import Verification, check, refused
from verify.credential import Credential
from verify.documents.reading import Scanned, read
from verify.errors import DocumentError
from verify.reasons import Reason, Rejection, Verdict
from verify.trust import Trust

FILES_MAX = 10_000
_TYPED = re.compile(r"\s*([A-Za-z]{4}[0-9]{15})[\s,，;；/]+([0-9A-Za-z][0-9A-Za-z\- ]{10,20})\s*")


class SealedContents(Protocol):
    """Where sealed contents lie: the folder of the public service."""

    def token_for(self, number: str, code: str) -> bytes:
        """Raises Rejection TYPED_CODE_UNKNOWN."""
        ...

    def package_for(self, credential: Credential) -> FieldPackage | None: ...


def examine(
    source: Path | bytes | str,
    *,
    name: str,
    trust: Trust,
    at: datetime,
    now: datetime,
    sealed: SealedContents | None = None,
) -> Verification:
    """Text is a code as scanned or typed; bytes and paths are files.

    Raises DocumentError for a path that cannot be opened, and nothing for text or bytes, whatever they are.
    """
    if isinstance(source, str):
        return _examine_text(source, trust=trust, at=at, now=now, sealed=sealed)
    try:
        scanned = read(source, name)
        text = _only_code(scanned)
    except Rejection as rejection:
        return refused(rejection, at)
    answer = _examine_scanned(text, scanned.document, trust=trust, at=at, now=now, sealed=sealed)
    return _by_its_code(answer) if scanned.unread and answer.verdict is Verdict.VALID else answer


def examine_folder(
    folder: Path,
    *,
    trust: Trust,
    at: datetime,
    now: datetime,
    sealed: SealedContents | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[str, Verification]]:
    """(name relative to ``folder``, verdict) of every file, sorted by name; hidden files are left out.

    ``progress`` is told (files done, files in all) after each. A file that cannot be opened is an answer too. Raises
    DocumentError for a folder that holds too many files: none is passed over in silence.
    """
    paths = files_of(folder)
    for done, path in enumerate(paths, start=1):
        name = path.relative_to(folder).as_posix()
        try:
            answer = examine(path, name=name, trust=trust, at=at, now=now, sealed=sealed)
        except DocumentError:
            answer = refused(Rejection(Reason.FILE_NOT_OPENED), at)
        yield name, answer
        if progress is not None:
            progress(done, len(paths))


def files_of(folder: Path) -> list[Path]:
    """Regular files below ``folder``, links not followed, sorted. Raises DocumentError beyond ``FILES_MAX``."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    files = [path for path in found if not path.name.startswith((".", "~$"))]
    if len(files) > FILES_MAX:
        raise DocumentError(
            f"文件夹里有 {len(files)} 个文件，一次最多核验 {FILES_MAX} 个。",
            next_step="请分成几个文件夹，分别核验。",
            code="TOO_MANY_FILES",
        )
    return files


def _examine_text(
    text: str, *, trust: Trust, at: datetime, now: datetime, sealed: SealedContents | None
) -> Verification:
    typed = _TYPED.fullmatch(text)
    if typed is None or sealed is None:
        return check(text, trust=trust, at=at, now=now)
    try:
        token = sealed.token_for(typed[1], typed[2])
    except Rejection as rejection:
        return refused(rejection, at)
    return check(token, trust=trust, at=at, now=now)


def _only_code(scanned: Scanned) -> str:
    if not scanned.qr_texts:
        raise Rejection(Reason.NO_CODE_FOUND)
    if len(scanned.qr_texts) > 1:
        raise Rejection(Reason.SEVERAL_CODES)
    return scanned.qr_texts[0]


def _by_its_code(answer: Verification) -> Verification:
    return answer._replace(code_alone=True)


def _examine_scanned(
    text: str,
    document: DocumentInHand | None,
    *,
    trust: Trust,
    at: datetime,
    now: datetime,
    sealed: SealedContents | None,
) -> Verification:
    answer = check(text, trust=trust, at=at, now=now, document=document)
    missing = document is not None and document.package is None and not document.package_damaged
    if not missing or document is None or sealed is None or answer.credential is None:
        return answer
    package = sealed.package_for(answer.credential)
    if package is None:
        return answer
    return check(text, trust=trust, at=at, now=now, document=replace(document, package=package))
