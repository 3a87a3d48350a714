"""Answers verify/record.py: a record says what was found, and not a character of it can be changed."""

import json
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
    from verify.record import _base64, _signed

    return canonical({**content, "signature": _base64(_signed(canonical(content), KEY))})


BAD = {
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
