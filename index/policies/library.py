"""The policy library: a folder of documents as plain files.

``<id>/{document.json, source.txt, raw.<ext>}``; see ``index.policies.storage``.

Rules:
* a document appears whole or not at all: its folder is written under another name, synced, then renamed;
* adding the same file again changes nothing; a changed file of the same name that brings a document of the same title
  takes the place of the old one; texts of one title from different files stand side by side;
* a stored document that is damaged is read anew from its original beside it; if that fails it is named;
* a broken file is named and skipped, the others land;
* an id from outside is compared with the folders there are, never made into a path.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from index.errors import PolicyError, UnknownPolicy
from index.policies.model import Document, Status
from index.policies.storage import DOCUMENT_FILE, SOURCE_FILE, from_json, to_json
from index.policies.titles import normal_number, normal_title
from index.policies.validity import Named, repealed_in, status_on


class Outcome(StrEnum):
    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return {"added": "已添加", "unchanged": "没有变化", "replaced": "已更新", "failed": "读不了"}[self.value]


@dataclass(frozen=True, slots=True)
class AddedFile:
    """What became of one file. ``problem``: why it could not be read; then ``documents`` is empty."""

    path: Path
    documents: tuple[Document, ...]
    outcome: Outcome
    problem: PolicyError | None = None


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A document in memory, with what it repeals, as of the files' last change."""

    changed_ns: int
    document: Document
    repealed: tuple[Named, ...]


