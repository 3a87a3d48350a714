"""Answers verify/issuing/bench: it measures real reports, and says what it measured."""

import json

import pytest

from verify.issuing.bench.__main__ import main
from verify.issuing.bench.measuring import CERTIFIED, DOCX
from verify.issuing.bench.table import LIMITS, per_second


def test_it_prints_every_step_beside_what_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--reports", "2", "--records", "1"]) == 0
    said = capsys.readouterr().out
    for step in ("facts", "sign", "QR", "docx", "ledger (durable commit)", "rehearsal", "scrypt", "issue_many"):
        assert step in said
    assert f"{DOCX}: " in said
    assert f"asked for: {LIMITS[DOCX]}" in said


def test_its_json_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--reports", "1", "--records", "0", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    bare = result["bare"]
    steps = [spent["wall"] for name, spent in bare.items() if name not in (DOCX, CERTIFIED) and "PDF" not in name]
    assert sum(steps) <= bare[DOCX]["wall"]
    assert result["whole"]["issue"]["times"] == 1


def test_reports_a_second_are_those_of_one_processor() -> None:
    from verify.issuing.bench.stopwatch import Spent

    assert per_second(Spent(times=10, wall=4.0, processor=2.0)) == 5
