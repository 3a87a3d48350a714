"""Does this unit answer this question? Evidence coverage, not a score threshold.

A unit answers an ask when

1. every hard piece (title, quoted words, year, 第二批) stands in the unit, its headings or its document's title;
2. every content piece is covered there: as said, in a written form of it, or tiled by words of the unit (long pieces);
3. what the office's texts know as one phrase stands there as that phrase (信用评价报告 is not 信用 + 评价 + 报告);
4. enough of it stands in the unit itself or its own heading, not only in the title;
5. the unit shows the kind of answer asked for, with the unit of a number, tied to the same relation (有效, 完成 …).

The score only orders the units that pass.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.assistant.evidence import Evidence
from bot.assistant.lexicon import Kind, Lexicon
from bot.assistant.pieces import SOFT_WEIGHT, Piece
from bot.assistant.question import Ask
from bot.assistant.relations import defines, introduces, is_year, names_relation, related
from index.search.analyzer import fold

IN_UNIT, NEAR, FAR, AROUND = 1.0, 0.9, 0.55, 0.45
BEFORE_NOTE = 0.85
"""What stands before a responsibility note is its matter, but a heading names the matter of all below it first."""
TILED = 0.8
SAID_HERE = 0.8
"""At least this is the value of what stands in the unit or its own heading, in any written form."""
ONE_MATTER_CHARACTERS = 100
"""A passage this short is about one matter: what its other sentence names, this sentence is about."""
NEIGHBOURHOOD = 80
ENOUGH = 0.72
ENOUGH_IF_YES_NO = 0.8
MAX_TILED = 40
"""Nobody names one thing in more characters; longer pieces are noise."""
OWN_SHARE = 0.5
_CONDITION = re.compile(r"(?:第[一二三四五六七八九十百]+条 ?)?[^,。;:]{2,20}的,")
"""A sentence that begins with its own condition (超过一个月的，…) answers best those who ask about that condition."""
_NUMERALS = "0123456789一二两三四五六七八九十百千"
_ITSELF = re.compile(r"本(?:办法|方案|意见|细则|指引|规定|规则|条例|规程|制度|法|通知|决定)")
_MAY = re.compile(r"(?:可以|能够?|可|有权|应该|应当|必须|不得|不能)")
_MAY_WRITTEN = r"(?:可以?|有权|应当|必须|不得|需要?)"
PERMITTED = 0.3
_NUMBERED = re.compile(r"[一二三四五六七八九十]是")
_NOTES_ANSWER = (Kind.WHO, Kind.WHEN, Kind.LIST, Kind.HOW_MANY, Kind.HOW_LONG)
_ROWS_ANSWER = (Kind.LIST, Kind.NAME, Kind.WHO)
_FIGURES = (Kind.FEE, Kind.AMOUNT, Kind.HOW_MANY, Kind.HOW_LONG)
_CHARGE = frozenset({"负责", "牵头", "责任单位", "配合", "主管"})
_ABOUT_CHARGE = (Kind.LIST, Kind.WHAT, Kind.NAME, Kind.HOW_MANY, Kind.YES_NO)
_OPEN = (Kind.WHAT, Kind.YES_NO, Kind.STATEMENT, Kind.HOW)
_STRICT_SOFT = (Kind.YES_NO, Kind.WHEN, Kind.HOW_LONG, Kind.HOW_OFTEN, Kind.WHERE)


@dataclass(frozen=True, slots=True)
class Match:
    """How well a unit answers an ask; ``passes`` only when nothing asked for is missing."""

    evidence: Evidence
    score: float
    passes: bool
    missing: tuple[str, ...]
    held: float
    """Share of what was asked that stands in the unit or its own heading, by weight."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """Judges units against asks. ``phrase_known`` says whether the searched texts hold a phrase as such."""

    lexicon: Lexicon
    weight: Callable[[str], float]
    phrase_known: Callable[[str], bool]

    def match(self, ask: Ask, unit: Evidence) -> Match:
        required = ask.content or ask.pieces
        values = {piece.text: self._value(piece, unit) for piece in ask.pieces}
        for piece, following in pairwise(ask.pieces):
            if values[piece.text] == 0.0 and not piece.hard and _cut_elsewhere(piece.text, following.text, unit):
                values[piece.text] = IN_UNIT * TILED
        total = sum(self._weight(piece) for piece in required) or 1.0
        covered = sum(self._weight(piece) for piece in required if values[piece.text] > 0)
        placed = [piece for piece in required if not is_year(piece.text)]
        own = sum(self._weight(piece) for piece in placed if values[piece.text] >= NEAR * TILED)
        own_total = sum(self._weight(piece) for piece in placed) or 1.0
        missing = tuple(piece.text for piece in required if values[piece.text] == 0)
        all_weight = sum(self._weight(piece) for piece in ask.pieces) or 1.0
        score = sum(self._weight(piece) * values[piece.text] for piece in ask.pieces) / all_weight
        kind_ok = self._kind_ok(ask, unit)
        enough = ENOUGH_IF_YES_NO if ask.kind in (Kind.YES_NO, Kind.STATEMENT) else ENOUGH
        passes = (
            kind_ok
            and covered / total >= enough
            and (
                own / own_total >= OWN_SHARE
                or self._counted_only(ask)
                or self._titled(ask, unit)
                or _of_itself(ask, unit)
            )
            and not any(piece.hard for piece in required if values[piece.text] == 0)
            and not any(self._vital(piece, ask.kind) for piece in required if values[piece.text] == 0)
            and self._soft_enough(ask, values)
            and self._relation_said(ask, values)
            and (ask.kind not in _OPEN or unit.row or self._close(ask, unit))
            and (ask.kind is not Kind.YES_NO or self._said_here(ask, unit, values))
            and (ask.kind is not Kind.LIST or self._led_in(ask, unit))
        )
        held = sum(self._weight(piece) * values[piece.text] for piece in required) / total
        return Match(unit, score + self._bonus(ask, unit), passes, missing, held)

    def whole_rule(self, ask: Ask, unit: Evidence, units: Sequence[Evidence]) -> tuple[int, int]:
        """The span to quote. Figures: with the neighbouring sentences that answer too, rule and exception together."""
        start, end = unit.span
        if ask.kind not in _FIGURES or unit.row or unit.note:
            return start, end
        same = [one for one in units if one.passage is unit.passage and self._answers_beside(ask, one)]
        for one in sorted(same, key=lambda one: abs(one.start - unit.start)):
            if abs(one.start - end) <= 1 or abs(start - one.end) <= 1:
                start, end = min(start, one.start), max(end, one.end)
        return start, end

    def _answers_beside(self, ask: Ask, unit: Evidence) -> bool:
        rule = self.lexicon.rule(ask.kind)
        told = ask.kind is Kind.FEE and rule is not None and rule.answered_by(unit.text)
        return told or self.match(ask, unit).passes

    def _weight(self, piece: Piece) -> float:
        return piece.weight * self.weight(piece.text)

    def _counted_only(self, ask: Ask) -> bool:
        """Nothing but counting words asked of a document (一共几章几条): its title alone carries the matter."""
        return bool(ask.units) and not ask.content

    def _titled(self, ask: Ask, unit: Evidence) -> bool:
        """Fees: a regulation about one thing, its title, says of that thing 不收取任何费用 without naming it again."""
        title = fold(unit.document.title)
        return ask.kind is Kind.FEE and all(any(form in title for form in piece.forms) for piece in ask.content)

    def _vital(self, piece: Piece, kind: Kind) -> bool:
        """A required piece that may not be missing; one character may be a leftover where the answer has a form."""
        return piece.content and piece.weight > 0.5 and (len(piece.text) >= 2 or kind in _OPEN)

    def _soft_enough(self, ask: Ask, values: dict[str, float]) -> bool:
        soft = [piece for piece in ask.pieces if not piece.content and piece.weight >= 0.2]
        soft = [piece for piece in soft if len(piece.text) > 1 and piece.text not in self.lexicon.generic]
        soft = [piece for piece in soft if not names_relation(ask.kind, piece.text)]
        if ask.kind not in _STRICT_SOFT or not soft:
            return True
        return sum(values[piece.text] >= NEAR * TILED for piece in soft) * 2 >= len(soft)

    def _said_here(self, ask: Ask, unit: Evidence, values: dict[str, float]) -> bool:
        """Yes or no hangs on every word: only the document's own title may stand in for one."""
        title = fold(unit.document.title)
        return all(
            values[piece.text] >= NEAR * TILED or any(form in title for form in piece.forms) for piece in ask.content
        )

    def _led_in(self, ask: Ask, unit: Evidence) -> bool:
        """A list with its items is about what announces it, not about the words of its items."""
        lead, _, items = unit.text.partition("\n")
        about = f"{lead} {unit.near} {unit.far}"
        return not items or all(_covered(piece, about) for piece in ask.content)

    def _close(self, ask: Ask, unit: Evidence) -> bool:
        """Open questions: what is found in the unit stands close together, in the lead of a list and one item."""
        lead, *items = unit.text.split("\n")
        return any(self._together(ask, f"{lead}{item}", unit.text) for item in items or [""])

    def _together(self, ask: Ask, text: str, whole: str) -> bool:
        found = [[text.find(form) for form in piece.forms if form in text] for piece in ask.content]
        if any(
            not there and any(form in whole for form in p.forms) for p, there in zip(ask.content, found, strict=True)
        ):
            return False
        places = [place for place in found if place]
        if len(places) < 2:
            return True
        spread = max(min(abs(one - other) for other in places[0] for one in place) for place in places[1:])
        return spread <= NEIGHBOURHOOD

    def _relation_said(self, ask: Ask, values: dict[str, float]) -> bool:
        """由谁牵头 needs 牵头 (or a written form of it) in the unit: who does something is not who does anything."""
        soft = (piece for piece in ask.pieces if not piece.content and piece.weight >= SOFT_WEIGHT)
        verbs = [piece for piece in soft if len(piece.forms) > 1]
        if ask.kind is Kind.WHO:
            verbs.extend(piece for piece in ask.content if not _CHARGE.isdisjoint(piece.forms))
        if ask.kind is not Kind.WHO:
            charged = ask.kind in _ABOUT_CHARGE
            verbs = [piece for piece in verbs if charged and not _CHARGE.isdisjoint(piece.forms)]
        return all(values[piece.text] >= SAID_HERE for piece in verbs)

    def _value(self, piece: Piece, unit: Evidence) -> float:
        """Where the piece stands: 1 in the unit, less in headings, title or sentences around, 0 nowhere.

        A note's own text names units and dates; its matter stands before it.
        """
        best = 0.0
        around = "" if piece.hard and not unit.note else unit.around
        own = "" if unit.note and piece.content and _CHARGE.isdisjoint(piece.forms) else unit.text
        places = ((own, IN_UNIT), (unit.near, NEAR), (unit.far, FAR), (around, self._around(unit)))
        for rank, form in enumerate(piece.forms):
            said = 1.0 if rank == 0 else 0.95
            for text, worth in places:
                if worth * said > best and _stands(form, text):
                    best = worth * said
        if (
            best == 0.0
            and not piece.hard
            and 4 <= len(piece.text) <= MAX_TILED
            and not any(map(self.phrase_known, piece.forms))
        ):
            best = self._tiled(piece.text, unit)
        if best < NEAR and len(piece.text) >= 4 and not piece.hard and self._carried_on(piece.text, unit):
            best = NEAR * 0.9
        return best

    def _carried_on(self, phrase: str, unit: Evidence) -> bool:
        """The passage or its headings have the whole phrase, this sentence goes on with its head: 种子抽检 … 抽检."""
        return _head(phrase) in unit.text and (phrase in unit.around or phrase in unit.near)

    def _around(self, unit: Evidence) -> float:
        if unit.note:
            return BEFORE_NOTE
        return NEAR * TILED if len(unit.around) <= ONE_MATTER_CHARACTERS else AROUND

    def _tiled(self, phrase: str, unit: Evidence) -> float:
        """A long piece no text holds as such, covered by its words: value if at most one character is left over."""
        own = f"{unit.text} {unit.near}"
        for text, worth in ((own, IN_UNIT), (f"{own} {unit.far} {unit.around}", AROUND)):
            left, words = _tiles(phrase, text)
            if left <= len(phrase) // 4 and words <= max(2, len(phrase) // 4):
                return worth * TILED
        return 0.0

    def _kind_ok(self, ask: Ask, unit: Evidence) -> bool:
        rule = self.lexicon.rule(ask.kind)
        if rule is None:
            return True
        if unit.note and ask.kind not in _NOTES_ANSWER:
            return False
        shown = rule.answered_by(unit.text) or (unit.row and ask.kind in _ROWS_ANSWER)
        if not shown and not (ask.kind is Kind.LIST and self._introduced(ask, unit.text)):
            return False
        return related(ask, unit)

    def _introduced(self, ask: Ask, text: str) -> bool:
        subject = max(ask.content, key=lambda piece: self.weight(piece.text) * len(piece.text), default=None)
        if subject is None:
            return False
        return any(introduces(text, form) for form in subject.forms)

    def _bonus(self, ask: Ask, unit: Evidence) -> float:
        bonus = 0.0
        joined = unit.text + " " + unit.near
        pairs = zip(ask.pieces, ask.pieces[1:], strict=False)
        bonus += 0.05 * sum(left.text + right.text in joined for left, right in pairs)
        if unit.row and ask.kind in (Kind.WHO, Kind.WHEN, Kind.CHOICE, Kind.NAME):
            bonus += 0.08
        if unit.row and ask.kind in (Kind.HOW, Kind.CONDITION, Kind.YES_NO):
            bonus -= 0.3
        if unit.note and ask.kind in (Kind.WHO, Kind.WHEN):
            bonus += 0.08
        if ask.kind is Kind.DEFINITION:
            bonus += 0.3 * any(defines(unit.text, form) for piece in ask.content for form in piece.forms)
        if ask.kind in (Kind.LIST, Kind.HOW_MANY, Kind.WHAT) and len(_NUMBERED.findall(unit.text)) >= 2:
            bonus += 0.25
        condition = _CONDITION.match(unit.text)
        if condition and not any(piece.text in condition.group() for piece in ask.pieces):
            bonus -= 0.2
        if ask.kind is Kind.NAME:
            bonus += 0.2 * ("》" in unit.text)
        if ask.kind in (Kind.LIST, Kind.WHO):
            bonus += PERMITTED * self._permits(ask, unit.text)
        if ask.kind in (Kind.LIST, Kind.HOW_MANY):
            bonus += self._listing(ask, unit.text)
        return bonus - min(len(unit.text), 600) / 6000

    def _permits(self, ask: Ask, text: str) -> bool:
        """哪些人可以申请: a rule that says 可以申请, not one that names the application."""
        asked = _MAY.search(ask.text)
        verb = next((p for p in ask.pieces if asked and ask.text.find(p.text, asked.end()) == asked.end()), None)
        return verb is not None and any(
            re.search(rf"{_MAY_WRITTEN}[^,。;]{{0,3}}{re.escape(f)}", text) for f in verb.forms
        )

    def _listing(self, ask: Ask, text: str) -> float:
        """A sentence that lists, and lists what was asked: 主要内容包括甲、乙、丙."""
        marks = min(text.count("、") + text.count("》《") + text.count('""'), 6) * 0.03
        return marks + 0.2 * self._introduced(ask, text)


