"""A long answer in pieces that a platform takes: cut at sentence ends by bytes, numbered, citations whole.

    （1/3）第一条……。
    （2/3）依据：《……》……

* A piece, its number included, never has more UTF-8 bytes than the platform takes.
* What fits is one piece and has no number.
* A block (a citation, a table row) begins a new piece rather than being cut. Only one that is longer than a piece is.
* Cut where it hurts least: between blocks and paragraphs, at sentence ends, at a comma, between characters; inside what
  a reader sees as one character only when that alone is longer than a piece; never inside a code point.
* Nothing is lost but white space at the cuts.

Source: issue 6 §2; ../shared/channels.md (answers cut in the middle of a character at 2048 bytes).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import count

from bot.post.graphemes import may_cut

LEAST_BYTES = 64
_CLOSERS = r"”’\"'）)】］\]》〉」』"
_ENDS = (
    re.compile(r"\n+"),
    re.compile(rf"(?:[。！？…]+|[.!?]+(?=[\s{_CLOSERS}]))[{_CLOSERS}]*\s*"),
    re.compile(rf"[；;][{_CLOSERS}]*\s*"),
    re.compile(rf"(?:[，、,：:]|——)[{_CLOSERS}]*\s*|\s+"),
)
"""Where a text is cut, the best places first."""


def pieces(text: str, blocks: Sequence[str], limit_bytes: int) -> list[str]:
    """The answer ``text`` and what stands under it; nothing for an empty one. Raises ValueError for a tiny limit."""
    if limit_bytes < LEAST_BYTES:
        raise ValueError(f"a piece of {limit_bytes} bytes is too small")
    parts = [_plain(part) for part in (text, *blocks)]
    whole = "\n".join(part for part in parts if part)
    if _size(whole) <= limit_bytes:
        return [whole] if whole else []
    for digits in count(1):
        room = limit_bytes - _size(_number("9" * digits, "9" * digits))
        packed = _packed(parts, room)
        if len(str(len(packed))) <= digits:
            return [_number(position, len(packed)) + piece for position, piece in enumerate(packed, 1)]
    raise AssertionError


def _number(position: int | str, total: int | str) -> str:
    return f"（{position}/{total}）"


def _plain(part: str) -> str:
    return part.encode("utf-8", "replace").decode("utf-8").strip()


def _size(text: str) -> int:
    return len(text.encode("utf-8"))


def _packed(parts: Sequence[str], room: int) -> list[str]:
    """The first part flows; each block after it begins a new piece when it does not fit into the rest of one."""
    packed = [""]
    for unit in _units(parts, room):
        if _size((packed[-1] + unit).rstrip()) <= room:
            packed[-1] += unit
        else:
            packed.append(unit.lstrip())
    return [stripped for piece in packed if (stripped := piece.strip())]


def _units(parts: Sequence[str], room: int) -> Iterator[str]:
    text, *blocks = parts
    if text:
        yield from _sentences(text, room)
    for block in blocks:
        if not block:
            continue
        led = f"\n{block}"
        yield from [led] if _size(block) <= room else _cut(led, room, 0)


def _sentences(text: str, room: int) -> Iterator[str]:
    for paragraph in _after(_ENDS[0], text):
        for sentence in _after(_ENDS[1], paragraph):
            yield from _cut(sentence, room, 2)


def _cut(text: str, room: int, rank: int) -> Iterator[str]:
    """Parts of at most ``room`` bytes, cut at the best places that make them small enough."""
    if _size(text.strip()) <= room:
        yield text
    elif rank < len(_ENDS):
        for part in _after(_ENDS[rank], text):
            yield from _cut(part, room, rank + 1)
    else:
        yield from _characters(text, room)


def _after(ends: re.Pattern[str], text: str) -> Iterator[str]:
    """``text`` cut after each match."""
    start = 0
    for end in ends.finditer(text):
        if end.end() < len(text) and may_cut(text, end.end(), start):
            yield text[start : end.end()]
            start = end.end()
    if start < len(text):
        yield text[start:]


def _characters(text: str, room: int) -> Iterator[str]:
    """As many characters as fit, again and again; a character larger than a piece in code points."""
    start = 0
    while start < len(text):
        end = start + _fitting(text, start, room)
        whole = end
        while start < whole < len(text) and not may_cut(text, whole, start):
            whole -= 1
        end = whole if whole > start else end
        yield text[start:end]
        start = end


def _fitting(text: str, start: int, room: int) -> int:
    """How many code points from ``start`` on have at most ``room`` bytes; at least one."""
    part = text[start : start + room].encode("utf-8")[:room]
    return max(1, len(part.decode("utf-8", "ignore")))
