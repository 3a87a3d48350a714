"""Leaves: one spelling each, and nothing else is read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import FACTS, ISSUED, TOKEN, moment
from verify.encoding import dumps
from verify.reasons import Rejection
from verify.registration import Act
from verify.transparency.leaves import LEAF_LIMIT_BYTES, MAY_FOLLOW, Leaf, changed, issued, opened, read_leaf, ref_of

AT = moment("2026-08-20T10:32:07")
REF = ref_of(TOKEN)
CHANGES = [Act.REVOKED, Act.SUPERSEDED, Act.SUSPENDED, Act.RESUMED]


def test_the_opening_says_when() -> None:
    assert read_leaf(opened(AT)) == Leaf(Act.OPENED, AT)


def test_an_issue_says_which_token_when_it_was_signed_and_its_number_of_the_day() -> None:
    assert read_leaf(issued(AT, TOKEN, ISSUED, 17)) == Leaf(Act.ISSUED, AT, REF, iat=ISSUED, sequence=17)


@pytest.mark.parametrize("act", CHANGES)
def test_a_change_says_which_leaf_it_follows(act: Act) -> None:
    assert read_leaf(changed(act, AT, REF, 4711)) == Leaf(act, AT, REF, previous=4711)


@pytest.mark.parametrize("act", [Act.OPENED, Act.ISSUED])
def test_opening_and_issuing_are_no_changes(act: Act) -> None:
    with pytest.raises(ValueError, match="no change"):
        changed(act, AT, REF, 1)


def test_a_leaf_tells_no_subject() -> None:
    leaf = issued(AT, TOKEN, ISSUED, FACTS.sequence)
    assert TOKEN[:8] not in leaf
    assert FACTS.subject_name.encode() not in leaf
    assert FACTS.subject_name.encode("utf-16-be") not in leaf
    assert re.search(rb"[0-9A-Z]{18}", leaf) is None


def test_a_fraction_of_a_second_is_no_moment_of_a_leaf() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        opened(AT.replace(microsecond=1))


def test_withdrawn_and_replaced_are_the_end() -> None:
    ends = {act for act in Act if not MAY_FOLLOW[act]}
    assert ends == {Act.OPENED, Act.REVOKED, Act.SUPERSEDED}
    assert Act.RESUMED in MAY_FOLLOW[Act.SUSPENDED]
    assert Act.RESUMED not in MAY_FOLLOW[Act.ISSUED]


@pytest.mark.parametrize(
    "value",
    [
        None, 1, {}, [], [1], [1, 0], [2, 0, 1], [1, 0, -1], [1, 0, 1 << 32], [1, 0, None], [1, 0, 1, 1],
        [1, 6, 1, REF, 1], [1, 1, 1, REF, 1], [1, 1, 1, REF, 1, 0],
        [1, 1, 1, REF, 1, 10_000_000], [1, 1, 1, REF[1:], 1, 1],
        [1, 2, 1, REF, 0], [1, 2, 1, REF, (1 << 40) + 1], [1, 2, 1, REF, None], [1, 2, 1, REF + b"0", 1],
        [1, 2, 1, REF, 1, 1], [1, -1, 1, REF, 1],
    ],
)  # fmt: skip
def test_other_values_are_no_leaves(value: object) -> None:
    with pytest.raises(Rejection):
        read_leaf(dumps(value))


def test_another_spelling_is_no_leaf() -> None:
    with pytest.raises(Rejection):
        read_leaf(opened(AT).replace(b"\x83\x01\x00", b"\x83\x01\x18\x00"))


@given(st.binary(max_size=LEAF_LIMIT_BYTES + 9))
def test_any_bytes_are_a_leaf_or_refused(data: bytes) -> None:
    _same_or_refused(data)


@given(
    st.integers(0, 80), st.binary(min_size=1, max_size=3), st.sampled_from([opened(AT), issued(AT, TOKEN, ISSUED, 9)])
)
def test_a_changed_leaf_is_another_leaf_or_none(at: int, put: bytes, leaf: bytes) -> None:
    _same_or_refused(leaf[:at] + put + leaf[at + len(put) :])


def _same_or_refused(data: bytes) -> None:
    """What is read has one spelling: that which was read."""
    try:
        leaf = read_leaf(data)
    except Rejection:
        return
    assert _bytes(leaf) == data


def _bytes(leaf: Leaf) -> bytes:
    at = int(leaf.at.timestamp())
    if leaf.iat is not None:
        return dumps([1, int(leaf.act), at, leaf.ref, int(leaf.iat.timestamp()), leaf.sequence])
    return dumps([1, int(leaf.act), at, *([leaf.ref, leaf.previous] if leaf.ref else [])])
