"""Every vector, asked of the public service: POST /api/verify answers what the verifier answers."""

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.vectors.test_vectors import CASES, VECTORS
from verify.public.app import PublicSettings, build
from verify.public.limits import Rate

FREELY = Rate(burst=1_000_000, per_second=1_000_000.0)
Group = tuple[str, str, str, str, str, str]


def group_of(named: tuple[str, dict[str, Any]]) -> Group:
    """Cases that one service can answer: the same trust, clock and log."""
    name, case = named
    return name, case["trust"], case.get("seen", ""), case["now"], case.get("log", ""), case.get("log_seen", "")


def lay_out(folder: Path, vectors: dict[str, Any], trust: str, log: str) -> None:
    """The public folder as a sync would leave it."""
    (folder / "trust.json").write_text(json.dumps(vectors["trust"][trust]), encoding="utf-8")
    files = vectors["logs"][log] if log else {}
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b64decode(data))


def text_of(case: dict[str, Any]) -> str:
    """What a QR reader hands on: the text, or the digits of the bytes."""
    return str(case["scanned"]) if "scanned" in case else str(int.from_bytes(bytes.fromhex(case["scanned_hex"])))


def can_be_sent(case: dict[str, Any]) -> bool:
    """Bytes that are neither a token nor text cannot stand in JSON."""
    return "scanned" in case or case["scanned_hex"].startswith("d2")


SENT = sorted((named for named in CASES if can_be_sent(named[1])), key=group_of)
GROUPS = [(group, [case for _, case in cases]) for group, cases in groupby(SENT, key=group_of)]


def test_nearly_every_vector_can_be_sent() -> None:
    assert len(SENT) > len(CASES) - 5


@pytest.mark.parametrize(("group", "cases"), GROUPS, ids=[": ".join(filter(None, group)) for group, _ in GROUPS])
async def test_the_service_answers_as_the_vectors_say(
    group: Group,
    cases: list[dict[str, Any]],
    tmp_path: Path,
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]],
) -> None:
    name, trust, seen, now, log, log_seen = group
    vectors, clock = VECTORS[name], datetime.fromisoformat(now)
    settings = PublicSettings(tmp_path, lambda: clock, tokens=FREELY)
    lay_out(tmp_path, vectors, seen or trust, log_seen or log)
    client = await aiohttp_client(build(settings))
    if seen or log_seen:
        await client.post("/api/verify", json={"token": cases[0]["scanned"]})
        lay_out(tmp_path, vectors, trust, log)
    for case in cases:
        response = await client.post("/api/verify", json={"token": text_of(case), "at": case["at"]})
        answer = await response.json()
        told = [notice["code"] for notice in answer.get("notices", ())]
        found = (response.status, answer.get("verdict"), answer.get("reason"), told, answer.get("log"))
        assert found == (200, case["verdict"], case["reason"], case["notices"], case.get("told")), case["id"]
        assert response.headers["Cache-Control"] == "no-store"
