"""Cutting what is left of a question into pieces that the texts must cover.

Rules:

* A piece is an empty word (dropped), a soft word (welcome, not required) or content (required).
* Cutting maximises the sum of word scores: dictionary entries of the lexicon against runs whose character pairs the
  office's texts know. No segmentation model is needed, and the texts themselves say what a word is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.assistant.lexicon import Lexicon

_PARTICLES = frozenset("的了吗呢啊吧呀嘛")
_FUNCTION = frozenset("也要来去都就还又被把会能想让给是有在从到跟和与或对向按由以再才只很没该并且为不")
_CONNECTS = frozenset("和与及或被把是在由对不要没")
_LOCALIZERS = frozenset("内后前时里")
_HAN = re.compile(r"[一-鿿㐀-䶿]")
ASKED = "\uf8f0"
"""Stands where “是什么”, “是多少” were cut out: the piece before it is what is asked for, and must be found."""
ASKED_NEXT = "\uf8f1"
"""Stands where “什么X” was cut out: X is what is asked for."""
COUNT_WEIGHT = 0.5
"""Weight of a counted noun (六个): it helps to find, the text may word it otherwise."""
SOFT_WEIGHT = 0.25
MAX_NAME = 40
SINGLE = 1.0
"""Score of an entry of one character: two of them (补 + 贴) do not outweigh one word that the texts know (补贴)."""
MAX_CONTENT = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a question and the forms in which a text may say it."""

    text: str
    forms: tuple[str, ...]
    weight: float = 1.0
    content: bool = True
    hard: bool = False
    """Must be found exactly: a title, quoted words, a year, 第二批."""


def cut(
    text: str, lexicon: Lexicon, frequency: Callable[[str], int], held: Mapping[str, Piece] | None = None
) -> tuple[Piece, ...]:
    """The pieces of ``text`` in order; ``held`` maps placeholder characters to ready pieces."""
    pieces: list[Piece] = []
    asked_next: int | None = None
    for run in re.findall(r"[一-鿿㐀-䶿]+|[a-z0-9][a-z0-9._-]*|[\ue000-\uf8ff]", text):
        if held and run in held:
            pieces.append(held[run])
        elif run == ASKED_NEXT:
            asked_next = len(pieces)
        elif run == ASKED:
            pieces[-1:] = map(asked, pieces[-1:])
        elif _HAN.match(run):
            pieces.extend(_pieces(run, lexicon, frequency))
        else:
            pieces.append(Piece(run, (run,), hard=True))
    following = pieces[asked_next:] if asked_next is not None else []
    counts = bool(following) and (following[0].weight == COUNT_WEIGHT or following[0].text in lexicon.unasked)
    if following and not counts and (len(following) == 1 or len(following[0].text) > 1):
        pieces[-len(following)] = asked(following[0])
    return tuple(pieces)


def names_something(phrase: str) -> bool:
    """Whether a person would know what is meant: no leftover of one character, no function word at an end."""
    words = phrase.strip("".join(_PARTICLES))
    if not _HAN.search(words) and not re.search("[a-z]{2}", words):
        return False
    return len(words) >= 2 and words[-1] not in _FUNCTION and words[0] not in _CONNECTS - {"不", "没"}


def asked(piece: Piece) -> Piece:
    """The piece as what is asked for: a text must hold it."""
    return replace(piece, content=True, weight=max(piece.weight, 0.6))


def _pieces(run: str, lexicon: Lexicon, frequency: Callable[[str], int]) -> list[Piece]:
    """The best cut of one Chinese run (dynamic programming from the right)."""
    best: list[tuple[float, int, str]] = [(0.0, 0, "")] * (len(run) + 1)
    for start in range(len(run) - 1, -1, -1):
        options = [(best[start + 1][0], 1, "unknown")]
        for length in range(1, min(lexicon.longest, len(run) - start) + 1):
            kind = _entry(run[start : start + length], lexicon)
            if kind:
                heard = length - (length > 1 and run[start + length - 1] in _PARTICLES)
                score = SINGLE * length if heard == 1 else 2.0 * length - (0.8 if kind == "synonym" else 1.0)
                options.append((score + best[start + length][0], length, kind))
        for length in range(2, min(MAX_CONTENT, len(run) - start) + 1):
            pair = run[start + length - 2 : start + length]
            if not frequency(pair) or not _PARTICLES.isdisjoint(pair):
                break
            loose = run[start] in _FUNCTION and not _bound(run[start : start + 3], frequency)
            score = 1.5 * length - 0.7 - loose - (run[start + length - 1] in _CONNECTS | _LOCALIZERS)
            options.append((score + best[start + length][0], length, "content"))
        best[start] = max(options, key=lambda option: (option[0], option[1]))
    return _read(run, best, lexicon)


def _bound(three: str, frequency: Callable[[str], int]) -> bool:
    """从业人: the texts have 从业 no less often than 业人, so 从 is no preposition here."""
    return len(three) == 3 and frequency(three[:2]) >= frequency(three[1:]) > 0


def _entry(word: str, lexicon: Lexicon) -> str:
    if word in lexicon.synonyms:
        return "synonym"
    if word in lexicon.empty:
        return "empty"
    return "soft" if word in lexicon.soft else ""


def _read(run: str, best: list[tuple[float, int, str]], lexicon: Lexicon) -> list[Piece]:
    words: list[tuple[str, str]] = []
    start = 0
    while start < len(run):
        _, length, kind = best[start]
        words.append((run[start : start + length], kind))
        start += length
    return [_piece(word, kind, lexicon) for word, kind in _join_unknown(words) if kind != "empty"]


def _join_unknown(words: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A character no text knows belongs to its neighbours: 市长 is not 市 + 长, 天气 not 天 + 气."""
    joined: list[tuple[str, str]] = []
    for word, kind in words:
        left = joined[-1] if joined else ("", "")
        loose = len(word) == 1 and word not in _PARTICLES
        continues = left[1] == "unknown" and (kind == "unknown" or loose)
        begins = kind == "unknown" and len(left[0]) == 1 and left[0] not in _PARTICLES | _FUNCTION
        if continues or begins:
            joined[-1] = (left[0] + word, "unknown")
        else:
            joined.append((word, kind))
    return joined


def _piece(word: str, kind: str, lexicon: Lexicon) -> Piece:
    forms = tuple(dict.fromkeys((word, *lexicon.synonyms.get(word, ()), *_renamed(word, lexicon))))
    forms = tuple(form for form in forms if len(form) > 1) or forms
    soft = kind != "content" and word in lexicon.soft
    return Piece(word, forms, SOFT_WEIGHT if soft else 1.0, content=not soft)


def _renamed(word: str, lexicon: Lexicon) -> list[str]:
    """Full names for a short name inside ``word``: 市住建局 is also 市住房和城乡建设局, 医保领域 also 医疗保障领域."""
    renamed: list[str] = []
    if len(word) > MAX_NAME:
        return renamed
    for length in range(2, len(word) + 1):
        for start in range(len(word) - length + 1):
            name = word[start : start + length]
            full = lexicon.abbreviations.get(name, ())
            if length < len(word) and length > 2 and name[-1] in "局委办厅":
                full = (*full, *lexicon.synonyms.get(name, ()))
            renamed.extend(word.replace(name, other) for other in full if other not in word)
    return renamed
