"""What a changed record means for the issued reports that show it: corrected, repaired, or nothing.

Most repairs and withdrawals reach the office in a department's file, some by an amendment (``records amend``): the
reports that show the record are told of them exactly as if a case had been closed here.

Rules kept:
* Repaired: what kept the record out of new reports before did not include a repair, and does now (B16). A department
  that takes the record from publication, or ends it, together with its repair says the same thing once more.
* Corrected: a printed fact is another one, or the record is kept out for a reason that is new, is no repair and is not
  the end of its publication (withdrawn, not published, not public …). Time alone corrects nothing.
* Both versions are judged on the day of the change; the mark 异议处理中, the severity and the remark are not printed.
* Told are all unexpired reports in the ledger that show the record: whoever holds the write lock knows that they were
  made from what was there before. One query, driven by these reports, whatever the size of the file.
* A report whose records were read before a change and which is entered after it is caught up with (``catch_up``).

Reads ``ledger``, ``ledger_records``, ``record_history``, ``records`` and the cases, writes ``report_notices``, in the
caller's transaction. Source: scheme of 2024, 三（四）; inventory B15, B16. Decision: docs/decisions/0159.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Row, literal_column, select

from index.calendar import SHANGHAI
from index.cases.notices import Closure, Kind, Notice, Shown, closures, tell, touches
from index.records.inclusion import Exclusion, why_not_shared
from index.records.model import CreditRecord
from index.records.reading import to_record
from index.records.versions import row_of_json
from index.rules.model import Domain
from index.store import tables

PRINTED = (
    "kind",
    "domain",
    "violation",
    "facts",
    "legal_basis",
    "category",
    "content",
    "fine_wan",
    "confiscated_wan",
    "decided_by",
    "source_unit",
    "publication_until",
)
"""The facts that a report prints of a record and that can change; number and day of the decision are its identity."""
_OVER = frozenset({Exclusion.PUBLICATION_OVER, Exclusion.LONGEST_OVER})
_SAID_BY_A_REPAIR = frozenset({Exclusion.NOT_PUBLISHED})
_ROWS_AT_A_TIME = 500
_LONGEST_VALIDITY = timedelta(days=32)
"""No report lives longer than a month (B11)."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that a report shows, as it was before and as it is now. ``cause``: what changed it, for the notice."""

    report: str
    before: CreditRecord
    after: CreditRecord
    moments: frozenset[datetime]
    cause: str


@dataclass(frozen=True, slots=True)
class Read:
    """When the records of a report were read. ``at``: the wall clock before that.

    ``version``: ``newest_version`` then; None = the draft of an earlier program did not keep it.
    """

    at: datetime
    version: int | None


def meaning(before: CreditRecord, after: CreditRecord, day: date) -> frozenset[Kind]:
    """What the change of a record on ``day`` means for a report that shows ``before``."""
    reasons = frozenset(why_not_shared(after, day))
    new = reasons - frozenset(why_not_shared(before, day)) - _OVER
    printed = {name for name in PRINTED if getattr(before, name) != getattr(after, name)}
    if Exclusion.REPAIRED in reasons:
        new, printed = new - _SAID_BY_A_REPAIR, printed - {"publication_until"}
    repaired = {Kind.REPAIRED} if Exclusion.REPAIRED in new else set()
    corrected = {Kind.CORRECTED} if printed or new - {Exclusion.REPAIRED} else set()
    return frozenset(repaired | corrected)


def tell_changes(connection: Connection, *, since: int, at: datetime, actor: str) -> tuple[str, ...]:
    """Tells the reports of what changed after version ``since``, in the transaction that changed it; their numbers.

    ``since``: ``index.records.versions.newest_version`` before the first change, under the same write lock.
    """
    found = [notice for changed in _changed(connection, since, at, None) for notice in _meant(changed, at, ())]
    tell(connection, found, at=at, actor=actor)
    return tuple(sorted({notice.number for notice in found}))


def catch_up(
    connection: Connection,
    report: Shown,
    domains: Sequence[Domain],
    *,
    read: Read,
    at: datetime,
    actor: str,
) -> tuple[Kind, ...]:
    """Tells a report of what happened since its records were read, in the transaction of its ledger line; the kinds."""
    closed = closures(connection, report.subject_code)
    late = [
        closure
        for closure in closed
        if closure.at >= read.at
        and (closure.record_key is None or read.version is None)
        and touches(closure, report, domains)
    ]
    found = [Notice(report.number, closure.kind, closure.case_number) for closure in late]
    if read.version is not None and report.records:
        for changed in _changed(connection, read.version, at, report.number):
            found += _meant(changed, at, closed)
    tell(connection, found, at=at, actor=actor)
    return tuple(sorted({notice.kind for notice in found}))


def _meant(changed: Changed, at: datetime, closed: Sequence[Closure]) -> Iterator[Notice]:
    """The notices of one record in one report; a case that made the change gives its number."""
    for closure in closed:
        if closure.record_key == changed.after.key and closure.at in changed.moments:
            yield Notice(changed.report, closure.kind, closure.case_number)
    for kind in sorted(meaning(changed.before, changed.after, at.astimezone(SHANGHAI).date())):
        yield Notice(changed.report, kind, changed.cause)


def _changed(connection: Connection, since: int, at: datetime, number: str | None) -> Iterator[Changed]:
    """What changed after version ``since`` and stands in an unexpired report (``number``: in this one)."""
    ledger, shows, history, records = tables.ledger, tables.ledger_records, tables.record_history, tables.records
    living = select(ledger.c.number).where(
        ledger.c.issued_at > at - _LONGEST_VALIDITY, ledger.c.valid_until > at - timedelta(seconds=1)
    )
    # "+" keeps SQLite from reading the history by number: a file may have changed a million records
    later = literal_column("+record_history.id") > since
    lines = (
        select(shows.c.number, history, records)
        .join(history, history.c.record_key == shows.c.record_key)
        .join(records, records.c.key == shows.c.record_key)
        .where(shows.c.number.in_(living) if number is None else shows.c.number == number, later)
        .order_by(shows.c.number, shows.c.record_key, history.c.id)
    )
    rows = connection.execute(lines, execution_options={"yield_per": _ROWS_AT_A_TIME})
    for (report, _), own in groupby(rows, lambda row: (str(row.number), str(row.record_key))):
        yield _one(report, list(own))


def _one(report: str, lines: Sequence[Row[tuple[object, ...]]]) -> Changed:
    """The first of its replaced versions is what the report shows. Columns of later programs count as they are now."""
    first, records = lines[0], tables.records.c
    now = {column.name: first._mapping[column] for column in records}
    return Changed(
        report=report,
        before=to_record(now | row_of_json(first.before)),
        after=to_record(now),
        moments=frozenset(line.changed_at for line in lines),
        cause=first._mapping[tables.record_history.c.batch] or f"更正 {first.id}",
    )
