"""The targets of ``make fuzz`` for a moment: their seeds, a few hundred changes, and atheris itself."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.__main__ import NAMES, SHARES, main
from tests.fuzz.edits import edited, rebuilt
from tests.fuzz.targets import TARGETS, seeds

SLOW = {"docx": 3, "docx_rebuilt": 5, "pdf": 5, "pdf_opened": 2, "pdf_appended": 3, "any_file": 10}
SEEDS_MAX = 5
"""Of the slow ones."""


def test_the_command_knows_every_target() -> None:
    assert set(SHARES) == set(TARGETS)
    assert set(NAMES) == {*TARGETS, "api"}


@pytest.mark.parametrize("name", SHARES)
def test_changed_things_are_never_green_and_never_a_fault(name: str) -> None:
    random_bytes = random.Random(name).randbytes
    target = TARGETS[name]
    for seed in list(seeds(name))[-SEEDS_MAX if name in SLOW else 0 :]:
        target(seed)
    for number in range(SLOW.get(name, 300)):
        target(random_bytes(number % 40))


def test_a_target_that_is_wrong_is_found() -> None:
    assert edited(b"genuine", bytes.fromhex("000000 00 00")) == b"genuine"
    assert edited(b"genuine", bytes.fromhex("000001 02 01 78")) == b"gxuine"


def test_a_rebuilt_part_is_well_formed_whatever_the_bytes() -> None:
    part = b'<a xmlns:w="x"><b><c>1</c></b><d w:e="2"/></a>'
    random_bytes = random.Random(7).randbytes
    changed = {rebuilt(part, random_bytes(6 * (number % 9))) for number in range(300)}
    assert len(changed) > 100
    assert rebuilt(part, b"").endswith(part)


def test_the_command_tells_what_it_did(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "http", "--runs", "200", "--seconds", "300", "--keep", str(tmp_path)]) == 0
    table = capfd.readouterr().out.splitlines()
    assert re.fullmatch(r"\| http \| [0-9]+ \| 2[0-9]{2} \| [0-9]+ \| no finding \|", table[-2]), table
    assert table[-1].startswith("| all |")
    assert not list(tmp_path.iterdir())


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
