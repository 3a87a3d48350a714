"""An objection as a transcript: a report shows a record, the company objects, the record goes, verifiers learn it.

The office is the fictional city of Yunting, whose basis is in force; all companies and documents are fictional.
"""

from pathlib import Path

import pytest

from index.rules.offices import copy_profile
from tests.index.records.samples import COMPANY, PENALTY_ROW, penalty, subject, write_csv
from tests.journeys.conftest import Chenghe

DOCUMENT = PENALTY_ROW["CF_WSH"]
ISSUE = ("report", "issue", "--subject", COMPANY, "--years", 3)


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    """Yunting with one company and one penalty; its service level is ten working days."""
    copy_profile("yunting", tmp_path / "home" / "office")
    assert chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject()])).status == 0
    assert chenghe("records", "import", write_csv(tmp_path / "r.csv", [penalty(KZ_YZCD="严重")])).status == 0
    (tmp_path / "证据.pdf").write_bytes(b"%PDF-1.7 example")
    return chenghe


def issue(office: Chenghe, out: Path) -> tuple[str, int]:
    """The number of a fresh report, and how many records it says it has."""
    report = office(*ISSUE, "--out", out, "--json").json
    (entry,) = office("verify", report["qr_text"], "--json").json
    assert entry["verdict"] == "valid"
    return report["number"], entry["report"]["records"]


def notices(office: Chenghe, folder: Path) -> set[str]:
    """What a verifier with the docx in hand is told beside the verdict."""
    said = office("verify", *folder.glob("*.docx"), "--json")
    assert {entry["verdict"] for entry in said.json} == {"valid"}
    return {notice["message"] for entry in said.json for notice in entry["notices"]}


def filed(office: Chenghe, tmp_path: Path, *arguments: object) -> str:
    said = office(
        "objections", "file", "--subject", COMPANY, "--record", DOCUMENT, "--reason", "该处罚决定已被撤销（示例）",
        "--by", "经办人示例", "--evidence", tmp_path / "证据.pdf", *arguments, "--json",
    )  # fmt: skip
    assert said.status == 0, said.err
    return str(said.json["number"])


def step(office: Chenghe, number: str, name: str, *arguments: object, command: str = "objections") -> str:
    said = office(command, "act", number, name, "--reason", f"{name}（示例）", *arguments, "--json")
    assert said.status == 0, said.err
    return str(said.json["state"])


def test_an_upheld_objection_reaches_the_verifier_and_the_next_report(office: Chenghe, tmp_path: Path) -> None:
    number, records = issue(office, tmp_path / "first")
    assert records == 1
    case = filed(office, tmp_path, "--report", number)
    assert notices(office, tmp_path / "first") == set()
    unit = ("--unit", "云汀市生态环境局")
    evidence = ("--evidence", tmp_path / "证据.pdf")
    assert [step(office, case, name, *unit) for name in ("受理", "开始核实")] == ["已受理", "核实中"]
    assert step(office, case, "更正", "--set", "法律状态=撤销", *unit, *evidence) == "更正"
    assert notices(office, tmp_path / "first") == {"数据已更正，请重新获取。"}
    assert step(office, case, "反馈", *unit) == "已反馈"
    _, records = issue(office, tmp_path / "second")
    assert records == 0
    assert notices(office, tmp_path / "second") == set()
    assert notices(office, tmp_path / "first") == {"数据已更正，请重新获取。"}


def test_while_it_is_open_the_report_says_so(office: Chenghe, tmp_path: Path) -> None:
    import zipfile

    def printed(folder: Path) -> str:
        with zipfile.ZipFile(next(folder.glob("*.docx"))) as docx:
            return docx.read("word/document.xml").decode()

    case = filed(office, tmp_path)
    issue(office, tmp_path / "open")
    assert "异议处理中" in printed(tmp_path / "open")
    step(office, case, "不予受理")
    issue(office, tmp_path / "closed")
    assert "异议处理中" not in printed(tmp_path / "closed")


def test_a_repair_reaches_the_verifier_and_the_next_report(office: Chenghe, tmp_path: Path) -> None:
    issue(office, tmp_path / "first")
    applied = (
        "--subject", COMPANY, "--record", DOCUMENT, "--corrected", "2025-06-01", "--fulfilled", "2025-07-01",
        "--commitment", "承诺依法诚信经营（示例）", "--by", "经办人示例",
    )  # fmt: skip
    assert office("repairs", "check", *applied).status == 0
    said = office("repairs", "file", *applied, "--evidence", tmp_path / "证据.pdf", "--json")
    assert said.status == 0, said.err
    case = said.json["number"]
    for name in ("受理", "开始审核", "准予修复"):
        step(office, case, name, command="repairs")
    assert notices(office, tmp_path / "first") == {"签发后有记录完成修复。"}
    assert issue(office, tmp_path / "second")[1] == 0
    assert step(office, case, "办结", command="repairs") == "已办结"


def test_what_a_department_sends_again_reaches_the_verifier_without_a_case(office: Chenghe, tmp_path: Path) -> None:
    number, records = issue(office, tmp_path / "first")
    assert records == 1
    done = penalty(KZ_YZCD="严重", KZ_JZRQ="2025-06-01", KZ_XFRQ="2026-10-09")
    said = office("records", "import", write_csv(tmp_path / "r.csv", [done]), "--json")
    assert [file["told"] for file in said.json] == [[number]]
    assert number in said.err
    assert notices(office, tmp_path / "first") == {"签发后有记录完成修复。"}
    assert issue(office, tmp_path / "second")[1] == 0
    assert notices(office, tmp_path / "second") == set()


def test_what_the_office_amends_reaches_the_verifier_without_a_case(office: Chenghe, tmp_path: Path) -> None:
    number, _ = issue(office, tmp_path / "first")
    key = f"{COMPANY}/{DOCUMENT}/{PENALTY_ROW['CF_JDRQ']}"
    said = office("records", "amend", key, "--set", "备注=示例", "--reason", "示例")
    assert "没有报告要新加提示" in said.err
    said = office("records", "amend", key, "--set", "法律状态=撤销", "--reason", "决定已撤销（示例）")
    assert number in said.err
    assert notices(office, tmp_path / "first") == {"数据已更正，请重新获取。"}
