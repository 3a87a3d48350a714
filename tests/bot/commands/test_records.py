"""Answers bot/commands/records.py: what a clerk sees of an import."""

import io
import threading
import time
from pathlib import Path

import pytest

from bot import console
from tests.index.records.samples import COMPANY, penalty, subject, write_csv
from tests.journeys.conftest import Chenghe


def yancheng(**changes: str) -> dict[str, str]:
    return penalty(**{"CF_CFJG": "盐城市生态环境局", "CF_SJLY": "盐城市生态环境局", **changes})


def test_columns_that_were_not_read_are_named(chenghe: Chenghe, tmp_path: Path) -> None:
    said = chenghe("records", "import", write_csv(tmp_path / "r.csv", [yancheng(内部列="1")]))
    assert said.status == 0
    assert "没有保存的列：CF_FRDB、CF_XDR_ZJHM、内部列" in said.err


def test_refused_row_is_told_with_row_column_reason_and_next_step(chenghe: Chenghe, tmp_path: Path) -> None:
    said = chenghe("records", "import", write_csv(tmp_path / "r.csv", [yancheng(), yancheng(CF_JDRQ="45730")]))
    assert said.status == 1
    assert "第 3 行 CF_JDRQ：“45730”像是表格软件的日期序号。 下一步：请把该列设为日期格式" in said.err


@pytest.mark.parametrize("order", [("bad.csv", "r.csv"), ("r.csv", "bad.csv")])
def test_file_that_cannot_be_read_is_named_and_the_others_land(
    chenghe: Chenghe, tmp_path: Path, order: tuple[str, str]
) -> None:
    write_csv(tmp_path / "r.csv", [yancheng()])
    (tmp_path / "bad.csv").write_bytes(b"\x00\x00")
    said = chenghe("records", "import", *(tmp_path / name for name in order), "--json")
    told = {entry["file"]: entry for entry in said.json}
    assert said.status == 2
    assert told["r.csv"]["inserted"] == 1
    assert told["bad.csv"]["error"]["code"] == "IMPORT_UNREADABLE"
    assert "bad.csv：没有导入" in said.err


def test_code_is_understood_as_people_type_it(chenghe: Chenghe, tmp_path: Path) -> None:
    chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject()]))
    chenghe("records", "import", write_csv(tmp_path / "r.csv", [yancheng()]))
    assert chenghe("subjects", "show", f" {COMPANY.lower()} ", "--json").json["code"] == COMPANY
    assert len(chenghe("records", "list", "--subject", COMPANY.lower(), "--json").json) == 1


def test_home_that_cannot_be_made_is_said(chenghe: Chenghe, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = chenghe("records", "list", "--subject", COMPANY, "--json", home=tmp_path / "file" / "home")
    assert (said.status, said.json["error"]["code"]) == (2, "HOME_NOT_WRITABLE")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("shown_on", "shown"), [(Terminal(), True), (io.StringIO(), False)])
def test_progress_is_a_running_count_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, shown_on: io.StringIO, shown: bool
) -> None:
    monkeypatch.setattr("sys.stderr", shown_on)
    with console.counting(label="a.csv", unit=" 行") as progress:
        for rows in (1000, 3000):
            time.sleep(0.15)  # tqdm shows ten times a second at most
            progress(rows)
    assert ("a.csv: 3000 行" in shown_on.getvalue()) is shown


def test_progress_whose_share_is_known_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    shown_on = Terminal()
    monkeypatch.setattr("sys.stderr", shown_on)
    with console.counting(label="a.csv", unit=" 行") as progress:
        time.sleep(0.15)  # tqdm shows ten times a second at most
        progress(1000, 0.25)
    assert "a.csv:  25%" in shown_on.getvalue()
    assert "1000/4000" in shown_on.getvalue()


def test_progress_starts_no_thread_so_that_an_import_may_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    before = threading.active_count()
    with console.counting(label="a.csv", unit=" 行"):
        assert threading.active_count() == before


def test_errors_go_where_the_clerk_says_and_come_back(chenghe: Chenghe, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "处罚.csv", [yancheng(), yancheng(CF_WSH="二号", CF_JDRQ="45730")])
    plain = chenghe("records", "import", path)
    assert "加上 --errors" in plain.err
    said = chenghe("records", "import", path, "--errors", tmp_path / "错误表", "--json")
    book = tmp_path / "错误表" / "处罚-待更正.xlsx"
    assert said.json[0]["errors_file"] == str(book)
    again = chenghe("records", "import", book, "--json")
    assert (again.status, again.json[0]["rejected"], again.json[0]["encoding"]) == (1, 1, "xlsx")


def test_error_workbook_never_takes_the_place_of_what_is_imported(chenghe: Chenghe, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.xlsx", [yancheng(CF_JDRQ="x")])
    before = path.read_bytes()
    said = chenghe("records", "import", path, "--errors", path, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "ERRORS_PLACE")
    both = chenghe("records", "import", path, path, "--errors", tmp_path / "e.xlsx", "--json")
    assert both.json["error"]["code"] == "ERRORS_PLACE"
    assert path.read_bytes() == before


def test_error_workbook_never_takes_the_place_of_one_that_is_being_mended(chenghe: Chenghe, tmp_path: Path) -> None:
    path, folder = write_csv(tmp_path / "r.csv", [yancheng(CF_JDRQ="x")]), tmp_path / "e"
    said = [chenghe("records", "import", path, "--errors", folder, "--json").json[0]["errors_file"] for _ in range(3)]
    assert [Path(each).name for each in said] == ["r-待更正.xlsx", "r-待更正2.xlsx", "r-待更正3.xlsx"]
    again = chenghe("records", "import", path, "--errors", said[0], "--json")
    assert (again.status, again.json["error"]["code"]) == (2, "ERRORS_PLACE")
