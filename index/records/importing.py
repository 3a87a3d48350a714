"""Importing a department's file: every row checked, the good ones landed, the bad ones named, one transaction per file.

Reads a CSV. Writes ``subjects`` or ``records``, their history, ``batches``, ``feeds`` and an audit line.

The steps:
1. open the file: encoding, digest, heading row (``sheet``, ``columns``);
2. read each row into facts or errors (``record_rows``, ``subject_rows``);
3. land the facts chunk by chunk (``landing``);
4. bring the feeds of the domains up to date (records only), close the batch, write the audit line, commit.

Rules kept:
* Good rows land, bad rows are listed; a file that cannot be read to its end lands nothing.
* The same file again changes nothing but the feeds' day and the list of batches.
* A file named for a unit connects all of the unit's domains even without a row – unless every row was refused.

Source: inventory B13; scheme of 2024, 三（一）.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func
from sqlalchemy.dialects.sqlite import insert as upsert

from index.audit import append, require_duty
from index.calendar import SHANGHAI
from index.records import record_rows, subject_rows
from index.records.columns import DECISIVE, Form, Layout, layout, recognised
from index.records.import_report import MAX_ERRORS, ImportReport, RowError
from index.records.landing import Contradiction, Facts, Landing, Receipt, Target, close_batch, open_batch, other_names
from index.records.provenance import Provenance
from index.records.row import NO_FAULTS, Row
from index.records.sheet import Sheet, open_sheet
from index.rules.model import Office
from index.store import tables
from index.store.engine import writing

PURPOSE = "数据归集"
CHUNK = 1000
"""Rows landed at a time; also how often progress is reported."""

SUBJECTS = (Form.SUBJECT,)
RECORDS = (Form.PENALTY, Form.PERMIT)

Progress = Callable[[int], None]
Reading = Callable[[Row], Facts | None]


@dataclass(slots=True)
class _Outcome:
    """What has happened to a file's rows so far."""

    rows: int = 0
    rejected: int = 0
    errors: list[RowError] = field(default_factory=list)
    domains: set[int] = field(default_factory=set)

    def refuse(self, errors: Iterable[RowError]) -> None:
        self.rejected += 1
        self.errors.extend(list(errors)[: MAX_ERRORS - len(self.errors)])


def import_subjects(
    engine: Engine, path: Path, office: Office, *, now: datetime, actor: str, progress: Progress | None = None
) -> ImportReport:
    """Imports a register extract. ``office`` is the office that keeps it. Raises UnreadableImport, AccessDenied."""
    require_duty(actor, PURPOSE)
    with _opened(path, SUBJECTS) as (sheet, found), writing(engine) as connection:
        today = _day(now)
        run = _Run(connection, sheet, found, "subjects", None, now, actor)
        target = Target(
            tables.subjects, "code", tables.subject_history, "subject_code", subject_rows.kept_fields(found)
        )
        run.land(target, lambda row: subject_rows.read_subject(row, today, office.subject_kinds), progress)
        return run.finish(office.city, frozenset())


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
    with _opened(path, RECORDS) as (sheet, found), writing(engine) as connection:
        today = _day(now)
        run = _Run(connection, sheet, found, "records", provenance.unit, now, actor)
        target = Target(tables.records, "key", tables.record_history, "record_key", record_rows.kept_fields(found))
        run.land(target, lambda row: record_rows.read_record(row, provenance, today), progress)
        report = run.finish(office.city, frozenset(domain.number for domain in provenance.own_domains()))
        return replace(report, notices=(*provenance.notices(run.assumed), *report.notices))


@contextmanager
def _opened(path: Path, forms: tuple[Form, ...]) -> Iterator[tuple[Sheet, Layout]]:
    """Step 1, before the write lock is taken."""
    with open_sheet(path, lambda cells: recognised(cells, forms)) as sheet:
        yield sheet, layout(sheet.headings, forms)


