"""Does the library agree with itself? What does not is repaired where the originals allow it, and named either way.

For every document: its folder can be read and is listed; its text is the one its id was made for; its passages tile it
and its columns are quotes of it; the original is the file that was added; reading it anew gives the same text.
For the folder: nothing half done is left, nothing lies beside the list.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from index.errors import PolicyError
from index.policies.catalogue import CATALOGUE_FILE, exchange, folders_in, read_catalogue
from index.policies.library import Library
from index.policies.library_folder import LibraryFolder
from index.policies.model import Document
from index.policies.repair import mend, original
from index.policies.storage import files_of, stored


class Fault(StrEnum):
    """What can be wrong. ``label`` is what staff read."""

    LEFT_OVER = "left_over"
    NO_LIST = "no_list"
    NOT_LISTED = "not_listed"
    GONE = "gone"
    BROKEN = "broken"
    ODD_PASSAGES = "odd_passages"
    NO_ORIGINAL = "no_original"
    OTHER_ORIGINAL = "other_original"
    READ_OTHERWISE = "read_otherwise"
    OUTDATED = "outdated"
    NOT_INDEXED = "not_indexed"
    INDEXED_OTHERWISE = "indexed_otherwise"
    ONLY_INDEXED = "only_indexed"
    NOT_FOUND = "not_found"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Fault.LEFT_OVER: "上次中断留下的临时文件",
    Fault.NO_LIST: "缺少目录文件 contents.json",
    Fault.NOT_LISTED: "文件夹不在目录里",
    Fault.GONE: "目录里有，文件夹不在了",
    Fault.BROKEN: "文件损坏或正文被改动",
    Fault.ODD_PASSAGES: "段落与正文不符",
    Fault.NO_ORIGINAL: "原文件不在了",
    Fault.OTHER_ORIGINAL: "原文件与添加时不同",
    Fault.READ_OTHERWISE: "按现在的程序，从原文件读出的正文不同",
    Fault.OUTDATED: "段落或文件信息是旧版程序整理的",
    Fault.NOT_INDEXED: "没有编入检索",
    Fault.INDEXED_OTHERWISE: "检索内容与文件不符",
    Fault.ONLY_INDEXED: "检索里有，政策库里没有",
    Fault.NOT_FOUND: "有段落检索不到",
}
_ADD_AGAIN = "请用原文件重新添加（policies add）。"
_READ_AGAIN = "请用原文件重新添加（policies add），再移除这一份（policies remove）。"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was wrong with ``subject`` (a document's id, a file's name); no ``next_step`` if repaired."""

    fault: Fault
    subject: str
    repaired: bool
    next_step: str = ""


def check_library(library: Library, progress: Callable[[str], None] = lambda document_id: None) -> list[Finding]:
    """Everything that is wrong, repaired where it can be; nobody else changes the library meanwhile."""
    folder = LibraryFolder(library.folder)
    if not folder.path.is_dir():
        return []
    found: list[Finding] = []
    if read_catalogue(folder.path).version is None:
        found.append(Finding(Fault.NO_LIST, CATALOGUE_FILE, repaired=True))
    with folder.writing() as left_over:
        found += [Finding(Fault.LEFT_OVER, name, repaired=True) for name in left_over]
        found += _listing(folder)
        ids = read_catalogue(folder.path).ids
        for document_id in ids:
            progress(document_id)
            found += _document(folder.path / document_id)
        if any(one.repaired and one.subject in ids for one in found):
            folder.register(ids)  # a new version: whoever has the old text in memory reads anew
    return found


def _listing(folder: LibraryFolder) -> list[Finding]:
    """The list and the folders; the list is put right."""
    listed, there = read_catalogue(folder.path), frozenset(folders_in(folder.path))
    found = [Finding(Fault.GONE, one, repaired=True) for one in listed.ids if not _holds_document(folder.path / one)]
    unlisted = sorted(there - set(listed.ids))
    taken = [one for one in unlisted if _readable(folder.path / one)]
    found += [
        Finding(Fault.NOT_LISTED, one, one in taken, "" if one in taken else f"请移走文件夹 {folder.path / one}。")
        for one in unlisted
    ]
    gone = {finding.subject for finding in found if finding.fault is Fault.GONE}
    if gone or taken or listed.version is None:
        folder.register({*listed.ids, *taken} - gone)
    return found


def _holds_document(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _readable(folder: Path) -> bool:
    try:
        stored(folder)
    except (PolicyError, OSError):
        return mend(folder) is not None
    return True


def _document(folder: Path) -> Iterator[Finding]:
    try:
        document = stored(folder)
    except PolicyError as problem:
        mended = mend(folder)
        yield Finding(Fault.BROKEN, folder.name, mended is not None, "" if mended else problem.next_step)
        return
    except OSError:
        mended = mend(folder)
        yield Finding(Fault.BROKEN, folder.name, mended is not None, "" if mended else _ADD_AGAIN)
        return
    yield from _against_original(folder, document)


def _against_original(folder: Path, document: Document) -> Iterator[Finding]:
    from index.policies.readers import read
    from index.policies.reading import documents_of

    fits = _tiles(document)
    raw = original(folder)
    if raw is None:
        yield Finding(Fault.NO_ORIGINAL, document.id, False, _ADD_AGAIN)
    elif hashlib.sha256(raw.read_bytes()).hexdigest() != document.raw_sha256:
        yield Finding(Fault.OTHER_ORIGINAL, document.id, False, _ADD_AGAIN)
    else:
        try:
            text, content = read(raw)
            today = documents_of(text, origin=document.origin, content=content)
        except PolicyError as problem:
            yield Finding(Fault.READ_OTHERWISE, document.id, False, problem.next_step)
            return
        same = next((one for one in today if one.id == document.id), None)
        if same is None:
            yield Finding(Fault.READ_OTHERWISE, document.id, False, _READ_AGAIN)
        elif replace(same, raw_sha256=document.raw_sha256) != document:
            for name, written in files_of(same, content, raw.suffix).items():
                exchange(folder / name, written)
            yield Finding(Fault.OUTDATED if fits else Fault.ODD_PASSAGES, document.id, True)
        return
    if not fits:
        yield Finding(Fault.ODD_PASSAGES, document.id, False, _READ_AGAIN)


def _tiles(document: Document) -> bool:
    """Whether the passages, in order, are the text, and every cell is a quote of it."""
    end = 0
    for number, one in enumerate(document.passages):
        if one.start != end or one.number != number or one.document_id != document.id:
            return False
        quotes = [document.source[left:right] for left, right in one.spans]
        if quotes != [text for _, text in one.columns]:
            return False
        end = one.end
    return end == len(document.source)
