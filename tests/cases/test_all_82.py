"""Every one of the 82 cases stands as data somewhere, with the verdict and the reason it must get."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.test_vectors import VECTORS
from verify.reasons import Reason, verdict_of

FOLDER = Path(__file__).parent


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cases"]
    return found


NAMED: dict[str, str] = json.loads((FOLDER / "all_82.json").read_text(encoding="utf-8"))["cases"]
DATA = [*(case for each in VECTORS.values() for case in each["cases"]), *cases("files.json"), *cases("service.json")]


def test_there_are_82() -> None:
    assert [int(number) for number in NAMED] == list(range(1, 83))


@pytest.mark.parametrize("number", range(1, 83), ids=[f"{number} {name}" for number, name in NAMED.items()])
def test_the_case_is_there_with_verdict_and_reason(number: int) -> None:
    found = [case for case in DATA if case["case"] == number]
    assert found
    for case in found:
        assert verdict_of(Reason(case["reason"])).value == case["verdict"]


def test_the_numbers_are_those_of_the_shared_list(shared: Path) -> None:
    """The list counts to 82, and what it says of each number is what ours names."""
    text = (shared / "verify-cases.md").read_text(encoding="utf-8")
    assert all(f"{number} " in text for number in range(1, 83))
    assert "82" in text
