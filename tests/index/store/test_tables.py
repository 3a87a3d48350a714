"""Answers index/store/tables.py and columns.py: what the database itself refuses."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError

from index.audit import append
from index.calendar import SHANGHAI
from index.store import tables
from index.store.engine import open_store, writing
from tests.index.records.samples import COMPANY, NOW

LEDGER_LINE = {
    "number": "YTZX202611220000001",
    "idempotency_key": "k1",
    "subject_code": COMPANY,
    "issued_at": NOW,
    "valid_until": NOW + timedelta(days=30),
    "period_from": date(2023, 11, 21),
    "period_to": date(2026, 11, 20),
    "years": 3,
    "purpose": "银行贷款",
    "basis_title": "示例依据",
    "status_index": 7,
    "token": b"token",
    "content_root": bytes(32),
    "kid": bytes(8),
    "typed_code_digest": bytes(32),
    "actor": "测试",
}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    batch = {"id": "b", "kind": "subjects", "file_name": "f", "file_sha256": "0", "received_at": NOW, "actor": "a"}
    subject = {"code": COMPANY, "name": "示例", "kind": "公司", "batch": "b", "received_at": NOW}
    history = {"record_key": "k", "changed_at": NOW, "actor": "a", "reason": "r", "before": "{}"}
    event = {"number": LEDGER_LINE["number"], "at": NOW, "actor": "a", "event": "revoke", "reason": "r"}
    request = {"key": "k", "asked": "{}", "subject_codes": "[]", "created_at": NOW, "actor": "a"}
    with writing(engine) as connection:
        connection.execute(insert(tables.batches).values(batch))
        connection.execute(insert(tables.subjects).values(subject))
        connection.execute(insert(tables.ledger).values(LEDGER_LINE))
        connection.execute(insert(tables.report_events).values(event | {"before": "valid", "after": "revoked"}))
        append(connection, at=NOW, actor="a", purpose="p", action="c", target="t")
        connection.execute(insert(tables.record_history).values(history))
        connection.execute(insert(tables.subject_history).values(_renamed(history)))
        connection.execute(insert(tables.report_requests).values(request))
    return engine


def _renamed(history: dict[str, object]) -> dict[str, object]:
    return {("subject_code" if name == "record_key" else name): value for name, value in history.items()}


KEPT = ["audit", "batches", "record_history", "subject_history", "ledger", "report_events", "report_requests"]


@pytest.mark.parametrize("name", KEPT)
def test_what_happened_cannot_be_deleted(engine: Engine, name: str) -> None:
    with pytest.raises(IntegrityError, match="never deleted"), writing(engine) as connection:
        connection.execute(delete(tables.metadata.tables[name]))


@pytest.mark.parametrize("name", ["audit", "record_history", "subject_history", "report_events", "report_requests"])
def test_what_happened_cannot_be_rewritten(engine: Engine, name: str) -> None:
    with pytest.raises(IntegrityError, match="never change"), writing(engine) as connection:
        connection.execute(update(tables.metadata.tables[name]).values(actor="another"))


SIGNED = sorted(set(tables.ledger.c.keys()) - {"state", "state_reason", "state_changed_at", "state_actor"})


@pytest.mark.parametrize("name", SIGNED)
def test_signed_ledger_columns_cannot_change(engine: Engine, name: str) -> None:
    with pytest.raises(IntegrityError, match="changes its state only"), writing(engine) as connection:
        connection.execute(update(tables.ledger).values({name: tables.ledger.c[name]}))


def test_ledger_state_changes(engine: Engine) -> None:
    change = {"state": "revoked", "state_reason": "示例", "state_changed_at": NOW, "state_actor": "测试"}
    with writing(engine) as connection:
        connection.execute(update(tables.ledger).values(change))
    with engine.connect() as connection:
        assert connection.execute(select(tables.ledger.c.state)).scalar_one() == "revoked"


@pytest.mark.parametrize("change", [{"number": "other"}, {"number": "other", "idempotency_key": "k2"}])
def test_status_index_and_idempotency_key_are_given_once(engine: Engine, change: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(tables.ledger).values({**LEDGER_LINE, **change}))


def test_report_on_an_unregistered_subject_cannot_be_in_the_ledger(engine: Engine) -> None:
    line = {**LEDGER_LINE, "number": "n", "idempotency_key": "k2", "status_index": 8, "subject_code": "X"}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(tables.ledger).values(line))


def test_abandoned_intent_frees_its_idempotency_key(engine: Engine) -> None:
    intent = {
        "idempotency_key": "k",
        "subject_code": COMPANY,
        "content": b"",
        "content_digest": bytes(32),
        "created_at": NOW,
        "actor": "a",
        "state_changed_at": NOW,
    }
    with writing(engine) as connection:
        connection.execute(insert(tables.intents).values({**intent, "number": "1", "state": "abandoned"}))
        connection.execute(insert(tables.intents).values({**intent, "number": "2", "state": "open"}))
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(tables.intents).values({**intent, "number": "3", "state": "open"}))


def test_moment_comes_back_aware_at_plus_eight_and_sorts_as_time(engine: Engine) -> None:
    utc = datetime(2026, 11, 22, 2, 0, 0, 5, tzinfo=timezone.utc)  # noqa: UP017 – the zone is the point here
    with writing(engine) as connection:
        append(connection, at=utc, actor="a", purpose="p", action="later", target="t")
    with engine.connect() as connection:
        rows = connection.execute(select(tables.audit.c.at).order_by(tables.audit.c.at)).scalars().all()
    assert rows == [NOW, utc]
    assert rows[1].utcoffset() == SHANGHAI.utcoffset(None)


def test_naive_moment_is_refused(engine: Engine) -> None:
    line = {"id": "b2", "kind": "records", "file_name": "f", "file_sha256": "0", "actor": "a"}
    with pytest.raises(StatementError, match="aware"), writing(engine) as connection:
        connection.execute(insert(tables.batches).values(line | {"received_at": datetime(2026, 11, 22)}))


@pytest.mark.parametrize("text", ["0", "0.1", "1234567.000001", "0.000001"])
def test_amount_is_exact(engine: Engine, text: str) -> None:
    column = tables.records.c.fine_wan.type
    dialect = engine.dialect
    stored = column.bind_processor(dialect)
    loaded = column.result_processor(dialect, None)
    assert stored is not None
    assert loaded is not None
    assert loaded(stored(Decimal(text))) == Decimal(text)
    assert stored(Decimal(text)) == text
