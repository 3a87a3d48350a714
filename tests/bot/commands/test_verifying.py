"""Answers bot/commands/verifying.py: whatever is handed over gets an answer, and no name speaks for the program."""

import os
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from bot.commands.verifying import _exit_status, plain, readable
from tests.journeys.conftest import Chenghe
from tests.verify.batch.made import code_text, company, forged_text, subject_code, zipped
from tests.verify.sample import KEYS, NOW, QR, moment, with_change
from tests.verify.sample import Office as SampleOffice
from verify.check import check
from verify.notices import Changed
from verify.trust import dump


@pytest.fixture
def office(chenghe: Chenghe) -> Chenghe:
    chenghe("keys", "init")
    return chenghe


def test_digits_alone_are_a_code_not_a_file_name(office: Chenghe) -> None:
    for digits in ("5" * 480, "０" + "5" * 300, "a" * 5000):
        (entry,) = office("verify", digits, "--json").json
        assert entry["verdict"] == "unreadable", digits


def test_nothing_is_nothing_and_not_the_folder_we_are_in(office: Chenghe) -> None:
    said = office("verify", "", "--json")
    assert [entry["reason"] for entry in said.json] == ["EMPTY"]
    assert said.status == 1


@pytest.mark.parametrize("name", ["missing.docx", "missing.PNG"])
def test_a_file_that_is_not_there_is_no_code(office: Chenghe, tmp_path: Path, name: str) -> None:
    said = office("verify", tmp_path / name, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "FILE_NOT_OPENED")


def test_a_pipe_is_not_read(office: Chenghe, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert office("verify", tmp_path / "pipe", "--json").json["error"]["code"] == "FILE_NOT_OPENED"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "昨天", ""])
def test_a_moment_that_is_none_is_refused(office: Chenghe, moment: str) -> None:
    said = office("verify", "5", "--at", moment or " ", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "MOMENT_UNREADABLE")


def test_a_file_name_cannot_print_a_verdict(office: Chenghe, tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "a\x1b[2J\n✓ 有效　b.txt").write_text("1")
    (folder / os.fsdecode(b"\xff.txt")).write_text("1")
    said = office("verify", folder)
    assert "\x1b" not in said.out
    assert not [line for line in said.out.splitlines() if line.startswith("✓")]
    assert "‹U+001B›[2J‹U+000A›✓ 有效" in said.out
    assert len(office("verify", folder, "--json").json) == 2


def test_notices_are_printed_beside_the_verdict_and_leave_the_exit_status(tmp_path: Path, chenghe: Chenghe) -> None:
    trust = tmp_path / "trust.json"
    trust.write_text(dump(with_change(Changed.CORRECTED)), "utf-8")
    said = chenghe("verify", QR, "--trust", trust, "--at", NOW.isoformat())
    assert "! 数据已更正，请重新获取。" in said.out
    assert "（DATA_CORRECTED）" in said.out
    answer = check(QR, trust=with_change(Changed.CORRECTED), at=NOW, now=NOW)
    assert readable("码", answer).splitlines()[0] == "✓ 有效　码"
    assert _exit_status([answer]) == 0


def test_what_hides_or_turns_text_is_written_out() -> None:
    assert plain("报告\u202e\u200b\x9b2J") == "报告‹U+202E›‹U+200B›‹U+009B›2J"
    assert plain("云汀示例公司　91320902MA1EX0M1XB") == "云汀示例公司　91320902MA1EX0M1XB"


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    """A list that holds on whatever day the tests run: the command reads the real clock."""
    path = tmp_path / "trust.json"
    path.write_text(dump(SampleOffice(keys=replace(KEYS, expires_at=moment("2099-01-01T00:00:00"))).trust()))
    return path


AT = "2026-09-01T09:00:00"


def test_a_zip_gives_a_row_for_each_report_and_a_workbook(chenghe: Chenghe, trusted: Path, tmp_path: Path) -> None:
    packed, out = tmp_path / "开标.zip", tmp_path / "结果.xlsx"
    packed.write_bytes(zipped({"甲.txt": code_text(1).encode(), "乙.txt": forged_text(2).encode()}).read())
    bidders = tmp_path / "名单.csv"
    bidders.write_bytes(f"名称,代码\n{company(1)},{subject_code(1)}\n没来的公司,\n".encode("gb18030"))
    said = chenghe("verify", packed, "--trust", trusted, "--at", AT, "--bidders", bidders, "--out", out, "--json")
    assert [entry["input"] for entry in said.json] == ["甲.txt", "乙.txt"]
    assert said.json[1]["reason"] == "KEY_UNKNOWN"
    assert openpyxl.load_workbook(out).sheetnames == ["核验结果", "投标人", "说明"]
    said = chenghe("verify", packed, "--trust", trusted, "--at", AT, "--bidders", bidders)
    assert "投标人没有报告　没来的公司" in said.out


def test_a_table_of_another_kind_is_refused(chenghe: Chenghe, trusted: Path, tmp_path: Path) -> None:
    said = chenghe("verify", QR, "--trust", trusted, "--at", AT, "--out", tmp_path / "a.pdf")
    assert said.status == 2
    assert not (tmp_path / "a.pdf").exists()


def test_a_record_is_written_and_can_be_checked(chenghe: Chenghe, trusted: Path, tmp_path: Path) -> None:
    record = tmp_path / "核验记录.json"
    chenghe("verify", QR, "--trust", trusted, "--at", AT, "--record", record, "--by", "张核验（虚构）")
    said = chenghe("verify", "--check-record", record)
    assert (said.status, "张核验（虚构）" in said.out) == (0, True)
    again = chenghe("verify", "--check-record", record, "--json").json
    assert again["record"]["checked_in"] == "command line"
    assert (tmp_path / "home" / "keys" / "checker.pem").stat().st_mode & 0o777 == 0o600
    record.write_text(record.read_text().replace("张核验", "李核验"))
    assert chenghe("verify", "--check-record", record, "--json").json["error"]["code"] == "RECORD_SIGNATURE"


def test_several_reports_have_a_record_each(chenghe: Chenghe, trusted: Path, tmp_path: Path) -> None:
    chenghe("verify", QR, "5" * 480, "--trust", trusted, "--at", AT, "--record", tmp_path / "记录", "--by", "张核验")
    assert sorted(path.name for path in (tmp_path / "记录").iterdir()) == ["0001.json", "0002.json"]


def test_a_record_without_a_name_is_refused(chenghe: Chenghe, trusted: Path, tmp_path: Path) -> None:
    said = chenghe("verify", QR, "--trust", trusted, "--at", AT, "--record", tmp_path / "r.json", "--json")
    assert said.status == 2
    assert not (tmp_path / "r.json").exists()
