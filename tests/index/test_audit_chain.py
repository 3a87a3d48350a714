"""Answers index/audit_chain.py: whatever is done to a line, its number, its hash or its place is found."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.audit_chain import FIELDS, START, ChainedLine, Fault, Head, Walk, line_hash
from index.errors import AuditError
from tests.index.tampering import chain_of

TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
TEXTS = st.lists(st.tuples(*(TEXT for _ in FIELDS)), min_size=1, max_size=6)


def walked(lines: list[ChainedLine], *expected: Head, after: Head = START) -> Walk:
    walk = Walk(after, expected)
    walk.follow(lines)
    walk.end()
    return walk


def head_of(line: ChainedLine) -> Head:
    assert line.hash is not None
    return Head(line.number, line.hash)


def test_hash_is_that_of_the_document() -> None:
    """The worked example of docs/audit.md, byte by byte."""
    fields = ("2026-11-22T10:00:00.000000+08:00", "王五", "窗口核对", "records.read", "91320902MA1EX0M1XB", "1 条")
    parts = [b"chenghe-audit/1", bytes(32), b"1", *(field.encode() for field in fields)]
    written = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    assert sha256(written).hexdigest() == "35933e9cff3b618b43060a92299c86b6c82db6991b1cae10865fadf27b9c757d"
    assert (
        line_hash(bytes(32), 1, parts[3:]).hex() == "35933e9cff3b618b43060a92299c86b6c82db6991b1cae10865fadf27b9c757d"
    )


@given(TEXTS)
def test_untouched_chain_is_in_order_from_any_line_on(texts: list[tuple[str, ...]]) -> None:
    lines = chain_of(texts)
    heads = [START, *map(head_of, lines)]
    for begun, head in enumerate(heads):
        walk = walked(lines[begun:], *heads[begun:], after=head)
        assert (walk.findings, walk.lines, walk.head) == ([], len(lines) - begun, heads[-1])


@st.composite
def another_chain(draw: st.DrawFn) -> tuple[list[ChainedLine], list[ChainedLine]]:
    """A chain, and what became of it under a hand that cannot make hashes."""
    before = chain_of(draw(TEXTS))
    after = list(before)
    place = draw(st.integers(0, len(before) - 1))
    line = before[place]
    match draw(st.sampled_from(["field", "kind", "number", "hash", "delete", "insert", "move", "move a border"])):
        case "field":
            index = draw(st.integers(0, len(FIELDS) - 1))
            fields = list(line.fields)
            fields[index] = draw(TEXT).encode()
            after[place] = replace(line, fields=tuple(fields))
        case "kind":
            index = draw(st.integers(0, len(FIELDS) - 1))
            after[place] = replace(line, fields=(*line.fields[:index], None, *line.fields[index + 1 :]))
        case "number":
            after[place] = replace(line, number=draw(st.integers(-1, 9)))
        case "hash":
            after[place] = replace(line, hash=draw(st.one_of(st.none(), st.binary(min_size=32, max_size=32))))
        case "delete":
            del after[place : place + draw(st.integers(1, 3))]
        case "insert":
            after.insert(place, replace(line, number=draw(st.integers(0, 9))))
        case "move":
            after.insert(draw(st.integers(0, len(before) - 1)), after.pop(place))
        case "move a border":
            joined = (line.fields[1] or b"") + (line.fields[2] or b"")
            cut = draw(st.integers(0, len(joined)))
            after[place] = replace(line, fields=(line.fields[0], joined[:cut], joined[cut:], *line.fields[3:]))
    return before, after


@given(another_chain())
def test_every_change_of_a_line_or_of_its_place_is_found_against_the_head(
    chains: tuple[list[ChainedLine], list[ChainedLine]],
) -> None:
    before, after = chains
    found = walked(after, head_of(before[-1])).found
    assert (found == 0) == (before == after)


@given(another_chain())
def test_without_a_head_only_a_missing_end_is_not_seen(
    chains: tuple[list[ChainedLine], list[ChainedLine]],
) -> None:
    before, after = chains
    unseen = walked(after).found == 0
    assert unseen == (after == before[: len(after)])


@given(TEXTS, TEXTS)
def test_chain_written_anew_is_found_by_a_head_kept_elsewhere(
    before: list[tuple[str, ...]], after: list[tuple[str, ...]]
) -> None:
    kept, new = head_of(chain_of(before)[-1]), chain_of(after)
    walk = walked(new, kept)
    if after[: len(before)] == before:
        assert walk.findings == []
    else:
        fault = Fault.TRUNCATED if len(after) < len(before) else Fault.OTHER_HEAD
        assert [(each.fault, each.number) for each in walk.findings] == [(fault, kept.number)]


def test_each_damaged_line_is_named_and_the_good_ones_are_not() -> None:
    lines = chain_of([("t", "a", "b", "c", "d", str(number)) for number in range(1, 10)])
    lines[2] = replace(lines[2], fields=(*lines[2].fields[:5], b"forged"))
    del lines[5:7]
    found = [(each.fault, each.number) for each in walked(lines).findings]
    assert found == [(Fault.CHANGED, 3), (Fault.MISSING, 8)]


def test_findings_are_counted_and_the_first_hundred_kept() -> None:
    lines = [ChainedLine(number, (b"",) * len(FIELDS), bytes(32)) for number in range(1, 301)]
    walk = walked(lines)
    assert (walk.found, len(walk.findings)) == (300, 100)


@given(st.integers(1, 10**17), st.binary(min_size=32, max_size=32))
def test_head_is_read_as_it_was_written(number: int, digest: bytes) -> None:
    head = Head(number, digest)
    assert Head.read(f" {head}\n") == head


@pytest.mark.parametrize(
    "text", ["", "1", "1:", "1:" + "0" * 63, "1:" + "A" * 64, "01:" + "0" * 64, "-1:" + "0" * 64, "0:" + "1" * 64]
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(AuditError) as caught:
        Head.read(text)
    assert caught.value.code == "AUDIT_HEAD"
