"""Mojibake of sites that replace bytes inside GBK text: reconstructed by putting the bytes back.

Two kinds are known, both leave a lone ``?``:

* shift: the first byte (A1) of ``。`` (A1A3) was lost. What follows was read one byte late until an ASCII letter was
  swallowed as a second byte; pairs that are no characters vanished. We encode what is left, put A1 back in front,
  let vanished pairs come back where they must, and keep the reading that agrees best with the rest of the text.
* insertion: a reading such as ``(fù)`` was inserted between the second byte of one character and the first of the
  next, because together they looked like the annotated one. That one is known from the text's other annotations.

No table of sentences: the evidence is the text itself, plus the few words with which sentences begin.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.policies.cleaning.script import ANNOTATION

_SHIFTED = re.compile(r"\?([!-/:;=@！-／：；＝＠])([\u3400-\u9fff]{1,10})([@-~])")
_INSERTED = re.compile(r"(?<=([\u3400-\u9fff]))\?([a-zü]{0,3}[^\x00-\x7f]?[a-zü]{0,3})[)）]([@-~])")

_OPENERS = (
    "基于",
    "关于",
    "對于",
    "对于",
    "根据",
    "根據",
    "按照",
    "依托",
    "通过",
    "通過",
    "为了",
    "為了",
    "以及",
    "鉴于",
    "鑒于",
)
_ENOUGH = 0.5
_NEIGHBOURHOOD = 3
_MOST_PLACES = 200
"""A text with more damage than this is not repaired but to be fetched again; it also bounds the time."""


def repair_mojibake(text: str) -> str:
    """Reads text with its annotations still in it. Writes damaged places repaired; a doubtful one stays as it is."""
    if "?" not in text:
        return text
    text = _INSERTED.sub(lambda match: _uninsert(match, text), text)
    if not _SHIFTED.search(text):
        return text
    if len(_SHIFTED.findall(text)) > _MOST_PLACES:
        return text
    known = _vocabulary(text)
    return _SHIFTED.sub(lambda match: _unshift(match, known), text)


def _uninsert(match: re.Match[str], text: str) -> str:
    """The swallowed first byte is the second byte of an annotated character that begins with the left one's last."""
    left = match[1].encode("gbk", "ignore")
    for char, reading in ANNOTATION.findall(text):
        code = char.encode("gbk", "ignore")
        if reading == match[2] and len(code) == len(left) == 2 and code[0] == left[1]:
            restored = _decode(code[1:] + match[3].encode("ascii"))
            if restored is not None and len(restored) == 1:
                return restored
    return match[0]


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    pairs: float
    triples: float
    lost_pairs: int


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Two and three neighbouring characters of a text without its annotations."""

    pairs: frozenset[str]
    triples: frozenset[str]


def _vocabulary(text: str) -> _Vocabulary:
    plain = ANNOTATION.sub(r"\1", text)
    pairs = {plain[at : at + 2] for at in range(len(plain) - 1)}
    triples = {plain[at : at + 3] for at in range(len(plain) - 2)}
    return _Vocabulary(frozenset(pairs.union(_OPENERS)), frozenset(triples))


def _unshift(match: re.Match[str], known: _Vocabulary) -> str:
    behind = match.string[match.end() : match.end() + _NEIGHBOURHOOD]
    readings = [
        _Reading(text, _share(text[1:] + behind, 2, known.pairs), _share(text[1:] + behind, 3, known.triples), lost)
        for text, lost in _readings(_left_bytes(match), known.pairs)
    ]
    best = max(readings, key=lambda reading: (reading.pairs, reading.triples, -reading.lost_pairs), default=None)
    return best.text if best is not None and best.pairs >= _ENOUGH else match[0]


def _left_bytes(match: re.Match[str]) -> bytes:
    mark = match[1] if ord(match[1]) > 0x7F else chr(ord(match[1]) + 0xFEE0)
    return b"\xa1" + (mark + match[2]).encode("gbk", "ignore") + match[3].encode("ascii")


def _share(text: str, size: int, known: frozenset[str]) -> float:
    """Share of neighbouring Chinese characters that stand side by side elsewhere too."""
    groups = [text[at : at + size] for at in range(len(text) - size + 1)]
    groups = [group for group in groups if all("\u3400" <= char <= "\u9fff" for char in group)]
    return sum(group in known for group in groups) / len(groups) if groups else 0.0


def _readings(left: bytes, pairs: frozenset[str]) -> Iterator[tuple[str, int]]:
    whole = _decode(left)
    if whole is not None:
        yield whole, 0
    for at in range(3, len(left), 2):
        yield from _one_lost(left, at, pairs)
        yield from _two_lost(left, at, pairs)


def _one_lost(left: bytes, at: int, pairs: frozenset[str]) -> Iterator[tuple[str, int]]:
    """``at`` is odd: the byte before it begins a character, the byte at it ends one; a pair vanished between."""
    head, tail = _decode(left[: at - 1]), _decode(left[at + 1 :])
    if head is None or tail is None:
        return
    for pair in pairs:
        code = pair.encode("gbk", "ignore")
        if len(code) == 4 and code[0] == left[at - 1] and code[3] == left[at] and _vanishes(code[1:3]):
            yield head + pair + tail, 1


def _two_lost(left: bytes, at: int, pairs: frozenset[str]) -> Iterator[tuple[str, int]]:
    head, tail = _decode(left[: at - 1]), _decode(left[at + 1 :])
    if head is None or tail is None:
        return
    ends: dict[str, list[str]] = {}
    for pair in pairs:
        code = pair.encode("gbk", "ignore")
        if len(code) == 4 and code[3] == left[at]:
            ends.setdefault(pair[0], []).append(pair)
    for pair in pairs:
        code = pair.encode("gbk", "ignore")
        if len(code) == 4 and code[0] == left[at - 1] and _vanishes(code[1:3]):
            for end in ends.get(pair[1], ()):
                if _vanishes(bytes((code[3], end[1].encode("gbk")[0]))):
                    yield head + pair + end[1] + tail, 2


def _vanishes(pair: bytes) -> bool:
    """A pair of GBK's user-defined areas or of none: a site shows nothing for it."""
    decoded = _decode(pair)
    return decoded is None or any("\ue000" <= char <= "\uf8ff" for char in decoded)


def _decode(code: bytes) -> str | None:
    try:
        return code.decode("gbk")
    except UnicodeDecodeError:
        return None
