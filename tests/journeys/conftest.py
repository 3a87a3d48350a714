"""``chenghe`` as a person types it: arguments in, exit status, stdout and stderr out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Chenghe = Callable[..., Said]


@pytest.fixture
def chenghe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Chenghe:
    """Runs one command in a fresh home of this test."""

    def run(*arguments: object, home: Path = tmp_path / "home") -> Said:
        status = main([*map(str, arguments), "--home", str(home)])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run
