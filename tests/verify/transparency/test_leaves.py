"""Leaves: one spelling each, and nothing else is read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import FACTS, ISSUED, TOKEN, moment
from verify.encoding import dumps
from verify.reasons import Rejection
from verify.registration import Act
from verify.transparency.leaves import (
    LEAF_LIMIT_BYTES,
    MAY_FOLLOW,
    Leaf,
    changed,
    issued,
    opened,
    read_leaf,
    read_registered,
    ref_of,
    registered,
)

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
        [1, 2, 1, REF, 0], [1, 2, 1, REF, 1 << 32], [1, 2, 1, REF, None], [1, 2, 1, REF + b"0", 1],
        [1, 2, 1, REF, 1, 1], [1, -1, 1, REF, 1],
    ],
)  # fmt: skip
def test_other_values_are_no_leaves(value: object) -> None:
    with pytest.raises(Rejection):
        read_leaf(dumps(value))


def test_another_spelling_is_no_leaf() -> None:
    with pytest.raises(Rejection):
        read_leaf(opened(AT).replace(b"\x83\x01\x00", b"\x83\x01\x18\x00"))


MOMENTS = st.integers(0, (1 << 32) - 1)
REFS = st.binary(min_size=32, max_size=32)
VALUES = st.one_of(
    st.tuples(st.just(1), st.just(0), MOMENTS),
    st.tuples(st.just(1), st.just(1), MOMENTS, REFS, MOMENTS, st.integers(1, 9_999_999)),
    st.tuples(st.just(1), st.integers(2, 5), MOMENTS, REFS, st.integers(1, (1 << 32) - 1)),
)


@given(VALUES)
def test_every_leaf_is_read_as_what_its_cbor_says(value: tuple[int | bytes, ...]) -> None:
    assert _bytes(read_leaf(dumps(list(value)))) == dumps(list(value))


@given(st.one_of(st.binary(max_size=LEAF_LIMIT_BYTES + 9), VALUES.map(list).map(dumps)), st.data())
def test_any_bytes_are_a_leaf_or_refused(data: bytes, draw: st.DataObject) -> None:
    at, put = draw.draw(st.integers(0, len(data))), draw.draw(st.binary(max_size=3))
    changed = data[:at] + put + data[at + len(put) :]
    try:
        leaf = read_leaf(changed)
    except Rejection:
        return
    assert _bytes(leaf) == changed


ROWS = st.lists(st.tuples(MOMENTS, st.binary(max_size=127)), min_size=1, max_size=40)


@given(ROWS)
def test_the_leaves_of_a_report_are_read_as_they_were_written(rows: list[tuple[int, bytes]]) -> None:
    assert read_registered(registered(rows)) == rows


@pytest.mark.parametrize("count", [1, 23, 24, 255, 256, 1000])
def test_a_report_may_have_a_thousand_leaves(count: int) -> None:
    rows = [(index, b"leaf") for index in range(count)]
    assert read_registered(registered(rows)) == rows


@pytest.mark.parametrize("value", [[], [[1]], [[1, b"", b""]], [[-1, b""]], [[1 << 32, b""]], [[1, "leaf"]], [1], {},
                                   [[1, bytes(128)]], [[index, b"leaf"] for index in range(1001)]])  # fmt: skip
def test_other_files_are_refused(value: object) -> None:
    with pytest.raises(Rejection):
        read_registered(dumps(value))


@given(ROWS, st.data())
def test_a_changed_file_is_another_file_or_none(rows: list[tuple[int, bytes]], data: st.DataObject) -> None:
    genuine = registered(rows)
    at, put = data.draw(st.integers(0, len(genuine))), data.draw(st.binary(max_size=4))
    changed = genuine[:at] + put + genuine[at + len(put) :]
    try:
        read = read_registered(changed)
    except Rejection:
        return
    assert registered(read) == changed


def _bytes(leaf: Leaf) -> bytes:
    at = int(leaf.at.timestamp())
    if leaf.iat is not None:
        return dumps([1, int(leaf.act), at, leaf.ref, int(leaf.iat.timestamp()), leaf.sequence])
    return dumps([1, int(leaf.act), at, *([leaf.ref, leaf.previous] if leaf.ref else [])])
