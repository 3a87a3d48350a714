"""Answers bot/commands/office.py and bases.py."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from index.rules.offices import copy_profile
from tests.index.records.samples import penalty, write_csv

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        status = main([*map(str, words), "--home", str(tmp_path / "home")])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_init_says_what_to_do_next_in_order(run: Run, tmp_path: Path) -> None:
    status, out, err = run("office", "init", "--city", "青禾市")
    assert (status, "青禾市" in out) == (0, True)
    steps = [line.split(".")[0] for line in err.splitlines()]
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert "bases.csv" in err
    assert (tmp_path / "home" / "office" / "office.toml").exists()


def test_init_elsewhere_says_where_to_put_it(run: Run, tmp_path: Path) -> None:
    assert run("office", "init", tmp_path / "draft", "--from", "yunting")[0] == 0
    status, out, err = run("office", "check", tmp_path / "draft", "--as-of", "2026-11-22")
    assert (status, "云汀市" in out) == (0, True)
    assert "示例" in err
    assert not (tmp_path / "home").exists()


def test_check_shows_the_office_as_it_is_on_a_day(run: Run, tmp_path: Path) -> None:
    copy_profile("yunting", tmp_path / "home" / "office")
    status, out, err = run("office", "check", "--as-of", "2026-11-22")
    assert status == 0
    for word in (
        "已实施 10 个，共 12 个",
        "2027-01-01 起：11",
        "现行有效",
        "2027 年尚未公布",
        "银行贷款",
        "个体工商户",
    ):
        assert word in out, word
    assert "2027 年的放假安排尚未录入" in err


def test_check_knows_the_bases_registered_here(run: Run) -> None:
    assert run("office", "check", "--as-of", "2026-11-22")[0] == 1
    entered = run(
        "bases", "register", "示例接续办法（虚构）", "--from", "2026-09-01", "--to", "2031-08-31",
        "--evidence", "示例公报2026年第8期",
    )  # fmt: skip
    assert entered[0] == 0
    status, out, err = run("office", "check", "--as-of", "2026-11-22")
    assert (status, "示例接续办法（虚构）" in out, "不能签发" in err) == (0, True, False)


def test_check_counts_the_records_of_a_domain_that_was_taken_away(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "office"
    copy_profile("yunting", folder)
    assert run("records", "import", write_csv(tmp_path / "r.csv", [penalty()]))[0] == 0
    assert "没有这个序号" not in run("office", "check", "--as-of", "2026-11-22")[2]
    sheet = (folder / "domains.csv").read_text(encoding="utf-8")
    (folder / "domains.csv").write_text(sheet.replace("\n4,生态环境", "\n40,生态环境"), encoding="utf-8")
    assert "有 1 条属于序号 4 的领域" in run("office", "check", "--as-of", "2026-11-22")[2]


def test_check_without_a_folder_says_that_it_shows_the_sample(run: Run) -> None:
    assert "内置示例" in run("office", "check")[2]
    run("office", "init")
    assert "内置示例" not in run("office", "check")[2]


def test_check_of_a_folder_that_is_not_there_says_how_to_make_it(run: Run, tmp_path: Path) -> None:
    status, _, err = run("office", "check", tmp_path / "nowhere")
    assert (status, "OFFICE_MISSING" in err, "chenghe office init" in err) == (2, True, True)


def test_an_unknown_profile_is_named(run: Run) -> None:
    status, _, err = run("office", "init", "--from", "atlantis")
    assert (status, "yunting" in err) == (2, True)


def test_bases_of_a_day_are_listed_with_their_origin(run: Run) -> None:
    status, out, err = run("bases", "list", "--as-of", "2026-08-31")
    assert (status, "现行有效" in out, "office/bases.csv（方案文末）" in out) == (0, True, True)
    assert "2026-08-31 签发的报告印" in err
    assert "不能签发" in run("bases", "list", "--as-of", "2026-09-01")[2]


def test_a_basis_is_not_registered_without_its_term(run: Run) -> None:
    status, _, err = run("bases", "register", "示例接续办法", "--from", "2026-09-01", "--evidence", "示例来函")
    assert (status, "--to" in err) == (2, True)
