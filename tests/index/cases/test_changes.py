"""Answers index/cases/changes.py: reports are told of what an import or an amendment changed, and of nothing else."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from index.cases.changes import PRINTED, Read, catch_up, meaning, tell_changes
from index.cases.notices import Kind, shown
from index.cases.objections import Event
from index.errors import CaseError
from index.records.amending import amend
from index.records.import_report import ImportReport
from index.records.importing import import_records
from index.records.model import CreditRecord, LegalState, RecordKind, Secrecy, Severity, SourceKind
from index.records.versions import newest_version
from index.store import tables
from index.store.engine import writing
from tests.index.cases.desk import NOW, PDF, Desk, filing
from tests.index.records.samples import COMPANY, PENALTY_ROW, penalty, record, write_csv
from verify.issuing.content import Detail

DAY = NOW.date()
PAST, FUTURE = date(2026, 1, 1), date(2027, 6, 1)
CORRECTED, REPAIRED = frozenset({Kind.CORRECTED}), frozenset({Kind.REPAIRED})
DONE = {"corrected_on": PAST, "repaired_on": PAST}
"""What makes the sample record a repaired one."""


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ({}, {}, frozenset()),
        ({}, DONE, REPAIRED),
        ({}, DONE | {"published": False}, REPAIRED),
        ({}, DONE | {"publication_until": DAY}, REPAIRED),
        ({}, DONE | {"fine_wan": Decimal("0.5")}, REPAIRED | CORRECTED),
        ({}, DONE | {"legal_state": LegalState.REVOKED}, REPAIRED | CORRECTED),
        (DONE, DONE | {"published": False}, frozenset()),
        (DONE, {}, frozenset()),
        ({}, {"repaired_on": PAST}, frozenset()),
        ({}, {"corrected_on": PAST}, frozenset()),
        ({"repaired_on": PAST}, DONE, REPAIRED),
        ({}, {"legal_state": LegalState.REVOKED}, CORRECTED),
        ({}, {"legal_state": LegalState.UNLAWFUL}, CORRECTED),
        ({"legal_state": LegalState.REVOKED}, {}, frozenset()),
        ({}, {"secrecy": Secrecy.PRIVACY}, CORRECTED),
        ({}, {"published": False}, CORRECTED),
        ({}, {"source_kind": SourceKind.OTHER}, CORRECTED),
        ({}, {"kind": RecordKind.NO_PENALTY}, CORRECTED),
        ({}, {"fine_wan": Decimal("0.5")}, CORRECTED),
        ({}, {"fine_wan": Decimal("1.250")}, frozenset()),
        ({}, {"publication_until": FUTURE}, CORRECTED),
        ({}, {"publication_until": PAST}, CORRECTED),
        ({}, {"severity": Severity.MINOR}, frozenset()),
        ({}, {"under_objection": True}, frozenset()),
        ({}, {"note": "示例备注", "licence": "示例证照"}, frozenset()),
        ({"publication_until": PAST}, {"publication_until": PAST, "legal_state": LegalState.VOID}, CORRECTED),
    ],
)
def test_a_change_means_a_repair_a_correction_or_nothing(
    was: dict[str, Any], becomes: dict[str, Any], told: frozenset[Kind]
) -> None:
    assert meaning(replace(record(), **was), replace(record(), **becomes), DAY) == told


DAYS = st.none() | st.sampled_from([PAST, DAY, FUTURE])
VERSIONS: st.SearchStrategy[CreditRecord] = st.builds(
    lambda **facts: replace(record(), **facts),
    published=st.booleans(),
    legal_state=st.sampled_from(LegalState),
    secrecy=st.sampled_from([Secrecy.NONE, Secrecy.STATE]),
    source_kind=st.sampled_from(SourceKind),
    corrected_on=DAYS,
    repaired_on=DAYS,
    publication_until=DAYS,
    severity=st.none() | st.sampled_from(Severity),
    fine_wan=st.sampled_from([None, Decimal(1)]),
    under_objection=st.booleans(),
)


@given(VERSIONS, VERSIONS)
def test_repaired_is_what_a_repair_newly_keeps_out_and_an_unchanged_record_means_nothing(
    before: CreditRecord, after: CreditRecord
) -> None:
    def is_repaired(found: CreditRecord) -> bool:
        return all(day is not None and day <= DAY for day in (found.corrected_on, found.repaired_on))

    found = meaning(before, after, DAY)
    assert (Kind.REPAIRED in found) == (is_repaired(after) and not is_repaired(before))
    assert meaning(after, after, DAY) == frozenset()
    if before.fine_wan != after.fine_wan or (
        after.legal_state is LegalState.REVOKED and before.legal_state is LegalState.EFFECTIVE
    ):
        assert Kind.CORRECTED in found


def test_what_counts_as_printed_is_what_a_report_prints() -> None:
    identity = {"number", "record_key", "document_number", "decided_on", "under_objection"}
    assert set(PRINTED) == {field.name for field in fields(Detail)} - identity


def send(desk: Desk, folder: Path, *rows: dict[str, str]) -> ImportReport:
    path = write_csv(folder / "r.csv", list(rows))
    return import_records(desk.engine, path, desk.office, now=desk.now(), actor="报送员示例")


def landed(desk: Desk, folder: Path) -> str:
    """A record of the company that came in a file; its key."""
    send(desk, folder, penalty(CF_WSH="云环罚〔2025〕示例99号"))
    return f"{COMPANY}/云环罚〔2025〕示例99号/{PENALTY_ROW['CF_JDRQ']}"


def again(**changes: str) -> dict[str, str]:
    return penalty(CF_WSH="云环罚〔2025〕示例99号", **changes)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"KZ_FLZT": "撤销"}, "corrected"),
        ({"KZ_GS": "否"}, "corrected"),
        ({"CF_NR_FK": "0.5", "CF_NR": "罚款五千元（示例）"}, "corrected"),
        ({"KZ_JZRQ": "2026-01-05", "KZ_XFRQ": "2026-10-01"}, "repaired"),
        ({"KZ_JZRQ": "2026-01-05", "KZ_XFRQ": "2026-10-01", "KZ_GS": "否"}, "repaired"),
    ],
)
def test_reports_are_told_of_what_a_department_sends_again(
    desk: Desk, tmp_path: Path, changes: dict[str, str], kind: str
) -> None:
    key = landed(desk, tmp_path)
    first, second, unconcerned = desk.report(key), desk.report(key), desk.report()
    expired = desk.report(key, at=NOW - timedelta(days=31))
    found = send(desk, tmp_path, again(**changes))
    assert found.told == (first, second)
    assert desk.notices() == {(first, kind, found.batch), (second, kind, found.batch)}
    assert {expired, unconcerned}.isdisjoint(found.told)
    late = desk.report()
    assert send(desk, tmp_path, again(**changes)).told == ()
    assert late not in {number for number, _, _ in desk.notices()}


def test_new_and_unchanged_and_refused_rows_tell_nobody(desk: Desk, tmp_path: Path) -> None:
    key = landed(desk, tmp_path)
    desk.report(key)
    found = send(desk, tmp_path, again(), penalty(CF_WSH="云环罚〔2025〕示例100号"), again(CF_JDRQ="昨天"))
    assert (found.unchanged, found.inserted, found.rejected) == (1, 1, 1)
    assert desk.notices() == set()


def test_a_file_that_is_refused_half_way_tells_nobody(desk: Desk, tmp_path: Path) -> None:
    key = landed(desk, tmp_path)
    desk.report(key)

    def fail(*_: Any) -> None:
        raise RuntimeError("示例：中断")

    event.listen(desk.engine, "commit", fail)
    with pytest.raises(RuntimeError):
        send(desk, tmp_path, again(KZ_FLZT="撤销"))
    event.remove(desk.engine, "commit", fail)
    assert desk.notices() == set()
    assert desk.stored(key)["legal_state"] == "生效"


def test_a_second_change_of_the_same_kind_keeps_the_first_notice(desk: Desk, tmp_path: Path) -> None:
    key = landed(desk, tmp_path)
    report = desk.report(key)
    first = send(desk, tmp_path, again(CF_NR_FK="0.5"))
    assert send(desk, tmp_path, again(CF_NR_FK="0.4")).told == (report,)
    assert desk.notices() == {(report, "corrected", first.batch)}


def test_reports_are_told_of_an_amendment_with_its_version(desk: Desk, tmp_path: Path) -> None:
    key = landed(desk, tmp_path)
    report = desk.report(key)
    with writing(desk.engine) as connection:
        before = newest_version(connection)
        amend(connection, key, {"note": "示例"}, at=desk.now(), actor="王五", reason="示例")
        assert tell_changes(connection, since=before, at=desk.now(), actor="王五") == ()
        amend(connection, key, {"legal_state": "撤销"}, at=desk.now(), actor="王五", reason="示例")
        assert tell_changes(connection, since=before, at=desk.now(), actor="王五") == (report,)
    assert desk.notices() == {(report, "corrected", "更正 1")}


def test_a_report_made_while_a_file_landed_is_caught_up_with_however_old_the_clock_of_the_import(
    desk: Desk, tmp_path: Path
) -> None:
    key = landed(desk, tmp_path)
    began = desk.now()
    read_at = desk.now()
    with desk.engine.connect() as connection:
        version = newest_version(connection)
    path = write_csv(tmp_path / "r.csv", [again(KZ_FLZT="撤销")])
    batch = import_records(desk.engine, path, desk.office, now=began, actor="报送员示例").batch
    stale = desk.report(key, at=read_at)
    assert caught(desk, stale, Read(read_at, version)) == (Kind.CORRECTED,)
    assert desk.notices() == {(stale, "corrected", batch)}
    with desk.engine.connect() as connection:
        fresh = Read(desk.now(), newest_version(connection))
    assert caught(desk, desk.report(key), fresh) == ()


def caught(desk: Desk, number: str, read: Read) -> tuple[Kind, ...]:
    with writing(desk.engine) as connection:
        (report,) = shown(connection, tables.ledger.c.number == number)
        return catch_up(connection, report, desk.office.domains, read=read, at=desk.now(), actor="签发员")


def test_a_report_made_while_an_objection_waited_for_the_store_carries_the_number_of_the_case(desk: Desk) -> None:
    """The clerk's clock was read before the report's; the case still reached the store after its records were read."""
    number = desk.objections.file(filing(), [], desk.now()).number
    for step in (Event.ACCEPT, Event.VERIFY):
        desk.objections.act(number, step, actor="甲", reason="示例", unit=None, now=desk.now())
    clicked = desk.now()
    with desk.engine.connect() as connection:
        read = Read(desk.now(), newest_version(connection))
    desk.objections.act(
        number,
        Event.CORRECT,
        actor="甲",
        reason="示例",
        unit=None,
        files=[PDF],
        correction={"note": "只改备注（示例）"},
        now=clicked,
    )
    stale = desk.report(record().key, at=read.at)
    assert caught(desk, stale, read) == (Kind.CORRECTED,)
    assert desk.notices() == {(stale, "corrected", number)}


def test_a_report_entered_while_a_case_waited_for_the_store_is_told_whatever_the_clock_says(desk: Desk) -> None:
    number = desk.objections.file(filing(), [], desk.now()).number
    for step in (Event.ACCEPT, Event.VERIFY):
        desk.objections.act(number, step, actor="甲", reason="示例", unit=None, now=desk.now())
    clicked: datetime = desk.now()
    report = desk.report(record().key)
    changes = {"published": False}
    desk.objections.act(
        number, Event.CORRECT, actor="甲", reason="示例", unit=None, files=[PDF], correction=changes, now=clicked
    )
    assert desk.notices() == {(report, "corrected", number)}


def test_the_question_starts_from_the_living_reports_and_not_from_what_a_file_changed(desk: Desk) -> None:
    asked: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with writing(desk.engine) as connection:
        tell_changes(connection, since=0, at=desk.now(), actor="甲")
        (statement,) = [text for text in asked if "ledger_records" in text]
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("a", "b", 0))]
    assert any(step.startswith("SEARCH ledger USING INDEX ix_ledger_issued_at") for step in plan), plan
    assert any(step.startswith("SEARCH record_history USING INDEX ix_record_history_record_key") for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def test_an_objection_is_upheld_by_what_the_unit_has_sent_again_itself(desk: Desk, tmp_path: Path) -> None:
    key = landed(desk, tmp_path)
    report = desk.report(key)
    number = desk.objections.file(filing(record_key=key), [], desk.now()).number
    given: dict[str, Any] = {"actor": "甲", "reason": "示例", "unit": None}
    for step in (Event.ACCEPT, Event.VERIFY):
        desk.objections.act(number, step, now=desk.now(), **given)
    with pytest.raises(CaseError, match="没有写明更正什么"):
        desk.objections.act(number, Event.CORRECT, files=[PDF], now=desk.now(), **given)
    batch = send(desk, tmp_path, again(KZ_FLZT="撤销")).batch
    assert desk.stored(key)["under_objection"]
    desk.objections.act(number, Event.CORRECT, files=[PDF], now=desk.now(), **given)
    assert not desk.stored(key)["under_objection"]
    assert desk.notices() == {(report, "corrected", batch)}
