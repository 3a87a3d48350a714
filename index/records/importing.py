"""Importing a department's file: every row checked, the good ones landed, the bad ones named, one transaction per file.

Reads a CSV or a workbook. Writes ``subjects`` or ``records``, their history, ``batches``, ``feeds`` and an audit line.

The steps:
1. open the file: kind, encoding, digest, heading row (``sheet``, ``columns``);
2. read the rows into facts or errors, a thousand at a time (``bulk``; the rules: ``record_rows``, ``subject_rows``);
3. land the facts (``landing``);
4. bring the feeds of the domains up to date (records only), tell the issued reports of what changed, close the batch,
   write the audit line, commit.

Rules kept:
* Good rows land, bad rows are listed; a file that cannot be read to its end lands nothing.
* The same file again changes nothing but the feeds' day and the list of batches.
* A file named for a unit connects all of the unit's domains even without a row – unless every row was refused.

Source: inventory B13; scheme of 2024, 三（一）.
"""

import gc
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine, func
from sqlalchemy.dialects.sqlite import insert as upsert

from index.audit import append, require_duty
from index.calendar import SHANGHAI
from index.cases.changes import tell_changes
from index.records import record_rows, subject_rows
from index.records.ahead import read_ahead
from index.records.batches import close_batch, open_batch, other_names
from index.records.bounds import MAX_CHUNK_CHARACTERS
from index.records.bulk import BulkReader, Chunk, Line, Reading, Values
from index.records.columns import Form, Layout, layout, recognised
from index.records.import_report import MAX_ERRORS, ImportReport, Refusals, RefusedRow, RowError
from index.records.landing import Landing, NotLanded, Receipt, Target, roomy
from index.records.provenance import Provenance
from index.records.sheet import Sheet, open_sheet
from index.records.versions import newest_version
from index.rules.model import Office
from index.store import tables
from index.store.engine import writing

PURPOSE = "数据归集"
_OBJECTS_BETWEEN_COLLECTIONS = 100_000
AHEAD_FROM_BYTES = 8 << 20
"""A smaller file is read before a second process has begun."""
BESIDE = ("source_unit", "domain", "assumed")
CHUNK = 1000
"""Rows read and landed at a time; also how often progress is reported."""

SUBJECTS = (Form.SUBJECT,)
RECORDS = (Form.PENALTY, Form.PERMIT)

Progress = Callable[[int, float], None]
"""Takes the rows so far, and which share of the file they are (0 to 1)."""


