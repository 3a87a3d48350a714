"""Answers bot/commands/audit.py."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.index.tampering import audited, tampered
from tests.journeys.conftest import Chenghe


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    audited(tmp_path / "home" / "office.db", 4)
    return tmp_path / "home"


def test_audit_in_order_says_so_with_its_head(chenghe: Chenghe, home: Path) -> None:
    said = chenghe("audit", "verify")
    assert said.status == 0
    assert "审计完整：共 4 行" in said.out
    told = chenghe("audit", "verify", "--json").json
    assert (told["intact"], told["lines"], told["findings"]) == (True, 4, [])
    assert told["head"] in said.out


def test_changed_line_is_named_and_status_says_it(chenghe: Chenghe, home: Path, tmp_path: Path) -> None:
    def deed(driver: sqlite3.Connection) -> None:
        driver.execute("UPDATE audit SET actor = '别人' WHERE id = 3")

    tampered(home / "office.db", tmp_path / "new.db", deed)
    (tmp_path / "new.db").replace(home / "office.db")
    said = chenghe("audit", "verify")
    assert said.status == 1
    assert said.out.startswith("第 3 行与链不符")
    assert chenghe("audit", "verify", "--json").json["findings"][0]["number"] == 3


def test_last_check_is_remembered_so_that_a_cut_is_found(chenghe: Chenghe, home: Path, tmp_path: Path) -> None:
    chenghe("audit", "verify")
    assert (home / "audit-head").stat().st_mode & 0o777 == 0o600
    tampered(home / "office.db", tmp_path / "new.db", lambda driver: driver.execute("DELETE FROM audit WHERE id > 2"))
    (tmp_path / "new.db").replace(home / "office.db")
    said = chenghe("audit", "verify")
    assert said.status == 1
    assert "末尾被截去" in said.out
    assert chenghe("audit", "verify").status == 1  # a bad audit is not remembered


def test_head_kept_elsewhere_is_held_against_audit_and_export(chenghe: Chenghe, home: Path, tmp_path: Path) -> None:
    head = chenghe("audit", "verify", "--json").json["head"]
    other = "4:" + "0" * 64
    chenghe("audit", "export", "--out", tmp_path / "a.jsonl", "--purpose", "移交")
    for more in ((), (tmp_path / "a.jsonl",)):
        assert chenghe("audit", "verify", *more, "--head", head).status == 0
        assert chenghe("audit", "verify", *more, "--head", head, "--head", other).status == 1


def test_export_is_private_whole_and_leaves_a_line(chenghe: Chenghe, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    said = chenghe("audit", "export", "--out", file, "--purpose", "移交")
    assert said.status == 0
    assert "已导出 5 行" in said.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert [name for name in os.listdir(tmp_path) if "part" in name] == []
    shown = chenghe("audit", "show", "--purpose", "看", "--last", 2, "--json").json
    assert [(line["action"], line["purpose"]) for line in shown] == [("audit.read", "看"), ("audit.export", "移交")]


def test_export_that_cannot_be_written_says_so(chenghe: Chenghe, home: Path, tmp_path: Path) -> None:
    said = chenghe("audit", "export", "--out", tmp_path / "absent" / "a.jsonl", "--purpose", "移交")
    assert said.status == 2
    assert "CANNOT_WRITE" in said.err


def test_part_is_exported_behind_a_head(chenghe: Chenghe, home: Path, tmp_path: Path) -> None:
    head = chenghe("audit", "verify", "--json").json["head"]
    chenghe("audit", "export", "--out", tmp_path / "b.jsonl", "--purpose", "移交", "--after", head)
    told = chenghe("audit", "verify", tmp_path / "b.jsonl", "--json").json
    assert (told["intact"], told["lines"]) == (True, 1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify", "--head", "x"), "AUDIT_HEAD"),
        (("verify", "absent.jsonl"), "FILE_UNREADABLE"),
        (("verify", __file__), "AUDIT_EXPORT"),
        (("show", "--purpose", ""), "ACCESS_DENIED"),
        (("show", "--purpose", "看", "--last", "0"), "USAGE"),
        (("show", "--purpose", "看", "--until", "9999-12-31"), "DAY_UNREADABLE"),
        (("show", "--purpose", "看", "--since", "昨天"), "DAY_UNREADABLE"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_code(
    chenghe: Chenghe, home: Path, words: tuple[str, ...], code: str
) -> None:
    said = chenghe("audit", *words)
    assert said.status == 2
    assert code in said.err
    assert "下一步" in said.err


def test_lines_are_shown_by_person_and_day(chenghe: Chenghe, home: Path) -> None:
    said = chenghe(
        "audit", "show", "--purpose", "看", "--by", "王五2", "--since", "2026-11-22", "--until", "2026-11-22"
    )
    assert said.status == 0
    assert said.out.count("\n") == 2  # what the line says goes over two lines itself
    assert "王五2" in said.out
    assert "没有符合" in chenghe("audit", "show", "--purpose", "看", "--by", "无此人").err


def test_damaged_memory_is_named(chenghe: Chenghe, home: Path) -> None:
    (home / "audit-head").write_bytes(b"\xff")
    assert chenghe("audit", "verify").status == 2


def test_store_that_is_locked_away_is_checked_read_only(chenghe: Chenghe, home: Path) -> None:
    with closing(sqlite3.connect(home / "office.db", isolation_level=None)) as driver:
        driver.execute("BEGIN IMMEDIATE")
        assert chenghe("audit", "verify").status == 0
