"""The policy library: a folder of documents as plain files.

``<id>/{document.json, source.txt, raw.<ext>}`` (``index.policies.storage``) and ``contents.json``
(``index.policies.catalogue``).

Rules:
* a change (files added, replaced, a document removed) happens whole or not at all, also under kill -9, also for those
  who read meanwhile (``index.policies.library_folder``);
* adding the same file again changes nothing; a changed file of the same name that brings a document of the same title
  takes the place of the old one; texts of one title from different files stand side by side;
* a stored document that is damaged is read anew from its original beside it; if that fails it is named;
* adding the original of a document again mends what was lost or damaged of it in the library;
* a broken file is named and skipped, the others land;
* an id from outside is compared with the documents there are, never made into a path;
* what is read once stays in memory until the library's version changes; looking for that costs one short read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from index.errors import PolicyError, UnknownPolicy
from index.policies.catalogue import read_catalogue, version_of
from index.policies.library_folder import LOCK_SECONDS, LibraryFolder, fill_with
from index.policies.model import Document, Status
from index.policies.raw_places import RawSpan, raw_span
from index.policies.relations import Relations
from index.policies.repair import is_whole, mend
from index.policies.storage import DOCUMENT_FILE, broken, files_of, stored

BATCH_CHARS = 400_000
"""Files that are added together become part of the library together, up to about this much text."""
_TRIES = 5
Read = TypeVar("Read")


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


Ready = Callable[[Sequence[Document]], None]
"""Sees the new documents when they are on disk, before they count: time to index them."""


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A file that was read and is to land."""

    path: Path
    content: bytes
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A document in memory, as of the files' last change."""

    changed_ns: int
    document: Document


@dataclass(frozen=True, slots=True)
class _State:
    """The whole library as of one version."""

    version: str
    by_id: dict[str, Document]
    documents: tuple[Document, ...]


