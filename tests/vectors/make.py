"""Writes tests/vectors/*.json: what is scanned, when, under which trust, and what the answer must be.

    python -m tests.vectors.make

Keys and facts are fixed (tests/verify/sample.py), so the files come out the same every time; a test compares. All of it
is fictional. docs/credential.md describes the bytes, and in §11 the form of the files.
"""

import json
from pathlib import Path
from typing import Any

from tests.vectors import algorithms, log, tokens, unusable
from tests.vectors.trusts import FIRST, TRUSTS
from verify.trust import Trust, dump

FOLDER = Path(__file__).parent
FILES = {
    "carrier": (tokens.carrier, "How a token is scanned: verify-cases 4–13."),
    "encoding": (
        tokens.encoding,
        "CBOR, COSE and claims: verify-cases 16–31, 34, 35, 41, 42, 47, 49–51. All signed by the real key.",
    ),
    "keys": (tokens.keys_and_signature, "Keys and signatures: verify-cases 32, 36–40, 43, 62."),
    "algorithms": (algorithms.cases, "ES256 and SM2: verify-cases 29, 41–46."),
    "time": (tokens.time, "The one month: verify-cases 48, 52–54."),
    "status": (tokens.status, "Withdrawal: verify-cases 54–59."),
    "notices": (tokens.notices, "What is told beside the verdict: corrected, repaired, unknown."),
    "trust": (unusable.cases, "Trust that cannot be used: verify-cases 33, 44, 59–63."),
    "log": (log.cases, "The transparency log: verify-cases 81, 82, and the status of an earlier day."),
}
ALL: dict[str, Trust | dict[str, Any]] = {**TRUSTS, **algorithms.TRUSTS, **unusable.TRUSTS, **log.TRUSTS}


def written(name: str) -> dict[str, Any]:
    """The trust file, as the office of its time wrote it."""
    trust = ALL[name]
    if not isinstance(trust, Trust):
        return trust
    file: dict[str, Any] = json.loads(dump(trust))
    if name == FIRST:
        del file["notice_list"]
        file["format"] = "chenghe-trust-1"
    return file


def content(name: str) -> str:
    """The text of ``tests/vectors/<name>.json``."""
    make, about = FILES[name]
    cases = list(make())
    trusts = sorted({each["trust"] for each in cases} | {each["seen"] for each in cases if "seen" in each})
    logs = sorted({each[key] for each in cases for key in ("log", "log_seen") if key in each})
    document = {"about": about, "trust": {key: written(key) for key in trusts}}
    if logs:
        document["logs"] = {key: log.published(key) for key in logs}
    return json.dumps(document | {"cases": cases}, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    for name in FILES:
        (FOLDER / f"{name}.json").write_text(content(name), encoding="utf-8")


if __name__ == "__main__":
    main()
