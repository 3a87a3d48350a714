"""A quote in the file as it came: traditional script, readings in brackets, lost bytes and all.

Rules:
* computed from the original beside the document and the cleaning of today; nothing of it is stored;
* only if that cleaning gives the stored text, character for character, is there a place; else None, never a guess;
* offsets count characters of the text that the reader took out of the file: for txt files the file itself as decoded.
"""

from dataclasses import dataclass
from pathlib import Path

from index.errors import PolicyError
from index.policies.cleaning import clean
from index.policies.cleaning.tracing import Traced
from index.policies.model import Document
from index.policies.repair import original

MOST_CHARS = 300_000
"""Two civil codes; tracing them takes about two seconds."""


@dataclass(frozen=True, slots=True)
class RawSpan:
    """``text`` is ``[start, end)`` of the text of ``file`` (its name as it came)."""

    text: str
    start: int
    end: int
    file: str


def raw_span(folder: Path, document: Document, start: int, end: int) -> RawSpan | None:
    """The place of ``document.source[start:end]`` in the original kept in ``folder``."""
    from index.policies.readers import read

    path = original(folder)
    if path is None or not 0 <= start < end <= len(document.source) <= MOST_CHARS:
        return None
    try:
        raw, _ = read(path)
    except PolicyError:
        return None
    place = place_in(raw.text, document.source, start, end)
    return RawSpan(raw.text[slice(*place)], *place, document.origin) if place else None


def place_in(raw: str, source: str, start: int, end: int) -> tuple[int, int] | None:
    """Where ``source[start:end]`` stands in ``raw``, if ``source`` is what cleaning makes of a part of it."""
    traced = clean.trace(Traced.of(raw))
    at = f"{traced.text}\n".find(source)
    if at < 0:
        return None
    return traced.span(min(at + start, len(traced.text)), min(at + end, len(traced.text)))
