"""A docx as a zip of parts: examined before anything is parsed, then only the parts that hold text are opened.

Rules:
* the number of parts, their unpacked size and the compression ratio are bounded; an encrypted zip is named;
* a part that declares a document type is refused: no entities, neither external nor nested;
* the XML parser loads nothing, expands nothing and stops at 256 levels;
* macros (docm) are parts like pictures: never opened. Relationships to the outside are not followed.

Source: ECMA-376 part 2 (packages); the strict namespaces of ISO 29500 are read as the transitional ones.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import UnreadablePolicy
from index.policies.readers.kinds import MOST_ENTRIES
from index.policies.readers.raw import unreadable

if TYPE_CHECKING:
    from lxml.etree import XMLParser
    from lxml.etree import _Element as Element

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_XML_BYTES = 32 * 1024 * 1024
"""Of all XML parts together: a law of a million characters with its formatting takes a tenth."""
MAX_RATIO = 100
_RATIO_FROM_BYTES = 1024 * 1024
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument/relationships|wordprocessingml/main)")
_TRANSITIONAL = {
    b"officeDocument/relationships": b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    b"wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
}
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_REOPEN = "请用 Word 打开原文，确认能正常显示后另存为 docx 再添加。"


@dataclass(frozen=True, slots=True)
class Related:
    """One relationship of a part: its id, the last word of its type, the part it leads to."""

    id: str
    kind: str
    part: str


class Package:
    """The parts of one examined docx."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self._names = frozenset(archive.namelist())

    def related(self, part: str) -> tuple[Related, ...]:
        """The relationships of ``part`` ("" for the package) that stay inside the file."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        if root is None:
            return ()
        inside = (one for one in root.iter(_RELATIONSHIP) if one.get("TargetMode") != "External")
        return tuple(
            Related(
                str(one.get("Id", "")),
                str(one.get("Type", "")).rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, str(one.get("Target", "")))).lstrip("/"),
            )
            for one in inside
        )

    def xml(self, part: str) -> "Element | None":
        """The root of one part; None when there is no such part."""
        from lxml.etree import LxmlError, fromstring

        if part not in self._names:
            return None
        content = _STRICT.sub(lambda match: _TRANSITIONAL[match[1]], self.bytes_of(part))
        try:
            root: Element = fromstring(content, _parser())
        except (LxmlError, ValueError) as cause:
            raise self._refused("不是 Word 文档或已损坏", "POLICY_BROKEN") from cause
        if root.getroottree().docinfo.internalDTD is not None:
            raise self._refused("Word 文件含有外部实体声明，已拒绝", "POLICY_HOSTILE")
        return root

    def bytes_of(self, part: str) -> bytes:
        return self._archive.read(part)

    def _refused(self, reason: str, code: str) -> Exception:
        return unreadable(self._path, reason, _REOPEN, code)


@contextmanager
def opened(path: Path, content: bytes) -> Iterator[Package]:
    """The package of ``content``; raises UnreadablePolicy for what is broken, encrypted or hostile."""
    if content.count(b"PK\x01\x02") > MOST_ENTRIES:
        raise _bomb(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _examine_sizes(path, archive)
            _examine_parts(path, archive)
            yield Package(path, archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, zlib.error) as cause:
        raise unreadable(path, "Word 文件已损坏，无法解压", _REOPEN, "POLICY_BROKEN") from cause
    except (OSError, ValueError, RuntimeError, KeyError, IndexError) as cause:
        raise unreadable(path, "不是 Word 文档或已损坏", _REOPEN, "POLICY_BROKEN") from cause


def _examine_sizes(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    xml = sum(part.file_size for part in parts if _is_xml(part))
    if any(part.flag_bits & 1 for part in parts):
        raise unreadable(path, "文件已加密", "请先取消密码保护，再添加。", "POLICY_ENCRYPTED")
    bomb = unpacked > _RATIO_FROM_BYTES and unpacked > packed * MAX_RATIO
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or xml > MAX_XML_BYTES or bomb:
        raise _bomb(path)


def _bomb(path: Path) -> UnreadablePolicy:
    return unreadable(path, "解压后体积异常，已拒绝", "请核对文件来源；正常的政策文件不会这样。", "POLICY_HOSTILE")


def _examine_parts(path: Path, archive: zipfile.ZipFile) -> None:
    for part in archive.infolist():
        if _is_xml(part) and _DOCTYPE.search(archive.read(part)):
            raise unreadable(path, "Word 文件含有外部实体声明，已拒绝", _REOPEN, "POLICY_HOSTILE")


def _is_xml(part: zipfile.ZipInfo) -> bool:
    return part.filename.lower().endswith((".xml", ".rels"))


def _parser() -> "XMLParser":
    from lxml.etree import XMLParser

    return XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
