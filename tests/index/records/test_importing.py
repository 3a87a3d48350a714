"""Answers index/records/importing.py and landing.py: what is in the store after a file."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, RowMapping, Table, delete, func, select, update

from index.errors import AccessDenied, UnreadableImport
from index.records import importing
from index.records.import_report import ImportReport
from index.records.importing import import_records, import_subjects
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store, writing
from tests.index.records.samples import COMPANY, NOW, SHOP, penalty, subject, write_csv
from tests.index.records.workbooks import row_of, sheet_xml, text_cell, text_row, write_workbook

OFFICE = load_profile("yunting")
LATER = NOW + timedelta(days=1)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(tmp_path / "office.db")


@pytest.fixture
def send(engine: Engine, tmp_path: Path) -> Callable[..., ImportReport]:
    def send(*rows: dict[str, str], encoding: str = "utf-8-sig", **options: Any) -> ImportReport:
        path = write_csv(tmp_path / "r.csv", list(rows), encoding=encoding)
        return import_records(engine, path, OFFICE, **{"now": NOW, "actor": "测试", **options})

    return send


def stored(engine: Engine, table: Table) -> list[RowMapping]:
    with engine.connect() as connection:
        return list(connection.execute(select(table)).mappings())


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.rows, report.inserted, report.updated, report.unchanged, report.rejected


def other(number: int, **changes: str) -> dict[str, str]:
    return penalty(CF_WSH=f"云环罚〔2025〕示例{number}号", **changes)


def test_good_rows_land_and_bad_rows_are_listed(engine: Engine, send: Callable[..., ImportReport]) -> None:
    report = send(other(1), other(2, CF_JDRQ="昨天"), other(3))
    assert counts(report) == (3, 2, 0, 0, 1)
    assert [(error.row, error.column, error.value, error.code) for error in report.errors] == [
        (3, "CF_JDRQ", "昨天", "DATE")
    ]
    assert len(stored(engine, tables.records)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encoding_makes_no_difference(engine: Engine, send: Callable[..., ImportReport], encoding: str) -> None:
    assert send(penalty(CF_XDR_MC="云汀示例喆堃㙓有限公司"), encoding=encoding).inserted == 1
    assert stored(engine, tables.records)[0]["subject_name"] == "云汀示例喆堃㙓有限公司"


def test_same_file_again_changes_nothing(engine: Engine, send: Callable[..., ImportReport]) -> None:
    send(other(1), other(2))
    before = stored(engine, tables.records)
    assert counts(send(other(1), other(2), now=LATER)) == (2, 0, 0, 2, 0)
    assert stored(engine, tables.records) == before
    assert stored(engine, tables.record_history) == []


def test_corrected_row_updates_and_the_old_one_is_kept_with_who_when_why(
    engine: Engine, send: Callable[..., ImportReport]
) -> None:
    first = send(penalty())
    second = send(penalty(CF_NR_FK="0.5", CF_NR="罚款五千元（示例）"), now=LATER, actor="李四")
    assert counts(second) == (1, 0, 1, 0, 0)
    (record,) = stored(engine, tables.records)
    assert (str(record["fine_wan"]), record["batch"], record["received_at"]) == ("0.5", second.batch, LATER)
    (line,) = stored(engine, tables.record_history)
    assert (line["changed_at"], line["actor"], line["reason"], line["batch"]) == (
        LATER,
        "李四",
        "重新报送：r.csv",
        second.batch,
    )
    before = json.loads(line["before"])
    assert (before["fine_wan"], before["batch"], before["decided_on"]) == ("1.25", first.batch, "2025-03-14")
    assert set(before) == set(tables.records.c.keys())


def test_raw_file_sent_again_does_not_undo_a_repair(engine: Engine, send: Callable[..., ImportReport]) -> None:
    send(penalty(KZ_JZRQ="2025-05-01", KZ_XFRQ="2025-06-01", KZ_YY="是"))
    assert counts(send(penalty())) == (1, 0, 0, 1, 0)
    assert counts(send(penalty(CF_NR_FK="2"))) == (1, 0, 1, 0, 0)
    (record,) = stored(engine, tables.records)
    assert (record["repaired_on"], record["under_objection"]) == (date(2025, 6, 1), True)


def test_empty_state_column_takes_the_state_back(engine: Engine, send: Callable[..., ImportReport]) -> None:
    send(penalty(KZ_JZRQ="2025-05-01", KZ_XFRQ="2025-06-01"))
    send(penalty(KZ_JZRQ="", KZ_XFRQ=""))
    assert stored(engine, tables.records)[0]["repaired_on"] is None


def test_same_record_twice_with_other_facts_is_refused_naming_the_first_row(
    engine: Engine, send: Callable[..., ImportReport]
) -> None:
    report = send(penalty(), penalty(), penalty(CF_NR_FK="9"))
    assert counts(report) == (3, 1, 0, 1, 1)
    assert (report.errors[0].row, report.errors[0].code) == (4, "DUPLICATE_IN_FILE")
    assert "第 2 行" in report.errors[0].message
    assert str(stored(engine, tables.records)[0]["fine_wan"]) == "1.25"


def test_contradiction_is_found_across_chunks(
    engine: Engine, send: Callable[..., ImportReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    report = send(other(1), other(2), other(3), other(1, CF_NR_FK="9"), other(2))
    assert counts(report) == (5, 3, 0, 1, 1)


def test_file_that_breaks_off_lands_nothing(engine: Engine, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [other(number) for number in range(5)])
    path.write_bytes(path.read_bytes() + '"没有关上'.encode())
    with pytest.raises(UnreadableImport):
        import_records(engine, path, OFFICE, now=NOW, actor="测试")
    assert [stored(engine, table) for table in (tables.records, tables.batches, tables.feeds, tables.audit)] == [[]] * 4


def test_unit_connects_all_its_domains_even_without_a_row(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(",".join(penalty()) + "\r\n", encoding="utf-8")
    report = import_records(engine, path, OFFICE, unit="云汀市发展改革局", now=NOW, actor="测试")
    assert counts(report) == (0, 0, 0, 0, 0)
    assert report.feeds == (2, 10)
    assert [(feed["domain"], feed["updated_on"]) for feed in stored(engine, tables.feeds)] == [
        (2, NOW.date()),
        (10, NOW.date()),
    ]


def test_without_unit_the_domains_of_the_rows_are_connected(send: Callable[..., ImportReport]) -> None:
    assert send(other(1), other(2, CF_SJLY="市税务局"), other(3, CF_SJLY="外地局")).feeds == (4, 5)


def test_file_whose_rows_are_all_refused_connects_nothing(engine: Engine, send: Callable[..., ImportReport]) -> None:
    assert send(penalty(CF_JDRQ="昨天"), unit="市生态环境局").feeds == ()
    assert stored(engine, tables.feeds) == []


def test_feed_day_never_goes_back(engine: Engine, send: Callable[..., ImportReport]) -> None:
    send(penalty(), now=LATER)
    send(penalty(), now=NOW)
    assert stored(engine, tables.feeds)[0]["updated_on"] == LATER.date()


def test_batch_tells_file_digest_provider_and_counts(engine: Engine, send: Callable[..., ImportReport]) -> None:
    first, second = send(penalty(), unit="市生态环境局"), send(penalty())
    assert (first.batch, second.batch) == ("20261122-0001", "20261122-0002")
    batch = stored(engine, tables.batches)[0]
    assert (batch["provider"], batch["actor"], batch["row_count"], batch["inserted"]) == ("市生态环境局", "测试", 1, 1)
    assert len(batch["file_sha256"]) == 64


def test_import_leaves_an_audit_line(engine: Engine, send: Callable[..., ImportReport]) -> None:
    report = send(penalty())
    (line,) = stored(engine, tables.audit)
    assert (line["actor"], line["action"], line["target"]) == ("测试", "records.import", report.batch)


def test_nobody_imports_without_a_name(send: Callable[..., ImportReport]) -> None:
    with pytest.raises(AccessDenied):
        send(penalty(), actor=" ")


def test_identity_documents_and_representatives_of_records_are_not_stored(engine: Engine, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [penalty()])
    assert b"320902199001010000" in path.read_bytes()
    report = import_records(engine, path, OFFICE, now=NOW, actor="测试")
    assert "CF_XDR_ZJHM" in report.ignored_columns
    engine.dispose()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("office.db*"))
    assert b"320902199001010000" not in kept


def test_formula_is_kept_as_text(engine: Engine, send: Callable[..., ImportReport]) -> None:
    send(penalty(CF_SY="=cmd|'/C calc'!A0"))
    assert stored(engine, tables.records)[0]["facts"] == "=cmd|'/C calc'!A0"


def test_row_with_a_cell_too_many_or_too_few_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [penalty()])
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\r\n".join([lines[0], lines[1] + b",more", b"one,two", lines[1] + b",,"]))
    report = import_records(engine, path, OFFICE, now=NOW, actor="测试")
    assert [(error.row, error.code) for error in report.errors] == [(2, "WIDTH"), (3, "WIDTH")]
    assert report.inserted == 1


def test_progress_tells_the_rows_done(send: Callable[..., ImportReport], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    told: list[tuple[int, float]] = []
    send(*(other(number) for number in range(5)), progress=lambda rows, share: told.append((rows, share)))
    assert [rows for rows, _ in told] == [2, 4, 5]
    assert [0 < share <= 1 for _, share in told] == [True] * 3
    assert told[-1][1] == 1


def test_errors_are_counted_but_not_all_kept(
    send: Callable[..., ImportReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_ERRORS", 3)
    report = send(*(other(number, CF_JDRQ="x") for number in range(5)))
    assert (report.rejected, len(report.errors)) == (5, 3)


def test_report_is_plain_json(send: Callable[..., ImportReport]) -> None:
    told = json.loads(json.dumps(send(penalty(CF_JDRQ="x")).to_json()))
    assert told["rejected"] == 1
    assert set(told["errors"][0]) == {"row", "column", "value", "code", "message", "next_step"}


def test_register_extract_lands_updates_and_keeps_history(engine: Engine, tmp_path: Path) -> None:
    def send(*rows: dict[str, str]) -> ImportReport:
        path = write_csv(tmp_path / "s.csv", list(rows))
        return import_subjects(engine, path, OFFICE, now=NOW, actor="测试")

    shop = subject(统一社会信用代码=SHOP, 名称="云汀示例小店（虚构）")
    assert counts(send(subject(), shop)) == (2, 2, 0, 0, 0)
    assert counts(send(subject(), shop)) == (2, 0, 0, 2, 0)
    assert counts(send(subject(登记状态="注销"))) == (1, 0, 1, 0, 0)
    (line,) = stored(engine, tables.subject_history)
    assert (line["subject_code"], json.loads(line["before"])["registration_state"]) == (COMPANY, "存续")


def test_short_register_extract_does_not_empty_what_it_does_not_mention(engine: Engine, tmp_path: Path) -> None:
    import_subjects(engine, write_csv(tmp_path / "s.csv", [subject()]), OFFICE, now=NOW, actor="测试")
    short = {name: subject()[name] for name in ("名称", "统一社会信用代码")}
    report = import_subjects(engine, write_csv(tmp_path / "s.csv", [short]), OFFICE, now=NOW, actor="测试")
    assert counts(report) == (1, 0, 0, 1, 0)
    assert stored(engine, tables.subjects)[0]["legal_representative"] == "张三"


def test_record_that_was_changed_by_hand_is_replaced_with_history(
    engine: Engine, send: Callable[..., ImportReport]
) -> None:
    send(penalty())
    with writing(engine) as connection:
        connection.execute(update(tables.records).values(content="手工改过"))
    assert send(penalty()).updated == 1
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(tables.record_history)).scalar_one() == 1


def test_row_may_end_early_but_not_before_a_cell_that_decides(engine: Engine, tmp_path: Path) -> None:
    cells = penalty(KZ_GS="是")
    order = [name for name in cells if name not in {"KZ_GS", "CF_SJLY", "BZ"}]
    for decisive, rejected in ((["CF_SJLY", "BZ"], 0), (["CF_SJLY", "KZ_GS", "BZ"], 1)):
        heading = ",".join([*order, *decisive])
        row = ",".join(cells[name] for name in [*order, "CF_SJLY"])
        path = tmp_path / "early.csv"
        path.write_text(f"{heading}\n{row}\n", encoding="utf-8")
        report = import_records(engine, path, OFFICE, now=NOW, actor="测试")
        assert (report.rejected, [error.code for error in report.errors]) == (rejected, ["WIDTH"] * rejected)


@pytest.mark.parametrize("unit", [None, "市生态环境局", "盐城市生态环境局"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_official_columns_alone_are_enough(tmp_path: Path, unit: str | None, encoding: str) -> None:
    codes = [
        "CF_XDR_MC",
        "CF_XDR_LB",
        "CF_XDR_SHXYM",
        "CF_XDR_GSZC",
        "CF_XDR_ZZJG",
        "CF_XDR_SWDJ",
        "CF_XDR_SYDW",
        "CF_XDR_SHZZ",
        "CF_FRDB",
        "CF_FR_ZJLX",
        "CF_FR_ZJHM",
        "CF_XDR_ZJLX",
        "CF_XDR_ZJHM",
        "CF_WSH",
        "CF_WFXW",
        "CF_SY",
        "CF_YJ",
        "CF_CFLB",
        "CF_NR",
        "CF_NR_FK",
        "CF_NR_WFFF",
        "CF_NR_ZKDX",
        "CF_JDRQ",
        "CF_YXQ",
        "CF_GSJZQ",
        "CF_CFJG",
        "CF_CFJGDM",
        "CF_SJLY",
        "CF_SJLYDM",
        "BZ",
    ]
    for office in (OFFICE, load_profile("yancheng")):
        cells = penalty(CF_CFJG=f"{office.city}生态环境局", CF_SJLY=f"{office.city}生态环境局")
        path = write_csv(tmp_path / "o.csv", [{code: cells.get(code, "") for code in codes}], encoding=encoding)
        store = open_store(tmp_path / f"{office.number_prefix}.db")
        named = unit and unit.replace("盐城市", office.city)
        report = import_records(store, path, office, unit=named, now=NOW, actor="测试")
        assert (report.inserted, report.errors, len(report.feeds)) == (1, (), 1)


def test_record_under_another_name_than_its_code_is_registered_for_is_pointed_out(
    engine: Engine, tmp_path: Path, send: Callable[..., ImportReport]
) -> None:
    import_subjects(engine, write_csv(tmp_path / "s.csv", [subject()]), OFFICE, now=NOW, actor="测试")
    same = send(other(1), other(2, CF_XDR_MC=f" {subject()['名称']}"))
    wrong = send(
        other(3, CF_XDR_MC="云汀示例别家有限公司"),
        other(4, CF_XDR_SHXYM=SHOP, CF_XDR_LB="个体工商户", CF_XDR_MC="未登记的小吃店"),
    )
    assert same.notices == ()
    (notice,) = wrong.notices
    assert all(part in notice for part in ("示例3号", COMPANY, subject()["名称"], "云汀示例别家有限公司"))
    assert wrong.inserted == 2


def test_official_file_of_a_unit_with_several_domains_lands_in_its_main_one_and_says_so(tmp_path: Path) -> None:
    office, store = load_profile("yancheng"), open_store(tmp_path / "main.db")
    names = {"CF_CFJG": "盐城市市场监督管理局", "CF_SJLY": "盐城市市场监督管理局"}
    plain = write_csv(tmp_path / "plain.csv", [penalty(**names)])
    named = write_csv(tmp_path / "named.csv", [{**penalty(**names), "KZ_LY": "知识产权"}])

    first = import_records(store, plain, office, now=NOW, actor="测试")
    assert (first.inserted, first.feeds) == (1, (20,))
    assert "1 行没有填所属领域" in first.notices[0]
    corrected = import_records(store, named, office, now=NOW, actor="测试")
    assert (corrected.updated, corrected.notices) == (1, ())
    again = import_records(store, plain, office, now=NOW, actor="测试")
    assert again.unchanged == 1, "a file that names no domain does not undo one that was named"


def test_workbook_lands_like_the_csv_and_the_same_rows_are_unchanged(engine: Engine, tmp_path: Path) -> None:
    rows = [other(1), other(2, CF_JDRQ="昨天"), other(3, KZ_YZCD="严重", KZ_HL="是")]
    headings = list(rows[2])
    sheet = sheet_xml([text_row(headings), *(text_row([row.get(name, "") for name in headings]) for row in rows)])
    book = write_workbook(tmp_path / "r.xlsx", {"数据": sheet})
    report = import_records(engine, book, OFFICE, now=NOW, actor="测试")
    assert (counts(report), report.encoding) == ((3, 2, 0, 0, 1), "xlsx")
    assert [(error.row, error.column, error.code) for error in report.errors] == [(3, "CF_JDRQ", "DATE")]
    path = write_csv(tmp_path / "r.csv", [{name: row.get(name, "") for name in headings} for row in (rows[0], rows[2])])
    again = import_records(engine, path, OFFICE, now=LATER, actor="测试")
    assert counts(again) == (2, 0, 0, 2, 0)
    severe = {row["severity"]: row["from_province"] for row in stored(engine, tables.records)}
    assert severe == {None: False, "严重": True}


def test_formula_in_a_workbook_refuses_its_row_and_lands_the_others(engine: Engine, tmp_path: Path) -> None:
    good, bad = other(1), other(2)
    cells = [text_cell(text) for text in bad.values()]
    cells[list(bad).index("CF_NR_FK")] = "<c><f>cmd()</f><v>1.25</v></c>"
    book = write_workbook(
        tmp_path / "r.xlsx", {"数据": sheet_xml([text_row(good), text_row(good.values()), row_of(cells)])}
    )
    report = import_records(engine, book, OFFICE, now=NOW, actor="测试")
    assert counts(report) == (2, 1, 0, 0, 1)
    assert [(error.row, error.column, error.value, error.code) for error in report.errors] == [
        (3, "CF_NR_FK", "=cmd()", "FORMULA")
    ]


def test_merged_cells_at_the_end_of_a_workbook_land_nothing(engine: Engine, tmp_path: Path) -> None:
    row = penalty()
    merged = '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
    sheet = sheet_xml([text_row(row), *[text_row(row.values())] * 3], after=merged)
    with pytest.raises(UnreadableImport):
        import_records(engine, write_workbook(tmp_path / "r.xlsx", {"数据": sheet}), OFFICE, now=NOW, actor="测试")
    assert stored(engine, tables.records) == stored(engine, tables.batches) == []


def test_shown_values_of_errors_hold_no_number_of_a_person(send: Callable[..., ImportReport]) -> None:
    number = "11010519491231002X"
    report = send(penalty(CF_SY=f"当事人{number}", CF_JDRQ=number, CF_SJLY=number, CF_XDR_LB=number))
    assert len(report.errors) >= 3
    assert number[:-1] not in json.dumps(report.to_json(), ensure_ascii=False)


def test_repeats_are_told_by_row_whatever_the_store_held_before(
    engine: Engine, send: Callable[..., ImportReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    send(other(1), other(2))
    report = send(other(3), other(1), other(2, CF_NR_FK="5"), other(3), other(2, CF_NR_FK="6"), other(1, CF_NR_FK="7"))
    assert counts(report) == (6, 1, 1, 2, 2)
    assert [(error.row, error.message) for error in report.errors] == [
        (6, "与第 4 行是同一条记录，内容却不同。"),
        (7, "与第 3 行是同一条记录，内容却不同。"),
    ]


def test_amount_written_otherwise_is_the_same_amount(send: Callable[..., ImportReport]) -> None:
    send(penalty(CF_NR_FK="1.25"))
    assert counts(send(penalty(CF_NR_FK="1.250"))) == (1, 0, 0, 1, 0)


def test_nothing_that_is_said_of_a_file_steers_a_terminal(send: Callable[..., ImportReport]) -> None:
    report = send(penalty(**{"CF_JDRQ": "\x1b[2J", "CF_SJLY": "\x1b]0;x\x07", "\x1b[31m内部列": "1"}))
    said = [*report.ignored_columns, *(error.message + error.column for error in report.errors)]
    assert len(report.errors) == 2
    assert all(text.isprintable() for text in said)


def test_a_register_extract_without_kinds_leaves_the_stored_ones(engine: Engine, tmp_path: Path) -> None:
    named = write_csv(tmp_path / "named.csv", [subject(主体类型="合伙企业")])
    import_subjects(engine, named, OFFICE, now=NOW, actor="测试")
    silent = write_csv(tmp_path / "silent.csv", [subject(名称="云汀示例新名合伙企业")])
    report = import_subjects(engine, silent, OFFICE, now=LATER, actor="测试")
    assert counts(report) == (1, 0, 1, 0, 0)
    (row,) = stored(engine, tables.subjects)
    assert (row["name"], row["kind"]) == ("云汀示例新名合伙企业", "合伙企业")


ROWS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(("1", "2"))), min_size=1, max_size=9)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(ROWS, min_size=1, max_size=3), st.integers(1, 4))
def test_files_land_the_same_however_many_rows_at_a_time(
    engine: Engine, send: Callable[..., ImportReport], files: list[list[tuple[int, str]]], chunk: int
) -> None:
    with writing(engine) as connection:
        connection.execute(delete(tables.records))
    kept: dict[int, str] = {}
    for rows in files:
        expected, named = Counter[str](), set()
        for number, amount in rows:
            if number in named and kept[number] != amount:
                expected["rejected"] += 1
            else:
                was = kept.get(number)
                expected["inserted" if was is None else "unchanged" if was == amount else "updated"] += 1
                kept[number] = amount
            named.add(number)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(importing, "CHUNK", chunk)
            report = send(*(other(number, CF_NR_FK=amount) for number, amount in rows))
        assert {name: getattr(report, name) for name in ("inserted", "updated", "unchanged", "rejected")} == {
            name: expected[name] for name in ("inserted", "updated", "unchanged", "rejected")
        }
    amounts = {row["document_number"]: str(row["fine_wan"]) for row in stored(engine, tables.records)}
    assert amounts == {other(number)["CF_WSH"]: amount for number, amount in kept.items()}


def test_refused_rows_come_in_the_order_of_the_file(engine: Engine, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [other(1, CF_NR_FK="x"), other(2), other(2, CF_NR_FK="7"), other(4)])
    path.write_text(path.read_text(encoding="utf-8-sig") + "broken,off\n", encoding="utf-8")
    report = import_records(engine, path, OFFICE, now=NOW, actor="测试")
    assert [row.number for row in report.refusals.rows] == [2, 4, 6]
