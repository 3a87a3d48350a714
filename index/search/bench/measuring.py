"""One run of the benchmark: build every engine over one corpus, ask every question, write down what comes out.

What is asked of each engine:

* ``office``: the terms the office's finder makes of a question (``index.search.query``), for our backend and the peers;
  ``Finder`` is the whole way a question takes in the office.
* ``plain``: every character and pair of the question, in both fields, all of equal weight.
"""

import gc
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from index.search.analyzer import fold_query, tokens
from index.search.backend import Field, Term
from index.search.bench.adding import Adding, while_adding
from index.search.bench.corpus import Corpus, Question
from index.search.bench.crossvalidation import Learned, as_confirmed, finder_with, learning_curve
from index.search.bench.engines import PEERS, Engine, Ours, Words
from index.search.bench.metrics import Quality, mean, quality
from index.search.bench.timing import Latency, Search, latencies, memory_mb, peak_mb
from index.search.finding import Finder
from index.search.query import terms

ROUNDS = 3
TIMED_QUESTIONS = 200
ADDED_DOCUMENTS = 30
MOST_ADDED_PASSAGES = 120
FINDER = "Finder"
TAUGHT = "Finder + confirmed"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What an engine cost before the first question."""

    seconds: float
    cpu_seconds: float
    disk_mb: float
    memory_mb: float | None
    """How much more this process holds than before."""


@dataclass(frozen=True, slots=True)
class Result:
    """One run. ``quality`` and ``latency`` are named by kind of terms, then by engine."""

    passages: int
    documents: int
    questions: int
    missing: tuple[str, ...]
    """Engines that could not take part: the modules they need."""
    built: Mapping[str, Built]
    quality: Mapping[str, Mapping[str, Quality]]
    latency: Mapping[str, Mapping[str, Latency]]
    ratio: Mapping[str, float | None]
    """p50 of our backend over that of tantivy, by kind of terms; None without tantivy."""
    adding: Adding | None
    learning: tuple[Learned, ...]
    peak_mb: float | None


def measure(
    corpus: Corpus, questions: Sequence[Question], confirmed: Sequence[Question] | None, folder: Path, say: Say
) -> Result:
    """The whole benchmark; ``say`` hears what is being done. Indexes are written below ``folder``."""
    engines, built, missing = build(corpus, folder, say)
    ours = engines[0]
    assert isinstance(ours, Ours)
    say("提问并计时 / asking")
    kinds = {"office": [terms(one.text) for one in questions], "plain": [plain_terms(one.text) for one in questions]}
    qualities = {
        kind: {one.name: _quality(one, corpus, questions, asked) for one in engines} for kind, asked in kinds.items()
    }
    finder = Finder(ours.backend)
    qualities["office"][FINDER] = _finder_quality(finder, corpus, questions)
    timed = {kind: searches(engines, asked) for kind, asked in kinds.items()}
    timed["office"][FINDER] = lambda number: finder.search(questions[number].text, 100)
    if confirmed is not None:
        taught = finder_with(ours.backend, as_confirmed(confirmed, corpus))
        timed["office"][TAUGHT] = lambda number: taught.search(questions[number].text, 100)
    timed_ones = range(0, len(questions), -(-len(questions) // TIMED_QUESTIONS))
    latency = {kind: time_all(searches, engines, timed_ones, ROUNDS) for kind, searches in timed.items()}
    curve: tuple[Learned, ...] = ()
    if confirmed is not None:
        say("交叉验证 / cross-validation")
        curve = tuple(learning_curve(ours.backend, corpus, questions, confirmed))
    say("边加边查 / adding while searching")
    adding = _adding(corpus, folder / ours.key, finder, questions)
    for engine in engines:
        engine.close()
    ratio = {kind: _ratio(latency[kind]) for kind in kinds}
    return Result(
        *(corpus.passages, len(corpus.documents), len(questions), missing, built, qualities, latency, ratio),
        *(adding, curve, peak_mb()),
    )


def plain_terms(text: str) -> tuple[Term, ...]:
    """Every character, pair and word of a question, in both fields."""
    counts = Counter(tokens(fold_query(text)))
    return tuple(Term(field, token, float(count)) for token, count in counts.items() for field in Field)


def build(corpus: Corpus, folder: Path, say: Say) -> tuple[list[Engine], dict[str, Built], tuple[str, ...]]:
    """Every engine over the corpus (ours first), what each cost, and the modules that are not installed."""
    engines: list[Engine] = []
    built: dict[str, Built] = {}
    say(f"建立 {Ours.name}")
    _added(engines, built, folder / Ours.key, lambda path: Ours(corpus, path))
    words = Words(corpus)
    missing = tuple(module for module in PEERS if find_spec(module) is None)
    for module, peer in PEERS.items():
        if module in missing:
            say(f"未安装 {module}，略过 / not installed, left out")
        else:
            say(f"建立 {peer.name}")
            _added(engines, built, folder / module, partial(peer, words))
    return engines, built, missing


def _added(engines: list[Engine], built: dict[str, Built], folder: Path, make: Callable[[Path], Engine]) -> None:
    gc.collect()
    before, began, worked = memory_mb(), time.perf_counter(), time.process_time()
    engine = make(folder)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    gc.collect()
    after = memory_mb()
    disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    grown = after - before if before is not None and after is not None else None
    built[engine.name] = Built(seconds, cpu, disk, grown)
    engines.append(engine)


def time_all(
    asking: Mapping[str, Search], engines: Sequence[Engine], questions: Sequence[int], rounds: int
) -> dict[str, Latency]:
    """The latency of every search; slow engines come last, by themselves, and are asked some questions once."""
    slow = {engine.name: engine.every for engine in engines if engine.every > 1}
    found = latencies({name: ask for name, ask in asking.items() if name not in slow}, questions, rounds)
    for name, every in slow.items():
        found |= latencies({name: asking[name]}, questions[::every], 1)
    return found


def searches(engines: Sequence[Engine], asked: Sequence[Sequence[Term]]) -> dict[str, Callable[[int], Any]]:
    """For each engine: how it is asked the question of a number, with the terms that find."""
    finding = [[term for term in one if term.finds] for one in asked]

    def of(engine: Engine) -> Callable[[int], Any]:
        return lambda number: engine.search(finding[number])

    return {engine.name: of(engine) for engine in engines}


def _quality(engine: Engine, corpus: Corpus, questions: Sequence[Question], asked: Sequence[Sequence[Term]]) -> Quality:
    pairs = list(zip(questions, asked, strict=True))[:: engine.every]
    return mean([quality(engine.places(engine.search(one)), corpus.relevant(question)) for question, one in pairs])


def _finder_quality(finder: Finder, corpus: Corpus, questions: Sequence[Question]) -> Quality:
    found = ((question, finder.search(question.text, 100)) for question in questions)
    return mean(
        [
            quality([(hit.document_id, hit.number) for hit in hits], corpus.relevant(question))
            for question, hits in found
        ]
    )


def _adding(corpus: Corpus, folder: Path, finder: Finder, questions: Sequence[Question]) -> Adding | None:
    usual = [one for one in corpus.documents if len(one.passages) <= MOST_ADDED_PASSAGES][:ADDED_DOCUMENTS]
    if not usual:
        return None
    return while_adding(folder, usual, lambda number: finder.search(questions[number].text, 100), len(questions))


def _ratio(latency: Mapping[str, Latency]) -> float | None:
    peer = PEERS["tantivy"].name
    return latency[Ours.name].p50 / latency[peer].p50 if peer in latency else None
