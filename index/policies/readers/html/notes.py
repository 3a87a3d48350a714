"""Footnotes of a page: known by their links to and fro, put after the paragraph that refers to them as 注1：….

Rules: a mark is a link to a note that links back to the mark (as Word, LibreOffice and Markdown converters write them);
the mark goes from the sentence, the note is marked; a note without its mark stays where it is (docs/decisions/0070).
"""

import re
from typing import TYPE_CHECKING

from index.policies.readers.html.tree import words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_NOTE_BLOCKS = frozenset({"p", "div", "li", "dd", "td", "section", "aside"})
_MARK = re.compile(r"^[\s\[\(（【〔]*(?:\d{1,3}|[*※†]|[①-⑳]|[ivx]{1,5}|[a-z])[\s\]\)）】〕]*$")
_BACK = re.compile(r"^[\s↩↑⏎\ufe0e^]*$")
_MOST_NOTES = 2_000


def place_notes(root: "Element") -> None:
    """Moves every note behind the block of its mark, labelled; the mark goes."""
    links = [link for link in root.iter("a") if (link.get("href") or "").startswith("#")][: 2 * _MOST_NOTES]
    named = _named(root) if links else {}
    last: dict[Element, Element] = {}
    count = 0
    for link in links:
        body = _note_of(link, named)
        if body is None:
            continue
        count += 1
        words = _words(body)
        _remove(body)
        block = _block_of(link)
        _remove(link)
        last[block] = _put_after(last.get(block, block), f"注{count}：{words}")


def _named(root: "Element") -> "dict[str, Element]":
    found: dict[str, Element] = {}
    for element in root.iter():
        for attribute in ("id", "name"):
            name = element.get(attribute)
            if name:
                found.setdefault(name, element)
    return found


def _note_of(link: "Element", named: "dict[str, Element]") -> "Element | None":
    """The block of the note that ``link`` leads to, if that leads back here and comes later."""
    target = named.get((link.get("href") or "")[1:])
    if target is None or target.getparent() is None or not _MARK.match(words_of(link)):
        return None
    body = _block_of(target)
    here = {name for element in (link, *link.iterancestors("sup", "span")) for name in _names(element)}
    here.update(name for child in link.iter() for name in _names(child))
    before = link.getprevious()
    here.update(_names(before) if before is not None else ())
    back = {(one.get("href") or "")[1:] for one in body.iter("a")}
    is_inside = body is link or any(ancestor is body for ancestor in link.iterancestors())
    return body if here & back and not is_inside and body.tag in _NOTE_BLOCKS else None


def _names(element: "Element") -> list[str]:
    return [name for name in (element.get("id"), element.get("name")) if name]


def _block_of(element: "Element") -> "Element":
    """The note's own element, or the nearest block around it; a note in its own div is the div."""
    for one in (element, *element.iterancestors()):
        if one.tag in _NOTE_BLOCKS:
            parent = one.getparent()
            is_only = (
                parent is not None and parent.tag == "div" and len(parent) == 1 and not (parent.text or "").strip()
            )
            return parent if is_only and parent is not None and parent.get("id") else one
    return element


def _words(body: "Element") -> str:
    """Its text without the mark at its beginning and the link back."""
    for link in list(body.iter("a")):
        words = words_of(link)
        if (link.get("href") or "").startswith("#") and (_MARK.match(words) or _BACK.match(words)):
            _remove(link)
    return " ".join(words_of(body).split())


def _remove(element: "Element") -> None:
    """Takes an element out; what follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    tail, before = element.tail or "", element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _put_after(element: "Element", text: str) -> "Element":
    line = element.makeelement("p")
    line.text = text
    parent = element.getparent()
    if parent is None:
        element.append(line)
    else:
        element.addnext(line)
        line.tail, element.tail = (element.tail, None) if line.tail is None else (line.tail, element.tail)
    return line
