"""Our own verifier against the vectors any other implementation can run."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.make import FILES, FOLDER, content
from verify.check import check
from verify.reasons import Verdict
from verify.trust import load

VECTORS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
CASES = [(name, case) for name, vectors in VECTORS.items() for case in vectors["cases"]]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['id']}" for name, case in CASES])
def test_vector(name: str, case: dict[str, Any]) -> None:
    trust = load(json.dumps(VECTORS[name]["trust"][case["trust"]]))
    scanned = case["scanned"] if "scanned" in case else bytes.fromhex(case["scanned_hex"])
    at, now = datetime.fromisoformat(case["at"]), datetime.fromisoformat(case["now"])
    answer = check(scanned, trust=trust, at=at, now=now)
    assert (answer.verdict.value, answer.reason.value) == (case["verdict"], case["reason"])
    assert [notice.value for notice in answer.notices] == case["notices"]
    assert (answer.credential is not None) or answer.verdict in {
        Verdict.UNREADABLE,
        Verdict.FORGED,
        Verdict.INDETERMINATE,
    }


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_what_the_script_writes(name: str) -> None:
    assert (Path(FOLDER) / f"{name}.json").read_text(encoding="utf-8") == content(name)
