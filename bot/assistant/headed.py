"""Counted lists whose items stand one by one below a heading: 五条基本原则 is 二、基本原则 and its five parts.

Rules:

* A heading is the list if it says what is asked for and, where a number is named, exactly so many stand below it.
* All items are quoted, each once, in their order; their heading is where they stand.
* An item is a heading below the list's heading, or a paragraph that begins with a short name (依法行政，加强监督。…).
* A sentence that lists as many things itself goes before (``lists``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.assistant.evidence import headings, trimmed
from bot.assistant.lexicon import Kind
from bot.assistant.question import Ask
from index.policies.markers import number_of
from index.policies.model import Document, Passage, PassageKind
from index.search.analyzer import fold

LEAST, MOST = 2, 30
_NAME = re.compile(r"\s*(?:——)?[一-鿿][^。：:\n]{2,22}[。：:](?=[^\n]{10})")
_NUMBERED = re.compile(r"(?<![一-鿿])[一二三四五六七八九十]是")
_LISTS = (Kind.LIST, Kind.WHAT, Kind.HOW_MANY, Kind.NAME)
_COUNT = re.compile(r"([0-9]+|[一二三四五六七八九十两]+)(?:大|个|项|条|类|种|方面|点|份|步)")


@dataclass(frozen=True, slots=True)
class Headed:
    """A heading and the headings directly below it."""

    document: Document
    heading: tuple[str, ...]
    items: tuple[Passage, ...]

    @property
    def spans(self) -> tuple[tuple[Document, Passage, tuple[int, int]], ...]:
        return tuple((self.document, item, _name_span(self.document, item)) for item in self.items)


def headed(ask: Ask, pool: Sequence[Document]) -> Headed | None:
    """The list of headings that ``ask`` counts; None when it names no number or no heading has so many below it."""
    count = named_count(ask)
    if count is None:
        return None
    found = [one for one in candidates(ask, pool) if len(one.items) == count]
    return found[0] if found else None


def lists(text: str, count: int) -> bool:
    """Whether a sentence itself lists ``count`` things: 一是…二是…, items in lines, or 、 and their number."""
    numbered = len(set(_NUMBERED.findall(text)))
    counted = any(number_of(match.group(1).replace("两", "二")) == count for match in _COUNT.finditer(text))
    return count in (numbered, text.count("\n")) or (counted and text.count("、") >= LEAST)


def candidates(ask: Ask, pool: Sequence[Document]) -> list[Headed]:
    """Every heading that says what is asked for, with the headings below it, the closest fit first."""
    if ask.kind not in _LISTS:
        return []
    found = [one for document in pool for one in _lists(document) if _says(ask, one)]
    return sorted(found, key=lambda one: len(one.heading[-1]))


def named_count(ask: Ask) -> int | None:
    """The number of things that ``ask`` names (五条), None when it names none."""
    match = _COUNT.search(ask.text)
    if match is None:
        counted = next((piece for piece in ask.pieces if _COUNT.fullmatch(piece.text)), None)
        match = _COUNT.fullmatch(counted.text) if counted else None
    return number_of(match.group(1).replace("两", "二")) if match else None


def _lists(document: Document) -> list[Headed]:
    below: dict[tuple[str, ...], list[Passage]] = {}
    for passage in document.passages:
        if passage.kind is PassageKind.HEADING and len(passage.heading) > 1:
            below.setdefault(passage.heading[:-1], []).append(passage)
    for heading, named in _paragraphs(document).items():
        below.setdefault(heading, named)
    return [
        Headed(document, heading, tuple(items))
        for heading, items in below.items()
        if heading[-1:] != (document.title,) and LEAST <= len(items) <= MOST
    ]


def _paragraphs(document: Document) -> dict[tuple[str, ...], list[Passage]]:
    """Paragraphs by heading, where each of them begins with a short name of its own."""
    found: dict[tuple[str, ...], list[Passage]] = {}
    for passage in document.passages:
        if passage.kind is PassageKind.PARAGRAPH:
            found.setdefault(passage.heading, []).append(passage)
    return {heading: items for heading, items in found.items() if all(_named(document, item) for item in items)}


def _named(document: Document, item: Passage) -> re.Match[str] | None:
    return _NAME.match(document.source, item.start, item.end)


def _name_span(document: Document, item: Passage) -> tuple[int, int]:
    """The heading itself, or the short name a paragraph begins with."""
    if item.kind is PassageKind.PARAGRAPH and (name := _named(document, item)):
        return trimmed(document.source, *name.span())
    return trimmed(document.source, item.start, item.end)


def _says(ask: Ask, one: Headed) -> bool:
    """The list's own heading says what is asked for; the title and the headings above say the rest."""
    own = fold(one.heading[-1])
    above = fold(f"{one.document.title} {one.document.place or ''} {' '.join(headings(one.document, one.items[0]))}")
    things = [piece for piece in ask.pieces if len(piece.text) > 1 and not _COUNT.fullmatch(piece.text)]
    asked = [piece for piece in things if piece.focus or piece.asked] or things[-1:]
    content = [piece for piece in things if piece.content]
    if not asked or not all(any(form in own for form in piece.forms) for piece in asked):
        return False
    return all(any(form in above for form in piece.forms) for piece in content)
