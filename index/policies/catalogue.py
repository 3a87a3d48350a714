"""The list of the documents that make up a library: ``contents.json`` beside their folders.

Rules:
* the list is the library: a folder that is not listed is no part of it (not yet, or no more);
* the list is exchanged in one step, so a reader sees a change whole or not at all;
* every exchange has a new version, on the first line: looking whether anything changed costs one short read;
* without a list (a library of an earlier version, a damaged list) the folders that are there count.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

CATALOGUE_FILE = "contents.json"
_FORMAT = 1
_VERSION_BYTES = 8
_FIRST_LINE_BYTES = 80
_NOTE = (
    "政策库的目录，由程序维护。每份文件一个文件夹："
    "document.json 是文件信息和段落，source.txt 是整理后的正文，raw.* 是原文件。"
    "增删文件请用 chenghe policies add、remove；如有手工改动，请运行 chenghe policies check。"
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``version`` is None where the folders were counted instead of a list read."""

    version: str | None
    ids: tuple[str, ...]


def read_catalogue(folder: Path) -> Catalogue:
    """What makes up the library in ``folder``; nothing where there is none."""
    try:
        facts = json.loads((folder / CATALOGUE_FILE).read_text("utf-8"))
        if facts["format"] == _FORMAT and all(_is_name(one) for one in facts["documents"]):
            return Catalogue(str(facts["version"]), tuple(facts["documents"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return Catalogue(None, folders_in(folder))


def version_of(folder: Path) -> str:
    """A mark that changes with every change of the library; cheap enough to be asked at every question."""
    try:
        with (folder / CATALOGUE_FILE).open("rb") as file:
            return file.read(_FIRST_LINE_BYTES).partition(b"\n")[0].decode("ascii", "replace")
    except OSError:
        pass
    try:
        return f"folder of {folder.stat().st_mtime_ns}"
    except OSError:
        return "no folder"


def write_catalogue(folder: Path, ids: tuple[str, ...]) -> None:
    """Exchange the list; on return it is on disk."""
    head = f'{{"format": {_FORMAT}, "version": "{secrets.token_hex(_VERSION_BYTES)}",\n'
    rows = ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in sorted(ids))
    text = f' "note": {json.dumps(_NOTE, ensure_ascii=False)},\n "documents": [\n{rows}\n ]}}\n'
    exchange(folder / CATALOGUE_FILE, (head + text).encode())


def exchange(path: Path, content: bytes) -> None:
    """The file with this content, in one step: a reader finds the old bytes or the new ones."""
    new = path.with_name(f".new-{path.name}")
    write(new, content)
    os.replace(new, path)
    sync_folder(path.parent)


def write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folders_in(folder: Path) -> tuple[str, ...]:
    """The names of the folders that may hold a document, in order."""
    try:
        with os.scandir(folder) as entries:
            return tuple(sorted(one.name for one in entries if not one.name.startswith(".") and one.is_dir()))
    except FileNotFoundError:
        return ()


def _is_name(text: object) -> bool:
    """A plain name of a folder: nothing that leads elsewhere."""
    return isinstance(text, str) and text not in ("", ".", "..") and not text.startswith(".") and "/" not in text
