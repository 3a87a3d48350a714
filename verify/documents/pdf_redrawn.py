"""One page before and after: where its two drawings differ, which words stood there, and which stand there now.

* The page is drawn without its annotations; those are compared by kind, place and words.
* Where the drawings differ, in bands from top to bottom, the words of both pages are looked up. A picture or a line
  drawn over words leaves them in the file: then the words it lies on are told.
* Words that came or went without a trace in the drawing are told as words that cannot be seen.
"""

from collections import Counter
from collections.abc import Iterator
from ctypes import byref, c_ushort
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from typing import TYPE_CHECKING

from verify.alignment import made_visible
from verify.binding import Difference
from verify.documents.pdf_drawing import drawn
from verify.documents.pdf_places import Places

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage, PdfTextPage

SHOWN_MAX = 400
ANNOTATIONS_MAX = 1000
_SCALE = 1.5
_BANDS_MAX = 12
_BAND_GAP = 4
_TEXT_MAX_BYTES = 4096
_OTHER_KIND = "批注"
_KINDS = {
    1: "便笺",
    2: "链接",
    3: "文本框",
    4: "线条",
    5: "方框",
    6: "圆",
    9: "高亮",
    10: "下划线",
    12: "删除线",
    13: "图章",
    15: "手写",
    17: "附件批注",
    20: "表单域",
    28: "涂黑",
}
"""By the numbers of fpdf_annot.h."""
_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Annotation:
    kind: str
    words: str
    box: _Box


@dataclass(frozen=True, slots=True)
class Look:
    """All that a page shows. Two pages that look alike have the same ``digest``."""

    page: "PdfPage"
    words: "PdfTextPage"
    annotations: tuple[Annotation, ...]
    digest: bytes

    @classmethod
    def at(cls, page: "PdfPage") -> "Look":
        words, annotations = page.get_textpage(), tuple(_annotations(page))
        picture = drawn(page, 1.0, annotations=False)
        seen = sha256(picture.tobytes())
        seen.update(repr((picture.size, annotations, words.get_text_range())).encode())
        return cls(page, words, annotations, seen.digest())

    def within(self, box: _Box) -> list[str]:
        """The words in a box of the page, in points from its lower left."""
        left, bottom, right, top = box
        found: str = self.words.get_text_bounded(left, bottom, right, top)
        return found.replace("\0", "").split()

    def field(self, box: _Box, places: Places) -> str:
        """The issued field in the box, as the rest of a place."""
        _, bottom, _, top = box
        path = places.path(self.within(box), self.within((0.0, bottom, self.page.get_width(), top)))
        return f"，{path}" if path else ""


def redrawn(before: Look, after: Look, where: str, places: Places) -> Iterator[Difference]:
    """What differs between two looks of one page; nothing only where they have the same digest."""
    yield from _annotated(before, after, where, places)
    boxes = list(_bands(before, after))
    for box in boxes:
        yield _changed(before.within(box), after.within(box), where + before.field(box, places))
    if not boxes:
        yield from _unseen(before, after, where)


def _annotated(before: Look, after: Look, where: str, places: Places) -> Iterator[Difference]:
    came, went = Counter(after.annotations), Counter(before.annotations)
    for each in came - went:
        under = " ".join(before.within(each.box))
        place = f"{where}，{each.kind}{before.field(each.box, places)}"
        yield Difference(place, _short(under), _short(each.words) or f"‹{each.kind}›")
    for each in went - came:
        yield Difference(f"{where}，{each.kind}", _short(each.words) or f"‹{each.kind}›", "")


def _changed(old: list[str], new: list[str], where: str) -> Difference:
    """``old`` are the words that stood there, ``new`` those that the file has there now, covered ones among them."""
    before, after = " ".join(old), " ".join(new)
    matcher = SequenceMatcher(None, before[:SHOWN_MAX], after[:SHOWN_MAX], autojunk=False)
    parts = [(tag, after[j:j_end]) for tag, _, _, j, j_end in matcher.get_opcodes() if tag != "equal"]
    only_came = all(tag == "insert" for tag, _ in parts)
    found = "".join(part for _, part in parts) if only_came else after
    return Difference(where, _short(before), _short(found.strip()) or "‹画面被改动或遮盖›")


def _unseen(before: Look, after: Look, where: str) -> Iterator[Difference]:
    old, new = before.words.get_text_range().split(), after.words.get_text_range().split()
    came, went = Counter(new) - Counter(old), Counter(old) - Counter(new)
    if came or went:
        yield Difference(where, _short(" ".join(went)), _short(f"‹看不见的文字：{' '.join(came)}›" if came else ""))


def _bands(before: Look, after: Look) -> Iterator[_Box]:
    """Boxes around what differs, from top to bottom; the whole page where the paper itself is another."""
    from PIL import ImageChops

    one, other = (drawn(look.page, _SCALE, annotations=False) for look in (before, after))
    width, height = before.page.get_size()
    if one.size != other.size:
        yield 0.0, 0.0, width, height
        return
    difference = ImageChops.difference(one, other).convert("L").point(lambda value: 255 if value else 0)
    scale_x, scale_y = one.width / width, one.height / height
    for top, bottom in _inked_rows(difference):
        found = difference.crop((0, top, one.width, bottom)).getbbox()
        if found is not None:
            left, right = found[0] / scale_x, found[2] / scale_x
            yield left - 1, height - bottom / scale_y - 1, right + 1, height - top / scale_y + 1


def _inked_rows(picture: "Image") -> Iterator[tuple[int, int]]:
    """Runs of rows that are not all black, small gaps closed; the last one holds all that is left."""
    rows = [row for row in range(picture.height) if picture.crop((0, row, picture.width, row + 1)).getbbox()]
    runs: list[list[int]] = []
    for row in rows:
        if runs and (row - runs[-1][-1] <= _BAND_GAP or len(runs) == _BANDS_MAX):
            runs[-1].append(row)
        else:
            runs.append([row])
    return ((run[0], run[-1] + 1) for run in runs)


def _annotations(page: "PdfPage") -> Iterator[Annotation]:
    from pypdfium2.raw import (
        FS_RECTF,
        FPDFAnnot_GetRect,
        FPDFAnnot_GetSubtype,
        FPDFPage_CloseAnnot,
        FPDFPage_GetAnnot,
        FPDFPage_GetAnnotCount,
    )

    for number in range(min(FPDFPage_GetAnnotCount(page), ANNOTATIONS_MAX)):
        found = FPDFPage_GetAnnot(page, number)
        if not found:
            continue
        rectangle = FS_RECTF()
        FPDFAnnot_GetRect(found, byref(rectangle))
        words = " ".join(filter(None, (_string(found, key) for key in (b"T", b"Contents", b"V"))))
        box = (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        yield Annotation(_KINDS.get(FPDFAnnot_GetSubtype(found), _OTHER_KIND), words, box)
        FPDFPage_CloseAnnot(found)


def _string(annotation: object, key: bytes) -> str:
    from pypdfium2.raw import FPDFAnnot_GetStringValue

    buffer = (c_ushort * (_TEXT_MAX_BYTES // 2))()
    length = FPDFAnnot_GetStringValue(annotation, key, buffer, _TEXT_MAX_BYTES)
    return bytes(buffer)[: max(0, min(length, _TEXT_MAX_BYTES) - 2)].decode("utf-16-le", errors="replace")


def _short(text: str) -> str:
    shown = made_visible(text, "")
    return shown if len(shown) <= SHOWN_MAX else shown[:SHOWN_MAX] + "……"
