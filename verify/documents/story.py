"""Every line a reader of one story (body, header, footer, note) can see, in order, wherever Word hides it.

* One line per paragraph, then the lines of what is anchored in it: text boxes, watermarks, pictures.
* Whitelist: elements known to show nothing are skipped; anything else is a line of its own, ‹未知内容…›, with its text.
* Tracked insertions are text; tracked deletions, hidden, faint, tiny or struck-out text is text in ‹…› marks, so that
  issued words made invisible differ from what was issued.
* PAGE and NUMPAGES with a number as result read as {PAGE} and {NUMPAGES}; any other field is shown with its code.
* Every branch of mc:AlternateContent is read; what not all of them show is marked ‹因程序而异：…›.
* Properties of paragraphs, tables, rows and cells are held against their whitelist (``properties``).

Source: ECMA-376 part 1 chapter 17, part 3; case 66 of verify-cases.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from verify.binding import VisibleLine
from verify.documents.drawing import DRAWINGS, Found, graphic
from verify.documents.fields import Fields
from verify.documents.formatting import Styles, out_of_place
from verify.documents.likeness import Findings, written
from verify.documents.properties import CELL, GRID, PARAGRAPH, ROW, TABLE, Check, strange
from verify.documents.widths import off_paper
from verify.documents.wordml import MC, Element, W, all_text, attribute, children, is_on, local
from verify.reasons import Reason, Rejection

DEPTH_MAX = 60
_SILENT_NAMES = """
    pPr rPr proofErr bookmarkStart bookmarkEnd permStart permEnd commentRangeStart commentRangeEnd commentReference
    annotationRef lastRenderedPageBreak moveFromRangeStart moveFromRangeEnd moveToRangeStart moveToRangeEnd
    customXmlInsRangeStart customXmlInsRangeEnd customXmlDelRangeStart customXmlDelRangeEnd
    customXmlMoveFromRangeStart customXmlMoveFromRangeEnd customXmlMoveToRangeStart customXmlMoveToRangeEnd
    sdtEndPr customXmlPr smartTagPr separator continuationSeparator fldData ffData
    tblPr tblGrid tblPrEx trPr tcPr sectPr"""
_SILENT = frozenset(_SILENT_NAMES.split())
_SPEAKING = tuple(W + name for name in ("p", "r", "t", "tbl", "delText", "sym", "drawing", "pict", "object"))
_WRAPPERS = frozenset({"sdtContent", "customXml", "smartTag", "ins", "moveTo"})
_GONE = frozenset({"del", "moveFrom"})
_INLINE_WRAPPERS = frozenset({"hyperlink"})
_CHARACTERS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_REFERENCES = frozenset({"footnoteReference", "endnoteReference"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where we are, in words; ``marks``: what is wrong with everything in here; the table and cell around us.

    ``names_paragraphs``: a cell's paragraphs are named by the cell, others by their number.
    """

    words: str
    marks: tuple[str, ...] = ()
    depth: int = 0
    table: Element | None = None
    cell: Element | None = None
    names_paragraphs: bool = True

    def inside(self, words: str = "", mark: str | None = None) -> "Place":
        """One level deeper. Raises Rejection beyond ``DEPTH_MAX``."""
        if self.depth >= DEPTH_MAX:
            raise Rejection(Reason.DANGEROUS_FILE, "嵌套过深")
        marks = (*self.marks, mark) if mark else self.marks
        named = self.names_paragraphs or bool(words)
        return Place(self.words + words, marks, self.depth + 1, self.table, self.cell, named)

    def marked(self, *marks: str) -> "Place":
        return replace(self, marks=(*self.marks, *marks)) if marks else self


