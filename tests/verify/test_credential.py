from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import FACTS, KEY, TOKEN, moment
from verify.credential import EXP, IAT, TOKEN_LIMIT_BYTES, Facts, ReportType, decode, encode_facts, sign
from verify.credential import FACTS as CLAIM
from verify.encoding import dumps, loads
from verify.reasons import Reason, Rejection
from verify.subject import check_character
from verify.validity import SHANGHAI

CLAIMS: dict[int, Any] = loads(encode_facts(FACTS))


def token_of(claims: object) -> bytes:
    """Signed by the real key, whatever the claims are."""
    from verify.cose import sign1

    return sign1(claims if isinstance(claims, bytes) else dumps(claims), KEY)


def with_fact(place: int, value: object) -> dict[int, Any]:
    values = list(CLAIMS[CLAIM])
    values[place] = value
    return {**CLAIMS, CLAIM: values}


WRONG_CLAIMS: dict[str, tuple[object, Reason]] = {
    "no map": ([1, 2], Reason.PAYLOAD_NOT_MAP),
    "no expiry": ({IAT: CLAIMS[IAT], CLAIM: CLAIMS[CLAIM]}, Reason.CLAIM_MISSING),
    "no facts": ({IAT: CLAIMS[IAT], EXP: CLAIMS[EXP]}, Reason.CLAIM_MISSING),
    "an unknown claim": ({**CLAIMS, 7: b"id"}, Reason.CLAIM_UNKNOWN),
    "expiry as text": ({**CLAIMS, EXP: "2026"}, Reason.CLAIM_TYPE),
    "expiry null": ({**CLAIMS, EXP: None}, Reason.CLAIM_TYPE),
    "expiry in milliseconds": ({**CLAIMS, EXP: CLAIMS[EXP] * 1000}, Reason.CLAIM_RANGE),
    "expiry negative": ({**CLAIMS, EXP: -1}, Reason.CLAIM_RANGE),
    "expiry before issue": ({**CLAIMS, EXP: CLAIMS[IAT]}, Reason.EXPIRES_BEFORE_ISSUED),
    "a second longer": ({**CLAIMS, EXP: CLAIMS[EXP] + 1}, Reason.NOT_ONE_MONTH),
    "a second shorter": ({**CLAIMS, EXP: CLAIMS[EXP] - 1}, Reason.NOT_ONE_MONTH),
    "a year": ({**CLAIMS, EXP: CLAIMS[EXP] + 365 * 86400}, Reason.NOT_ONE_MONTH),
    "facts as text": ({**CLAIMS, CLAIM: "facts"}, Reason.CLAIM_TYPE),
    "no facts at all": ({**CLAIMS, CLAIM: []}, Reason.CLAIM_TYPE),
    "a fact too many": ({**CLAIMS, CLAIM: [*CLAIMS[CLAIM], 1]}, Reason.CLAIM_TYPE),
    "another version": (with_fact(0, 2), Reason.VERSION_UNKNOWN),
    "version as text": (with_fact(0, "1"), Reason.CLAIM_TYPE),
    "another report type": (with_fact(1, 9), Reason.REPORT_TYPE_UNKNOWN),
    "sequence 0": (with_fact(2, 0), Reason.CLAIM_RANGE),
    "sequence of eight digits": (with_fact(2, 10_000_000), Reason.CLAIM_RANGE),
    "status index too large": (with_fact(3, 1 << 24), Reason.CLAIM_RANGE),
    "code as text": (with_fact(4, "91320902MA1EX0M1XB"), Reason.CLAIM_TYPE),
    "code too long": (with_fact(4, b"\xff" * 11), Reason.SUBJECT_CODE_INVALID),
    "name with an odd byte": (with_fact(5, b"\x79"), Reason.SUBJECT_NAME_INVALID),
    "name with a lone surrogate": (with_fact(5, b"\xd8\x00"), Reason.SUBJECT_NAME_INVALID),
    "window ends on the issue day": (with_fact(7, (date(2026, 8, 20) - date(1970, 1, 1)).days), Reason.CLAIM_RANGE),
    "window backwards": (with_fact(6, (date(2026, 8, 20) - date(1970, 1, 1)).days), Reason.CLAIM_RANGE),
    "no domains": (with_fact(8, 0), Reason.CLAIM_RANGE),
    "negative records": (with_fact(9, -1), Reason.CLAIM_RANGE),
    "more gaps than domains": (with_fact(10, 46), Reason.CLAIM_RANGE),
    "a short root": (with_fact(11, b"r" * 31), Reason.CLAIM_RANGE),
}


