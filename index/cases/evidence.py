"""Evidence files handed in with a step of a case: what may come in, and under which name it is kept.

Rules kept:
* At most ten files a case, each at most 10 MB and not empty.
* The content says what a file is (pdf, jpg, png, docx, xlsx, txt), and the name must not say something else; documents
  with macros, encrypted ones and everything else are refused. Nothing is opened beyond its list of parts.
* A name is a name: no folders, no control or text-reversing characters, nothing a file system minds, at most 80 long.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, LargeZipFile, ZipFile

from index.errors import CaseError

MAX_BYTES = 10 * 1000 * 1000
MAX_FILES = 10
MAX_NAME = 80
MAX_PARTS = 5000
_PART_OF_ZIP = b"PK\x01\x02"
_SAME = {"jpeg": "jpg"}
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ENDING = re.compile("[a-z][a-z0-9]{0,4}")
_TEXT_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_KINDS = "pdf、jpg、png、docx、xlsx、txt"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file as handed in, or as handed out again."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def checked(files: Sequence[Evidence], already: int = 0) -> tuple[Evidence, ...]:
    """The files under the names they are kept by. ``already``: how many the case has. Raises CaseError."""
    if already + len(files) > MAX_FILES:
        raise CaseError(
            f"每件最多 {MAX_FILES} 个材料，已有 {already} 个，又来 {len(files)} 个。",
            next_step="请合并后再提交，例如合成一个 PDF。",
            code="EVIDENCE_TOO_MANY",
        )
    return tuple(_checked(file, already + place) for place, file in enumerate(files, start=1))


def kind_of(content: bytes) -> str | None:
    """pdf, jpg, png, docx, xlsx or txt by the content; None for anything else."""
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"PK"):
        return _of_zip(content)
    return "txt" if _is_text(content) else None


def clean_name(name: str) -> str:
    """The last part of a name, without what a file system or a reader could trip over; may be empty."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(each for each in last if unicodedata.category(each) not in _INVISIBLE)
    return " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")


def _checked(file: Evidence, place: int) -> Evidence:
    name = clean_name(file.name)
    shown = name or f"第 {place} 个材料"
    if not file.content:
        raise CaseError(f"{shown}是空文件。", next_step="请检查后重新提交。", code="EVIDENCE_EMPTY")
    if len(file.content) > MAX_BYTES:
        raise CaseError(f"{shown}超过 10 MB。", next_step="请压缩图片或分成几个文件。", code="EVIDENCE_TOO_LARGE")
    kind = kind_of(file.content)
    stem, said = _parted(name)
    if kind is None or (said and said != kind):
        raise CaseError(
            f"{shown}不是可以接收的材料（按内容{f'是 {kind}' if kind else '不能识别'}）。",
            next_step=f"可以提交 {_KINDS}，文件名后缀应与内容一致；不接收带宏、加密或压缩的文件。",
            code="EVIDENCE_KIND",
        )
    return Evidence(f"{stem[: MAX_NAME - len(kind) - 1] or f'材料{place}'}.{kind}", file.content)


def _parted(name: str) -> tuple[str, str]:
    """Stem, and the kind its ending claims; an ending that names none of ours counts as claiming another kind."""
    path = PurePosixPath(name)
    ending = path.suffix.removeprefix(".").lower()
    return (path.stem, _SAME.get(ending, ending)) if _ENDING.fullmatch(ending) else (name, "")


def _of_zip(content: bytes) -> str | None:
    if content.count(_PART_OF_ZIP) > MAX_PARTS:
        return None
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = set(archive.namelist())
    except (BadZipFile, LargeZipFile, ValueError, OSError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in parts or any(name.lower().endswith("vbaproject.bin") for name in parts):
        return None
    return "docx" if "word/document.xml" in parts else "xlsx" if "xl/workbook.xml" in parts else None


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not _TEXT_CONTROLS.search(text) and not text.lstrip().startswith("<")
    return False
