"""Answers verify/issuing/freezing.py: what was rehearsed is what is stored and what gets signed."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.channel import Channel
from tests.verify.issuing.test_content import RECORD, content, feeds
from verify.issuing.freezing import Draft, freeze, thaw
from verify.issuing.printing import prepare


@given(
    st.text(),
    st.none() | st.decimals(min_value=0, max_value=10**9, places=4),
    st.none() | st.dates(min_value=date(2026, 8, 21)),
    st.binary(min_size=32, max_size=32),
    st.integers(0, (1 << 20) - 1),
)
def test_a_thawed_draft_is_the_frozen_one(
    facts: str, fine: Decimal | None, until: date | None, seed: bytes, index: int
) -> None:
    record = replace(RECORD, facts=facts, fine_wan=fine, publication_until=until)
    draft = Draft(content(record, reached=feeds(without=22)), seed, index, b"12345678")
    assert thaw(freeze(draft)) == draft
    assert freeze(thaw(freeze(draft))) == freeze(draft)


def test_a_draft_of_an_earlier_program_thaws_and_prints_the_same() -> None:
    """It did not know which record a detail is, nor who asked where."""
    draft = Draft(content(RECORD), bytes(32), 7, b"12345678", Channel.SELF, "核对过", "K")
    plain = json.loads(freeze(draft))
    for name in ("channel", "identity_check", "request"):
        del plain[name]
    del plain["content"]["details"][0]["record_key"]
    earlier = thaw(json.dumps(plain).encode())
    assert (earlier.channel, earlier.identity_check, earlier.request) == (Channel.DESK, "", None)
    assert earlier.content.details[0].record_key == ""
    assert prepare(earlier).package == prepare(draft).package


@pytest.mark.parametrize("name", ["number", "details", "valid_until"])
def test_what_is_printed_has_no_default(name: str) -> None:
    plain = json.loads(freeze(Draft(content(), bytes(32), 7, b"12345678")))
    del plain["content"][name]
    with pytest.raises(KeyError):
        thaw(json.dumps(plain).encode())
