"""A thousand rows read at once, by the rules that read one: column by column, each rule once per different cells.

Rules kept:
* What is read is what ``apply_rules`` gives, row by row: a rule is asked once for the same cells and remembered; where
  it refuses, the whole row is read again by itself, so that every error is told as for a single row.
* A row that is broken off or too wide, and one with spoiled cells, is read by itself.
* Memory is bounded: what is remembered is forgotten when it grows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import compress
from operator import itemgetter
from typing import Any, Protocol

from index.records.cells import CellError
from index.records.columns import DECISIVE, Layout
from index.records.import_report import RowError
from index.records.plain import are_plain
from index.records.row import NO_FAULTS, Row
from index.records.row_rules import Facts, RowRule, apply_rules

REMEMBERED = 1 << 16
"""Different cells of one rule that are remembered."""
REMEMBERED_CHARACTERS = 400
"""Longer ones are asked about each time."""
REMEMBERED_TOGETHER = 1 << 22
"""Characters of one rule that are remembered."""

Line = tuple[int, list[str]]
Values = tuple[Any, ...]
KeyOf = Callable[..., str]
_CELLS = itemgetter(1)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one file are read: ``rules`` give facts, ``key`` (of the facts ``key_of``) is put before them."""

    layout: Layout
    rules: tuple[RowRule, ...]
    names: tuple[str, ...]
    """The facts of a row in the order in which they are given."""
    key: KeyOf | None = None
    key_of: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    """Facts that are given beside the values."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Values that are the same in every row; ``names`` may hold them."""


@dataclass(slots=True)
class Chunk:
    """Rows that were read: row numbers and stored values of the good ones, the others with their errors."""

    numbers: list[int] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    beside: list[Values] = field(default_factory=list)
    refused: list[tuple[int, list[str], list[RowError]]] = field(default_factory=list)


def stored(value: Any) -> Any:
    """A fact as the database keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


class BulkReader:
    """Reads one file."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._askers = [_asker(rule, reading.layout) for rule in reading.rules]

    def read(self, lines: list[Line], faults: Mapping[int, Mapping[int, CellError]]) -> Chunk:
        """The facts or errors of rows that are not blank. ``faults``: spoiled cells, by row number."""
        chunk = Chunk()
        regular = self._regular(lines, faults, chunk)
        if regular:
            self._read_together(regular, chunk)
        return chunk

    def _regular(self, lines: list[Line], faults: Mapping[int, Mapping[int, CellError]], chunk: Chunk) -> list[Line]:
        width = len(self._reading.layout.headings)
        if not faults and set(map(len, map(_CELLS, lines))) == {width}:
            return lines
        regular: list[Line] = []
        for line in lines:
            number, cells = line
            if number in faults or len(cells) < width:
                self._read_alone(Row(number, cells, self._reading.layout, faults=faults.get(number, NO_FAULTS)), chunk)
            elif len(cells) == width:
                regular.append(line)
            elif any(cells[width:]):
                self._read_alone(Row(number, cells, self._reading.layout), chunk)
            else:
                regular.append((number, cells[:width]))
        return regular

    def _read_together(self, lines: list[Line], chunk: Chunk) -> None:
        columns = self._columns(lines)
        given: dict[str, Sequence[Any]] = {}
        refused: set[int] = set()
        for asker in self._askers:
            found = asker.ask([columns[name] for name in asker.rule.reads], len(lines))
            refused |= found.refused
            given.update(zip(asker.rule.gives, found.columns, strict=True))
        if self._reading.key is not None:
            given["key"] = self._keys(given, refused, len(lines))
        given.update({name: [value] * len(lines) for name, value in self._reading.constants.items()})
        self._keep(chunk, [number for number, _ in lines], given, refused)
        for place in sorted(refused):
            number, cells = lines[place]
            self._read_alone(Row(number, cells, self._reading.layout), chunk)

    def _keep(self, chunk: Chunk, numbers: list[int], given: Mapping[str, Sequence[Any]], refused: set[int]) -> None:
        values: Iterable[Values] = zip(*(given[name] for name in self._reading.names), strict=True)
        beside: Iterable[Values] = zip(*(given[name] for name in self._reading.beside), strict=True)
        if refused:
            good = [place not in refused for place in range(len(numbers))]
            chunk.numbers.extend(compress(numbers, good))
            values, beside = compress(values, good), compress(beside, good)
        else:
            chunk.numbers.extend(numbers)
        chunk.values.extend(values)
        chunk.beside.extend(beside)

    def _columns(self, lines: list[Line]) -> Mapping[str, Sequence[str]]:
        by_place = list(zip(*(cells for _, cells in lines), strict=True))
        empty = [""] * len(lines)
        columns: dict[str, Sequence[str]] = {}
        for asker in self._askers:
            for name in asker.rule.reads:
                if name not in columns:
                    place = self._reading.layout.place(name)
                    columns[name] = empty if place is None else list(map(str.strip, by_place[place]))
        return columns

    def _keys(self, given: Mapping[str, Sequence[Any]], refused: set[int], count: int) -> list[str]:
        assert self._reading.key is not None
        key, parts = self._reading.key, [given[name] for name in self._reading.key_of]
        if not refused:
            return list(map(key, *parts))
        return ["" if place in refused else key(*(part[place] for part in parts)) for place in range(count)]

    def _read_alone(self, row: Row, chunk: Chunk) -> None:
        check_width(row)
        facts = None if row.errors else apply_rules(row, self._reading.rules)
        if facts is None:
            chunk.refused.append((row.number, row.cells, row.errors))
            return
        kept = {name: stored(value) for name, value in facts.items()} | dict(self._reading.constants)
        if self._reading.key is not None:
            kept["key"] = self._reading.key(*(kept[name] for name in self._reading.key_of))
        chunk.numbers.append(row.number)
        chunk.values.append(tuple(kept[name] for name in self._reading.names))
        chunk.beside.append(tuple(kept[name] for name in self._reading.beside))