class StoryReader:
    """``picture`` says what a picture shows: None for the report's QR, otherwise words for people.

    ``paper_twips``: how wide the paper is.
    """

    def __init__(self, styles: Styles, picture: Callable[[Found], str | None], paper_twips: float) -> None:
        self._styles = styles
        self._picture = picture
        self._paper_twips = paper_twips
        self._fields = Fields()
        self._text: list[str] = []
        self._anchored: list[VisibleLine] = []
        self._strangers: Findings[tuple[str, ...]] = Findings()

    def lines(self, story: Element, place: str) -> list[VisibleLine]:
        """Raises Rejection for a tree nested beyond reason."""
        lines = list(self._blocks(story, Place(place)))
        unfinished = self._fields.unfinished()
        return [*lines, VisibleLine(f"{place}／未结束的域", unfinished)] if unfinished else lines

    # Blocks: paragraphs, tables and what wraps them

    def _blocks(self, parent: Element, place: Place) -> Iterator[VisibleLine]:
        paragraphs = tables = 0
        for child in children(parent):
            name = local(child) if child.tag.startswith(W) else child.tag
            if name == "p":
                paragraphs += 1
                yield from self._paragraph(child, place.inside(f"第{paragraphs}段" if place.names_paragraphs else ""))
            elif name == "tbl":
                tables += 1
                yield from self._rows(child, self._table_place(child, place.inside(f"／表格{tables}")), [0])
            else:
                yield from self._wrapped(child, name, place, self._blocks)

    def _wrapped(
        self, child: Element, name: str, place: Place, read: Callable[[Element, Place], Iterator[VisibleLine]]
    ) -> Iterator[VisibleLine]:
        """A wrapper around blocks, rows or cells; or something that shows nothing; or something unknown."""
        if name in _WRAPPERS:
            yield from read(child, place.inside())
        elif name in _GONE:
            yield from read(child, place.inside(mark="删除"))
        elif name == "sdt":
            yield from self._bound(child, place)
            yield from read(child, place.inside("／内容控件"))
        elif name == f"{MC}AlternateContent":
            yield from both_branches(child, lambda branch: list(read(branch, place.inside())))
        elif not _is_silent(child, name):
            yield _unknown(child, place)

    def _bound(self, control: Element, place: Place) -> Iterator[VisibleLine]:
        """Word replaces the text of a bound control by what it is bound to: never trust what stands there."""
        if next(control.iter("{*}dataBinding"), None) is not None:
            yield VisibleLine(f"{place.words}／内容控件", "‹绑定外部数据的内容控件›")

    def _rows(self, parent: Element, place: Place, count: list[int]) -> Iterator[VisibleLine]:
        for child in children(parent):
            name = local(child) if child.tag.startswith(W) else child.tag
            if name == "tr":
                count[0] += 1
                yield from self._cells(child, self._row_place(child, place, count[0]), [0])
            else:
                yield from self._wrapped(child, name, place, lambda part, at: self._rows(part, at, count))

    def _table_place(self, table: Element, place: Place) -> Place:
        marks = (
            *self._layout(table, tblPr=TABLE, tblGrid=GRID),
            *out_of_place(list(off_paper(table, self._paper_twips))),
            *(("隐藏",) if self._styles.hides_rows(table) else ()),
        )
        return replace(place.marked(*marks), table=table, cell=None)

    def _row_place(self, row: Element, place: Place, number: int) -> Place:
        settings = row.findall(f"{W}trPr")
        height = row.find(f"{W}trPr/{W}trHeight")
        marks = (
            ("隐藏", any(is_on(each.find(f"{W}hidden")) for each in settings)),
            ("删除", any(each.find(f"{W}del") is not None for each in settings)),
            ("极小", attribute(height, "hRule") == "exact"),
        )
        found = (mark for mark, holds in marks if holds)
        return place.inside(f"／第{number}行").marked(*found, *self._layout(row, trPr=ROW, tblPrEx=TABLE))

    def _cells(self, parent: Element, place: Place, column: list[int]) -> Iterator[VisibleLine]:
        """``column``: columns of the grid passed so far; a cell is named by the first that it covers."""
        for child in children(parent):
            name = local(child) if child.tag.startswith(W) else child.tag
            if name == "tc":
                yield from self._blocks(child, self._cell_place(child, place, column[0] + 1))
                column[0] += _span(child)
            else:
                yield from self._wrapped(child, name, place, lambda part, at: self._cells(part, at, column))

    def _cell_place(self, cell: Element, place: Place, number: int) -> Place:
        covered = any(attribute(merge, "val") != "restart" for merge in cell.findall(f"{W}tcPr/{W}vMerge"))
        place = place.inside(f"／第{number}列", mark="被合并遮住" if covered else None)
        return replace(place.marked(*self._layout(cell, tcPr=CELL)), cell=cell, names_paragraphs=False)

    def _layout(self, element: Element, **kinds: Mapping[str, Check]) -> tuple[str, ...]:
        """Marks for the element's own properties, of each kind: such as do not belong on a report, or are misplaced."""
        strangers = [name for kind, allowed in kinds.items() for name in self._strange(element.find(W + kind), allowed)]
        return (*out_of_place(strangers), *(mark for kind in kinds for mark in _misplaced(element, kind)))

    def _strange(self, settings: Element | None, allowed: Mapping[str, Check]) -> tuple[str, ...]:
        if settings is None:
            return ()
        return self._strangers.of(written((settings,)), lambda: tuple(strange(settings, allowed)))

    # Paragraphs

    def _paragraph(self, paragraph: Element, place: Place) -> Iterator[VisibleLine]:
        outer = self._text, self._anchored
        self._text, self._anchored = [], []
        place = place.marked(*self._layout(paragraph, pPr=PARAGRAPH))
        if self._styles.is_numbered(paragraph, place.cell, place.table):
            self._text.append("‹自动编号›")
        self._inline(paragraph, paragraph, place)
        self._text.append(self._fields.end_of_paragraph())
        text, anchored = "".join(self._text), self._anchored
        self._text, self._anchored = outer
        if text:
            yield VisibleLine(place.words, text)
        yield from anchored

    def _inline(self, parent: Element, paragraph: Element, place: Place) -> None:
        for child in children(parent):
            name = local(child) if child.tag.startswith(W) else child.tag
            if name == "r":
                self._run(child, paragraph, place)
            elif name in _WRAPPERS or name in _INLINE_WRAPPERS:
                self._inline(child, paragraph, place.inside())
            elif name in _GONE:
                self._inline(child, paragraph, place.inside(mark="删除"))
            elif name in {"bdo", "dir"}:
                self._inline(child, paragraph, place.inside(mark="改变书写方向"))
            else:
                self._inline_rest(child, name, paragraph, place)

    def _inline_rest(self, child: Element, name: str, paragraph: Element, place: Place) -> None:
        if name == "sdt":
            self._anchored.extend(self._bound(child, place))
            self._inline(child, paragraph, place.inside())
        elif name == "fldSimple":
            self._fields.begin(attribute(child, "instr") or "")
            self._inline(child, paragraph, place.inside())
            self._say(self._fields.end())
        elif name == f"{MC}AlternateContent":
            self._anchored.extend(self._branches(child, place))
        elif not _is_silent(child, name):
            self._anchored.append(_unknown(child, place))

    def _run(self, run: Element, paragraph: Element, place: Place) -> None:
        marks = (*place.marks, *_misplaced(run, "rPr"), *self._styles.marks(run, paragraph, place.cell, place.table))
        for child in children(run):
            name = local(child) if child.tag.startswith(W) else child.tag
            text = self._characters(child, name)
            if text:
                self._say(_marked(text, (*marks, "删除") if name == "delText" else marks))
            elif name == "fldChar":
                self._field(attribute(child, "fldCharType"))
            elif name == "instrText" or name == "delInstrText":
                self._fields.code(child.text or "")
            elif child.tag in DRAWINGS or name == f"{MC}AlternateContent":
                self._anchored.extend(self._branches(child, place))
            elif name not in {"t", "delText", "br", *_CHARACTERS} and not _is_silent(child, name):
                self._anchored.append(_unknown(child, place))

    def _characters(self, child: Element, name: str) -> str:
        """The characters of one child of a run; empty for what shows none by itself."""
        if name in {"t", "delText"}:
            text = child.text or ""
            kept = child.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
            return (text if kept else text.strip(" \t\r\n")) + "".join(_inner_text(child))
        if name == "br":
            return "" if attribute(child, "type") in {"page", "column"} else "\n"
        if name == "sym":
            return f"‹符号 {attribute(child, 'font') or ''} {attribute(child, 'char') or ''}›"
        if name in _REFERENCES:
            return "‹注›"
        return _CHARACTERS.get(name, "")

    def _say(self, text: str) -> None:
        if text and not self._fields.take(text):
            self._text.append(text)

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.begin()
        elif kind == "separate":
            self._fields.separate()
        elif kind == "end":
            self._say(self._fields.end())

    # What is anchored in a run

    def _branches(self, element: Element, place: Place) -> list[VisibleLine]:
        if element.tag == f"{MC}AlternateContent":
            return list(both_branches(element, lambda branch: self._branch(branch, place.inside())))
        return [line for found in graphic(element) for line in self._found(found, place)]

    def _branch(self, branch: Element, place: Place) -> list[VisibleLine]:
        """A branch holds drawings, or runs' content, or anything."""
        lines: list[VisibleLine] = []
        for child in children(branch):
            if child.tag in DRAWINGS or child.tag == f"{MC}AlternateContent":
                lines.extend(self._branches(child, place))
            else:
                lines.append(_unknown(child, place))
        return lines

    def _found(self, found: Found, place: Place) -> Iterator[VisibleLine]:
        if found.story is not None:
            yield from self._nested(found.story, place.inside("／文本框"))
        elif found.branches is not None:
            yield from both_branches(found.branches, lambda part: self._graphics(part, place.inside()))
        elif found.picture is not None:
            shown = self._picture(found)
            if shown is not None:
                yield VisibleLine(f"{place.words}／图片", shown)
        else:
            yield VisibleLine(f"{place.words}／{found.what}", _marked(found.text, place.marks))

    def _graphics(self, part: Element, place: Place) -> list[VisibleLine]:
        return [line for found in graphic(part) for line in self._found(found, place)]

    def _nested(self, story: Element, place: Place) -> Iterator[VisibleLine]:
        outer, self._fields = self._fields, Fields()
        yield from self._blocks(story, place)
        unfinished = self._fields.unfinished()
        self._fields = outer
        if unfinished:
            yield VisibleLine(f"{place.words}／未结束的域", unfinished)


