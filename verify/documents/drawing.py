"""What a drawing shows: pictures, text boxes, letters drawn along a path; and whatever else, by name.

* DrawingML (w:drawing) and VML (w:pict, w:object). A plain picture or a VML watermark consists of known elements only;
  any other element in it (a shape that could cover words, a chart, SmartArt, an OLE object, an SVG twin) is reported.
* A picture in a line of text, whole, upright, in a usual size is ``plain``; others could cover words or show a part.
* Nothing here decides what is allowed: ``Found`` is handed to the story reader in order.

Source: ECMA-376 part 1 chapter 20, part 4 chapter 19.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from verify.documents.watermark import letters_of, mark_of
from verify.documents.wordml import MC, A, Element, R, V, W, children, local

DRAWINGS = frozenset({f"{W}drawing", f"{W}pict", f"{W}object"})
_PLAIN_NAMES = """
    drawing pict inline anchor simplePos positionH positionV posOffset align extent effectExtent docPr
    cNvGraphicFramePr graphicFrameLocks graphic graphicData pic nvPicPr cNvPr cNvPicPr picLocks blipFill blip stretch
    fillRect srcRect spPr xfrm off ext extLst prstGeom avLst ln noFill wrapNone wrapSquare wrapTopAndBottom
    wrapTight wrapThrough wrapPolygon start lineTo sizeRelH sizeRelV pctWidth pctHeight useLocalDpi hlinkClick
    shapetype formulas f path handles h lock stroke fill wrap shape textpath imagedata anchorlock"""
_PLAIN = frozenset(_PLAIN_NAMES.split())
_FROM_ELSEWHERE = frozenset({"relid", "src", "href", "althref"})
_SIZES_EMU = (540_000, 2_160_000)
_LAYOUT_TEXT = frozenset({"posOffset", "align", "pctWidth", "pctHeight"})


@dataclass(frozen=True, slots=True)
class Found:
    """One of: a nested story, branches, a picture's relationship id, or words (``what`` it is, ``text``).

    ``plain``: the picture stands upright and whole in the line of text, in the size of a verification code.
    """

    what: str = ""
    text: str = ""
    picture: str | None = None
    plain: bool = False
    story: Element | None = None
    branches: Element | None = None


def graphic(element: Element) -> Iterator[Found]:
    """Everything ``element`` shows, in document order."""
    for child in children(element):
        name = local(child)
        if child.tag == f"{W}txbxContent":
            yield Found(story=child)
        elif child.tag == f"{MC}AlternateContent":
            yield Found(branches=child)
        else:
            yield from _shown(child, name)
            yield from graphic(child)


def _shown(element: Element, name: str) -> Iterator[Found]:
    if name not in _PLAIN:
        yield Found(what="图形", text=f"‹图形 {name}›{_own_text(element)}")
    elif name not in _LAYOUT_TEXT and _own_text(element):
        yield Found(what="图形", text=_own_text(element))
    if element.tag == f"{V}shape":
        yield _shape(element)
    elif element.tag.startswith(V) and any(etree.QName(key).localname in _FROM_ELSEWHERE for key in element.attrib):
        yield Found(what="图形", text=f"‹图形 {name}›")
    for identity in _pictures(element):
        yield Found(picture=identity, plain=element.tag.startswith(A) and _is_plain(element))


def _own_text(element: Element) -> str:
    return (element.text or "").strip() + "".join((child.tail or "").strip() for child in children(element))


def _shape(shape: Element) -> Found:
    """A watermark's letters, marked when they cannot be seen or could cover words; any other shape by its name."""
    text = letters_of(shape)
    if not text:
        return Found(what="图形", text="‹图形 shape›")
    mark = mark_of(shape)
    return Found(what="水印", text=f"‹{mark}：{text}›" if mark else text)


def _is_plain(blip: Element) -> bool:
    """Nothing cut off, turned, hidden or floating, and between 15 and 60 mm wide and high."""
    above = {local(each): each for each in blip.iterancestors()}
    drawing = above.get("drawing")
    if drawing is None or "inline" not in above or f"{MC}AlternateContent" in {each.tag for each in above.values()}:
        return False
    return all(_is_ordinary(each) for each in drawing.iter())


def _is_ordinary(element: Element) -> bool:
    """One element of a picture: its size, its hiding, its turning, its cutting, its outline."""
    name = local(element)
    if name in {"extent", "ext"} and element.get("cx") is not None:
        return all(_is_usual_size(element.get(side)) for side in ("cx", "cy"))
    if name in {"docPr", "cNvPr"}:
        return element.get("hidden") in {None, "0", "false"}
    if name == "xfrm":
        return not any(element.get(key) for key in ("rot", "flipH", "flipV"))
    if name in {"srcRect", "fillRect"}:
        return set(element.attrib.values()) <= {"0", "0%"}
    return name != "prstGeom" or element.get("prst") == "rect"


def _is_usual_size(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit() and _SIZES_EMU[0] <= int(text[:9]) <= _SIZES_EMU[1]


def _pictures(element: Element) -> Iterator[str]:
    if element.tag == f"{A}blip":
        yield from (value for name in ("embed", "link") if (value := element.get(R + name)))
    elif element.tag.startswith(V):
        yield from (value for name in ("id", "pict", "href") if (value := element.get(R + name)))
