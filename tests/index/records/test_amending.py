"""Answers index/records/amending.py, amendable.py and versions.py: corrected, and nothing is lost."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from index.errors import AccessDenied, RecordError
from index.records.amendable import LABELS, read_change
from index.records.amending import amend
from index.records.importing import import_records
from index.records.model import LegalState, Severity
from index.records.versions import Change, amended_fields, history_of
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store, writing
from tests.index.records.samples import COMPANY, NOW, office_reader, penalty, record, write_csv

KEY = record().key
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    import_records(engine, write_csv(tmp_path / "r.csv", [penalty()]), load_profile("yunting"), now=NOW, actor="测试")
    return engine


def change(
    engine: Engine, *, at: datetime = LATER, actor: str = "王五", reason: str = "异议成立", **new: object
) -> None:
    change_all(engine, new, at=at, actor=actor, reason=reason)


def change_all(
    engine: Engine,
    new: dict[str, object],
    *,
    at: datetime = LATER,
    actor: str = "王五",
    reason: str = "异议成立",
) -> None:
    with writing(engine) as connection:
        amend(connection, KEY, new, at=at, actor=actor, reason=reason)


def lines(engine: Engine, name: str) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()


def test_amended_record_has_the_new_facts_and_keeps_its_provenance(engine: Engine) -> None:
    change(
        engine,
        fine_wan=Decimal("0.5"),
        legal_state=LegalState.REVOKED,
        severity=Severity.MINOR,
        publication_until=date(2026, 3, 14),
    )
    found = office_reader(engine).records(COMPANY)[0]
    assert found == record(
        batch="20261122-0001",
        fine_wan=Decimal("0.5"),
        legal_state=LegalState.REVOKED,
        severity=Severity.MINOR,
        publication_until=date(2026, 3, 14),
    )


def test_history_tells_who_when_why_and_what_it_was(engine: Engine) -> None:
    change(engine, fine_wan=Decimal("0.5"), under_objection=True)
    change(engine, at=LATER + timedelta(days=1), actor="赵六", reason="再次更正", fine_wan=None, under_objection=False)
    with engine.connect() as connection:
        newest, oldest = history_of(connection, KEY)
    assert (oldest.replaced_at, oldest.actor, oldest.reason, oldest.batch) == (LATER, "王五", "异议成立", None)
    assert (newest.actor, newest.reason) == ("赵六", "再次更正")
    assert set(oldest.changes) == {Change("fine_wan", "1.25", "0.5"), Change("under_objection", False, True)}
    assert set(newest.changes) == {Change("fine_wan", "0.5", None), Change("under_objection", True, False)}
    assert oldest.before["decided_on"] == "2025-03-14"


def test_record_that_never_changed_has_no_history(engine: Engine) -> None:
    with engine.connect() as connection:
        assert history_of(connection, KEY) == ()
        assert amended_fields(connection, [KEY]) == {}


def test_amendment_leaves_an_audit_line_in_the_same_transaction(engine: Engine) -> None:
    change(engine, fine_wan=Decimal("0.5"))
    audit = tables.audit
    with engine.connect() as connection:
        row = connection.execute(select(audit).where(audit.c.action == "records.amend")).one()
    assert (row.at, row.actor, row.target, row.detail) == (LATER, "王五", KEY, "罚款金额（万元）：异议成立")


def test_amending_to_what_stands_changes_nothing(engine: Engine) -> None:
    before = lines(engine, "audit")
    change(engine, fine_wan=Decimal("1.25"), published=True)
    assert (lines(engine, "record_history"), lines(engine, "audit")) == (0, before)


@pytest.mark.parametrize(
    "new",
    [
        {"subject_code": "x"},
        {"key": "x"},
        {"document_number": "x"},
        {"decided_on": date(2025, 1, 1)},
        {"provider": "x"},
        {"batch": "x"},
        {"fine_wan; DROP TABLE records": 1},
        {"fine_wan": 1.5},
        {"fine_wan": Decimal("-1")},
        {"fine_wan": Decimal("NaN")},
        {"fine_wan": Decimal("0.0000001")},
        {"fine_wan": "1.5"},
        {"published": 1},
        {"published": None},
        {"legal_state": "不知道"},
        {"legal_state": None},
        {"repaired_on": "2026-01-01"},
        {"repaired_on": NOW},
        {"repaired_on": date(2025, 3, 13)},
        {"repaired_on": date(2026, 11, 23)},
        {"corrected_on": date(2026, 11, 23)},
        {"publication_until": date(2025, 3, 13)},
        {"domain": True},
        {"domain": 0},
        {"domain": "4"},
        {"facts": ""},
        {"facts": "电话13812345678"},
        {"facts": "字" * 5001},
        {"facts": 7},
        {"content": "\u202e"},
        {"decided_by": " "},
        {"decided_by": "一\n二"},
    ],
)
def test_wrong_amendment_is_refused_whole(engine: Engine, new: dict[str, object]) -> None:
    with pytest.raises(RecordError) as caught:
        change_all(engine, {"category": "警告", **new})
    assert caught.value.code in {"FIELD_UNKNOWN", "FIELD_WRONG"}
    assert caught.value.next_step
    assert lines(engine, "record_history") == 0


def test_unknown_record_is_refused(engine: Engine) -> None:
    with pytest.raises(RecordError) as caught, writing(engine) as connection:
        amend(connection, "x", {"published": False}, at=NOW, actor="王五", reason="试")
    assert caught.value.code == "RECORD_UNKNOWN"


def test_nobody_amends_without_name_or_reason(engine: Engine) -> None:
    with pytest.raises(AccessDenied):
        change(engine, actor=" ", published=False)
    with pytest.raises(RecordError):
        change(engine, reason=" ", published=False)


def test_only_the_last_to_change_a_field_counts_as_its_amender(engine: Engine, tmp_path: Path) -> None:
    change(engine, severity=Severity.MINOR)
    rows = [penalty(CF_WFXW="另一种说法（示例）")]
    import_records(engine, write_csv(tmp_path / "r2.csv", rows), load_profile("yunting"), now=LATER, actor="测试")
    with engine.connect() as connection:
        assert amended_fields(connection, [KEY, "x"]) == {KEY: frozenset({"severity"})}
        assert [version.batch for version in history_of(connection, KEY)] == ["20261122-0002", None]


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("fine_wan", "1.25万元", Decimal("1.25")),
        ("fine_wan", "", None),
        ("repaired_on", "2026年5月1日", date(2026, 5, 1)),
        ("publication_until", "长期", None),
        ("published", "否", False),
        ("legal_state", " 撤销 ", "撤销"),
        ("severity", "轻微", "轻微"),
        ("domain", "13", 13),
        ("facts", " 示例 ", "示例"),
    ],
)
def test_typed_correction_is_read_as_a_clerk_writes_it(name: str, typed: str, value: object) -> None:
    assert read_change(name, typed) == value


@pytest.mark.parametrize(("name", "typed"), [("published", ""), ("domain", "四"), ("fine_wan", "很多"), ("x", "1")])
def test_typed_correction_that_is_none_is_refused(name: str, typed: str) -> None:
    with pytest.raises(RecordError):
        read_change(name, typed)


def test_every_amendable_field_is_a_column() -> None:
    assert set(LABELS) < set(tables.records.c.keys())


def test_old_flaw_of_another_field_does_not_stop_an_amendment(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(tables.records.update().values(legal_basis="", corrected_on=date(2030, 1, 1)))
    change(engine, under_objection=True)
    change(engine, kind="行政强制")
    with pytest.raises(RecordError, match="处罚依据"):
        change(engine, kind="行政处罚")
