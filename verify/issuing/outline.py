"""A report as texts in their places, before any file format: what a docx (and later a PDF) sets, word for word.

Rules kept:
* Every visible text of a report is one ``Text`` here; a layout adds no word of its own.
* Order is the order in which ``verify.documents.docx`` reads: headers, the body from top to bottom, footers.
* A footer's page numbers are counters of the reading program: they stand in the text as {PAGE} and {NUMPAGES}.
* An empty cell is a place without a ``Text`` in ``texts()``: nothing was issued there.

Source: report layout; design §5 (content root over every issued field).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """How a paragraph is set. The docx has one style of its own for each."""

    TITLE = "报告标题"
    SUBTITLE = "报告副题"
    HEADING = "部分标题"
    SUBHEADING = "小标题"
    BODY = "正文段落"
    CONCLUSION = "查询结论"
    NOTE = "说明条目"
    LABEL = "栏目名"
    VALUE = "栏目值"
    COLUMN = "表头"
    COLUMN_LEFT = "表头居左"
    CELL = "表格文字"
    CELL_CENTRED = "表格居中"
    FOUND = "查得结果"
    GAP = "数据缺口"
    HEADER = "页眉文字"
    FOOTER = "页脚文字"
    CODE = "手输核验码"
    HINT = "核验提示"
    WATERMARK = "水印"


@dataclass(frozen=True, slots=True)
class Text:
    """One visible text: its place in words (“首页／主体信息／名称”), how it is set, what it says."""

    path: str
    role: Role
    text: str


class GridKind(StrEnum):
    """FACTS and DETAIL: label–value pairs, one or two a row. DOMAINS: columns under a heading row."""

    FACTS = "facts"
    DOMAINS = "domains"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. Rows of FACTS and DETAIL have 2 or 4 cells; the first row of DOMAINS is its heading."""

    kind: GridKind
    rows: tuple[tuple[Text, ...], ...]


Block = Text | Grid


@dataclass(frozen=True, slots=True)
class Margins:
    """Header and footer of one kind of page."""

    header: tuple[Text, ...]
    footer: tuple[Text, ...]
    watermark: Text | None


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole report. ``first`` is for page 1, whose header carries the QR above ``first.header``'s codes."""

    title: str
    first: Margins
    later: Margins
    body: tuple[Block, ...]

    def texts(self) -> Iterator[Text]:
        """Every visible text, in reading order."""
        return (text for text in self._places() if text.text)

    def _places(self) -> Iterator[Text]:
        for margins in (self.first, self.later):
            yield from margins.header
            if margins.watermark is not None:
                yield margins.watermark
        for block in self.body:
            if isinstance(block, Text):
                yield block
            else:
                for row in block.rows:
                    yield from row
        for margins in (self.first, self.later):
            yield from margins.footer
