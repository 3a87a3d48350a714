"""Learning the weights of ``deciding`` from questions whose clause is known.

    python -m bot.assistant.training HOME=QUESTIONS.jsonl ... [--out FILE]

* ``HOME`` is a data folder whose library holds the texts, ``QUESTIONS`` a file as ``chenghe evaluate`` takes it.
* The order is learned so that the passage with the expected quote (or facts) comes first of all found (softmax, Adam);
  sureness so that it is the share of cases in which the first passage that can answer holds it (logistic).
* Before the table is written, every file is held out once: what it prints is measured on questions not learned from.

Figures in, figures out: a few dozen weights for figures that have names; no text is learned by heart.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.assistant.cases import Case, read_cases
from bot.assistant.deciding import ANSWERS, BIAS, STANDING_OUT
from bot.assistant.engine import Assistant
from bot.assistant.evaluate import comparable
from bot.assistant.weighing import FEATURES
from index.policies.library import Library
from index.search.finding import Finder
from index.search.sync import synchronise
from index.search.whoosh_backend import WhooshBackend

Array = NDArray[np.float64]
ROUNDS, FINE_FROM, STEP, FINE_STEP = 700, 400, 0.05, 0.01
ORDER_PENALTY, SURENESS_PENALTY = 0.05, 0.03
SURENESS_ROUNDS, SURENESS_STEP = 3_000, 0.3
QUOTE_CHARACTERS = 40
ALONE = 3.0
DAY = date(2026, 11, 21)
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Example:
    """One question: the figures of each passage found, which can answer, which hold the expected quote."""

    figures: Array
    able: NDArray[np.bool_]
    right: Array
    answerable: bool


@dataclass(frozen=True, slots=True)
class Order:
    mean: Array
    scale: Array
    weights: Array

    def scores(self, example: Example) -> Array:
        found: Array = ((example.figures - self.mean) / self.scale) @ self.weights
        return found


@dataclass(frozen=True, slots=True)
class Sureness:
    mean: Array
    scale: Array
    weights: Array
    """The last one is the bias."""

    def of(self, figures: Array) -> float:
        return float(1 / (1 + np.exp(-(np.append((figures - self.mean) / self.scale, 1) @ self.weights))))


def learn_order(examples: Sequence[Example]) -> Order:
    """Weights that put a right passage first, by Adam on the softmax over the passages of each question."""
    told = [one for one in examples if one.right.any()]
    every = np.concatenate([one.figures for one in told])
    mean, scale = every.mean(0), every.std(0) + LEAST
    pairs = [((one.figures - mean) / scale, one.right) for one in told]
    weights = np.zeros(len(FEATURES))
    slope, spread = weights.copy(), weights.copy()
    for step in range(1, ROUNDS):
        change = ORDER_PENALTY * weights + sum(_pull(figures, right, weights) for figures, right in pairs) / len(pairs)
        slope, spread = 0.9 * slope + 0.1 * change, 0.999 * spread + 0.001 * change * change
        size = STEP if step < FINE_FROM else FINE_STEP
        weights = weights - size * (slope / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return Order(mean, scale, weights)


def _pull(figures: Array, right: Array, weights: Array) -> Array:
    scores = figures @ weights
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    wanted = shares * right
    pull: Array = figures.T @ (shares - wanted / wanted.sum())
    return pull


def learn_sureness(examples: Sequence[Example], order: Order) -> Sureness:
    """Weights for the probability that the first passage that can answer does."""
    firsts = [first for one in examples if (first := first_of(one, order)) is not None]
    figures, right = np.array([f for f, _ in firsts]), np.array([r for _, r in firsts])
    mean, scale = figures.mean(0), figures.std(0) + LEAST
    every = np.c_[(figures - mean) / scale, np.ones(len(figures))]
    weights = np.zeros(every.shape[1])
    for _ in range(SURENESS_ROUNDS):
        said = 1 / (1 + np.exp(-every @ weights))
        penalty = SURENESS_PENALTY * np.append(weights[:-1], 0)
        weights = weights - SURENESS_STEP * (every.T @ (said - right) / len(right) + penalty)
    return Sureness(mean, scale, weights)


def first_of(example: Example, order: Order) -> tuple[Array, float] | None:
    """The figures of the first passage that can answer, with how it stands out; and whether it is right."""
    if not example.able.any():
        return None
    scores = order.scores(example)
    shares = np.exp(scores - scores.max())
    first = int(np.argmax(np.where(example.able, scores, -np.inf)))
    rivals = np.delete(scores, first)
    margin = scores[first] - rivals.max() if len(rivals) else ALONE
    beyond = [scores[first], shares[first] / shares.sum(), margin]
    return np.append(example.figures[first], beyond), float(example.right[first])


def table(order: Order, sureness: Sureness) -> str:
    """``weights.csv``: per figure mean, scale, weight in the order, weight in the sureness; then what stands out."""
    size = len(FEATURES)
    mean, scale, weights = sureness.mean[:size], sureness.scale[:size], sureness.weights[:size]
    bias = float(sureness.weights[-1] + np.sum(weights * (order.mean - mean) / scale))
    lines = ["figure,mean,scale,order,sureness"]
    rows = zip(FEATURES, order.mean, order.scale, order.weights, weights * order.scale / scale, strict=True)
    lines.extend(f"{name},{m:.4f},{s:.4f},{o:.4f},{w:.4f}" for name, m, s, o, w in rows)
    more = zip(STANDING_OUT, sureness.mean[size:], sureness.scale[size:], sureness.weights[size:-1], strict=True)
    lines.extend(f"{name},{m:.4f},{s:.4f},,{w:.4f}" for name, m, s, w in more)
    return "\n".join((*lines, f"{BIAS},,,,{bias:.4f}")) + "\n"


def examples_of(home: Path, questions: Path) -> list[Example]:
    """One example per question of the file, over the library of ``home``."""
    library = Library(home / "library")
    with WhooshBackend(home / "search") as backend:
        synchronise(library.documents(), backend)
        assistant = Assistant(library, Finder(backend))
        found = (_example(assistant, case) for case in read_cases(questions))
        return [one for one in found if one is not None]


def _example(assistant: Assistant, case: Case) -> Example | None:
    weighed = assistant.weighed(case.question, as_of=case.as_of or DAY, context=case.context)
    if not weighed:
        return None
    quotes = [comparable(quote) for quote in (case.quote, *case.extra_quotes) if quote]
    facts = [[comparable(words) for words in fact.split("||")] for fact in case.facts]
    held = [comparable(one.candidate.own) for one, _ in weighed]
    right = [float(_holds(own, quotes, facts)) * case.answerable for own in held]
    figures, able = [one.figures for one, _ in weighed], [able for _, able in weighed]
    return Example(np.array(figures), np.array(able), np.array(right), case.answerable)


def _holds(own: str, quotes: Sequence[str], facts: Sequence[Sequence[str]]) -> bool:
    """Whether a passage holds one of the expected quotes; where none is given, all expected facts."""
    if quotes:
        return any(quote[:QUOTE_CHARACTERS] in own or quote[-QUOTE_CHARACTERS:] in own for quote in quotes)
    return bool(facts) and all(any(words in own for words in fact) for fact in facts)


def measure(examples: Sequence[Example], order: Order, sureness: Sureness) -> str:
    """Right, wrong and trapped at the threshold of ``deciding``."""
    right = wrong = trapped = 0
    for one in examples:
        first = first_of(one, order)
        if first is not None and sureness.of(first[0]) >= ANSWERS:
            right += first[1] > 0
            wrong += first[1] == 0 and one.answerable
            trapped += not one.answerable
    answerable = sum(one.answerable for one in examples)
    return f"right {right}/{answerable}, wrong {wrong}, traps answered {trapped}/{len(examples) - answerable}"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.assistant.training", description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="+", metavar="HOME=QUESTIONS.jsonl")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "language" / "weights.csv")
    options = parser.parse_args(arguments)
    sets = {}
    for entry in options.sets:
        home, _, questions = entry.partition("=")
        sets[entry] = examples_of(Path(home), Path(questions))
    for held, examples in sets.items():
        others = [one for name, found in sets.items() if name != held for one in found]
        if others:
            order = learn_order(others)
            sys.stdout.write(f"{held}: {measure(examples, order, learn_sureness(others, order))}\n")
    every = [one for found in sets.values() for one in found]
    order = learn_order(every)
    options.out.write_text(table(order, learn_sureness(every, order)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
