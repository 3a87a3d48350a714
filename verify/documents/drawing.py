"""What a drawing shows: pictures, text boxes, letters drawn along a path; and whatever else, by name.

* DrawingML (w:drawing) and VML (w:pict, w:object). A plain picture or a VML watermark consists of known elements only;
  any other element in it (a shape that could cover words, a chart, SmartArt, an OLE object, an SVG twin) is reported.
* Nothing here decides what is allowed: ``Found`` is handed to the story reader in order.

Source: ECMA-376 part 1 chapter 20, part 4 chapter 19.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from verify.documents.wordml import MC, A, Element, R, V, W, children, local

DRAWINGS = frozenset({f"{W}drawing", f"{W}pict", f"{W}object"})
_PLAIN_NAMES = """
    drawing pict inline anchor simplePos positionH positionV posOffset align extent effectExtent docPr
    cNvGraphicFramePr graphicFrameLocks graphic graphicData pic nvPicPr cNvPr cNvPicPr picLocks blipFill blip stretch
    fillRect srcRect tile spPr xfrm off ext extLst prstGeom avLst ln noFill wrapNone wrapSquare wrapTopAndBottom
    wrapTight wrapThrough wrapPolygon start lineTo sizeRelH sizeRelV pctWidth pctHeight useLocalDpi hlinkClick
    shapetype formulas f path handles h lock stroke fill wrap shape textpath imagedata anchorlock"""
_PLAIN = frozenset(_PLAIN_NAMES.split())
_LAYOUT_TEXT = frozenset({"posOffset", "align", "pctWidth", "pctHeight"})


@dataclass(frozen=True, slots=True)
class Found:
    """One of: a nested story, branches, a picture's relationship id, or words (``what`` it is, ``text``)."""

    what: str = ""
    text: str = ""
    picture: str | None = None
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
    if element.tag == f"{V}textpath" and element.get("string"):
        yield Found(what="水印", text=_path_text(element))
    elif element.tag == f"{V}shape" and not _is_letters_or_picture(element):
        yield Found(what="图形", text="‹图形 shape›")
    for identity in _pictures(element):
        yield Found(picture=identity)


def _own_text(element: Element) -> str:
    return (element.text or "").strip() + "".join((child.tail or "").strip() for child in children(element))


def _path_text(element: Element) -> str:
    """The letters; marked when the shape that carries them is switched off."""
    parent = element.getparent()
    style = "" if parent is None else (parent.get("style") or "").replace(" ", "").lower()
    hidden = "visibility:hidden" in style or "display:none" in style or element.get("on") in {"f", "false"}
    text = element.get("string") or ""
    return f"‹隐藏：{text}›" if hidden else text


def _is_letters_or_picture(shape: Element) -> bool:
    return any(child.tag in {f"{V}textpath", f"{V}imagedata"} for child in children(shape))


def _pictures(element: Element) -> Iterator[str]:
    if element.tag == f"{A}blip":
        yield from (value for name in ("embed", "link") if (value := element.get(R + name)))
    elif element.tag.startswith(V):
        yield from (value for name in ("id", "pict", "href") if (value := element.get(R + name)))
