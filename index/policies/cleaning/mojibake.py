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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.policies.cleaning.script import ANNOTATION
from index.policies.cleaning.stage import steps
from index.policies.cleaning.tracing import Edit

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


def _taken_out(text: str) -> Iterator[Edit]:
    """Insertions: the damaged place becomes the character that was split."""
    found = list(_INSERTED.finditer(text)) if "?" in text else []
    if not 0 < len(found) <= _MOST_PLACES:
        return
    annotated = dict.fromkeys(ANNOTATION.findall(text))
    for match in found:
        restored = _uninsert(match, annotated)
        if restored is not None:
            yield Edit(match.start(), match.end(), restored, whole=True)


def _put_back(text: str) -> Iterator[Edit]:
    """Shifts: the damaged place becomes the reading that agrees best with the text."""
    found = list(_SHIFTED.finditer(text)) if "?" in text else []
    if not 0 < len(found) <= _MOST_PLACES:
        return
    known = _vocabulary(text)
    for match in found:
        reading = _unshift(match, known)
        if reading is not None:
            yield Edit(match.start(), match.end(), reading, whole=True)


repair_mojibake = steps(
    "repair_mojibake",
    "Reads text with its annotations still in it. Writes damaged places repaired; a doubtful one stays as it is.",
    _taken_out,
    _put_back,
)


def _uninsert(match: re.Match[str], annotated: Iterable[tuple[str, str]]) -> str | None:
    """The swallowed first byte is the second byte of an annotated character that begins with the left one's last."""
    left = match[1].encode("gbk", "ignore")
    for char, reading in annotated:
        code = char.encode("gbk", "ignore")
        if reading == match[2] and len(code) == len(left) == 2 and code[0] == left[1]:
            restored = _decode(code[1:] + match[3].encode("ascii"))
            if restored is not None and len(restored) == 1:
                return restored
    return None


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    pairs: float
    triples: float
    lost_pairs: int


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Two and three neighbouring characters of a text without its annotations; the pairs also by their GBK bytes."""

    pairs: frozenset[str]
    triples: frozenset[str]
    by_ends: dict[tuple[int, int], list[str]]
    """First and last byte of four → the pairs whose two middle bytes vanish."""
    by_first: dict[int, list[str]]
    """First byte → the pairs whose two middle bytes vanish."""
    by_last: dict[tuple[str, int], list[str]]
    """First character and last byte → the pairs."""


def _vocabulary(text: str) -> _Vocabulary:
    plain = ANNOTATION.sub(r"\1", text)
    pairs = {plain[at : at + 2] for at in range(len(plain) - 1)}
    triples = {plain[at : at + 3] for at in range(len(plain) - 2)}
    known = _Vocabulary(frozenset(pairs.union(_OPENERS)), frozenset(triples), {}, {}, {})
    for pair in sorted(known.pairs):
        code = pair.encode("gbk", "ignore")
        if len(code) != 4:
            continue
        known.by_last.setdefault((pair[0], code[3]), []).append(pair)
        if _vanishes(code[1:3]):
            known.by_ends.setdefault((code[0], code[3]), []).append(pair)
            known.by_first.setdefault(code[0], []).append(pair)
    return known


def _unshift(match: re.Match[str], known: _Vocabulary) -> str | None:
    behind = match.string[match.end() : match.end() + _NEIGHBOURHOOD]
    readings = [
        _Reading(text, _share(text[1:] + behind, 2, known.pairs), _share(text[1:] + behind, 3, known.triples), lost)
        for text, lost in _readings(_left_bytes(match), known)
    ]
    best = max(readings, key=lambda reading: (reading.pairs, reading.triples, -reading.lost_pairs), default=None)
    return best.text if best is not None and best.pairs >= _ENOUGH else None


def _left_bytes(match: re.Match[str]) -> bytes:
    mark = match[1] if ord(match[1]) > 0x7F else chr(ord(match[1]) + 0xFEE0)
    return b"\xa1" + (mark + match[2]).encode("gbk", "ignore") + match[3].encode("ascii")


def _share(text: str, size: int, known: frozenset[str]) -> float:
    """Share of neighbouring Chinese characters that stand side by side elsewhere too."""
    groups = [text[at : at + size] for at in range(len(text) - size + 1)]
    groups = [group for group in groups if all("\u3400" <= char <= "\u9fff" for char in group)]
    return sum(group in known for group in groups) / len(groups) if groups else 0.0


def _readings(left: bytes, known: _Vocabulary) -> Iterator[tuple[str, int]]:
    whole = _decode(left)
    if whole is not None:
        yield whole, 0
    for at in range(3, len(left), 2):
        head, tail = _decode(left[: at - 1]), _decode(left[at + 1 :])
        if head is not None and tail is not None:
            yield from ((head + pair + tail, 1) for pair in known.by_ends.get((left[at - 1], left[at]), ()))
            yield from ((head + three + tail, 2) for three in _two_lost(left[at - 1], left[at], known))


def _two_lost(first: int, last: int, known: _Vocabulary) -> Iterator[str]:
    """``first`` begins a character, ``last`` ends the third from there; both pairs of bytes between vanished."""
    for pair in known.by_first.get(first, ()):
        for end in known.by_last.get((pair[1], last), ()):
            if _vanishes(bytes((pair.encode("gbk")[3], end[1].encode("gbk")[0]))):
                yield pair + end[1]


def _vanishes(pair: bytes) -> bool:
    """A pair of GBK's user-defined areas or of none: a site shows nothing for it."""
    decoded = _decode(pair)
    return decoded is None or any("\ue000" <= char <= "\uf8ff" for char in decoded)


def _decode(code: bytes) -> str | None:
    try:
        return code.decode("gbk")
    except UnicodeDecodeError:
        return None
