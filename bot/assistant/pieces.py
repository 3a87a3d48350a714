"""Cutting what is left of a question into pieces that the texts must cover.

Rules:

* Words are those of the dictionary and of our lexicon (``words``); grammar and empty words are dropped.
* A piece is soft (welcome, not required) or content (required); a lone character weighs less than a word.
* A character that names a thing belongs to the word beside it where the texts know the two together (核验 + 码).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.assistant.lexicon import Lexicon
from bot.assistant.words import NEGATIONS, Role, Word

_PARTICLES = frozenset("的了吗呢啊吧呀嘛")
_FUNCTION = frozenset("也要来去都就还又被把会能想让给是有在从到跟和与或对向按由以再才只很没该并且为不")
_CONNECTS = frozenset("和与及或被把是在由对不要没")
_BODIES = frozenset("局委办厅院所处")
"""住建 + 局: the body belongs to what it is for."""
_MODALS = frozenset("会要能可")
_HAN = re.compile(r"[一-鿿㐀-䶿]")
ASKED = "\uf8f0"
"""Stands where “是什么”, “是多少” were cut out: the piece before it is what is asked for, and must be found."""
ASKED_NEXT = "\uf8f1"
"""Stands where “什么X” was cut out: X is what is asked for."""
HERE = "\uf8f2"
"""Stands where any question word was cut out: what is next to it is the focus of the question."""
ACT_HERE = "\uf8f3"
"""Stands beside ``HERE`` when the question is whether something may or must be done (…吗)."""
COUNT_WEIGHT = 0.5
"""Weight of a counted noun (六个): it helps to find, the text may word it otherwise."""
SOFT_WEIGHT = 0.25
WEIGHTS = {Role.THING: 1.0, Role.ACT: 0.8, Role.QUALITY: 0.5, Role.COUNT: SOFT_WEIGHT, Role.GRAMMAR: SOFT_WEIGHT}
LONE = 0.5
"""A lone character says half as much as a word."""
MAX_NAME = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a question and the forms in which a text may say it."""

    text: str
    forms: tuple[str, ...]
    weight: float = 1.0
    content: bool = True
    hard: bool = False
    """Must be found exactly: a title, quoted words, a year, 第二批."""
    role: Role = Role.THING
    follows: bool = False
    """Stands directly after the piece before it: 信用 + 报告 may be one name."""
    asked: bool = False
    """What the question word asks for (什么材料): it must be found."""
    focus: bool = False
    """Next to the question word (多久内备案): the answer must be about it."""
    told: bool = False
    """Said in another clause of the question: it tells the case, a text may word it otherwise."""
    negated: bool = False
    """没保价: the question says that it is not so."""


def cut(
    text: str, lexicon: Lexicon, frequency: Callable[[str], int], held: Mapping[str, Piece] | None = None
) -> tuple[Piece, ...]:
    """The pieces of ``text`` in order; ``held`` maps placeholder characters to ready pieces."""
    pieces: list[Piece] = []
    asked_next = here = None
    for run in re.findall(r"[一-鿿㐀-䶿]+|[a-z0-9][a-z0-9._-]*|[\ue000-\uf8ff]", text):
        if held and run in held:
            pieces.append(held[run])
        elif run == ASKED_NEXT:
            asked_next = len(pieces)
        elif run == HERE:
            here = len(pieces) if here is None else here
        elif run == ASKED:
            pieces[-1:] = map(asked, pieces[-1:])
        elif run == ACT_HERE:
            continue
        elif _HAN.match(run):
            pieces.extend(_pieces(run, lexicon, frequency))
        else:
            pieces.append(Piece(run, (run,), hard=True))
    following = pieces[asked_next:] if asked_next is not None else []
    counts = bool(following) and (following[0].weight == COUNT_WEIGHT or following[0].text in lexicon.unasked)
    if following and counts:
        pieces[-len(following) :] = (replace(p, weight=max(p.weight, COUNT_WEIGHT)) for p in following[:2])
        pieces.extend(following[2:])
    elif following and (len(following) == 1 or len(following[0].text) > 1):
        pieces[-len(following)] = asked(following[0])
    return _focused(pieces, here, ACT_HERE in text)