class _Run:
    """One import inside its transaction."""

    def __init__(
        self,
        connection: Connection,
        sheet: Sheet,
        found: Layout,
        kind: str,
        unit: str | None,
        now: datetime,
        actor: str,
    ) -> None:
        self._connection, self._sheet, self._layout, self._kind = connection, sheet, found, kind
        self._unit, self._now, self._actor = unit, now, actor
        self._outcome = _Outcome()
        self.assumed: Counter[tuple[str, int]] = Counter()
        self._batch = open_batch(
            connection,
            kind=kind,
            file_name=sheet.name,
            sha256=sheet.sha256,
            provider=unit,
            now=now,
            actor=actor,
        )

    def land(self, target: Target, read: Reading, progress: Progress | None) -> None:
        """Steps 2 and 3: reads and lands every row."""
        receipt = Receipt(self._batch, self._now, self._actor, f"重新报送：{self._sheet.name}")
        self._landing = Landing(self._connection, target, receipt)
        chunk: list[tuple[Row, Facts]] = []
        for row in self._rows():
            facts = None if row.errors else read(row)
            if facts is not None and facts.pop("assumed", False):
                self.assumed[facts["source_unit"], facts["domain"]] += 1
            if facts is None:
                self._outcome.refuse(row.errors)
            else:
                chunk.append((row, facts))
            if self._outcome.rows % CHUNK == 0:
                self._flush(chunk, progress)
        self._flush(chunk, progress)

    def _rows(self) -> Iterator[Row]:
        for number, cells in self._sheet.rows:
            if not any(cell.strip() for cell in cells):
                continue
            self._outcome.rows += 1
            row = Row(number, cells, self._layout, faults=self._sheet.faults.pop(number, NO_FAULTS))
            _check_width(row)
            yield row

    def _flush(self, chunk: list[tuple[Row, Facts]], progress: Progress | None) -> None:
        rows = {row.number: row for row, _ in chunk}
        refused = self._landing.land([(row.number, facts) for row, facts in chunk]) if chunk else []
        for contradiction in refused:
            self._outcome.refuse([_contradiction(rows[contradiction.row], contradiction)])
        gone = {contradiction.row for contradiction in refused}
        self._outcome.domains |= {
            facts["domain"] for row, facts in chunk if "domain" in facts and row.number not in gone
        }
        chunk.clear()
        if progress is not None:
            progress(self._outcome.rows)

    def finish(self, city: str, own: frozenset[int]) -> ImportReport:
        """Step 4: feeds, batch, audit line, report."""
        refused_whole = self._outcome.rows > 0 and self._outcome.rejected == self._outcome.rows
        feeds = frozenset() if refused_whole else own | self._outcome.domains
        _update_feeds(self._connection, feeds, _day(self._now), self._batch)
        counts = self._landing.counts
        close_batch(
            self._connection, self._batch, rows=self._outcome.rows, counts=counts, rejected=self._outcome.rejected
        )
        append(
            self._connection,
            at=self._now,
            actor=self._actor,
            purpose=PURPOSE,
            action=f"{self._kind}.import",
            target=self._batch,
            detail=f"{city} {self._unit or ''} {self._sheet.name}：{self._outcome.rows} 行，"
            f"新增 {counts.inserted}，更新 {counts.updated}，未导入 {self._outcome.rejected}",
        )
        return self._report(tuple(sorted(feeds)))

    def _report(self, feeds: tuple[int, ...]) -> ImportReport:
        counts = self._landing.counts
        return ImportReport(
            file=self._sheet.name,
            batch=self._batch,
            rows=self._outcome.rows,
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            rejected=self._outcome.rejected,
            errors=tuple(sorted(self._outcome.errors, key=lambda error: error.row)),
            feeds=feeds,
            ignored_columns=self._layout.ignored,
            encoding=self._sheet.encoding,
            notices=(*self._sheet.notices, *other_names(self._connection, self._batch)),
        )


def _check_width(row: Row) -> None:
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


def _contradiction(row: Row, found: Contradiction) -> RowError:
    return RowError(
        found.row,
        "整行",
        found.key,
        "DUPLICATE_IN_FILE",
        f"与第 {found.first_row} 行是同一条记录，内容却不同。",
        "请只保留正确的一行。",
    )


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
