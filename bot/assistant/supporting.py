"""Whether a sentence says nothing that a quoted text does not say. In doubt it is not supported.

A sentence is supported by one source when its clauses, taken in groups, each stand in a window of that source – one
clause of it, or up to ``WINDOW`` neighbouring clauses of one sentence:

1. The marks are the same in the same order: numbers with units, dates, Latin words, negation, duty, permission, limits.
2. Every other word of the group stands in the window, in pieces of two characters and more and in the same order, but
   for plain words (``language/claims.toml``). In a single clause its only number may stand behind 有效期
   (有效期为一个月), and a part that a word like 自, 在, 按 leads may have another place.
3. All of the window is said again: a general rule is not made of a special one. What the question named may be left
   out of a single clause, unless the question negates otherwise than the clause, or the clause says who does it to
   whom.
4. Parties keep their order: who does what to whom is not turned round.
5. What is said on stands right behind what was said before: two rules do not become a third. An item of a list (下列…)
   is not said without the list's head.
6. A condition anywhere before (…的，…后，如…), the subject where a clause has none, and an exception anywhere behind
   (但…, …除外) are said too, or were asked.

Title, number and heading of the source are no claims of their own when it is the source that is cited; those of another
document are, and fail.

Source: issue 6 §1; docs/decisions/0240.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.assistant.claims import Clause, Marking, is_amount, is_mark, plain_words

WINDOW = 3
GROUPS_MAX = 6
_PIECE = 2
_LEADING = "如果?|若|凡|经|当|自|从|按照?|对于?|因|在|于"
_LED = re.compile(f"^(?:{_LEADING})")
_CONDITION = re.compile(f"(?:[的时后前外下]|情形|起)$|{_LED.pattern}")
_EDGES = re.compile(f"{_LED.pattern}|(?:的情形|[的时])+$")
_ROLES = re.compile("[向由被把将给替为]")
"""Say who does it and to whom."""
_EXCEPTION = re.compile("但|不过|然而|有下列情形|其中|.*(?:除非|另有|例外)")
_HEAD = re.compile("下列|以下|如下|之一")
_PERIOD = "有效期"
_NARROWING = re.compile("适用|此列|此限|前款|前项")
"""With a negation: not for everybody after all."""
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """``names``: how the text is called: title, number, headings; they are taken out of what refers to it."""

    text: str
    names: Names = ()


class Supporting:
    """One answer's sources. ``still``: whether there is time left; without any, nothing is supported."""

    def __init__(self, question: str, sources: Sequence[Source], still: Callable[[], bool]) -> None:
        self._marking = Marking()
        asked = [clause for clauses in self._marking.sentences(question) for clause in clauses]
        self._question = "".join(clause.text for clause in asked)
        self._negated = sorted(mark for clause in asked for mark in clause.negations)
        self._sources = [(source, self._marking.sentences(source.text)) for source in sources]
        self._still = still

    def by(self, sentence: str) -> int | None:
        """The number of the first source that supports it (from 0); None: no source does, or it claims nothing."""
        for number, (source, sentences) in enumerate(self._sources):
            said = self._clauses(sentence, source.names)
            if said and len(said) <= GROUPS_MAX and self._stands(said, sentences):
                return number
        return None

    def _clauses(self, sentence: str, names: Names) -> list[Clause]:
        for name in sorted(names, key=len, reverse=True):
            sentence = sentence.replace(name, "")
        found = [clause for clauses in self._marking.sentences(sentence) for clause in clauses]
        return [clause for clause in found if _content(clause.text) or clause.marks]

    def _stands(self, said: Sequence[Clause], sentences: list[list[Clause]]) -> bool:
        """Groups from left to right; what stands before a group may carry its condition."""

        @cache
        def windows(start: int, end: int) -> tuple[tuple[tuple[int, int], int], ...]:
            return tuple(self._windows(said[start:end], sentences))

        @cache
        def from_here(start: int, before: tuple[int, int] | None) -> bool:
            if start == len(said):
                return before is None or not self._exception(sentences, before)
            return self._still() and any(
                _goes_on(sentences, before, after) and from_here(end, (after[0], after[1] + length))
                for end in range(start + 1, len(said) + 1)
                for after, length in windows(start, end)
                if self._condition_is_said(sentences, after, before)
            )

        return from_here(0, None)

    def _windows(self, group: Sequence[Clause], sentences: list[list[Clause]]) -> Iterator[tuple[tuple[int, int], int]]:
        """Sentence and first clause of each window in which the group stands, and how many clauses it has."""
        marks = [mark for clause in group for mark in clause.marks]
        for number, clauses in enumerate(sentences):
            for start in range(len(clauses)):
                for length in range(1, min(WINDOW, len(clauses) - start) + 1):
                    window = clauses[start : start + length]
                    if marks == [mark for clause in window for mark in clause.marks] and self._in(group, window):
                        yield (number, start), length

    def _in(self, group: Sequence[Clause], window: Sequence[Clause]) -> bool:
        text, whole = ("".join(clause.text for clause in clauses) for clauses in (group, window))
        if not set(_content(text)) <= set(whole) or not self._still():
            return False
        if not _is_in_order(_parties(_content(text)), _parties(_content(whole))):
            return False
        if len(window) > 1:
            return _said_in(text, whole) and all(_is_said(clause.text, text) for clause in window)
        alone = not _ROLES.search(whole) and len(_parties(_content(whole))) < 2
        return _said_in_one(group, whole) and _is_said(whole, text, self._asked(window) if alone else "")

    def _condition_is_said(
        self, sentences: list[list[Clause]], window: tuple[int, int], before: tuple[int, int] | None
    ) -> bool:
        number, start = window
        if before == window:
            return True
        if any(_HEAD.search(clause.text) for clauses in sentences[:number] for clause in clauses):
            return False
        if start == 0:
            return True
        earlier, first = sentences[number][:start], sentences[number][start]
        conditions = [clause for clause in earlier if _is_condition(clause) or _HEAD.search(clause.text)]
        return all(map(self._was_asked, conditions if first.parties else (*conditions, earlier[-1])))

    def _was_asked(self, condition: Clause) -> bool:
        marks = {character for character in condition.text if is_mark(character)}
        return marks <= set(self._question) and _is_said(_EDGES.sub("", condition.text), self._asked([condition]))

    def _asked(self, clauses: Sequence[Clause]) -> str:
        """What the question named of them; nothing, when it negates what they do not, or the other way round."""
        negated = sorted(mark for clause in clauses for mark in clause.negations)
        return self._question if negated == self._negated else ""

    def _exception(self, sentences: list[list[Clause]], end: tuple[int, int]) -> bool:
        """Whether an exception stands behind, in this sentence or at the beginning of the next."""
        number, clause = end
        behind = [*sentences[number][clause:], *(sentences[number + 1][:1] if number + 1 < len(sentences) else ())]
        return any(map(_is_exception, behind))


