"""Answers verify/issuing/freezing.py: what was rehearsed is what is stored and what gets signed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.verify.issuing.test_content import RECORD, content, feeds
from verify.issuing.freezing import Draft, freeze, thaw


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
