"""The store's side of issuing: numbers, intents, the ledger. Each act is one transaction and leaves an audit line.

Rules kept:
* A number is given out once, even when its report failed.
* An intent is stored before anything is signed, and stays ``open`` until its report is delivered: the open intents are
  all that may exist beside the ledger.
* One idempotency key, one live intent. What becomes of a report afterwards: ``standing``.
* A line of the ledger commits with its leaf of the transparency log (``registering``).

Source: design §6; index.store.tables.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.engine import RowMapping

from index.audit import append
from index.cases.changes import Read, catch_up
from index.cases.notices import Shown
from index.rules.model import Domain
from index.store import tables
from index.store.engine import writing
from verify.credential import SEQUENCE_MAX
from verify.errors import IssuingError
from verify.issuing.orders import LedgerEntry
from verify.issuing.registering import Registrar

PURPOSE = "签发专用信用报告"


@dataclass(frozen=True, slots=True)
class Intent:
    """A report about to be signed. ``content`` is the frozen draft."""

    number: str
    idempotency_key: str
    subject_code: str
    content: bytes
    content_digest: bytes
    created_at: datetime
    actor: str
    state: str


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts, and when (wall clock)."""

    actor: str
    now: datetime


class Ledger:
    """Numbers, intents and issued reports of one office."""

    def __init__(self, engine: Engine, registrar: Registrar) -> None:
        self._engine = engine
        self._registrar = registrar

    def reserve_sequence(self, day: date) -> int:
        """The next sequence number of ``day``, from 1. Raises IssuingError when the day has no number left."""
        table = tables.report_numbers
        with writing(self._engine) as connection:
            last = connection.execute(select(table.c.last).where(table.c.day == day)).scalar()
            following = (last or 0) + 1
            if following > SEQUENCE_MAX:
                raise IssuingError("当日报告编号已用完。", next_step="请次日再签发。", code="NUMBERS_USED_UP")
            if last is None:
                connection.execute(insert(table).values(day=day, last=following))
            else:
                connection.execute(update(table).where(table.c.day == day).values(last=following))
        return following

    def intend(self, intent: Intent) -> None:
        """Stores what is about to be signed."""
        with writing(self._engine) as connection:
            values = asdict(intent) | {"state_changed_at": intent.created_at}
            connection.execute(insert(tables.intents), values)
            note(connection, Doer(intent.actor, intent.created_at), "report.intend", intent.number)

    def enter(
        self, entry: LedgerEntry, records: Sequence[str], domains: Sequence[Domain], *, read: Read, now: datetime
    ) -> bool:
        """Adds the line of a signed report, its leaf of the log and the keys of the records it shows: one transaction.

        True when what was corrected or repaired since they were read made a notice due.
        """
        with writing(self._engine) as connection:
            connection.execute(insert(tables.ledger), asdict(entry))
            if records:
                shown = [{"number": entry.number, "record_key": key} for key in records]
                connection.execute(insert(tables.ledger_records), shown)
            self._registrar.issued(connection, entry, now)
            note(connection, Doer(entry.actor, now), "report.issue", entry.number, entry.subject_code)
            caught = catch_up(connection, _shown(entry, records), domains, read=read, at=now, actor=entry.actor)
        return bool(caught)

    def close(self, number: str, state: str, doer: Doer, detail: str = "") -> None:
        """``state``: done (delivered) or abandoned (will never be signed)."""
        table = tables.intents
        with writing(self._engine) as connection:
            change = {"state": state, "state_changed_at": doer.now}
            connection.execute(update(table).where(table.c.number == number).values(change))
            note(connection, doer, f"report.{state}", number, detail)

    def entry(self, number: str) -> LedgerEntry:
        """Raises IssuingError (REPORT_UNKNOWN)."""
        with self._engine.connect() as connection:
            return entry_in(connection, number)

    def of_subject(self, subject_code: str, doer: Doer) -> tuple[LedgerEntry, ...]:
        """Every report of a subject, newest first, under audit."""
        table = tables.ledger
        query = (
            select(table)
            .where(table.c.subject_code == subject_code)
            .order_by(table.c.issued_at.desc(), table.c.number.desc())
        )
        with writing(self._engine) as connection:
            found = tuple(LedgerEntry(**row) for row in connection.execute(query).mappings())
            note(connection, doer, "report.list", subject_code, f"{len(found)} 份")
        return found

    def note_reading(self, number: str, doer: Doer) -> None:
        with writing(self._engine) as connection:
            note(connection, doer, "report.read", number)

    def has_entry(self, number: str) -> bool:
        with self._engine.connect() as connection:
            return connection.execute(select(tables.ledger.c.number).filter_by(number=number)).first() is not None

    def intent(self, number: str) -> Intent:
        """The intent of an issued report. Raises LookupError when there is none."""
        found = self._intents(number=number)
        if not found:
            raise LookupError(number)
        return found[0]

    def live_intent(self, idempotency_key: str) -> Intent | None:
        """The intent with this key that is open or done."""
        found = [intent for intent in self._intents(idempotency_key=idempotency_key) if intent.state != "abandoned"]
        return found[0] if found else None

    def open_intents(self) -> tuple[Intent, ...]:
        return self._intents(state="open")

    def newest(self) -> datetime | None:
        """The issuing moment of the newest report."""
        table = tables.ledger
        with self._engine.connect() as connection:
            return connection.execute(select(table.c.issued_at).order_by(table.c.issued_at.desc()).limit(1)).scalar()

    def is_index_taken(self, index: int) -> bool:
        with self._engine.connect() as connection:
            return connection.execute(select(tables.ledger.c.number).filter_by(status_index=index)).first() is not None

    def _intents(self, **wanted: str) -> tuple[Intent, ...]:
        query = select(tables.intents).filter_by(**wanted).order_by(tables.intents.c.created_at)
        with self._engine.connect() as connection:
            return tuple(_to_intent(row) for row in connection.execute(query).mappings())


def _shown(entry: LedgerEntry, records: Sequence[str]) -> Shown:
    return Shown(entry.number, entry.subject_code, entry.issued_at, entry.valid_until, frozenset(records))


def typed_code_digest(number: str, code: str) -> bytes:
    """What the ledger keeps of a typed code."""
    return sha256(f"{number} {code}".encode()).digest()


def entry_in(connection: Connection, number: str) -> LedgerEntry:
    row = connection.execute(select(tables.ledger).where(tables.ledger.c.number == number)).mappings().first()
    if row is None:
        raise IssuingError(
            f"签发台账中没有编号为 {number} 的报告。", next_step="请核对报告编号。", code="REPORT_UNKNOWN"
        )
    return LedgerEntry(**row)


def _to_intent(row: RowMapping) -> Intent:
    return Intent(**{name: value for name, value in row.items() if name != "state_changed_at"})


def note(connection: Connection, doer: Doer, action: str, target: str, detail: str = "") -> None:
    append(connection, at=doer.now, actor=doer.actor, purpose=PURPOSE, action=action, target=target, detail=detail)
