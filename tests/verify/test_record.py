"""Answers verify/record.py: a record says what was found, and not a character of it can be changed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.sample import NOW, QR, TRUST
from verify.check import check
from verify.record import Checked, Checker, RecordError, canonical, read_record, write_record

KEY = ec.derive_private_key(0x5A5A, ec.SECP256R1())
CHECKER = Checker("张核验（虚构）", "示例招标代理有限公司")


def written(**changes: Any) -> bytes:
    answer = check(QR, trust=TRUST, at=NOW, now=NOW)
    options: dict[str, Any] = {"checker": CHECKER, "trust": TRUST, "now": NOW, "program": "chenghe 0.1.0", "key": KEY}
    return write_record(answer, Checked("file", "甲公司.docx", "ab" * 32), **{**options, **changes})


RECORD = written()


def test_a_record_is_read_back_with_its_checker_and_fingerprint() -> None:
    record = read_record(RECORD)
    assert record.content["checker"] == {"name": CHECKER.name, "organisation": CHECKER.organisation}
    assert (record.content["verdict"], record.content["reason"]) == ("valid", "OK")
    assert len(record.fingerprint.split()) == 16
    assert record.content["recorded_at"] == "2026-09-01T09:00:00+08:00"
    assert read_record(RECORD + b"\n").content == record.content, "an editor's line end is no change"


def test_without_trust_or_signature_the_record_says_null() -> None:
    content = read_record(written(trust=None)).content
    assert content["trust"] is None
    forged = write_record(
        check("5" * 480, trust=TRUST, at=NOW, now=NOW),
        Checked("code"),
        checker=CHECKER,
        trust=TRUST,
        now=NOW,
        program="chenghe",
        key=KEY,
    )
    assert [read_record(forged).content[name] for name in ("report", "token_sha256", "log")] == [None] * 3


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(RECORD) - 1), st.binary(min_size=1, max_size=3))
def test_no_byte_of_a_record_can_be_changed(place: int, junk: bytes) -> None:
    changed = RECORD[:place] + junk + RECORD[place + len(junk) :]
    if changed.strip() == RECORD:
        return
    with pytest.raises(RecordError):
        read_record(changed)


def resigned(**changes: object) -> bytes:
    """With another content, signed again by the checker."""
    content = {**json.loads(RECORD), **changes}
    del content["signature"]
    return signed(content)


def signed(content: dict[str, Any]) -> bytes:
    from verify.record import _base64, _signed

    return canonical({**content, "signature": _base64(_signed(canonical(content), KEY))})


def levels(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every object and every value below it, and of the first element of every list."""
    yield path
    items = value.items() if isinstance(value, dict) else list(enumerate(value))[:1] if isinstance(value, list) else ()
    for key, inner in items:
        yield from levels(inner, (*path, key))


def placed(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """``value`` with ``new`` at ``path``; MISSING takes it away."""
    if not path:
        return new
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = placed(value[path[0]], path[1:], new)
    if changed[path[0]] is MISSING:
        del changed[path[0]]
    return changed


MISSING = object()
LOGGED = {
    "origin": "verify.example.gov.cn/log",
    "index": 3,
    "logged_at": "2026-08-20T10:32:06+08:00",
    "tree_size": 9,
    "checkpoint_at": "2026-09-01T08:00:00+08:00",
    "witnesses": ["bureau.example/w1"],
    "changes": [{"status": "revoked", "at": "2026-08-30T08:00:00+08:00", "index": 7}],
}
WHOLE = {**json.loads(RECORD), "log": LOGGED, "notices": ["DATA_CORRECTED"]}
PATHS = [path for path in levels(WHOLE) if path and path[0] not in ("public_key", "signature", "format")]


def test_a_record_with_everything_in_it_is_read() -> None:
    assert read_record(resigned(**{name: value for name, value in WHOLE.items() if name != "signature"}))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_another_type_a_missing_or_a_foreign_key_is_refused_at_every_level(path: tuple[str | int, ...]) -> None:
    """Though the checker signed it."""
    value: Any = WHOLE
    for key in path:
        value = value[key]
    odd: list[Any] = [{"x": 1}, True, 1.5, -1, "a\x1b[2J", "a\u2028", "x" * 500, [[]], 1 << 60]
    changes = [placed(WHOLE, path, each) for each in odd]
    if isinstance(path[-1], str):
        changes.append(placed(WHOLE, path, MISSING))
    if isinstance(value, dict):
        changes.append(placed(WHOLE, path, {**value, "extra": None}))
    for changed in changes:
        body = {name: each for name, each in changed.items() if name != "signature"}
        with pytest.raises(RecordError) as refusal:
            read_record(signed(body))
        assert refusal.value.code == "RECORD_INVALID"


BAD = {
    "a reason of another verdict": {"reason": "SIGNATURE_INVALID"},
    "a moment without its zone": {"recorded_at": "2026-09-01T09:00:00"},
    "a day that never was": {"asked_at": "2026-02-30T09:00:00+08:00"},
    "a digest in capitals": {"token_sha256": "AB" * 32},
    "a code with a file's name": {"input": {"kind": "code", "name": "a", "sha256": None}},
    "a notice that is none": {"notices": ["FINE"]},
    "another format": {"format": "chenghe-record-2"},
    "a verdict that is none": {"verdict": "green"},
    "a reason that is none": {"reason": "FINE"},
    "a place that is none": {"checked_in": "moon"},
    "one key more": {"extra": 1},
    "a checker with more": {"checker": {"name": "a", "organisation": "", "rank": "b"}},
    "another type": {"notices": "none"},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
def test_a_record_of_another_form_is_none_though_signed(changes: dict[str, object]) -> None:
    with pytest.raises(RecordError) as refusal:
        read_record(resigned(**changes))
    assert refusal.value.code == "RECORD_INVALID"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        RECORD.replace(b":", b": ", 1),
        b'{"format":1,' + RECORD[1:],
        RECORD * 200,
    ],
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError) as refusal:
        read_record(data)
    assert refusal.value.next_step


@pytest.mark.parametrize("name", ["", "  ", "长" * 61, "张\x1b三"])
def test_a_record_has_a_name_people_can_read(name: str) -> None:
    with pytest.raises(RecordError) as refusal:
        written(checker=Checker(name))
    assert refusal.value.code == "RECORD_CHECKER"
