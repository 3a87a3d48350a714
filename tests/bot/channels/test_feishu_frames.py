"""Frames of the long connection: what is written is read again, anything else is refused, parts come in any order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.feishu_frames import DATA, FRAME_BYTES, BadFrame, Frame, Parts

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
UINT64, INT32 = st.integers(0, 2**64 - 1), st.integers(-(2**31), 2**31 - 1)
FRAMES = st.builds(
    Frame,
    UINT64, UINT64, INT32, INT32, st.lists(st.tuples(WORDS, WORDS), max_size=8).map(tuple),
    st.none() | WORDS, st.none() | WORDS, st.none() | st.binary(max_size=400), st.none() | WORDS,
)  # fmt: skip


@given(FRAMES)
def test_what_is_written_is_read_again(frame: Frame) -> None:
    assert Frame.from_bytes(frame.to_bytes()) == frame


@given(st.binary(max_size=200))
def test_anything_is_a_frame_or_refused(content: bytes) -> None:
    try:
        frame = Frame.from_bytes(content)
    except BadFrame:
        return
    assert Frame.from_bytes(frame.to_bytes()) == frame


@given(FRAMES, st.data())
def test_a_cut_or_changed_frame_never_does_anything_else(frame: Frame, data: st.DataObject) -> None:
    content = bytearray(frame.to_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    for each in (bytes(content), frame.to_bytes()[:at]):
        try:
            Frame.from_bytes(each)
        except BadFrame:
            continue


GOOD = Frame(1, 2, 3, DATA).to_bytes()


@pytest.mark.parametrize(
    "more",
    [b"\x42\xff\xff\xff\xff\x0f", b"\x42", b"\x43", b"\x44", b"\x00\x01", b"\x08" + b"\xff" * 10, b"\x0a\x00",
     b"\x32\x01\xff", b"\x2a\x02\x0a\x00", b"\x40\x01", b"\x08" + b"\xff" * 9 + b"\x7f",
     b"\x2a\x04\x0a\x00\x12\x00" * 65],
)  # fmt: skip
def test_what_is_no_protobuf_of_this_kind_is_refused(more: bytes) -> None:
    with pytest.raises(BadFrame):
        Frame.from_bytes(GOOD + more)


def test_unknown_fields_are_passed_over_and_a_number_says_itself_last() -> None:
    unknown = b"\x50\x07\x5a\x02ab\x61\x00\x00\x00\x00\x00\x00\x00\x00\x6d\x00\x00\x00\x00"
    assert Frame.from_bytes(GOOD + unknown + b"\x08\x09") == Frame(9, 2, 3, DATA)


def test_a_frame_is_bounded_and_must_be_whole() -> None:
    with pytest.raises(BadFrame):
        Frame.from_bytes(GOOD + b"\x42" + bytes(FRAME_BYTES))
    with pytest.raises(BadFrame):
        Frame.from_bytes(b"\x08\x01\x10\x02\x18\x03")


def part(number: int, position: int, content: bytes, name: str = "m") -> Frame:
    headers = (("sum", str(number)), ("seq", str(position)), ("message_id", name))
    return Frame(0, 0, 0, DATA, headers, payload=content)


@given(st.lists(st.binary(max_size=9), min_size=2, max_size=20), st.randoms())
def test_parts_are_joined_in_any_order_and_repeated(contents: list[bytes], chance: random.Random) -> None:
    parts, order = Parts(), list(range(len(contents)))
    chance.shuffle(order)
    early = [parts.joined(part(len(contents), each, contents[each]), 0.0) for each in [*order[:-1], order[0]]]
    assert early == [None] * len(contents)
    assert parts.joined(part(len(contents), order[-1], contents[order[-1]]), 0.0) == b"".join(contents)


def test_messages_in_parts_do_not_mix() -> None:
    parts = Parts()
    assert parts.joined(part(2, 0, b"a", "x"), 0.0) is None
    assert parts.joined(part(2, 1, b"d", "y"), 0.0) is None
    assert parts.joined(part(2, 0, b"c", "y"), 0.0) == b"cd"
    assert parts.joined(part(2, 1, b"b", "x"), 0.0) == b"ab"


@pytest.mark.parametrize(
    ("number", "position"), [("65", "0"), ("2", "2"), ("2", "-1"), ("x", "0"), ("²", "0"), ("2", "")]
)
def test_parts_that_cannot_be_are_refused(number: str, position: str) -> None:
    frame = Frame(0, 0, 0, DATA, (("sum", number), ("seq", position), ("message_id", "m")))
    with pytest.raises(BadFrame):
        Parts().joined(frame, 0.0)


def test_what_is_never_completed_is_forgotten() -> None:
    parts = Parts()
    assert parts.joined(part(2, 0, b"a"), 0.0) is None
    assert parts.joined(part(2, 1, b"b"), Parts.SECONDS + 1) is None
    for each in range(1000):
        assert parts.joined(part(2, 0, b"a", str(each)), 0.0) is None
    assert len(parts._open) <= Parts.MOST_OPEN


def test_the_whole_of_the_parts_is_bounded() -> None:
    parts = Parts()
    half = bytes(Parts.MOST_BYTES // 2 + 1)
    assert parts.joined(part(3, 0, half), 0.0) is None
    with pytest.raises(BadFrame):
        parts.joined(part(3, 1, half), 0.0)
