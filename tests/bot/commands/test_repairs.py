"""Answers bot/commands/repairs.py: what a clerk types and reads."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from index.rules.offices import copy_profile
from tests.index.records.samples import COMPANY, PENALTY_ROW, penalty, subject, write_csv
from tests.journeys.conftest import Chenghe

DOCUMENT = PENALTY_ROW["CF_WSH"]


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    """A company with an old penalty of no stated severity and one of yesterday that is 一般."""
    copy_profile("yunting", tmp_path / "home" / "office")
    yesterday = clock.today() - timedelta(days=1)
    fresh = penalty(CF_WSH="新文号（示例）", CF_JDRQ=yesterday.isoformat(), KZ_YZCD="一般")
    chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject()]))
    imported = chenghe("records", "import", write_csv(tmp_path / "r.csv", [penalty(KZ_YZCD=""), fresh]))
    assert imported.status == 0, imported.err
    (tmp_path / "缴款书.png").write_bytes(b"\x89PNG\r\n\x1a\nexample")
    return chenghe


def applying(action: str, record: str = DOCUMENT, done: str = "2025-07-01", **more: str) -> list[str]:
    options = [f"--{name}={value}" for name, value in more.items()]
    return [
        "repairs", action, "--subject", COMPANY, "--record", record, "--corrected", done, "--fulfilled", done,
        "--commitment", "承诺依法诚信经营（示例）", "--by", "经办人示例", *options,
    ]  # fmt: skip


def test_the_check_says_condition_by_condition_and_the_day(office: Chenghe) -> None:
    today = clock.today().isoformat()
    said = office(*applying("check", "新文号（示例）", today))
    assert said.status == 1
    assert "✗ 最短公示期" in said.out
    assert "可以修复的最早日期：" in said.out
    told = office(*applying("check", "新文号（示例）", today), "--json").json
    assert (told["met"], told["possible_on"] > today) == (False, True)
    assert office(*applying("check", severity="严重")).status == 0
    assert "申请也没有说明" in office(*applying("check")).out


def test_too_early_is_refused_with_the_day(office: Chenghe, tmp_path: Path) -> None:
    today = clock.today().isoformat()
    evidence = ("--evidence", tmp_path / "缴款书.png")
    possible_on = office(*applying("check", "新文号（示例）", today), "--json").json["possible_on"]
    error = office(*applying("file", "新文号（示例）", today), *evidence, "--json").json["error"]
    assert error["code"] == "REPAIR_TOO_EARLY"
    assert possible_on in error["next_step"]


def test_an_application_is_shown_with_the_check_of_today_and_decided(office: Chenghe, tmp_path: Path) -> None:
    filed = office(*applying("file", severity="严重"), "--evidence", tmp_path / "缴款书.png", "--json")
    number = filed.json["number"]
    assert "各项条件具备" in office("repairs", "show", number, "--out", tmp_path / "out").out
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["1-缴款书.png"]
    for arguments in ((), ("--unit", "市生态环境局"), ("--subject", COMPANY)):
        assert [each["number"] for each in office("repairs", "list", *arguments, "--json").json] == [number]
    for step in ("受理", "开始审核"):
        assert office("repairs", "act", number, step, "--reason", "示例").status == 0
    unconfirmed = office("repairs", "act", number, "准予修复", "--reason", "示例", "--json")
    assert unconfirmed.json["error"]["code"] == "SEVERITY_UNCONFIRMED"
    granted = office("repairs", "act", number, "准予修复", "--reason", "示例", "--severity", "严重")
    assert "没有报告要新加提示" in granted.err
    closed = office("repairs", "act", number, "办结", "--reason", "已修复（示例）", "--json").json
    assert (closed["state"], closed["outcome"]) == ("已办结", "已修复（示例）")
    assert office("repairs", "list").err.strip() == "没有修复申请。"


def test_evidence_is_required(office: Chenghe) -> None:
    assert office(*applying("file", severity="严重"), "--json").json["error"]["code"] == "EVIDENCE_MISSING"
