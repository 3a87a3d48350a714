"""Hostile, broken and odd files: each a clear sentence with the next step, or plain text."""

from pathlib import Path

import pytest

from index.errors import UnreadablePolicy
from index.policies.readers import read
from tests.bad_input import CASES, RULES, Case

QUICK = [case for case in CASES if not case.heavy]


@pytest.mark.parametrize("case", QUICK, ids=[case.name for case in QUICK])
def test_it_is_refused_with_a_next_step_or_read_as_text(tmp_path: Path, case: Case) -> None:
    path = tmp_path / case.file
    case.make(path)
    if not case.code:
        raw, content = read(path)
        assert raw.text.strip()
        assert content == path.read_bytes()
        return
    with pytest.raises(UnreadablePolicy) as caught:
        read(path)
    assert caught.value.code == case.code
    assert caught.value.message.startswith(case.file)
    assert caught.value.next_step.endswith("。")


def test_the_names_of_the_cases_are_all_different() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_instructions_in_a_document_stay_words_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "咒语.txt"
    next(case for case in CASES if case.file == "咒语.txt").make(path)
    assert read(path)[0].text.startswith(RULES)


@pytest.mark.parametrize("name", ["没有.txt", "没有/甲.txt"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadablePolicy, match="找不到"):
        read(tmp_path / name)


def test_a_name_no_file_can_have_is_named(tmp_path: Path) -> None:
    path = tmp_path / "甲\0.txt"
    with pytest.raises(UnreadablePolicy, match="不能用的字符"):
        read(path)
