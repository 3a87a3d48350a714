"""An office with a company, its records and issued reports for the tests of this room. All of it is fictional.

Reports are put into the ledger as issuing does (ledger, ledger_records): this room must not need the signing key.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import RowMapping

from index.calendar import SHANGHAI
from index.cases.evidence import Evidence
from index.cases.objections import Filing, Objections
from index.cases.repairs import Application, Repairs
from index.channel import Channel
from index.records.model import CreditRecord, Severity
from index.rules.model import Office
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store, writing
from tests.index.records.samples import COMPANY, SHOP, record

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
PDF = Evidence("核实意见.pdf", b"%PDF-1.7\nexample")
UNIT = "市生态环境局"
KEY = record().key


@dataclass
class Desk:
    """A store in ``home``; ``moment`` moves on by a minute with each question for it."""

    home: Path
    office: Office = field(default_factory=lambda: replace(load_profile("yunting"), objection_days=10))
    moment: datetime = NOW
    reports: int = 0

    def __post_init__(self) -> None:
        self.engine = open_store(self.home / "office.db")
        self.objections = Objections(self.engine, self.office)
        self.repairs = Repairs(self.engine, self.office)

    def now(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment

    def prepare(self, *records: CreditRecord) -> None:
        """Two companies, and these records."""
        batch = {"id": "b", "kind": "subjects", "file_name": "f", "file_sha256": "0", "received_at": NOW, "actor": "a"}
        with writing(self.engine) as connection:
            connection.execute(insert(tables.batches).values(batch))
            for code in (COMPANY, SHOP):
                subject = {"code": code, "name": "云汀示例公司", "kind": "公司", "batch": "b", "received_at": NOW}
                connection.execute(insert(tables.subjects).values(subject))
        self.add(*records)

    def add(self, *records: CreditRecord) -> None:
        with writing(self.engine) as connection:
            for each in records:
                connection.execute(insert(tables.records).values(asdict(each) | {"batch": "b"}))

    def report(self, *keys: str, at: datetime | None = None, code: str = COMPANY) -> str:
        """A report issued at ``at`` that shows these records, valid for 30 days."""
        self.reports += 1
        issued_at = at or self.now()
        number = f"YTZX{self.reports:015d}"
        line = LEDGER_LINE | {"number": number, "idempotency_key": number, "status_index": self.reports}
        line |= {"subject_code": code, "issued_at": issued_at, "valid_until": issued_at + timedelta(days=30)}
        with writing(self.engine) as connection:
            connection.execute(insert(tables.ledger).values(line))
            for key in keys:
                connection.execute(insert(tables.ledger_records).values(number=number, record_key=key))
        return number

    def stored(self, key: str = KEY) -> RowMapping:
        with self.engine.connect() as connection:
            return connection.execute(select(tables.records).where(tables.records.c.key == key)).mappings().one()

    def rows(self, name: str) -> list[RowMapping]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(tables.metadata.tables[name])).mappings())

    def notices(self) -> set[tuple[str, str, str]]:
        return {(row["number"], row["kind"], row["case_number"]) for row in self.rows("report_notices")}

    def snapshot(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything the store holds."""
        with self.engine.connect() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in tables.metadata.sorted_tables
            }


def filing(**changes: Any) -> Filing:
    """An objection of the company to its sample record, unless ``changes`` say otherwise."""
    return replace(_FILING, **changes)


_FILING = Filing(COMPANY, None, KEY, None, "处罚已被撤销，记录有误（示例）", Channel.SELF, "经办人示例")


def application(**changes: Any) -> Application:
    """An application to repair the sample record, unless ``changes`` say otherwise."""
    return replace(_APPLICATION, **changes)


_APPLICATION = Application(
    subject_code=COMPANY,
    record_key=KEY,
    severity=Severity.SERIOUS,
    corrected_on=date(2025, 6, 1),
    obligations_done_on=date(2025, 7, 1),
    commitment="本单位承诺依法诚信经营，不再发生同类违法行为（示例）。",
    channel=Channel.DESK,
    filed_by="经办人示例",
)


LEDGER_LINE: dict[str, Any] = {
    "period_from": date(2023, 11, 20),
    "period_to": date(2026, 11, 19),
    "years": 3,
    "purpose": "银行贷款",
    "basis_title": "示例依据",
    "token": b"token",
    "content_root": bytes(32),
    "kid": bytes(8),
    "typed_code_digest": bytes(32),
    "actor": "测试",
}


def chained(steps: Iterable[RowMapping]) -> bool:
    """Whether the events of one case follow each other without a gap."""
    last: str | None = None
    for step in steps:
        if step["before"] != last:
            return False
        last = step["after"]
    return True
