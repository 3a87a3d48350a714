"""Answers bot/console.py: what comes from files and requests does not steer the terminal."""

import json

import pytest

from bot import console

STEERING = "a\x1b[31m\x9b2J\u202eb\r\ud800"


def test_lines_and_messages_hold_nothing_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    console.say(f"甲\u3000乙\n{STEERING}")
    console.line(f"甲\t{STEERING}")
    shown = capsys.readouterr()
    assert shown.err == "甲\u3000乙\na�[31m�2J�b��\n"
    assert shown.out == "甲\ta�[31m�2J�b��\n"


def test_json_holds_the_same_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_json({"file": STEERING})
    out = capsys.readouterr().out
    assert json.loads(out) == {"file": STEERING}
    assert not any(character in out for character in STEERING if not character.isprintable())
