"""The targets of ``make fuzz`` for a moment: their seeds, a few hundred changes, and atheris itself."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.__main__ import NAMES
from tests.fuzz.targets import TARGETS, edited, seeds

SLOW = {"docx": 3, "pdf": 5, "any_file": 20}


def test_the_command_knows_every_target() -> None:
    assert set(NAMES) == set(TARGETS)


@pytest.mark.parametrize("name", NAMES)
def test_changed_things_are_never_green_and_never_a_fault(name: str) -> None:
    random_bytes = random.Random(name).randbytes
    target = TARGETS[name]
    for seed in seeds(name):
        target(seed)
    for number in range(SLOW.get(name, 300)):
        target(random_bytes(number % 40))


def test_a_target_that_is_wrong_is_found() -> None:
    assert edited(b"genuine", bytes.fromhex("000000 00 00")) == b"genuine"
    assert edited(b"genuine", bytes.fromhex("000001 02 01 78")) == b"gxuine"


def test_atheris_runs_a_target(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.child",
        "token_bytes",
        "-runs=2000",
        "-max_total_time=5",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "DONE" in done.stderr
