"""Deciding: the order of the weighed passages, and how sure we are that the first one answers.

* The order is a weighted sum of the figures of ``weighing``; the weights were learned (``bot.assistant.training``) so
  that of the passages found for a question the one that answers it comes first.
* Sureness is a logistic of the same figures and of how far the first stands out. It is the learned share of cases in
  which the first passage did answer; under ``ANSWERS`` the assistant refuses and shows the closest clauses as such.
* The weights are a table a person can read: ``language/weights.csv``.
"""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.assistant.weighing import FEATURES, Weighed

ANSWERS = 0.55
"""From this sureness on the assistant answers."""
BESIDE = 0.25
"""A second passage is quoted beside the first from this share of the first one's on."""
STANDING_OUT = ("score", "share", "margin")
BIAS = "bias"


@dataclass(frozen=True, slots=True)
class Weights:
    """Per figure its mean and scale, and what it weighs in the order and in the sureness."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    order: tuple[float, ...]
    sureness: tuple[float, ...]
    standing_out: tuple[tuple[float, float, float], ...]
    """Mean, scale and weight of ``STANDING_OUT``."""
    bias: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage in its place; ``share`` of all that speaks for any passage; the shares add up to 1."""

    weighed: Weighed
    score: float
    share: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The passages that can answer, best first, and the probability that the first one does."""

    ranked: tuple[Ranked, ...]
    sureness: float

    @property
    def answers(self) -> bool:
        return self.sureness >= ANSWERS

    @property
    def chosen(self) -> tuple[Weighed, ...]:
        """The first passage, and the second where it comes close."""
        first, *others = self.ranked
        return (first.weighed, *(other.weighed for other in others[:1] if other.share >= BESIDE * first.share))


def decide(
    weighed: Sequence[Weighed],
    weights: Weights,
    able: Callable[[Weighed], bool],
    preference: Callable[[Weighed], float] = lambda one: 0.0,
) -> Decision:
    """The order of those of ``weighed`` that are ``able`` to answer, and how sure the first is; 0 without any.

    All that was found counts as a rival, able or not: if what cannot answer fits better, nothing may answer.
    ``preference`` adds to the score what the figures do not know: a text in force goes before one that is not.
    """
    scores = [score(one.figures, weights) + preference(one) for one in weighed]
    highest = max(scores, default=0.0)
    powers = [math.exp(one - highest) for one in scores]
    ranked = [Ranked(one, s, power / sum(powers)) for one, s, power in zip(weighed, scores, powers, strict=True)]
    ranked.sort(key=lambda one: (-one.score, one.weighed.candidate.rank))
    may = tuple(one for one in ranked if able(one.weighed))
    if not may:
        return Decision((), 0.0)
    return Decision(may, sureness(may[0], standing_out(may[0], ranked), weights))


def score(figures: Sequence[float], weights: Weights) -> float:
    """The weighted sum of the figures, each in units of its usual spread."""
    return sum(w * (f - m) / s for f, m, s, w in zip(figures, weights.mean, weights.scale, weights.order, strict=True))


def standing_out(first: Ranked, ranked: Sequence[Ranked]) -> tuple[float, float, float]:
    """Score and share of ``first``, and its distance from the best of the others (3 when it is alone)."""
    rival = next((one.score for one in ranked if one is not first), first.score - 3.0)
    return first.score, first.share, first.score - rival


def sureness(first: Ranked, beyond: Sequence[float], weights: Weights) -> float:
    """The probability, from 0 to 1, that ``first`` answers."""
    figures = zip(first.weighed.figures, weights.mean, weights.scale, weights.sureness, strict=True)
    total = weights.bias + sum(w * (f - m) / s for f, m, s, w in figures)
    total += sum(w * (f - m) / s for f, (m, s, w) in zip(beyond, weights.standing_out, strict=True))
    return 1 / (1 + math.exp(-total))


@cache
def load_weights() -> Weights:
    """The weights shipped with Chenghe."""
    lines = (files("bot.assistant") / "language" / "weights.csv").read_text("utf-8").splitlines()
    rows = {
        row["figure"]: {k: float(v) for k, v in row.items() if k != "figure" and v} for row in csv.DictReader(lines)
    }

    def column(name: str) -> tuple[float, ...]:
        return tuple(rows[figure][name] for figure in FEATURES)

    beyond = tuple((rows[one]["mean"], rows[one]["scale"], rows[one]["sureness"]) for one in STANDING_OUT)
    return Weights(column("mean"), column("scale"), column("order"), column("sureness"), beyond, rows[BIAS]["sureness"])