class Library:
    """The documents under ``folder`` (created when the first one is added)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, _Loaded] = {}

    def add(self, path: Path) -> AddedFile:
        """Read one file and store its documents; raises PolicyError when it cannot be read."""
        from index.policies.readers import read
        from index.policies.reading import documents_of

        raw, content = read(path)
        documents = documents_of(raw, origin=path.name, content=content)
        ids = {document.id for document in documents}
        known = {document.id: document for document in self.documents()}
        changed = [document for document in documents if not _same(known.get(document.id), document)]
        stale = [old.id for old in self._replaced_by(documents) if old.id not in ids]
        for document in changed:
            self._store(document, content, path.suffix)
        for document_id in stale:
            self._discard(document_id)
        if not changed and not stale:
            return AddedFile(path, documents, Outcome.UNCHANGED)
        was_there = bool(stale) or not ids.isdisjoint(known)
        return AddedFile(path, documents, Outcome.REPLACED if was_there else Outcome.ADDED)

    def add_files(
        self, paths: Iterable[Path], progress: Callable[[AddedFile], None] = lambda added: None
    ) -> tuple[AddedFile, ...]:
        """Add every file; a broken one is reported and skipped. ``progress`` sees each when it is done."""
        results = []
        for path in paths:
            try:
                added = self.add(path)
            except PolicyError as problem:
                added = AddedFile(path, (), Outcome.FAILED, problem)
            progress(added)
            results.append(added)
        return tuple(results)

    def documents(self) -> tuple[Document, ...]:
        """All documents, in the order of their ids."""
        found = []
        for folder in self._folders():
            try:
                found.append(self._load(folder))
            except PolicyError:
                if _is_gone(folder):  # taken out by another process since the folders were listed
                    continue
                raise
        return tuple(found)

    def get(self, document_id: str) -> Document:
        """The document of this id, or of this end of an id (its hash) if only one has it; raises UnknownPolicy."""
        folders = self._folders()
        exact = [folder for folder in folders if folder.name == document_id]
        by_hash = [folder for folder in folders if document_id and folder.name.endswith(f"-{document_id}")]
        found = exact or by_hash
        if len(found) != 1:
            raise UnknownPolicy(
                f"政策库里没有编号为“{document_id}”的文件", next_step="用 policies list 查看现有文件及其编号。"
            )
        return self._load(found[0])

    def remove(self, document_id: str) -> Document:
        """Take one document out; returns what it was. Raises UnknownPolicy."""
        document = self.get(document_id)
        self._discard(document.id)
        return document

    def status(self, document_id: str, day: date) -> Status:
        """What the document is on ``day``, with the other documents' 同时废止 taken into account."""
        document = self.get(document_id)
        return status_on(document.validity, day, self._repealed_by(document, day))

    def _repealed_by(self, document: Document, day: date) -> str | None:
        for other in self.documents():
            since = other.validity.effective_from or other.issued_on
            by_then = other.id != document.id and (since is None or since <= day)
            if by_then and _repeals(self._loaded[other.id].repealed, document):
                return other.title
        return None

    def _replaced_by(self, documents: tuple[Document, ...]) -> list[Document]:
        """Documents that an earlier file of the same name brought, if it shares a title with the new one."""
        titles = {document.title for document in documents}
        origin = documents[0].origin
        old = [document for document in self.documents() if document.origin == origin]
        shared = {document.raw_sha256 for document in old if document.title in titles}
        return [document for document in old if document.raw_sha256 in shared]

    def _folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
        return [self._folder / name for name in names]

    def _load(self, folder: Path) -> Document:
        """From memory if the files have not changed since; damaged files are mended from the original."""
        try:
            changed_ns = (folder / DOCUMENT_FILE).stat().st_mtime_ns
            known = self._loaded.get(folder.name)
            if known is not None and known.changed_ns == changed_ns:
                return known.document
            document = self._read(folder)
        except OSError as cause:
            document = self._mend(folder, _unreadable(folder, cause))
        except PolicyError as cause:
            document = self._mend(folder, cause)
        changed_ns = (folder / DOCUMENT_FILE).stat().st_mtime_ns
        self._loaded[folder.name] = _Loaded(changed_ns, document, repealed_in(document.source))
        return document

    def _read(self, folder: Path) -> Document:
        try:
            texts = [(folder / name).read_text("utf-8") for name in (DOCUMENT_FILE, SOURCE_FILE)]
        except UnicodeDecodeError as cause:
            raise _unreadable(folder, cause) from cause
        return from_json(texts[0], texts[1], folder)

    def _mend(self, folder: Path, problem: PolicyError) -> Document:
        """The document read anew from its original and stored again; raises ``problem`` when that cannot be."""
        from index.policies.repair import reread

        document = reread(folder)
        if document is None:
            raise problem
        raw = next(path for path in sorted(folder.glob("raw.*")))
        try:
            self._store(document, raw.read_bytes(), raw.suffix)
        except OSError:
            raise problem from None
        return document

    def _store(self, document: Document, content: bytes, suffix: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / document.id
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            _write(new / f"raw{_plain_suffix(suffix)}", content)
            _write(new / SOURCE_FILE, document.source.encode())
            _write(new / DOCUMENT_FILE, to_json(document).encode())
            new.chmod(0o755)
            _move(new, target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        _sync_folder(self._folder)

    def _discard(self, document_id: str) -> None:
        gone = Path(tempfile.mkdtemp(prefix=".gone-", dir=self._folder))
        (self._folder / document_id).rename(gone / document_id)
        self._loaded.pop(document_id, None)
        shutil.rmtree(gone, ignore_errors=True)
        _sync_folder(self._folder)


def _is_gone(folder: Path) -> bool:
    """Whether no document is there any more, or never was one."""
    return not folder.is_dir() or not any(folder.iterdir())


def _unreadable(folder: Path, cause: Exception) -> PolicyError:
    problem = PolicyError(
        f"政策库中的文件读不出来：{folder.name}",
        next_step=f"请删除 {folder} 后用原文件重新添加（policies add）。",
        code="POLICY_STORE_BROKEN",
    )
    problem.__cause__ = cause
    return problem


def _same(known: Document | None, document: Document) -> bool:
    """Whether the library has this document; the name of the file it came in does not matter."""
    return known is not None and replace(known, origin=document.origin, raw_sha256=document.raw_sha256) == document


def _repeals(repealed: tuple[Named, ...], older: Document) -> bool:
    """By number where both sides have one – two different 75号 stay apart –, else by title."""
    for named in repealed:
        if named.number and older.document_number:
            if normal_number(named.number) == normal_number(older.document_number):
                return True
        elif normal_title(named.title) == normal_title(older.title):
            return True
    return False


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _move(new: Path, target: Path) -> None:
    """The new folder under its name; if the same text is there already, file by file, the facts last."""
    try:
        new.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        for file in sorted(new.iterdir(), key=lambda file: file.name == DOCUMENT_FILE):
            os.replace(file, target / file.name)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain_suffix(suffix: str) -> str:
    plain = suffix.lower().removeprefix(".")
    return f".{plain}" if plain.isascii() and plain.isalnum() and len(plain) <= 8 else ".bin"
