"""Answers bot/commands/keys.py."""

import sqlite3
from pathlib import Path

from tests.journeys.conftest import Chenghe


def test_whoever_makes_changes_or_hands_out_keys_leaves_an_audit_line(chenghe: Chenghe, tmp_path: Path) -> None:
    assert chenghe("keys", "init").status == 0
    assert chenghe("keys", "rotate").status == 0
    assert chenghe("keys", "export", "--out", tmp_path / "out" / "trust.json").status == 0
    with sqlite3.connect(tmp_path / "home" / "office.db") as store:
        acts = [action for (action,) in store.execute("select action from audit order by id")]
    store.close()
    assert acts == ["keys.init", "keys.rotate", "keys.export"]
    kids = [row["kid"] for row in chenghe("keys", "list", "--json").json]
    assert all(kid in chenghe("keys", "list").out for kid in kids)
    assert len(kids) == 2


def test_keys_are_made_once(chenghe: Chenghe) -> None:
    assert chenghe("keys", "init").status == 0
    again = chenghe("keys", "init")
    assert (again.status, "KEYS_EXIST" in again.err) == (2, True)


def test_a_trust_file_that_cannot_be_written_is_said(chenghe: Chenghe, tmp_path: Path) -> None:
    chenghe("keys", "init")
    said = chenghe("keys", "export", "--out", tmp_path)
    assert (said.status, "CANNOT_WRITE" in said.err) == (2, True)
