"""The two ways of reading a token – in one pass, and item by item – never disagree."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.sample import FACTS, ISSUED, KEY, TOKEN
from verify import credential, layout
from verify.credential import ClaimedCredential, Facts, decode, sign
from verify.reasons import Rejection
from verify.subject import ALPHABET, check_character

CODES = st.text(ALPHABET, min_size=17, max_size=17).map(lambda body: body + check_character(body))
NAMES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x9FA5, categories=("L", "N", "P")), min_size=1, max_size=60
).filter(lambda name: _is_name(name))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=ISSUED.tzinfo)
)


def _is_name(name: str) -> bool:
    try:
        credential.encode_name(name)
    except Rejection:
        return False
    return True


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    issued_at = draw(MOMENTS)
    last = draw(st.dates(date(1970, 1, 1), issued_at.date() - timedelta(days=1)))
    domains = draw(st.integers(1, 65_535))
    return replace(
        FACTS,
        issued_at=issued_at,
        sequence=draw(st.integers(1, 9_999_999)),
        status_index=draw(st.integers(0, (1 << 24) - 1)),
        subject_code=draw(CODES),
        subject_name=draw(NAMES),
        period_from=draw(st.dates(date(1970, 1, 1), last)),
        period_to=last,
        domains=domains,
        records=draw(st.integers(0, 65_535)),
        domains_without_data=draw(st.integers(0, domains)),
        content_root=draw(st.binary(min_size=32, max_size=32)),
    )


def both(token: bytes) -> tuple[ClaimedCredential | str, ClaimedCredential | str]:
    """As ``decode`` reads it, and item by item; a refusal by its reason and detail."""
    found: list[ClaimedCredential | str] = []
    for read in (decode, credential._item_by_item):
        try:
            found.append(read(token))
        except Rejection as rejection:
            found.append(f"{rejection.reason} {rejection.detail}")
    return found[0], found[1]


def same(token: bytes) -> None:
    quick, slow = both(token)
    if isinstance(quick, str) or isinstance(slow, str):
        assert quick == slow
        return
    assert quick[:-1] == slow[:-1]
    assert quick.facts == slow.facts


@given(all_facts())
def test_any_facts_are_read_alike(facts: Facts) -> None:
    token = sign(facts, KEY)
    same(token)
    assert decode(token).facts == facts


def test_a_usual_token_is_read_in_one_pass() -> None:
    assert layout.read(TOKEN) is not None
    assert layout.read(sign(replace(FACTS, subject_name="盐" * 40), KEY)) is not None
    assert layout.read(sign(replace(FACTS, subject_name="盐" * 120), KEY)) is None  # its payload has a longer length
    same(sign(replace(FACTS, subject_name="盐" * 120), KEY))


@pytest.mark.parametrize("at", range(len(TOKEN)))
def test_every_byte_changed_in_any_way_is_read_alike(at: int) -> None:
    for value in range(256):
        same(TOKEN[:at] + bytes([value]) + TOKEN[at + 1 :])


@pytest.mark.parametrize("at", range(len(TOKEN) + 1))
def test_cut_or_lengthened_anywhere_is_read_alike(at: int) -> None:
    same(TOKEN[:at])
    same(TOKEN[:at] + TOKEN[at + 1 :])
    for inserted in (b"\x00", b"\x18", b"\xd2", b"\xa0", b"\xff"):
        same(TOKEN[:at] + inserted + TOKEN[at:])


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, len(TOKEN) - 1), st.integers(0, 6), st.binary(max_size=6)), min_size=1, max_size=4
    )
)
def test_pieces_exchanged_are_read_alike(edits: list[tuple[int, int, bytes]]) -> None:
    token = TOKEN
    for at, length, put in edits:
        token = token[:at] + put + token[at + length :]
    same(token)
