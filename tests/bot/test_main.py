"""The ``chenghe`` command as a whole: what is typed wrongly is an error like all others."""

import json

import pytest

from bot.__main__ import main


def test_a_wrong_command_line_is_answered_in_chinese_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "issue", "--years", "3"]) == 2
    said = capsys.readouterr()
    assert "命令写得不对" in said.err
    assert "chenghe report issue" in said.err
    assert said.out == ""


def test_with_json_it_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "USAGE"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("demo", "serve", "policies", "ask", "report", "verify", "keys"))
