"""The small parts of a workbook: which sheets it has and which are hidden, which formats are dates, its shared texts.

Rules kept:
* Hidden sheets (hidden, veryHidden) are told from visible ones; links to other files are never followed.
* Dates are recognised by their number format, built-in and Chinese ones (ECMA-376 part 1, 18.8.30) among them.
* Shared texts: the words of all runs, without phonetic readings; at most 2 million texts and 128 Mi characters.
"""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from index.errors import UnreadableImport
from index.records.xlsx.package import Package, broken, hostile
from index.records.xlsx.streaming import read_whole

WORKBOOK = "xl/workbook.xml"
MAX_SMALL_PART_BYTES = 16 << 20
MAX_SHARED_BYTES = 512 << 20
MAX_SHARED_TEXTS = 2_000_000
MAX_SHARED_CHARACTERS = 64 << 20
_CHINESE_DATES = frozenset((*range(27, 37), *range(50, 59)))
_WORDS = re.compile(r'"[^"]*"|\[[^\]]*\]|_.|\*.')
_SCALES = re.compile(r"%|[!\\]\.|[0#?],+(?![0#?,])")
"""A percent sign, a point that is written and not calculated, a comma behind the last digit."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One sheet of a workbook: its name, whether people see it, and the part it stands in."""

    name: str
    visible: bool
    part: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """What every sheet needs to be read."""

    sheets: tuple[SheetPart, ...]
    from_1904: bool
    """Days count from 1904-01-01, as on old Macintoshes."""
    date_styles: frozenset[int]
    scaled_styles: frozenset[int]
    """Formats that show another number than the one that is kept: percents, 12345 as 1.2 (万元)."""
    shared: Sequence[str]


def read_workbook(package: Package) -> Workbook:
    """Raises UnreadableImport when it is no workbook, broken or hostile."""
    if not package.has(WORKBOOK):
        raise _no_workbook(package)
    listed, targets = _Listed(), _Targets()
    _read(package, WORKBOOK, listed)
    _read(package, "xl/_rels/workbook.xml.rels", targets)
    sheets = tuple(
        SheetPart(name, state == "visible", targets.sheets[relation])
        for name, state, relation in listed.sheets
        if relation in targets.sheets
    )
    styles, shared = _Styles(), _Shared(package.name)
    if targets.styles is not None:
        _read(package, targets.styles, styles)
    if targets.shared is not None:
        with package.part(targets.shared, MAX_SHARED_BYTES) as part:
            read_whole(package.name, part, shared)
    return Workbook(sheets, listed.from_1904, styles.dates(), styles.scaled(), shared.texts)


def unescaped(text: str) -> str:
    """``_x000D_`` is a carriage return (ECMA-376 part 1, 22.4.2.4)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _read(package: Package, name: str, elements: "_Listed | _Targets | _Styles") -> None:
    with package.part(name, MAX_SMALL_PART_BYTES) as part:
        read_whole(package.name, part, elements)


def _no_workbook(package: Package) -> UnreadableImport:
    if package.has("xl/workbook.bin") or package.label():
        what = "是二进制 Excel 文件（.xlsb）或 ODS 表格"
        return UnreadableImport(f"{package.name} {what}。", next_step="请另存为“Excel 工作簿（.xlsx）”后重试。")
    if package.has("[Content_Types].xml"):
        return UnreadableImport(f"{package.name} 不是表格。", next_step="请把表格复制到 Excel，另存为 .xlsx 后重试。")
    return UnreadableImport(f"{package.name} 是压缩包。", next_step="请先解压，再逐个导入里面的文件。")


class _Quiet:
    """An element reader that minds no ends and no texts."""

    def end(self, name: str) -> None: ...

    def text(self, piece: str) -> None: ...


@dataclass(slots=True)
class _Listed(_Quiet):
    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    from_1904: bool = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), relation))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in {"1", "true"}


@dataclass(slots=True)
class _Targets(_Quiet):
    sheets: dict[str, str] = field(default_factory=dict)
    styles: str | None = None
    shared: str | None = None

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        kind, target = attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", "")
        part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
        if kind == "worksheet":
            self.sheets[attributes.get("Id", "")] = part
        elif kind == "styles":
            self.styles = part
        elif kind == "sharedStrings":
            self.shared = part


@dataclass(slots=True)
class _Styles(_Quiet):
    """Number formats, and which of them each cell style has."""

    codes: dict[int, str] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)
    inside: bool = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "cellXfs":
            self.inside = True
        elif name == "numFmt":
            self.codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "xf" and self.inside:
            self.formats.append(_number(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.inside = False

    def dates(self) -> frozenset[int]:
        from openpyxl.styles.numbers import is_date_format

        def is_date(number: int) -> bool:
            code = self._code(number)
            return bool(is_date_format(code)) if code else number in _CHINESE_DATES

        return self._places(is_date)

    def scaled(self) -> frozenset[int]:
        return self._places(lambda number: _SCALES.search(_WORDS.sub("", self._code(number))) is not None)

    def _places(self, wanted: Callable[[int], bool]) -> frozenset[int]:
        found = {number: wanted(number) for number in set(self.formats)}
        return frozenset(place for place, number in enumerate(self.formats) if found[number])

    def _code(self, number: int) -> str:
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        return self.codes.get(number) or BUILTIN_FORMATS.get(number) or ""


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else -1


@dataclass(slots=True)
class _Shared:
    file: str
    texts: list[str] = field(default_factory=list)
    _pieces: list[str] | None = None
    _characters: int = 0
    _wanted: bool = False
    _phonetic: bool = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._pieces = []
            if len(self.texts) >= MAX_SHARED_TEXTS:
                raise hostile(self.file, "的文字过多")
        elif name == "rPh":
            self._phonetic = True
        self._wanted = name == "t" and not self._phonetic

    def text(self, piece: str) -> None:
        if not self._wanted or self._pieces is None:
            return
        self._pieces.append(piece)
        self._characters += len(piece)
        if self._characters > MAX_SHARED_CHARACTERS:
            raise hostile(self.file, "的文字过多")

    def end(self, name: str) -> None:
        self._wanted = False
        if name == "rPh":
            self._phonetic = False
        elif name == "si" and self._pieces is not None:
            self.texts.append(unescaped("".join(self._pieces)))
            self._pieces = None


def shared_text(file: str, shared: Sequence[str], place: str) -> str:
    """The shared text a cell points to. Raises UnreadableImport when there is none."""
    number = _number(place.strip())
    if not 0 <= number < len(shared):
        raise broken(file, "单元格指向不存在的文字")
    return shared[number]
