"""Answers bot/commands/objections.py and casework.py: what a clerk types and reads."""

from pathlib import Path

import pytest

from bot.clock import operator
from index.rules.offices import copy_profile, load_profile
from tests.index.records.samples import COMPANY, PENALTY_ROW, penalty, subject, write_csv
from tests.journeys.conftest import Chenghe

DOCUMENT = PENALTY_ROW["CF_WSH"]


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    copy_profile("yunting", tmp_path / "home" / "office")
    chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject()]))
    chenghe("records", "import", write_csv(tmp_path / "r.csv", [penalty()]))
    (tmp_path / "证据.pdf").write_bytes(b"%PDF-1.7 example")
    return chenghe


@pytest.fixture
def number(office: Chenghe, tmp_path: Path) -> str:
    said = office(*filing(tmp_path), "--json")
    assert said.status == 0, said.err
    return str(said.json["number"])


def filing(tmp_path: Path) -> tuple[object, ...]:
    return (
        "objections", "file", "--subject", COMPANY.lower(), "--record", DOCUMENT, "--reason", "记录有误（示例）",
        "--by", "经办人示例", "--evidence", tmp_path / "证据.pdf",
    )  # fmt: skip


def act(office: Chenghe, number: str, step: str, *more: object) -> tuple[int, str]:
    said = office("objections", "act", number, step, "--reason", "示例", *more, "--json")
    return said.status, str(said.json["error"]["code"] if said.status else said.json["state"])


def test_the_desk_reads_every_step_in_chinese(office: Chenghe, number: str) -> None:
    assert act(office, number, "受理", "--unit", "云汀市生态环境局", "--by", "王核实") == (0, "已受理")
    said = office("objections", "show", number)
    assert f"提交　— → 已提交　经办人示例（{operator()} 代录）" in said.out
    assert "受理　已提交 → 已受理　市生态环境局 王核实" in said.out
    assert "材料 1　证据.pdf（16 字节" in said.out


def test_open_objections_are_listed_by_unit_by_subject_and_altogether(office: Chenghe, number: str) -> None:
    for arguments in ((), ("--unit", "市生态环境局"), ("--subject", COMPANY)):
        assert [each["number"] for each in office("objections", "list", *arguments, "--json").json] == [number]
        assert number in office("objections", "list", *arguments).out
    assert office("objections", "list", "--unit", "市市场监督管理局", "--json").json == []
    assert office("objections", "list", "--unit", "市生态环境局", "--subject", COMPANY).status == 2


def test_the_office_own_service_level_is_never_called_law(office: Chenghe, number: str, tmp_path: Path) -> None:
    settings = tmp_path / "home" / "office" / "office.toml"
    lines = [line for line in settings.read_text("utf-8").splitlines() if "objection_days" not in line]
    settings.write_text("objection_days = 10\n" + "\n".join(lines), encoding="utf-8")
    shown = office("objections", "show", number).out
    assert "（含当日；本机构服务承诺）" in shown
    assert "法定" not in shown
    assert office("objections", "overdue", "--json").json == []


def test_without_a_service_level_the_overdue_list_says_why_it_is_empty(
    office: Chenghe, number: str, tmp_path: Path
) -> None:
    settings = tmp_path / "home" / "office" / "office.toml"
    lines = [line for line in settings.read_text("utf-8").splitlines() if not line.startswith("objection_days")]
    settings.write_text("\n".join(lines), encoding="utf-8")
    said = office("objections", "overdue")
    assert "没有设定异议办理时限" in said.err
    assert "没有异议" in said.err


def test_what_cannot_be_done_is_said_with_the_next_step(office: Chenghe, number: str, tmp_path: Path) -> None:
    assert act(office, number, "更正") == (2, "CASE_STEP_NOT_ALLOWED")
    assert act(office, number, "没有") == (2, "CHOICE_UNKNOWN")
    assert act(office, number, "转办") == (2, "UNIT_MISSING")
    assert act(office, number, "受理", "--seen", "核实中") == (2, "CASE_MOVED_ON")
    assert act(office, number, "受理", "--evidence", tmp_path / "没有.pdf") == (2, "EVIDENCE_UNREADABLE")
    assert act(office, number, "受理", "--set", "法律状态") == (2, "USAGE")
    assert act(office, "YY0", "受理") == (2, "CASE_UNKNOWN")
    assert office(*filing(tmp_path), "--json").json["error"]["code"] == "OBJECTION_OPEN"


def test_an_objection_is_given_to_another_unit(office: Chenghe, number: str) -> None:
    said = office(
        "objections", "act", number, "转办", "--to", "市市场监督管理局", "--reason", "职责所在（示例）", "--json"
    )
    assert (said.json["unit"], said.json["state"]) == ("市市场监督管理局", "已提交")


def test_a_correction_says_whom_it_concerns(office: Chenghe, number: str, tmp_path: Path) -> None:
    evidence = ("--evidence", tmp_path / "证据.pdf")
    for step in ("受理", "开始核实"):
        act(office, number, step)
    said = office("objections", "act", number, "更正", "--reason", "属实", "--set", "罚款金额=1", *evidence)
    assert said.status == 0
    assert "没有报告要新加提示" in said.err
    ours = load_profile("yunting").issuer_name
    duty = ("--unit", ours, "--matter", "示例", "--handler", "甲", "--purpose", "示例")
    history = office("records", "history", "--subject", COMPANY, *duty)
    assert f"异议 {number} 更正" in history.out


def test_evidence_is_handed_out_into_a_folder_and_nothing_is_overwritten(
    office: Chenghe, number: str, tmp_path: Path
) -> None:
    assert office("objections", "show", number, "--out", tmp_path / "out").status == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["1-证据.pdf"]
    assert (tmp_path / "out" / "1-证据.pdf").read_bytes() == b"%PDF-1.7 example"
    said = office("objections", "show", number, "--out", tmp_path / "out", "--json")
    assert said.json["error"]["code"] == "OUT_NOT_EMPTY"
    said = office("objections", "show", number, "--out", tmp_path / "证据.pdf" / "x", "--json")
    assert said.json["error"]["code"] == "OUT_NOT_WRITABLE"


def test_whoever_types_for_somebody_else_stands_beside_the_name(office: Chenghe, number: str) -> None:
    said = office("objections", "act", number, "受理", "--reason", "示例", "--by", "王核实", "--json")
    assert said.json["steps"][-1]["actor"] == f"王核实（{operator()} 代录）"
    nobody = office("objections", "act", number, "开始核实", "--reason", "示例", "--by", " ")
    assert (nobody.status, "ACCESS_DENIED" in nobody.err) == (2, True)