def _focused(pieces: Sequence[Piece], here: int | None, act_asked: bool) -> tuple[Piece, ...]:
    """The content after the question word is the focus, else the content before it: the act, if an act is asked."""
    if here is None:
        return tuple(pieces)
    after = next((place for place in range(here, len(pieces)) if pieces[place].content), None)
    before = [place for place in range(here - 1, -1, -1) if pieces[place].content]
    if after is None and act_asked:
        before.sort(key=lambda place: pieces[place].role is not Role.ACT)
    focus = next(iter(before), None) if after is None else after
    return tuple(replace(piece, focus=True) if place == focus else piece for place, piece in enumerate(pieces))


def names_something(phrase: str) -> bool:
    """Whether a person would know what is meant: no leftover of one character, no function word at an end."""
    words = phrase.strip("".join(_PARTICLES))
    if not _HAN.search(words) and not re.search("[a-z]{2}", words):
        return False
    return len(words) >= 2 and words[-1] not in _FUNCTION and words[0] not in _CONNECTS - {"不", "没"}


def asked(piece: Piece) -> Piece:
    """The piece as what is asked for: a text must hold it."""
    return replace(piece, content=True, weight=max(piece.weight, 0.6), asked=True)


def _pieces(run: str, lexicon: Lexicon, frequency: Callable[[str], int]) -> list[Piece]:
    """The pieces of one Chinese run."""
    words = _joined(_split(lexicon.dictionary.words(run), lexicon, frequency), lexicon, frequency)
    pieces: list[Piece] = []
    adjacent = negated = False
    for word in words:
        piece = _piece(word, lexicon)
        if piece is not None:
            pieces.append(replace(piece, follows=adjacent, negated=negated))
        adjacent = piece is not None
        negated = piece is None and (negated or word.text[0] in NEGATIONS)
    return pieces


def _split(words: Sequence[Word], lexicon: Lexicon, frequency: Callable[[str], int]) -> list[Word]:
    """报告会展示 is 报告 + 会 + 展示 where no text has 告会."""
    found: list[Word] = []
    for word in words:
        modal = len(word.text) > 2 and word.text[-1] in _MODALS and lexicon.dictionary.knows(word.text[:-1])
        if modal and word.text not in lexicon.dictionary.own and not frequency(word.text[-2:]):
            found.extend((Word(word.text[:-1], word.role), Word(word.text[-1], Role.GRAMMAR)))
        else:
            found.append(word)
    return found


def _joined(words: Sequence[Word], lexicon: Lexicon, frequency: Callable[[str], int]) -> list[Word]:
    """Lone characters that name a thing joined to the word beside them, where the texts know the pair."""
    joined: list[Word] = []
    for word in words:
        left = joined[-1] if joined else None
        if left is not None and _belongs(left, word, lexicon, frequency):
            joined[-1] = Word(left.text + word.text, Role.THING)
        else:
            joined.append(word)
    return joined


def _belongs(left: Word, right: Word, lexicon: Lexicon, frequency: Callable[[str], int]) -> bool:
    if any(_dropped(word, lexicon) or word.text in lexicon.synonyms for word in (left, right)):
        return False
    if len(left.text) > 1 and right.text in _BODIES:
        return True
    lone = [word for word in (left, right) if len(word.text) == 1]
    if not lone or any(word.role is not Role.THING for word in lone):
        return False
    return frequency(left.text[-1] + right.text[0]) > 0


def _dropped(word: Word, lexicon: Lexicon) -> bool:
    if word.text in lexicon.synonyms:
        return False
    return word.role is Role.GRAMMAR or word.text in lexicon.empty


def _piece(word: Word, lexicon: Lexicon) -> Piece | None:
    if _dropped(word, lexicon) or (word.text in lexicon.empty):
        return None
    forms = tuple(dict.fromkeys((word.text, *lexicon.synonyms.get(word.text, ()), *_renamed(word.text, lexicon))))
    forms = tuple(form for form in forms if len(form) > 1) or forms
    soft = word.text in lexicon.soft or word.role in (Role.COUNT, Role.GRAMMAR)
    weight = SOFT_WEIGHT if soft else WEIGHTS[word.role] * (LONE if len(word.text) == 1 else 1.0)
    return Piece(word.text, forms, weight, content=not soft, role=word.role)


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
