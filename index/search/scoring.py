"""BM25 over whole postings: numbers in, numbers out, the same for every backend.

What a backend does with it:

1. ``codes(frequencies, lengths)`` once per posting list, when it is read or written.
2. ``Saturation(average)`` once per field and state of the index: ``average`` is the mean of ``LENGTHS[length code]``
   over all findable passages.
3. ``scores(parts, passages)`` per question, one ``Part`` for each term that occurs: the sum for every passage row.
4. ``best(scores, limit, order)``: the rows of the best passages, best first.

Rules:

* The formula is that of whoosh's ``BM25F``: per term and field
  ``weight * idf * tf (K1 + 1) / (tf + K1 (1 - B + B l / average))`` with ``idf = ln(passages / (holding + 1)) + 1``,
  and lengths ``l`` rounded up to whoosh's 256 steps.
* Passages that a reader cannot find any more count nowhere: not in ``passages``, ``holding`` or ``average``.
* A passage is found when its sum is above 0, terms with ``finds=False`` not counted. Sums that agree to ``DECIMALS``
  places are equal; equal ones come in the order of (document id, passage number).

Source: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework" (2009), as in whoosh's ``scoring.BM25F``.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
DECIMALS = 9
_STEPS = tuple(round((1.033**step - 1) * 27) for step in range(256))
LENGTHS: NDArray[np.float64] = np.array(_STEPS, dtype=np.float64)
"""Length code (one byte) → the length it stands for, in tokens."""
_FREQUENCIES = 256
_BLOCK = 64

Codes = NDArray[np.uint16] | NDArray[np.uint32]


def length_code(tokens: int) -> int:
    """The smallest step not below a field's number of tokens; the last step for anything longer."""
    return min(bisect_left(_STEPS, tokens), 255)


def codes(frequencies: NDArray[Any], lengths: NDArray[np.uint8]) -> Codes:
    """Frequency and length code of each posting in one number; two bytes unless a frequency is 256 or more."""
    packed = np.left_shift(frequencies.astype(np.uint32), 8, dtype=np.uint32) | lengths
    return packed.astype(np.uint16) if frequencies.max(initial=0) < _FREQUENCIES else packed


def idf(passages: int, holding: int) -> float:
    """How much a term says that ``holding`` of ``passages`` passages hold."""
    return log(passages / (holding + 1)) + 1


class Saturation:
    """The part of the formula that frequency and length decide, for one field of average length ``average``."""

    def __init__(self, average: float) -> None:
        self._norm = K1 * ((1 - B) + B * LENGTHS / (average or 1))
        frequency = np.arange(_FREQUENCIES, dtype=np.float64)[:, None]
        self._table = (frequency * (K1 + 1) / (frequency + self._norm)).ravel()

    def write(self, packed: Codes, out: NDArray[np.float64]) -> None:
        """The parts of postings given by ``codes``, into ``out``."""
        if packed.dtype == np.uint16:
            self._table.take(packed, out=out, mode="clip")
        else:
            frequency = (packed >> 8).astype(np.float64)
            np.divide(frequency * (K1 + 1), frequency + self._norm[packed & 255], out=out)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Postings of one term in one field, to be added up: passage ``rows`` (each once) and their ``codes``.

    ``factor`` is query weight times ``idf``; ``finds`` is as in ``Term``.
    """

    rows: NDArray[np.int32]
    codes: Codes
    saturation: Saturation
    factor: float
    finds: bool = True


def scores(parts: Sequence[Part], passages: int) -> NDArray[np.float64]:
    """The score of every passage row, 0 where no term occurs; parts that do not find add to what the others found."""
    found = _sums([part for part in parts if part.finds], passages)
    if bonus := [part for part in parts if not part.finds]:
        found += _sums(bonus, passages) * (found > 0)
    return found


def _sums(parts: Sequence[Part], passages: int) -> NDArray[np.float64]:
    total = sum(len(part.rows) for part in parts)
    rows, values = np.empty(total, np.intp), np.empty(total, np.float64)
    start = 0
    for part in parts:
        end = start + len(part.rows)
        rows[start:end] = part.rows
        part.saturation.write(part.codes, values[start:end])
        values[start:end] *= part.factor
        start = end
    return np.bincount(rows, values, passages).astype(np.float64, copy=False)


def best(
    found: NDArray[np.float64], limit: int, order: Callable[[NDArray[np.intp]], NDArray[np.int64]]
) -> NDArray[np.intp]:
    """The rows of the ``limit`` highest scores above 0, best first; ``order(rows)`` ranks rows of equal score."""
    rows = np.flatnonzero(found >= max(_floor(found, limit), np.nextafter(0, 1)))
    if len(rows) > limit:
        least = np.partition(found[rows], len(rows) - limit)[len(rows) - limit]
        rows = rows[found[rows] >= least - 10.0**-DECIMALS]
    return rows[np.lexsort((order(rows), -found[rows].round(DECIMALS)))][:limit]


def _floor(found: NDArray[np.float64], limit: int) -> float:
    """A value that at least ``limit`` rows reach: found from the highest of every block, without sorting the rest."""
    blocks = len(found) // _BLOCK
    if blocks <= limit:
        return 0.0
    maxima = found[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    return float(np.partition(maxima, blocks - limit)[blocks - limit]) - 10.0**-DECIMALS
