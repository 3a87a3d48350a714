"""What a new segment will hold, gathered as numbers: from documents, or from older segments that are merged.

Reads documents (``FromDocuments``) or segments (``merged``). Writes ``Gathered``: entries, and for each field the
postings in the order of their rows; ``index.search.whoosh_writing`` sorts and stores them.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.policies.model import Document, Passage
from index.search.backend import Field
from index.search.content import body_tokens, digest, heading_tokens
from index.search.scoring import length_code
from index.search.whoosh_segment import Entry, Segment

_TOKENS: Mapping[Field, Callable[[Document, Passage], list[str]]] = {
    Field.BODY: body_tokens,
    Field.HEADING: heading_tokens,
}


@dataclass(frozen=True, slots=True, eq=False)
class FieldPostings:
    """One field: ``tokens[terms[i]]`` stands ``frequencies[i]`` times in row ``rows[i]``. The rows of a term ascend."""

    tokens: Sequence[bytes]
    terms: NDArray[np.uint32]
    rows: NDArray[np.int32]
    frequencies: NDArray[np.uint32]
    lengths: NDArray[np.uint8]
    """Length code of every row."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The content of one segment."""

    rows: int
    entries: Sequence[Entry]
    """In the order of their rows, without gaps."""
    fields: Mapping[Field, FieldPostings]


class FromDocuments:
    """Gathers documents, passage by passage."""

    def __init__(self) -> None:
        self.rows = 0
        self.postings = 0
        self._entries: list[Entry] = []
        self._fields = {field: _Counting() for field in Field}

    def add(self, document: Document) -> None:
        """Every passage of ``document``."""
        for passage in document.passages:
            for field, counting in self._fields.items():
                self.postings += counting.add(_TOKENS[field](document, passage))
        start, self.rows = self.rows, self.rows + len(document.passages)
        if document.passages:
            self._entries.append(Entry(document.id, digest(document), start, self.rows))

    def gathered(self) -> Gathered:
        return Gathered(self.rows, self._entries, {field: terms.postings() for field, terms in self._fields.items()})


class _Counting:
    """The tokens of one field, counted row by row; the loops run in C, for a library has millions of postings."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._terms, self._frequencies, self._distinct = array("I"), array("I"), array("I")
        self._lengths = bytearray()

    def add(self, tokens: list[str]) -> int:
        """The tokens of the next row; how many different ones they are."""
        counts, places = Counter(tokens), self._places
        for token in counts:
            if token not in places:
                places[token] = len(places)
        self._terms.extend(map(places.__getitem__, counts))
        self._frequencies.extend(counts.values())
        self._distinct.append(len(counts))
        self._lengths.append(length_code(len(tokens)))
        return len(counts)

    def postings(self) -> FieldPostings:
        rows = np.repeat(np.arange(len(self._distinct), dtype=np.int32), _numbers(self._distinct))
        tokens = [token.encode() for token in self._places]
        lengths = np.frombuffer(bytes(self._lengths), np.uint8)
        return FieldPostings(tokens, _numbers(self._terms), rows, _numbers(self._frequencies), lengths)


def merged(segments: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Gathered:
    """The living rows of ``segments``, one segment after the other; a document lives or is gone as a whole."""
    entries: list[Entry] = []
    places: list[NDArray[np.int32]] = []
    rows = 0
    for segment, living in segments:
        place = np.cumsum(living, dtype=np.int32) + np.int32(rows - 1)
        for entry in segment.entries:
            if living[entry.start]:
                start = int(place[entry.start])
                entries.append(Entry(entry.document_id, entry.digest, start, start + entry.end - entry.start))
        places.append(place)
        rows += int(living.sum())
    return Gathered(rows, entries, {field: _merged_field(segments, places, field) for field in Field})


def _merged_field(
    segments: Sequence[tuple[Segment, NDArray[np.bool_]]], places: Sequence[NDArray[np.int32]], field: Field
) -> FieldPostings:
    known: dict[bytes, int] = {}
    terms: list[NDArray[Any]] = [np.empty(0, np.uint32)]
    rows: list[NDArray[Any]] = [np.empty(0, np.int32)]
    frequencies: list[NDArray[Any]] = [np.empty(0, np.uint32)]
    lengths: list[NDArray[Any]] = [np.empty(0, np.uint8)]
    for (segment, living), place in zip(segments, places, strict=True):
        every, old, counts = segment.everything(field, known)
        kept = living[old]
        terms.append(every[kept])
        rows.append(place[old[kept]])
        frequencies.append(counts[kept])
        lengths.append(segment.lengths[field][living])
    return FieldPostings(list(known), *map(np.concatenate, (terms, rows, frequencies, lengths)))


def _numbers(stored: "array[int]") -> NDArray[np.uint32]:
    return np.frombuffer(stored, np.uint32) if stored else np.empty(0, np.uint32)