def _goes_on(sentences: list[list[Clause]], before: tuple[int, int] | None, after: tuple[int, int]) -> bool:
    """Whether ``after`` stands right behind: in the same sentence, or as the beginning of the next."""
    if before is None or after == before:
        return True
    return before[1] == len(sentences[before[0]]) and after == (before[0] + 1, 0)


def _is_exception(clause: Clause) -> bool:
    narrowed = bool(clause.negations) and _NARROWING.search(clause.text) is not None
    return narrowed or "except" in clause.marks or _EXCEPTION.match(clause.text) is not None


def _is_condition(clause: Clause) -> bool:
    return bool(_CONDITION.search(clause.text)) or is_mark(clause.text[-1]) or "except" in clause.marks


def _said_in_one(group: Sequence[Clause], whole: str) -> bool:
    """In a single clause its only amount may stand behind 有效期, and one part that is led where it likes."""
    texts, free = [clause.text for clause in group], sum(map(is_amount, whole)) == 1
    if _said_in("".join(texts), whole, free=free):
        return True
    return any(
        _LED.match(led)
        and _said_in(led, whole, free=free)
        and _said_in("".join(texts[:at] + texts[at + 1 :]), whole, free=free)
        for at, led in enumerate(texts)
        if len(texts) > 1
    )


def _said_in(text: str, whole: str, *, free: bool = False) -> bool:
    """Whether ``text`` is made of pieces of ``whole`` in their order, and plain words. ``free``: but for the amount
    of a period."""
    seen: set[tuple[int, int]] = set()

    def from_here(at: int, place: int) -> bool:
        if at == len(text):
            return True
        if (at, place) in seen:
            return False
        seen.add((at, place))
        if (
            free
            and is_amount(text[at])
            and text[:at].endswith(_PERIOD)
            and text[at] in whole
            and from_here(at + 1, place)
        ):
            return True
        for end in range(len(text), at, -1):
            piece = text[at:end]
            found = whole.find(piece, place) if end - at >= _PIECE or is_mark(piece) else -1
            if found >= 0 and from_here(end, found + len(piece)):
                return True
            if piece in plain_words() and from_here(end, place):
                return True
        return False

    return from_here(0, 0)


def _is_said(whole: str, *said: str) -> bool:
    """Whether all the content of ``whole`` stands in one of ``said``, in pieces of two characters."""
    covered = [False] * len(whole)
    for at in range(len(whole) - _PIECE + 1):
        if any(whole[at : at + _PIECE] in text for text in said):
            covered[at : at + _PIECE] = [True] * _PIECE
    return all(covered[at] for at, needed in enumerate(_is_content(whole)) if needed)


def _content(text: str) -> str:
    return "".join(character for character, needed in zip(text, _is_content(text), strict=True) if needed)


def _is_content(text: str) -> list[bool]:
    """For each character whether it says something: neither a mark nor part of a plain word, the longest first."""
    needed = [not is_mark(character) for character in text]
    at = 0
    while at < len(text):
        end = next((end for end in range(min(len(text), at + 8), at, -1) if text[at:end] in plain_words()), None)
        if end is not None:
            needed[at:end] = [False] * (end - at)
        at = end or at + 1
    return needed


def _parties(text: str) -> tuple[str, ...]:
    return Clause(text, ()).parties


def _is_in_order(some: Sequence[str], all_of_them: Sequence[str]) -> bool:
    rest = iter(all_of_them)
    return all(any(one == other for other in rest) for one in some)