def both_branches(element: Element, read: Callable[[Element], list[VisibleLine]]) -> Iterator[VisibleLine]:
    """What every branch of mc:AlternateContent shows, once; what only some programs would show, marked."""
    branches = [read(branch) for branch in children(element)]
    first = branches[0] if branches else []
    if len(branches) > 1 and all(
        [line.text for line in branch] == [line.text for line in first] for branch in branches
    ):
        yield from first
        return
    for branch in branches:
        yield from (VisibleLine(line.place, _marked(line.text, ("因程序而异",))) for line in branch)


def _is_silent(element: Element, name: str) -> bool:
    """Known to show nothing; not with words or drawings inside, where none belong and programs disagree about them."""
    return (name in _SILENT or name == "sdtPr") and next(element.iter(*_SPEAKING), None) is None


def _misplaced(element: Element, kind: str) -> tuple[str, ...]:
    """Properties twice, or after what they are about: programs disagree whether they hold."""
    found = element.findall(W + kind)
    before = () if not found else found[0].itersiblings(preceding=True)
    late = any(not each.tag.startswith(W) or local(each) not in _SILENT for each in before if isinstance(each.tag, str))
    return ("格式重复",) if len(found) > 1 or late else ()


def _span(cell: Element) -> int:
    text = attribute(cell.find(f"{W}tcPr/{W}gridSpan"), "val") or "1"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def _marked(text: str, marks: tuple[str, ...]) -> str:
    return f"‹{'、'.join(dict.fromkeys(marks))}：{text}›" if marks else text


def _inner_text(element: Element) -> Iterator[str]:
    """Text of elements inside a text element, where none belong."""
    for child in children(element):
        yield all_text(child) + (child.tail or "")


def _unknown(element: Element, place: Place) -> VisibleLine:
    text = all_text(element).strip()
    return VisibleLine(f"{place.words}／{local(element)}", f"‹未知内容 {local(element)}›{text}")
