"""The words on the pages of a PDF, line by line as pdfium finds them, in the order of the file.

* A line's place is its page: “第 2 页”. A page without words is a line too, so that an added picture is noticed.
* Words that cannot be seen (drawn invisibly, without colour, white) stand in lines of their own: ‹看不见的文字：…›.
* Bounded: the objects of a page.

Source: ISO 32000-2 §9.3.6 (text rendering mode), §9.10; case 66.
"""

from collections.abc import Iterator, Sequence
from ctypes import addressof, c_uint
from typing import TYPE_CHECKING, NamedTuple

from verify.binding import VisibleLine
from verify.documents.contrast import PAPER, contrast
from verify.reasons import Reason, Rejection

if TYPE_CHECKING:
    from pypdfium2 import PdfObject, PdfPage, PdfTextPage

OBJECTS_MAX = 100_000
NO_WORDS = "‹没有文字的一页›"
_NESTED_MAX = 5
_LEAST_CONTRAST = 1.15
_LEAST_OPAQUE = 8
_INVISIBLE, _CLIPS_ONLY = 3, 7


class Line(NamedTuple):
    """``seen``: whether a reader of the page can see it."""

    text: str
    seen: bool


def page_name(number: int) -> str:
    return f"第 {number} 页"


def lines_on(page: "PdfPage", *, as_signed: bool) -> list[Line]:
    """Unseen words come after the line in which they stand; nobody looks for them where all is ``as_signed``."""
    words = page.get_textpage()
    unseen = set() if as_signed else _unseen(page)
    if unseen:
        return list(_sorted_out(words, unseen))
    return [Line(text, True) for text in words.get_text_range().splitlines() if text.strip()]


def visible(number: int, lines: Sequence[Line]) -> list[VisibleLine]:
    """The lines of page ``number``, from 1."""
    texts = [line.text if line.seen else f"‹看不见的文字：{line.text}›" for line in lines]
    return [VisibleLine(page_name(number), text) for text in texts or [NO_WORDS]]


def _unseen(page: "PdfPage") -> set[int]:
    """Where the text objects lie in memory that draw nothing to be seen."""
    from pypdfium2.raw import FPDF_PAGEOBJ_TEXT

    found = set()
    for count, each in enumerate(page.get_objects(filter=[FPDF_PAGEOBJ_TEXT], max_depth=_NESTED_MAX)):
        if count == OBJECTS_MAX:
            raise Rejection(Reason.FILE_TOO_LARGE)
        if not _can_be_seen(each):
            found.add(addressof(each.raw.contents))
    return found


def is_painted(text: "PdfObject") -> bool:
    """Whether a text object puts ink of any colour on the page."""
    from pypdfium2.raw import FPDFTextObj_GetTextRenderMode

    return FPDFTextObj_GetTextRenderMode(text) not in (_INVISIBLE, _CLIPS_ONLY)


def _can_be_seen(text: "PdfObject") -> bool:
    from pypdfium2.raw import FPDFPageObj_GetFillColor, FPDFTextObj_GetTextRenderMode

    if not is_painted(text):
        return False
    mode = FPDFTextObj_GetTextRenderMode(text)
    parts = [c_uint() for _ in range(4)]
    if mode % 2 or not FPDFPageObj_GetFillColor(text, *parts):
        return True
    red, green, blue, opaque = (part.value for part in parts)
    return opaque >= _LEAST_OPAQUE and contrast(f"{red:02X}{green:02X}{blue:02X}", PAPER) >= _LEAST_CONTRAST


def _sorted_out(words: "PdfTextPage", unseen: set[int]) -> Iterator[Line]:
    from pypdfium2.raw import FPDFText_GetTextObject, FPDFText_GetUnicode

    line: dict[bool, list[str]] = {True: [], False: []}
    seen = True
    for number in range(words.count_chars()):
        character = chr(FPDFText_GetUnicode(words, number))
        if character in "\r\n":
            yield from _told(line)
            continue
        drawn = FPDFText_GetTextObject(words, number)
        if drawn:
            seen = addressof(drawn.contents) not in unseen
        line[seen].append(character)
    yield from _told(line)


def _told(line: dict[bool, list[str]]) -> Iterator[Line]:
    for seen, characters in line.items():
        text = "".join(characters).strip()
        if text:
            yield Line(text, seen)
        characters.clear()