@pytest.mark.parametrize(("claims", "reason"), WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_a_wrong_claim_is_refused_by_name_even_when_signed_by_us(claims: object, reason: Reason) -> None:
    with pytest.raises(Rejection) as refusal:
        decode(token_of(claims))
    assert refusal.value.reason is reason


def test_an_expiry_as_float_is_refused() -> None:
    payload = dumps(CLAIMS).replace(b"\x04\x1a", b"\x04\xfa", 1)
    with pytest.raises(Rejection) as refusal:
        decode(token_of(payload))
    assert refusal.value.reason is Reason.FLOAT


def test_what_was_signed_is_what_is_read() -> None:
    claimed = decode(TOKEN)
    assert claimed.facts == FACTS
    assert claimed.signed.kid == KEY.kid
    assert claimed.token == TOKEN


def test_the_number_is_prefix_issue_day_in_shanghai_and_seven_digits() -> None:
    assert FACTS.number("YCZX") == "YCZX202608200000017"
    late = replace(FACTS, issued_at=datetime(2026, 8, 20, 16, 30, tzinfo=UTC))
    assert late.number("YCZX") == "YCZX202608210000017"


def test_facts_that_break_a_rule_cannot_be_signed() -> None:
    for broken in (replace(FACTS, sequence=0), replace(FACTS, subject_code="91320902MA1EX0M1XC")):
        with pytest.raises(Rejection):
            sign(broken, KEY)
    for unclear in (datetime(2026, 8, 20), moment("2026-08-20T10:00:00.5")):
        with pytest.raises(ValueError, match="whole seconds"):
            sign(replace(FACTS, issued_at=unclear), KEY)


def test_a_credential_beyond_the_limit_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Rejection) as refusal:
        decode(b"\xd2" + b"\x81" * TOKEN_LIMIT_BYTES)
    assert refusal.value.reason is Reason.TOO_LONG


def test_the_longest_name_stays_below_the_limit() -> None:
    assert len(sign(replace(FACTS, subject_name="禾" * 120), KEY)) <= TOKEN_LIMIT_BYTES


codes = st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"), min_size=17, max_size=17)
moments = st.integers(10 * 86400 * 366, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC).astimezone(SHANGHAI))


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    issued = draw(moments)
    last = issued.date().toordinal() - draw(st.integers(1, 20))
    domains = draw(st.integers(1, 300))
    body = draw(codes)
    return Facts(
        ReportType.SPECIAL,
        draw(st.integers(1, 9_999_999)),
        issued,
        draw(st.integers(0, (1 << 24) - 1)),
        body + check_character(body),
        draw(st.text(st.sampled_from("示例禾苗环保科技有限公司（虚构）AZ𠮷"), min_size=1, max_size=40)),
        date.fromordinal(last - draw(st.integers(0, 1100))),
        date.fromordinal(last),
        domains,
        draw(st.integers(0, 65_535)),
        draw(st.integers(0, domains)),
        draw(st.binary(min_size=32, max_size=32)),
    )


@given(facts())
def test_any_facts_come_back_from_their_credential(given_facts: Facts) -> None:
    token = sign(given_facts, KEY)
    assert decode(token).facts == given_facts
    assert token[0] == 0xD2


mutations: st.SearchStrategy[Callable[[bytes], bytes]] = st.one_of(
    st.integers(0, len(TOKEN)).map(lambda end: lambda data: data[:end]),
    st.tuples(st.integers(0, len(TOKEN)), st.binary(max_size=9)).map(
        lambda cut: lambda data: data[: cut[0]] + cut[1] + data[cut[0] :]
    ),
    st.tuples(st.integers(0, len(TOKEN) - 1), st.integers(1, 255)).map(
        lambda hit: lambda data: data[: hit[0]] + bytes([data[hit[0]] ^ hit[1]]) + data[hit[0] + 1 :]
    ),
)


@given(mutations)
def test_a_mutated_credential_is_decoded_or_rejected_and_nothing_else(mutate: Callable[[bytes], bytes]) -> None:
    mutated = mutate(TOKEN)
    try:
        claimed = decode(mutated)
    except Rejection:
        return
    assert claimed.token == mutated
    assert len(mutated) == len(TOKEN)


@given(st.binary(max_size=600))
def test_any_bytes_are_rejected(data: bytes) -> None:
    with pytest.raises(Rejection):
        decode(data)
