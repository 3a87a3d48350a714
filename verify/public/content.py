"""Trace-back 回溯: the issued content, opened with the credential's own bytes, arranged for reading.

* A field's path reads 部分／行／栏; its kind says how it was set (栏目名, 栏目值, 表头, 表格…): docs/credential.md.
* Fields are arranged, never reworded and never left out, except page headers and footers.
* The caller has compared the package's root with the signed content root.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from verify.binding import Field

LABEL, VALUE, SUBHEADING, WATERMARK = "栏目名", "栏目值", "小标题", "水印"
_COLUMNS = frozenset({"表头", "表头居左"})
_CELLS = frozenset({"表格文字", "表格居中", "查得结果", "数据缺口"})
_MARGINS = ("页眉", "页脚")
_TITLES = frozenset({"报告标题", "报告副题", "部分标题"})


@dataclass(frozen=True, slots=True)
class Block:
    """A subheading, a paragraph (``text``) or a table (``rows``); ``header`` is empty for label–value tables."""

    title: str = ""
    text: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """``open``: shown unfolded. ``note``: how much is inside."""

    title: str
    blocks: tuple[Block, ...]
    note: str = ""
    open: bool = False


def sections(fields: Iterable[Field]) -> tuple[Section, ...]:
    """One section per first component of the paths, in order."""
    shown = [field for field in fields if not _first(field).endswith(_MARGINS) and field.kind != WATERMARK]
    return tuple(_section(title, tuple(group)) for title, group in groupby(shown, key=_first))


def _section(title: str, fields: tuple[Field, ...]) -> Section:
    blocks = tuple(_blocks(fields))
    rows = max((len(block.rows) for block in blocks if block.header), default=0)
    return Section(title, blocks, note=f"{rows} 项" if rows else "")


def _blocks(fields: tuple[Field, ...]) -> Iterator[Block]:
    for form, group in groupby(fields, key=_form):
        run = tuple(group)
        if form == "pairs":
            yield Block(rows=tuple(_pairs(run)))
        elif form == "grid":
            yield _grid(run)
        else:
            yield from (_line(field) for field in run if field.text and field.kind not in _TITLES)


def _line(field: Field) -> Block:
    return Block(title=field.text) if field.kind == SUBHEADING else Block(text=field.text)


def _form(field: Field) -> str:
    if field.kind in (LABEL, VALUE):
        return "pairs"
    return "grid" if field.kind in _COLUMNS | _CELLS else "text"


def _pairs(fields: tuple[Field, ...]) -> Iterator[tuple[str, str]]:
    """Label, then the value that follows it; one without the other keeps its place."""
    label = ""
    for field in fields:
        if field.kind == VALUE:
            yield label, field.text
            label = ""
            continue
        if label:
            yield label, ""
        label = field.text
    if label:
        yield label, ""


def _grid(fields: tuple[Field, ...]) -> Block:
    header = tuple(field.text for field in fields if field.kind in _COLUMNS)
    cells = [field for field in fields if field.kind not in _COLUMNS]
    return Block(header=header, rows=tuple(_cells(header, tuple(row)) for _, row in groupby(cells, key=_row)))


def _cells(header: tuple[str, ...], row: tuple[Field, ...]) -> tuple[str, ...]:
    """Each under the column its path names; an empty cell is no field, so a row may have fewer."""
    placed = [""] * len(header)
    beside: list[str] = []
    for field in row:
        column = field.path.rpartition("／")[2]
        if column in header and not placed[header.index(column)]:
            placed[header.index(column)] = field.text
        else:
            beside.append(field.text)
    return (*placed, *beside)


def _first(field: Field) -> str:
    return field.path.split("／", 1)[0]


def _row(field: Field) -> str:
    return field.path.rpartition("／")[0]