def _of_itself(ask: Ask, unit: Evidence) -> bool:
    """本指引由…解释: the unit speaks of its document, which the rest of the question names by its title."""
    if not _ITSELF.search(unit.text):
        return False
    title = fold(unit.document.title)
    here = [any(_stands(form, unit.text) for form in piece.forms) for piece in ask.content]
    named = [not piece.hard and any(form in title for form in piece.forms) for piece in ask.content]
    return any(here) and all(one or other for one, other in zip(here, named, strict=True))


def _cut_elsewhere(phrase: str, following: str, unit: Evidence) -> bool:
    """报告核验 + 有效期, where the unit begins a clause with 核验有效期 and has 报告 elsewhere."""
    for cut in range(len(phrase) - 2, 1, -1):
        if re.search(rf"(?:^|[^一-鿿]){re.escape(phrase[cut:] + following)}", unit.text):
            return phrase[:cut] in f"{unit.text} {unit.near}"
    return False


def _stands(form: str, text: str) -> bool:
    """Whether ``form`` is in ``text``; a number or Latin word only as a whole: 1 is not in 12, 5年 not in 2025年."""
    if form.isascii():
        return bool(re.search(rf"(?<![0-9a-z]){re.escape(form)}(?![0-9a-z年月日])", text))
    if form[0] in _NUMERALS:
        return bool(re.search(rf"(?<![{_NUMERALS}]){re.escape(form)}", text))
    return form in text


def _head(phrase: str) -> str:
    """The latter half of a phrase: a Chinese compound ends with what it is."""
    return phrase[-((len(phrase) + 1) // 2) :]


def _covered(piece: Piece, text: str) -> bool:
    return any(form in text or (len(form) >= 4 and _tiles(form, text)[0] <= len(form) // 4) for form in piece.forms)


def _tiles(phrase: str, text: str) -> tuple[int, int]:
    """How many characters of ``phrase`` no word of ``text`` covers, and how many words the best covering takes."""
    best = [(0, 0)] * (len(phrase) + 1)
    for start in range(len(phrase) - 1, -1, -1):
        left, words = best[start + 1]
        best[start] = (left + 1, words)
        length = 2
        while start + length <= len(phrase) and phrase[start : start + length] in text:
            left, words = best[start + length]
            best[start] = min(best[start], (left, words + 1))
            length += 1
    return best[0]
