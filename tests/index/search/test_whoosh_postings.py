"""Posting lists survive being stored, in our blocks and in whoosh's own."""

import pickle
import zlib
from array import array
from struct import pack

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.codec.whoosh3 import W3TermInfo

from index.search.whoosh_postings import decoded, encoded, extent, row_range, term_entry

LISTS = st.dictionaries(st.integers(0, 3_000_000), st.integers(1, 400), min_size=1, max_size=80)


def stored(postings: dict[int, int]) -> bytes:
    rows = np.array(sorted(postings), dtype=np.int64)
    frequencies = np.array([postings[row] for row in rows.tolist()], dtype=np.uint32)
    return encoded(np.diff(rows, prepend=0), frequencies, int(rows[-1]), int(frequencies.max()), 1, 9)


def block(rows: list[int], weights: object, last: bool) -> bytes:
    """A block as whoosh's own writer makes it: differences within the block."""
    differences = tuple(row - before for row, before in zip(rows, [0, *rows], strict=False))
    body = zlib.compress(pickle.dumps((differences, weights, None), 2), 3)
    head = pickle.dumps((len(rows), rows[-1], 2.0, 3, 1, 9), 2)
    size = len(head) + len(body)
    return pack("!i", -size if last else size) + head + body


@given(LISTS)
def test_what_is_stored_is_read_again(postings: dict[int, int]) -> None:
    rows, frequencies = decoded(stored(postings), 3_000_001)
    assert dict(zip(rows.tolist(), frequencies.tolist(), strict=True)) == postings


def test_blocks_of_whoosh_itself_are_read() -> None:
    written = b"W3Bl" + block([3, 9], (1.0, 2.0), False) + block([12, 40], 2.0, False) + block([41], None, True)
    rows, frequencies = decoded(written, 50)
    assert (rows.tolist(), frequencies.tolist()) == ([3, 9, 12, 40, 41], [1, 2, 2, 2, 1])


def test_weights_that_whoosh_keeps_as_an_array_are_read() -> None:
    rows, frequencies = decoded(b"W3Bl" + block([0, 1], array("f", (3.0, 1.0)), True), 2)
    assert (rows.tolist(), frequencies.tolist()) == ([0, 1], [3, 1])


@pytest.mark.parametrize("passages", [1, 5, 9])
def test_rows_outside_the_segment_are_damage(passages: int) -> None:
    with pytest.raises(ValueError, match="rows"):
        decoded(stored({2: 1, 9: 1}), passages)


def test_rows_out_of_order_are_damage() -> None:
    with pytest.raises(ValueError, match="rows"):
        decoded(b"W3Bl" + block([9, 3], None, True), 50)


def test_bytes_that_are_no_posting_list_are_damage() -> None:
    with pytest.raises(ValueError, match="posting"):
        decoded(b"nothing of the kind", 50)


def test_the_term_entry_is_the_one_whoosh_reads() -> None:
    entry = term_entry(7, 3, 2, 5, 4, 11, 19, 2**33, 99)
    read = W3TermInfo.from_bytes(entry)
    assert (read.weight(), read.doc_frequency(), read.max_weight()) == (7, 3, 4)
    assert (read.min_length(), read.max_length(), read.min_id(), read.max_id()) == (2, 5, 11, 19)
    assert read.extent()[0] == 2**33
    assert extent(entry) == (2**33, 99)
    assert row_range(entry) == (11, 20)
