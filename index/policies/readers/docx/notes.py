"""Footnotes and endnotes of a docx: one marked line each, after the paragraph that refers to them.

Rules: ``注1：…`` (footnotes) and ``尾注1：…`` (endnotes) are counted through the document in the order of their marks;
a note is printed once, where it is first referred to; the mark inside the sentence is dropped, so that the sentence
reads as one and the note is never taken for a part of it (docs/decisions/0070).
"""

from itertools import islice
from typing import TYPE_CHECKING

from index.policies.readers.docx.names import W, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from index.policies.readers.docx.story import Story

_LABELS = {"footnote": "注", "endnote": "尾注"}


class Notes:
    """The notes of one document by kind and id."""

    def __init__(self, footnotes: "Element | None", endnotes: "Element | None") -> None:
        parts = (("footnote", footnotes), ("endnote", endnotes))
        self._found = {
            (kind, value(note, "id") or ""): note
            for kind, part in parts
            for note in (() if part is None else part.findall(f"{W}{kind}"))
            if value(note, "type") in (None, "normal")
        }
        self._seen: dict[tuple[str, str], str] = {}
        self._counts = dict.fromkeys(_LABELS, 0)

    def line(self, kind: str, note_id: str, story: "Story") -> str | None:
        """The marked line of one note; None when there is no such note or it was printed before."""
        note = self._found.get((kind, note_id))
        if note is None or (kind, note_id) in self._seen:
            return None
        self._counts[kind] += 1
        count = self._counts[kind]
        self._seen[kind, note_id] = ""
        inner = type(story)(story.styles, story.numbering, self, note)
        text = " ".join(" ".join(line.split()) for line, _ in inner.lines() if line.strip())
        self._seen[kind, note_id] = f"{_LABELS[kind]}{count}：{text}"
        return self._seen[kind, note_id] if text else None

    @property
    def shown(self) -> int:
        return len(self._seen)

    def since(self, count: int) -> tuple[str, ...]:
        """The lines printed since ``shown`` was ``count``."""
        return tuple(islice(self._seen.values(), count, None)) if count < len(self._seen) else ()
