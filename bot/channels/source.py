"""A policy text as a page: its structure, and one quote marked in it.

* The text shown is the library's clean text, all of it, in order; only line breaks and table bars become structure.
* a quote of a text that came in another script, or damaged, is shown as the original file has it, too;
* ``[start, end)`` is marked wherever it lies, across paragraphs and cells; its first piece is the one jumped to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.channels.showing import ShownStatus, day_in_words, shown_status
from index.policies.model import Document, Passage, PassageKind, Status
from index.policies.raw_places import RawSpan

BAR = "|"
_TABLE = frozenset({PassageKind.TABLE_HEADER, PassageKind.TABLE_ROW})
_DEEPEST_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    marked: bool = False
    first: bool = False


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A line (``level`` 2–6 for headings, 0 for text) or a table (``rows``)."""

    line: Line = ()
    level: int = 0
    header: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    title: str
    status: ShownStatus
    about: tuple[tuple[str, str], ...]
    provenance: str | None
    quoted: bool
    original: RawSpan | None
    """The quote as the file came, if it looks otherwise there."""
    blocks: tuple[Block, ...]


def source_of(
    document: Document, status: Status, quote: tuple[int, int] | None, original: RawSpan | None = None
) -> Source:
    """``quote``: a span inside the source, or None; ``original``: the same piece of the file as it came."""
    marker = _Marker(document.source, quote)
    return Source(
        title=document.title,
        status=shown_status(status),
        about=tuple(_about(document)),
        provenance=document.provenance,
        quoted=quote is not None,
        original=original if quote and original and _differs(document.source[slice(*quote)], original.text) else None,
        blocks=tuple(_blocks(document, marker)),
    )


def _differs(quote: str, original: str) -> bool:
    """Whether more than blanks and line breaks differ: another script, readings in brackets, damage, punctuation."""
    return "".join(quote.split()) != "".join(original.split())


def span_in(document: Document, start: str | None, end: str | None) -> tuple[int, int] | None:
    """The span asked for, or None when it is absent or no span of this text."""
    if not (start and end and start.isascii() and end.isascii() and start.isdigit() and end.isdigit()):
        return None
    if max(len(start), len(end)) > 9:
        return None
    span = int(start), int(end)
    return span if span[0] < span[1] <= len(document.source) else None


def _about(document: Document) -> Iterator[tuple[str, str]]:
    if document.document_number:
        yield "文号", document.document_number
    if document.issuing_body:
        yield "发文机关", document.issuing_body
    if document.issued_on:
        yield "成文日期", day_in_words(document.issued_on)
    yield "来源文件", document.origin


def _blocks(document: Document, marker: "_Marker") -> Iterator[Block]:
    for is_table, group in groupby(document.passages, key=lambda passage: passage.kind in _TABLE):
        if is_table:
            yield _table(tuple(group), marker)
        else:
            for passage in group:
                yield from _text(passage, marker)


def _text(passage: Passage, marker: "_Marker") -> Iterator[Block]:
    level = 0
    if passage.kind in (PassageKind.TITLE, PassageKind.HEADING):
        level = min(_DEEPEST_LEVEL, max(2, len(passage.heading)))
    for start, end in _lines(marker.text, passage.start, passage.end):
        yield Block(line=marker.pieces(start, end), level=level)


def _table(passages: tuple[Passage, ...], marker: "_Marker") -> Block:
    rows = tuple(
        tuple(marker.pieces(*cell) for cell in _cells(marker.text, passage.start, passage.end)) for passage in passages
    )
    has_header = passages[0].kind is PassageKind.TABLE_HEADER
    return Block(header=rows[0] if has_header else (), rows=rows[1:] if has_header else rows)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of the lines of ``text[start:end]``, empty ones left out."""
    for line in text[start:end].split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _cells(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for cell in text[start:end].split(BAR):
        stripped = cell.strip()
        left = start + cell.find(stripped) if stripped else start
        yield left, left + len(stripped)
        start += len(cell) + 1


class _Marker:
    """Cuts spans of the text into pieces inside and outside the quote."""

    def __init__(self, text: str, quote: tuple[int, int] | None) -> None:
        self.text = text
        self._start, self._end = quote or (0, 0)
        self._found = False

    def pieces(self, start: int, end: int) -> Line:
        left, right = max(start, self._start), min(end, self._end)
        if left >= right:
            return (Piece(self.text[start:end]),)
        first, self._found = not self._found, True
        marked = Piece(self.text[left:right], marked=True, first=first)
        around = Piece(self.text[start:left]), marked, Piece(self.text[right:end])
        return tuple(piece for piece in around if piece.text)
