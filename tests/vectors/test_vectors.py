"""Our own verifier against the vectors any other implementation can run (docs/credential.md §11)."""

import json
import re
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.make import FILES, FOLDER, content
from verify.check import Verification, authenticate, judge, refused, untrusted
from verify.errors import TrustError
from verify.reasons import Reason, Rejection, Verdict
from verify.registration import LogEvidence
from verify.transparency.evidence import Fetched, LogShelf
from verify.trust import Trust, load, refuse_rollback

VECTORS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
CASES = [(name, case) for name, vectors in VECTORS.items() for case in vectors["cases"]]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['id']}" for name, case in CASES])
def test_vector(name: str, case: dict[str, Any]) -> None:
    at, now = datetime.fromisoformat(case["at"]), datetime.fromisoformat(case["now"])
    code = None
    try:
        trust = trust_of(VECTORS[name]["trust"], case)
    except TrustError as error:
        code, answer = error.code, untrusted(error, at)
    else:
        answer = verified(VECTORS[name], case, trust, at, now)
    assert code == case.get("code")
    assert (answer.verdict.value, answer.reason.value) == (case["verdict"], case["reason"])
    assert [notice.value for notice in answer.notices] == case["notices"]
    assert answer.to_json()["log"] == case.get("told")
    assert not re.search("。[。）]|不可用：核验码", answer.message), "one sentence, about what it is about"
    assert (answer.credential is not None) or answer.verdict in {
        Verdict.UNREADABLE,
        Verdict.FORGED,
        Verdict.INDETERMINATE,
    }


def trust_of(files: dict[str, Any], case: dict[str, Any]) -> Trust:
    trust = load(json.dumps(files[case["trust"]]))
    if "seen" in case:
        refuse_rollback(trust, load(json.dumps(files[case["seen"]])))
    return trust


def verified(vectors: dict[str, Any], case: dict[str, Any], trust: Trust, at: datetime, now: datetime) -> Verification:
    scanned = case["scanned"] if "scanned" in case else bytes.fromhex(case["scanned_hex"])
    try:
        authentic = authenticate(scanned, trust, now)
    except Rejection as rejection:
        return refused(rejection, at)
    log: LogEvidence | None = None
    if "log" in case:
        files = {path: b64decode(data) for path, data in vectors["logs"].get(case.get("log_seen"), {}).items()}
        shelf = LogShelf(Fetched(files.get), trust.keys.logs)
        if files:
            assert shelf.evidence(authentic.credential) is not None
            files.clear()
        files.update({path: b64decode(data) for path, data in vectors["logs"][case["log"]].items()})
        log = shelf.evidence(authentic.credential)
    return judge(authentic, trust=trust, at=at, now=now, log=log)


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_what_the_script_writes(name: str) -> None:
    assert (Path(FOLDER) / f"{name}.json").read_text(encoding="utf-8") == content(name)


def test_no_flipped_bit_of_a_token_is_ever_valid() -> None:
    flipped = [case for case in VECTORS["keys"]["cases"] if case["case"] == 40]
    assert len(flipped) > 190
    assert not {case["reason"] for case in flipped} & {Reason.OK, Reason.OK_FOREIGN_HOST, Reason.OK_THEN}