def check_width(row: Row) -> None:
    """A row may end early, as spreadsheets drop empty cells at the end, but not before a cell that decides."""
    missing = {name for name, position in row.layout.positions.items() if position >= len(row.cells)}
    extra = [cell for cell in row.cells[len(row.layout.headings) :] if cell.strip()]
    if extra or missing & (row.layout.required | DECISIVE):
        row.errors.append(
            RowError(
                row.number,
                "整行",
                "",
                "WIDTH",
                f"本行有 {len(row.cells)} 列，表头有 {len(row.layout.headings)} 列。",
                "请检查该行的逗号；单元格内有逗号时用英文双引号括起来。",
            )
        )


@dataclass(slots=True)
class _Found:
    """What a rule gives for the rows of a chunk, fact by fact, and the places of the rows it refuses."""

    columns: list[Sequence[Any]]
    refused: set[int] = field(default_factory=set)


class _Asker(Protocol):
    rule: RowRule

    def ask(self, cells: list[Sequence[str]], count: int) -> _Found: ...


_REFUSED: Any = object()


class _Answers(dict[Any, Any]):
    """What a rule gives for cells it was asked about before: a tuple of stored values, or ``_REFUSED``."""

    def __init__(self, rule: RowRule, layout: Layout) -> None:
        super().__init__()
        self.refused = False
        """Whether there ever was one."""
        self._characters = 0
        self._rule = rule
        places = {name: place for place, name in enumerate(rule.reads)}
        self._layout = Layout(
            layout.form,
            {name: place for name, place in places.items() if name in layout.positions},
            {name: place for name, place in places.items() if name in layout.checked},
            tuple(layout.heading(name) for name in rule.reads),
            (),
            layout.required,
        )

    def __missing__(self, cells: tuple[str, ...]) -> Any:
        answer = self.asked(cells)
        size = sum(map(len, cells))
        if size <= REMEMBERED_CHARACTERS:
            if len(self) >= REMEMBERED or self._characters + size > REMEMBERED_TOGETHER:
                self.clear()
                self._characters = 0
            self[cells] = answer
            self._characters += size
        return answer

    def asked(self, cells: tuple[str, ...]) -> Any:
        """The rule's answer, not remembered."""
        row = Row(0, list(cells), self._layout)
        facts: Facts = self._rule.apply(row)
        self.refused = self.refused or bool(row.errors)
        return _REFUSED if row.errors else tuple(stored(facts[name]) for name in self._rule.gives)


class _Remembering:
    """Asks a rule once for the same cells."""

    def __init__(self, rule: RowRule, layout: Layout) -> None:
        self.rule = rule
        self._answers = _Answers(rule, layout)

    def ask(self, cells: list[Sequence[str]], count: int) -> _Found:
        answers = list(map(self._answers.__getitem__, zip(*cells, strict=True)))
        return _found(answers, self.rule, self._answers.refused)


class _Passing:
    """Asks a rule that gives nothing, and only about rows that do not surely pass."""

    def __init__(self, rule: RowRule, layout: Layout, passes: Callable[..., bool]) -> None:
        self.rule = rule
        self._passes = passes
        self._answers = _Answers(rule, layout)

    def ask(self, cells: list[Sequence[str]], count: int) -> _Found:
        passed = list(map(self._passes, *cells))
        if all(passed):
            return _Found([])
        doubtful = (place for place, sure in enumerate(passed) if not sure)
        refused = {place for place in doubtful if self._answers.asked(tuple(each[place] for each in cells)) is _REFUSED}
        return _Found([], refused)


class _Plain:
    """Takes free texts as they are where nothing can be wrong with them; asks about the others."""

    def __init__(self, rule: RowRule, layout: Layout) -> None:
        self.rule = rule
        self._required = bool(layout.required.intersection(rule.reads))
        self._answers = _Answers(rule, layout)

    def ask(self, cells: list[Sequence[str]], count: int) -> _Found:
        (texts,) = cells
        if self._are_plain(texts):
            return _Found([texts])
        answers = [(text,) if self._are_plain((text,)) else self._answers.asked((text,)) for text in texts]
        return _found(answers, self.rule, self._answers.refused)

    def _are_plain(self, texts: Sequence[str]) -> bool:
        assert self.rule.texts is not None
        empty_is_wrong = self._required and "" in texts
        return not empty_is_wrong and are_plain(texts, self.rule.texts, self.rule.limit)


def _found(answers: list[Any], rule: RowRule, maybe_refused: bool) -> _Found:
    refused: set[int] = set()
    if maybe_refused and _REFUSED in answers:
        nothing = (None,) * len(rule.gives)
        refused = {place for place, answer in enumerate(answers) if answer is _REFUSED}
        answers = [nothing if answer is _REFUSED else answer for answer in answers]
    return _Found(list(zip(*answers, strict=True)) if rule.gives else [], refused)


def _asker(rule: RowRule, layout: Layout) -> _Asker:
    if rule.texts is not None:
        return _Plain(rule, layout)
    if rule.passes is not None:
        return _Passing(rule, layout, rule.passes)
    return _Remembering(rule, layout)