@dataclass(slots=True)
class _Outcome:
    """What has happened to a file's rows so far."""

    rows: int = 0
    rejected: int = 0
    errors: list[RowError] = field(default_factory=list)
    refusals: Refusals = field(default_factory=Refusals)
    domains: set[int] = field(default_factory=set)
    assumed: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Landed rows by (unit, domain) that named no domain."""

    def count(self, landed: Counter[Values]) -> None:
        """Landed records by source unit, domain, and whether the domain was assumed."""
        for (unit, domain, assumed), count in landed.items():
            self.domains.add(domain)
            if assumed:
                self.assumed[unit, domain] += count

    def refuse(self, number: int, cells: list[str], errors: Iterable[RowError]) -> None:
        self.rejected += 1
        found = tuple(errors)
        self.errors.extend(found[: MAX_ERRORS - len(self.errors)])
        self.refusals.add(RefusedRow(number, tuple(cells), found))


def import_subjects(
    engine: Engine, path: Path, office: Office, *, now: datetime, actor: str, progress: Progress | None = None
) -> ImportReport:
    """Imports a register extract. ``office`` is the office that keeps it. Raises UnreadableImport, AccessDenied."""
    require_duty(actor, PURPOSE)
    with _opened(path, SUBJECTS) as (sheet, found), writing(engine) as connection, roomy(connection):
        kept = subject_rows.kept_fields(found)
        target = Target(tables.subjects, "code", tables.subject_history, "subject_code", kept)
        reading = Reading(found, subject_rows.subject_rules(_day(now), office.subject_kinds), target.names)
        run = _Run(connection, sheet, target, "subjects", None, now, actor)
        run.land(reading, progress)
        return run.finish(found, office.city, frozenset())


def import_records(
    engine: Engine,
    path: Path,
    office: Office,
    *,
    unit: str | None = None,
    now: datetime,
    actor: str,
    progress: Progress | None = None,
) -> ImportReport:
    """Imports a 双公示 file. ``unit`` is the unit that sends it. Raises UnreadableImport, AccessDenied, RecordError."""
    require_duty(actor, PURPOSE)
    provenance = Provenance(office, unit)
    with _opened(path, RECORDS) as (sheet, found), writing(engine) as connection, roomy(connection):
        target = Target(tables.records, "key", tables.record_history, "record_key", record_rows.kept_fields(found))
        rules = record_rows.record_rules(found.form, provenance, _day(now))
        reading = Reading(found, rules, target.names, record_rows.joined_key, record_rows.KEY_OF, BESIDE)
        run = _Run(connection, sheet, target, "records", provenance.unit, now, actor)
        run.land(reading, progress)
        own = frozenset(domain.number for domain in provenance.own_domains())
        report = run.finish(found, office.city, own)
        return replace(report, notices=(*provenance.notices(run.outcome.assumed), *report.notices))


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Rows are many small objects without cycles: to look for some takes a fifth of the time of reading."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _opened(path: Path, forms: tuple[Form, ...]) -> Iterator[tuple[Sheet, Layout]]:
    """Step 1, before the write lock is taken."""
    with open_sheet(path, lambda cells: recognised(cells, forms)) as sheet, _collecting_rarely():
        yield sheet, layout(sheet.headings, forms)


class _Run:
    """One import inside its transaction."""

    def __init__(
        self,
        connection: Connection,
        sheet: Sheet,
        target: Target,
        kind: str,
        unit: str | None,
        now: datetime,
        actor: str,
    ) -> None:
        self._connection, self._sheet, self._target, self._kind = connection, sheet, target, kind
        self._unit, self._now, self._actor = unit, now, actor
        self.outcome = _Outcome()
        self._version = newest_version(connection)
        self._batch = open_batch(
            connection,
            kind=kind,
            file_name=sheet.name,
            sha256=sheet.sha256,
            provider=unit,
            now=now,
            actor=actor,
        )
        self._receipt = Receipt(self._batch, now, actor, f"重新报送：{sheet.name}")

    def land(self, reading: Reading, progress: Progress | None) -> None:
        """Steps 2 and 3: reads and lands every row; a large file is read ahead by a second process."""
        self._landing = Landing(self._connection, self._target, self._receipt)
        found = _read(self._sheet, replace(reading, constants=self._receipt.mark))
        with closing(read_ahead(found) if self._sheet.size_bytes >= AHEAD_FROM_BYTES else found) as chunks:
            for lines, chunk, share in chunks:
                self.outcome.rows += len(lines)
                self._land(lines, chunk)
                if progress is not None:
                    progress(self.outcome.rows, share)

    def _land(self, lines: list[Line], chunk: Chunk) -> None:
        for number, cells, errors in chunk.refused:
            self.outcome.refuse(number, cells, errors)
        refused = {each.row: each for each in self._landing.land(chunk.numbers, chunk.values)}
        if refused:
            for number, cells in lines:
                if number in refused:
                    self.outcome.refuse(number, cells, [_not_landed(refused[number])])
        landed = (beside for number, beside in zip(chunk.numbers, chunk.beside, strict=False) if number not in refused)
        self.outcome.count(Counter(landed if refused else chunk.beside))

    def finish(self, found: Layout, city: str, own: frozenset[int]) -> ImportReport:
        """Step 4: feeds, batch, audit line, report."""
        outcome, counts = self.outcome, self._landing.counts
        refused_whole = outcome.rows > 0 and outcome.rejected == outcome.rows
        feeds = frozenset() if refused_whole else own | outcome.domains
        _update_feeds(self._connection, feeds, _day(self._now), self._batch)
        told = self._tell() if counts.updated and self._kind == "records" else ()
        close_batch(self._connection, self._batch, rows=outcome.rows, counts=counts, rejected=outcome.rejected)
        append(
            self._connection,
            at=self._now,
            actor=self._actor,
            purpose=PURPOSE,
            action=f"{self._kind}.import",
            target=self._batch,
            detail=f"{city} {self._unit or ''} {self._sheet.name}：{outcome.rows} 行，"
            f"新增 {counts.inserted}，更新 {counts.updated}，未导入 {outcome.rejected}",
        )
        return replace(self._report(found, tuple(sorted(feeds))), told=told)

    def _tell(self) -> tuple[str, ...]:
        return tell_changes(self._connection, since=self._version, at=self._now, actor=self._actor)

    def _report(self, found: Layout, feeds: tuple[int, ...]) -> ImportReport:
        outcome, counts = self.outcome, self._landing.counts
        outcome.refusals.rows.sort(key=lambda refused: refused.number)
        return ImportReport(
            file=self._sheet.name,
            batch=self._batch,
            rows=outcome.rows,
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            rejected=outcome.rejected,
            errors=tuple(sorted(outcome.errors, key=lambda error: error.row)),
            feeds=feeds,
            ignored_columns=found.ignored,
            encoding=self._sheet.encoding,
            notices=(*self._sheet.notices, *other_names(self._connection, self._batch)),
            layout=found,
            refusals=outcome.refusals,
        )


def _read(sheet: Sheet, reading: Reading) -> Generator[tuple[list[Line], Chunk, float], None, None]:
    """Step 2: the rows that are not blank, what they say, and how much of the file they bring it to."""
    reader = BulkReader(reading)
    while read := _some(sheet.rows):
        lines = [line for line in read if line[1] and (line[1][0].strip() or any(map(str.strip, line[1])))]
        chunk = reader.read(lines, sheet.faults)
        sheet.faults.clear()
        yield lines, chunk, sheet.share()


def _some(rows: Iterator[Line]) -> list[Line]:
    """The next rows, as many as are landed at a time."""
    read: list[Line] = []
    characters = 0
    for line in islice(rows, CHUNK):
        read.append(line)
        characters += len("".join(line[1]))  # four times as fast as the sum of the lengths
        if characters > MAX_CHUNK_CHARACTERS:
            break
    return read


def _not_landed(found: NotLanded) -> RowError:
    return RowError(found.row, "整行", found.shown, found.code, found.message, found.next_step)


def _update_feeds(connection: Connection, domains: frozenset[int], day: date, batch: str) -> None:
    if not domains:
        return
    statement = upsert(tables.feeds)
    newest = func.max(tables.feeds.c.updated_on, statement.excluded.updated_on)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["domain"], set_={"updated_on": newest, "batch": batch}),
        [{"domain": domain, "updated_on": day, "batch": batch} for domain in sorted(domains)],
    )


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