class Library:
    """The documents under ``folder`` (created when the first one is added)."""

    def __init__(self, folder: Path) -> None:
        self._folder = LibraryFolder(folder)
        self._loaded: dict[str, _Loaded] = {}
        self._state: _State | None = None
        self._relations: tuple[str, Relations] | None = None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._folder.path

    def add(self, path: Path, ready: Ready = lambda documents: None) -> AddedFile:
        """Read one file and store its documents; raises PolicyError when it cannot be read."""
        return self._land([_read(path)], ready)[0]

    def add_files(
        self,
        paths: Iterable[Path],
        progress: Callable[[AddedFile], None] = lambda added: None,
        ready: Ready = lambda documents: None,
    ) -> tuple[AddedFile, ...]:
        """Add every file; a broken one is reported and skipped. ``progress`` sees each when it is done."""
        results: list[AddedFile] = []
        for batch in _batches(paths):
            readable = [one for one in batch if isinstance(one, _Incoming)]
            landed = iter(self._land(readable, ready) if readable else ())
            for one in batch:
                results.append(next(landed) if isinstance(one, _Incoming) else one)
                progress(results[-1])
        return tuple(results)

    def documents(self) -> tuple[Document, ...]:
        """All documents, in the order of their ids."""
        return self._current().documents

    def get(self, document_id: str) -> Document:
        """The document of this id, or of this end of an id (its hash) if only one has it; raises UnknownPolicy."""
        known = self._state.by_id if self._is_current() and self._state else {}
        if document_id in known:
            return known[document_id]
        ids = tuple(known) or read_catalogue(self._folder.path).ids
        exact = [one for one in ids if one == document_id]
        found = exact or [one for one in ids if document_id and one.endswith(f"-{document_id}")]
        if len(found) == 1:
            document = known.get(found[0]) or self._load(self._folder.path / found[0])
            if document is not None:
                return document
        raise UnknownPolicy(
            f"政策库里没有编号为“{document_id}”的文件", next_step="用 policies list 查看现有文件及其编号。"
        )

    def remove(self, document_id: str) -> Document:
        """Take one document out; returns what it was. Raises UnknownPolicy."""
        with self.writing():
            document = self.get(document_id)
            self._folder.change({}, [document.id], ready=lambda: None)
        return document

    @contextmanager
    def writing(self, wait_seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Nobody else changes the library meanwhile; raises PolicyError (POLICY_BUSY)."""
        with self._folder.writing(wait_seconds):
            yield

    def steady(self, read: Callable[[], Read]) -> Read:
        """What ``read`` gives from a library and index that did not change meanwhile; a few times anew if they did.

        A question looks at the library and the index one after the other: a change between the two looks would show it
        the old list with the new passages.
        """
        for _ in range(_TRIES):
            version = version_of(self._folder.path)
            result = read()
            if version_of(self._folder.path) == version:
                break
        return result

    def status(self, document_id: str, day: date) -> Status:
        """What the document is on ``day``, with what the other documents say about it taken into account."""
        return self.relations().status(self.get(document_id), day)

    def relations(self) -> Relations:
        """Who repeals, replaces, amends, rests on whom: the graph over all documents, made once per version."""
        state = self._current()
        if self._relations is None or self._relations[0] != state.version:
            self._relations = state.version, Relations(state.documents)
        return self._relations[1]

    def raw_span(self, document_id: str, start: int, end: int) -> RawSpan | None:
        """``source[start:end]`` in the file as it came; None when today's reading of it gives another text."""
        document = self.get(document_id)
        return raw_span(self._folder.path / document.id, document, start, end)

    def _is_current(self) -> bool:
        return self._state is not None and self._state.version == version_of(self._folder.path)

    def _current(self) -> _State:
        """The library as of now; asked again when it changes while it is read."""
        for _ in range(_TRIES):
            if self._state is not None and self._is_current():
                return self._state
            version = version_of(self._folder.path)
            ids = read_catalogue(self._folder.path).ids
            found = {one: self._load(self._folder.path / one) for one in ids}
            if None in found.values() and version_of(self._folder.path) != version:
                continue  # taken out by another process since the list was read
            by_id = {one: document for one, document in found.items() if document is not None}
            self._loaded = {one: self._loaded[one] for one in by_id}
            documents = tuple(by_id.values())
            self._state = _State(version, by_id, documents)
            return self._state
        raise PolicyError(
            "政策库一直在变动，读不完整。", next_step="请等正在进行的导入完成后再试。", code="POLICY_BUSY"
        )

    def _land(self, incoming: Sequence[_Incoming], ready: Ready) -> list[AddedFile]:
        """What was read becomes part of the library, in one change."""
        with self.writing():
            mended = self._put_back(incoming)
            known = dict(self._current().by_id)
            before = frozenset(known)
            results = []
            coming: dict[str, tuple[Document, _Incoming]] = {}
            for one in incoming:
                changed, stale = _changes(one.documents, known)
                coming.update({document.id: (document, one) for document in changed})
                is_mended = any(document.id in mended for document in one.documents)
                outcome = Outcome.REPLACED if is_mended else _outcome(one.documents, changed, stale, known)
                results.append(AddedFile(one.path, one.documents, outcome))
                known.update({document.id: document for document in changed})
                for gone in stale:
                    del known[gone]
            coming = {name: new for name, new in coming.items() if name in known}
            gone_ids = sorted(before - set(known))
            if coming or gone_ids:
                files = {
                    name: files_of(document, one.content, one.path.suffix) for name, (document, one) in coming.items()
                }
                new = {name: fill_with(content) for name, content in files.items()}
                self._folder.change(new, gone_ids, lambda: ready([document for document, _ in coming.values()]))
        return results

    def _put_back(self, incoming: Sequence[_Incoming]) -> frozenset[str]:
        """Documents the library holds without their original, or damaged, come back whole; gives their ids."""
        files = {
            document.id: files_of(document, one.content, one.path.suffix)
            for one in incoming
            for document in one.documents
            if (self._folder.path / document.id).is_dir() and not is_whole(self._folder.path / document.id)
        }
        if files:
            self._folder.change({name: fill_with(one) for name, one in files.items()}, (), ready=lambda: None)
        return frozenset(files)

    def _load(self, folder: Path) -> Document | None:
        """From memory if the files have not changed; damaged ones are mended from the original. None: not there."""
        try:
            changed_ns = (folder / DOCUMENT_FILE).stat().st_mtime_ns
            known = self._loaded.get(folder.name)
            if known is not None and known.changed_ns == changed_ns:
                return known.document
            document = stored(folder)
        except (OSError, PolicyError) as cause:
            mended = mend(folder)
            if mended is None and _is_gone(folder):
                return None
            if mended is None:
                raise (cause if isinstance(cause, PolicyError) else broken(folder)) from cause
            document = mended
            changed_ns = (folder / DOCUMENT_FILE).stat().st_mtime_ns
        self._loaded[folder.name] = _Loaded(changed_ns, document)
        return document


def _read(path: Path) -> _Incoming:
    from index.policies.readers import read
    from index.policies.reading import documents_of

    raw, content = read(path)
    return _Incoming(path, content, documents_of(raw, origin=path.name, content=content))


def _batches(paths: Iterable[Path]) -> Iterator[list[_Incoming | AddedFile]]:
    """The files as read, or why they cannot be, some at a time."""
    batch: list[_Incoming | AddedFile] = []
    size_chars = 0
    for path in paths:
        try:
            one: _Incoming | AddedFile = _read(path)
        except PolicyError as problem:
            one = AddedFile(path, (), Outcome.FAILED, problem)
        batch.append(one)
        size_chars += sum(len(document.source) for document in one.documents)
        if size_chars >= BATCH_CHARS:
            yield batch
            batch, size_chars = [], 0
    if batch:
        yield batch


def _changes(documents: Sequence[Document], known: dict[str, Document]) -> tuple[list[Document], list[str]]:
    """Which of a file's documents are new or different, and which documents its earlier version brought go."""
    changed = [document for document in documents if not _same(known.get(document.id), document)]
    titles, origin = {document.title for document in documents}, documents[0].origin
    old = [document for document in known.values() if document.origin == origin]
    shared = {document.raw_sha256 for document in old if document.title in titles}
    ids = {document.id for document in documents}
    return changed, [one.id for one in old if one.raw_sha256 in shared and one.id not in ids]


def _outcome(
    documents: Sequence[Document], changed: Sequence[Document], stale: Sequence[str], known: dict[str, Document]
) -> Outcome:
    if not changed and not stale:
        return Outcome.UNCHANGED
    was_there = bool(stale) or any(document.id in known for document in documents)
    return Outcome.REPLACED if was_there else Outcome.ADDED


def _is_gone(folder: Path) -> bool:
    """Whether no document is there any more, or never was one."""
    return not folder.is_dir() or not any(folder.iterdir())


def _same(known: Document | None, document: Document) -> bool:
    """Whether the library has this document; the name of the file it came in does not matter."""
    return known is not None and replace(known, origin=document.origin, raw_sha256=document.raw_sha256) == document
