"""Answers index/records/settling.py: a file that is sent again does not undo what the office decided."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from index.cases.objections import Event, Filing, Objections
from index.channel import Channel
from index.records.amending import amend
from index.records.import_report import ImportReport
from index.records.importing import import_records, import_subjects
from index.records.model import CreditRecord
from index.records.settling import refusal, settled
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store, writing
from tests.index.records.samples import COMPANY, NOW, office_reader, penalty, record, subject, write_csv

STORED = {"fine_wan": Decimal("0.5"), "repaired_on": date(2026, 5, 1), "under_objection": False, "facts": "更正后"}
ORIGINAL = {"fine_wan": Decimal("1.25"), "repaired_on": None, "under_objection": False, "facts": "更正前"}


def test_fields_nobody_amended_are_the_departments() -> None:
    assert settled(STORED, ORIGINAL, frozenset()) == (ORIGINAL, ())


def test_uncorrected_facts_are_named() -> None:
    _, against = settled(STORED, ORIGINAL, frozenset({"fine_wan", "facts"}))
    assert against == ("facts", "fine_wan")


def test_third_version_is_refused_too() -> None:
    assert settled(STORED, {"fine_wan": Decimal("2")}, frozenset({"fine_wan"}))[1] == ("fine_wan",)


def test_corrected_facts_may_come_with_other_changes() -> None:
    sent = {**STORED, "violation": "新的说法"}
    assert settled(STORED, sent, frozenset({"fine_wan", "facts"})) == (sent, ())


def test_blank_does_not_undo_a_repair() -> None:
    assert settled(STORED, ORIGINAL, frozenset({"repaired_on"})) == (
        {**ORIGINAL, "repaired_on": date(2026, 5, 1)},
        (),
    )


@pytest.mark.parametrize(
    ("stored", "sent", "landed"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_our_objection_mark_is_not_cleared_by_a_file(stored: bool, sent: bool, landed: bool) -> None:
    facts, against = settled({"under_objection": stored}, {"under_objection": sent}, frozenset({"under_objection"}))
    assert (facts, against) == ({"under_objection": landed}, ())


def test_refusal_names_the_fields_in_chinese() -> None:
    message, next_step = refusal(("fine_wan", "facts"))
    assert "罚款金额（万元）、违法事实" in message
    assert "请按更正后的内容报送" in next_step


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    import_subjects(engine, write_csv(tmp_path / "s.csv", [subject()]), load_profile("yunting"), now=NOW, actor="测试")
    send(engine, tmp_path, penalty())
    return engine


def send(engine: Engine, folder: Path, *rows: dict[str, str]) -> ImportReport:
    file = write_csv(folder / "r.csv", list(rows))
    return import_records(engine, file, load_profile("yunting"), now=NOW + timedelta(days=1), actor="测试")


def stored(engine: Engine) -> CreditRecord:
    return office_reader(engine).records(COMPANY)[0]


def decide(engine: Engine, **changes: object) -> None:
    with writing(engine) as connection:
        amend(connection, record().key, changes, at=NOW, actor="王五", reason="异议成立")


def test_uncorrected_file_is_refused_and_says_what_to_do(engine: Engine, tmp_path: Path) -> None:
    decide(engine, fine_wan=Decimal("0.5"), content="罚款五千元（示例）")
    corrected = stored(engine)
    report = send(engine, tmp_path, penalty(), penalty(CF_WSH="云环罚〔2025〕示例99号"))
    assert (report.inserted, report.updated, report.rejected) == (1, 0, 1)
    (error,) = report.errors
    assert (error.code, error.row) == ("RECORD_AMENDED", 2)
    assert "罚款金额（万元）" in error.message
    assert stored(engine) == corrected


def test_corrected_file_lands_with_what_else_it_brings(engine: Engine, tmp_path: Path) -> None:
    decide(engine, fine_wan=Decimal("0.5"))
    report = send(engine, tmp_path, penalty(CF_NR_FK="0.50", CF_WFXW="另一种说法（示例）"))
    assert (report.updated, report.rejected) == (1, 0)
    assert (stored(engine).fine_wan, stored(engine).violation) == (Decimal("0.5"), "另一种说法（示例）")


def test_blank_state_columns_undo_neither_repair_nor_objection(engine: Engine, tmp_path: Path) -> None:
    day = date(2026, 5, 1)
    decide(engine, corrected_on=day, repaired_on=day, under_objection=True, legal_state="变更")
    repaired = stored(engine)
    report = send(engine, tmp_path, penalty(KZ_JZRQ="", KZ_XFRQ="", KZ_YY="否", KZ_FLZT="生效"))
    assert (report.unchanged, report.rejected) == (1, 0)
    assert stored(engine) == repaired


def test_closed_objection_leaves_the_mark_to_the_department_again(engine: Engine, tmp_path: Path) -> None:
    decide(engine, under_objection=True)
    decide(engine, under_objection=False)
    assert send(engine, tmp_path, penalty(KZ_YY="是")).updated == 1
    assert send(engine, tmp_path, penalty(KZ_YY="否")).updated == 1
    assert not stored(engine).under_objection


def test_open_objection_is_not_hidden_by_a_file_though_the_department_marked_it_first(
    engine: Engine, tmp_path: Path
) -> None:
    send(engine, tmp_path, penalty(KZ_YY="是"))
    objections = Objections(engine, load_profile("yunting"))
    filing = Filing(COMPANY, None, record().key, 4, "金额有误", Channel.SELF, "网上用户 王五")
    objection = objections.file(filing, [], NOW + timedelta(days=1))
    assert send(engine, tmp_path, penalty(KZ_YY="否")).unchanged == 1
    assert stored(engine).under_objection
    objections.act(
        objection.number, Event.REFUSE, actor="赵六", reason="不属于本记录", unit=None, now=NOW + timedelta(days=1)
    )
    assert not stored(engine).under_objection


# Whose record it is


def from_unit(engine: Engine, folder: Path, unit: str | None, **changes: str) -> ImportReport:
    file = write_csv(folder / "m.csv", [penalty(**changes)])
    return import_records(
        engine, file, load_profile("yunting"), unit=unit, now=NOW + timedelta(days=1), actor="另一单位"
    )


TAKEN_OVER = {"CF_CFJG": "市税务局", "CF_SJLY": "市税务局", "KZ_GS": "否"}


@pytest.mark.parametrize("unit", ["市税务局", None])
@pytest.mark.parametrize("number", ["云环罚〔2025〕示例12号", "云环罚[2025]示例１２号", " 云环罚（2025）示例12 号"])
def test_no_unit_takes_over_the_record_of_another(
    engine: Engine, tmp_path: Path, unit: str | None, number: str
) -> None:
    before = stored(engine)
    assert before.document_number == "云环罚〔2025〕示例12号"
    report = from_unit(engine, tmp_path, unit, **TAKEN_OVER, CF_WSH=number)
    assert [error.code for error in report.errors] == ["RECORD_OF_ANOTHER"]
    assert "市生态环境局" in report.errors[0].message
    assert stored(engine) == before


def test_the_unit_it_comes_from_may_replace_what_another_has_provided(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(tables.records.update().values(provider="市发展改革局"))
    assert from_unit(engine, tmp_path, "市生态环境局", KZ_YZCD="一般").updated == 1
    assert stored(engine).provider == "市生态环境局"


def test_a_record_under_the_wrong_unit_is_given_to_the_right_one_by_the_office(engine: Engine, tmp_path: Path) -> None:
    decide(engine, source_unit="市税务局", domain=5)
    assert from_unit(engine, tmp_path, "市税务局", **TAKEN_OVER).updated == 1
    assert [error.code for error in from_unit(engine, tmp_path, "市生态环境局").errors] == ["RECORD_OF_ANOTHER"]
    assert stored(engine).source_unit == "市税务局"


# What a file has no column for


@pytest.mark.parametrize("kind", ["刑事裁判", "法院执行", "行政强制", "约谈"])
def test_a_file_without_kinds_makes_no_penalty_of_what_is_none(engine: Engine, tmp_path: Path, kind: str) -> None:
    assert send(engine, tmp_path, penalty(KZ_LX=kind)).updated == 1
    assert send(engine, tmp_path, penalty(CF_SY="另一种说法（示例）")).updated == 1
    assert (stored(engine).kind.value, stored(engine).facts) == (kind, "另一种说法（示例）")
    assert send(engine, tmp_path, penalty(KZ_LX="")).updated == 1
    assert stored(engine).kind.value == "行政处罚"


def test_the_category_still_tells_a_penalty_from_none(engine: Engine, tmp_path: Path) -> None:
    for category, kind in (("不予行政处罚", "不予行政处罚"), ("罚款", "行政处罚")):
        send(engine, tmp_path, penalty(CF_CFLB=category))
        assert stored(engine).kind.value == kind


@pytest.mark.parametrize("severity", ["", None], ids=["left blank", "no column"])
def test_leaving_the_severity_out_repairs_nothing_before_its_time(
    engine: Engine, tmp_path: Path, severity: str | None
) -> None:
    assert from_unit(engine, tmp_path, "市生态环境局", KZ_YZCD="严重").updated == 1
    named = {} if severity is None else {"KZ_YZCD": severity}
    early = from_unit(engine, tmp_path, "市生态环境局", KZ_XFRQ="2026-03-14", **named)
    assert [error.code for error in early.errors] == ["REPAIR_TOO_EARLY"]
    assert "2026-03-15" in early.errors[0].next_step
    assert stored(engine).repaired_on is None
    assert from_unit(engine, tmp_path, "市生态环境局", KZ_XFRQ="2026-03-15", **named).updated == 1
