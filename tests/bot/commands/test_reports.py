"""Answers bot/commands/reports.py: where a report goes, and what its desk reads."""

import os
import sqlite3
from pathlib import Path

import pytest

from index.rules.offices import copy_profile
from tests.index.records.samples import COMPANY, SHOP, subject, write_csv
from tests.journeys.conftest import Chenghe

AUGUST = "2026-08-20T10:00:00+08:00"
ISSUE = ("report", "issue", "--subject", COMPANY, "--years", 3)


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    assert chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject()])).status == 0
    return chenghe


def test_a_folder_that_cannot_take_the_report_is_refused_before_anything_is_signed(
    office: Chenghe, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        said = office(*ISSUE, "--now", AUGUST, "--out", out, "--json")
        assert (said.status, said.json["error"]["code"]) == (2, "OUT_NOT_WRITABLE")
    with sqlite3.connect(tmp_path / "home" / "office.db") as store:
        assert store.execute("select count(*) from ledger").fetchone() == (0,)
        assert store.execute("select count(*) from report_numbers").fetchone() == (0,)
    store.close()


def test_the_desk_reads_chinese(office: Chenghe) -> None:
    said = office(*ISSUE, "--now", AUGUST)
    assert "核验有效期　至 2026-09-20 24 时" in said.out
    number = next(line.split()[-1] for line in said.out.splitlines() if line.startswith("报告编号"))
    assert "状态　　　　有效" in office("report", "show", number).out
    office("report", "revoke", number, "--reason", "数据有误")
    assert "已撤销" in office("report", "show", number).out
    assert "数据有误" in office("report", "show", number).out


def test_code_is_understood_as_people_type_it(office: Chenghe) -> None:
    said = office("report", "issue", "--subject", COMPANY.lower(), "--years", 1, "--now", AUGUST, "--json")
    assert said.json["subject_code"] == COMPANY


@pytest.mark.parametrize(
    ("now", "code"), [("2026-11-01T10:00", "MOMENT_BACKDATED"), ("2036-11-01T10:00", "MOMENT_IN_FUTURE")]
)
def test_a_real_office_refuses_a_chosen_moment(
    chenghe: Chenghe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: str, code: str
) -> None:
    monkeypatch.setenv("CHENGHE_KEY_PASSPHRASE", "示例口令-不要照抄-0123")
    copy_profile("yunting", tmp_path / "home" / "office")
    settings = tmp_path / "home" / "office" / "office.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("sample = true", "sample = false"), encoding="utf-8"
    )
    chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject()]))
    assert chenghe(*ISSUE, "--json").json["error"]["code"] == "IDENTITY_UNCHECKED"
    checked = (*ISSUE, "--identity", "营业执照", "--json")
    assert chenghe(*checked).json["error"]["code"] == "KEYS_MISSING"
    assert chenghe("keys", "init").status == 0
    said = chenghe(*checked, "--now", now)
    assert (said.status, said.json["error"]["code"]) == (2, code)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write_is_refused(office: Chenghe, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    assert (
        office(*ISSUE, "--now", AUGUST, "--out", tmp_path / "out", "--json").json["error"]["code"] == "OUT_NOT_WRITABLE"
    )


def test_every_code_of_a_file_gets_a_report_and_the_desk_hears_which_one_got_none(
    chenghe: Chenghe, tmp_path: Path
) -> None:
    chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject(), subject(统一社会信用代码=SHOP)]))
    codes, unknown = tmp_path / "codes.txt", "91320981MA1EX0M44E"
    codes.write_text(f"\ufeff{COMPANY.lower()}\r\n\n{SHOP}\n{unknown}\n{SHOP}\n", encoding="utf-8")
    batch = ("report", "issue", "--subjects", codes, "--years", 1, "--now", AUGUST, "--key", "K")
    said = chenghe(*batch, "--json", "--out", tmp_path / "out")
    assert said.status == 1
    assert [(item["subject_code"], item["problem"] and item["problem"]["code"]) for item in said.json] == [
        (COMPANY, None),
        (SHOP, None),
        (unknown, "SUBJECT_UNKNOWN"),
    ]
    assert all(Path(item["report"]["files"]["docx"]).is_file() for item in said.json[:2])
    number = said.json[0]["report"]["number"]
    again = chenghe(*batch)
    assert number in again.out
    assert "签发 2 份，没有签发 1 份" in again.err
    shown = chenghe("report", "show", number).out
    assert "途径　　　　窗口" in shown
    assert "批量申请　　K" in shown


def test_a_file_of_codes_that_cannot_be_read_is_refused_in_words(chenghe: Chenghe, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "big.txt").write_text("9" * 70_000)
    for name in ("none.txt", "other.txt", "big.txt", "."):
        said = chenghe("report", "issue", "--subjects", tmp_path / name, "--years", 1, "--json")
        assert (said.status, said.json["error"]["code"]) == (2, "SUBJECTS_UNREADABLE")


def test_with_parent_needs_a_parent(chenghe: Chenghe) -> None:
    said = chenghe(*ISSUE, "--with-parent", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "USAGE")


def number_of(said_json: object) -> str:
    assert isinstance(said_json, dict)
    return str(said_json["number"])


def test_a_report_is_suspended_resumed_and_replaced_and_show_prints_every_step(office: Chenghe) -> None:
    older = number_of(office(*ISSUE, "--now", AUGUST, "--json").json)
    newer = number_of(office(*ISSUE, "--now", "2026-08-21T10:00:00+08:00", "--json").json)
    for step in (("suspend", "--reason", "复核数据"), ("resume", "--reason", "复核无误")):
        said = office("report", step[0], older, *step[1:], "--now", "2026-08-21T11:00:00+08:00")
        assert (said.status, older in said.err) == (0, True), said.err
    refused = office("report", "supersede", newer, "--by", older, "--reason", "反了")
    assert (refused.status, "SUCCESSOR_REFUSED" in refused.err) == (2, True)
    assert office("report", "supersede", older, "--by", newer, "--reason", "数据更新").status == 0
    shown = office("report", "show", older).out
    assert "登记日志　　第 1 条，2026-08-20 10:00:00" in shown
    assert "状态　　　　已被替换" in shown
    steps = [line.split("　") for line in shown.splitlines() if line.startswith("　　　　　　2")]
    assert [step[-3:-1] for step in steps[:2]] == [["暂停", "复核数据"], ["恢复", "复核无误"]]
    assert f"数据更新，由 {newer} 替换" in shown
    told = office("report", "show", older, "--json").json
    assert [change["event"] for change in told["changes"]] == ["suspend", "resume", "supersede"]
    assert (told["state"], told["log"]["index"]) == ("superseded", 1)
    refused = office("report", "resume", older, "--reason", "想再用")
    assert "REPORT_STEP_NOT_ALLOWED" in refused.err


def test_on_another_day_a_report_had_another_status(office: Chenghe) -> None:
    """Valid on the day bids were opened, withdrawn since: the log knows both."""
    said = office(*ISSUE, "--now", AUGUST, "--json")
    number, text = number_of(said.json), said.json["qr_text"]
    office("report", "revoke", number, "--reason", "数据有误", "--now", "2026-08-25T09:00:00+08:00")

    def asked(at: str) -> tuple[str, str]:
        (entry,) = office("verify", text, "--at", at, "--json").json
        return entry["verdict"], entry["reason"]

    assert asked("2026-08-24T09:00:00+08:00") == ("valid", "OK_THEN")
    assert asked("2026-08-25T09:00:00+08:00") == ("revoked", "WITHDRAWN")
