"""What lay people say and what statutes write: colloquial words of a question bring the written ones along.

Rules:

* Knowledge is data: ``synonyms.csv`` (``said``, ``written`` words separated by spaces, ``weight``) is general legal and
  administrative Chinese, written without looking at the questions it is measured with.
* A written word adds its character pairs, with less weight than what was said; one that the question says adds nothing.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from index.search.analyzer import fold, tokens


@dataclass(frozen=True, slots=True)
class Synonym:
    """``said`` in a question stands for ``written`` in a text; each written word with its index tokens."""

    said: str
    written: tuple[tuple[str, tuple[str, ...]], ...]
    weight: float


def written_tokens(folded: str) -> dict[str, float]:
    """The tokens that the wording of statutes adds to a folded question, with their weights."""
    found: dict[str, float] = {}
    by_first = _by_first_character()
    for first in dict.fromkeys(folded):
        for synonym in by_first.get(first, ()):
            if synonym.said in folded:
                for token in (token for word, pairs in synonym.written if word not in folded for token in pairs):
                    found[token] = found.get(token, 0.0) + synonym.weight
    return found


@cache
def _by_first_character() -> Mapping[str, Sequence[Synonym]]:
    found: dict[str, list[Synonym]] = {}
    for synonym in known_synonyms():
        found.setdefault(synonym.said[0], []).append(synonym)
    return found


@cache
def known_synonyms() -> tuple[Synonym, ...]:
    """The synonyms of ``synonyms.csv``."""
    lines = files("index.search").joinpath("synonyms.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(
        Synonym(
            fold(row["said"]),
            tuple((word, tuple(_pairs(word))) for word in fold(row["written"]).split()),
            float(row["weight"]),
        )
        for row in rows
    )


def _pairs(word: str) -> list[str]:
    return [token for token in tokens(word) if len(token) > 1] or [word]
