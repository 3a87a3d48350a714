"""Which of several units that answer is the best: small bonuses, in the scale of a covered share of the question.

Rules:

* Words that stand together in the question stand together in the best answer.
* A definition defines, a list lists and lists what was asked, a name is in 《》, who may is a rule that says 可以.
* A rule for a special condition (超过一个月的，…) comes after the general one, unless that condition is asked about.
* What the question negates (没保价) the answer negates as well.
* Shorter before longer.
"""

import re
from itertools import pairwise

from bot.assistant.evidence import Evidence
from bot.assistant.lexicon import Kind
from bot.assistant.question import Ask
from bot.assistant.relations import defines

TOGETHER = 0.05
PREFERRED, UNLIKELY = 0.08, -0.3
DEFINES, NUMBERED, NAMED, PERMITTED, INTRODUCED = 0.3, 0.25, 0.2, 0.3, 0.2
OTHER_CONDITION = -0.2
SAME_NEGATION = 0.08
_CONDITION = re.compile(r"(?:第[一二三四五六七八九十百]+条 ?)?[^,。;:]{2,20}的,")
_MAY = re.compile(r"(?:可以|能够?|可|有权|应该|应当|必须|不得|不能)")
_MAY_WRITTEN = r"(?:可以?|有权|应当|必须|不得|需要?)"
_NUMBERED = re.compile(r"[一二三四五六七八九十]是")
_NEGATED = r"(?:不|未|没有|无|无需|不得|拒绝)[一-鿿]{0,3}?"


def bonus(ask: Ask, unit: Evidence, introduced: bool) -> float:
    """What ``unit`` gets beyond its covered share; ``introduced``: it announces the thing asked for."""
    total = TOGETHER * _neighbours(ask, unit) + _by_place(ask, unit) + _by_kind(ask, unit, introduced)
    condition = _CONDITION.match(unit.text)
    if condition and not any(form in condition.group() for piece in ask.pieces for form in piece.forms):
        total += OTHER_CONDITION
    total += SAME_NEGATION * _negates(ask, unit)
    return total - min(len(unit.text), 600) / 6000


def _neighbours(ask: Ask, unit: Evidence) -> int:
    joined = f"{unit.text} {unit.near}"
    return sum(left.text + right.text in joined for left, right in pairwise(ask.pieces) if right.follows)


def _by_place(ask: Ask, unit: Evidence) -> float:
    if unit.row and ask.kind in (Kind.HOW, Kind.CONDITION, Kind.YES_NO):
        return UNLIKELY
    row = unit.row and ask.kind in (Kind.WHO, Kind.WHEN, Kind.CHOICE, Kind.NAME)
    return PREFERRED * (row or (unit.note and ask.kind in (Kind.WHO, Kind.WHEN)))


def _by_kind(ask: Ask, unit: Evidence, introduced: bool) -> float:
    total = 0.0
    if ask.kind is Kind.DEFINITION:
        total += DEFINES * any(defines(unit.text, form) for form in ask.term)
    if ask.kind in (Kind.LIST, Kind.HOW_MANY, Kind.WHAT):
        total += NUMBERED * (len(_NUMBERED.findall(unit.text)) >= 2)
    if ask.kind is Kind.NAME:
        total += NAMED * ("》" in unit.text)
    if ask.kind in (Kind.LIST, Kind.WHO, Kind.PERSONS):
        total += PERMITTED * _permits(ask, unit.text)
    if ask.kind in (Kind.LIST, Kind.HOW_MANY):
        total += _listing(unit.text) + INTRODUCED * introduced
    return total


def _permits(ask: Ask, text: str) -> bool:
    """哪些人可以申请: a rule that says 可以申请, not one that names the application."""
    asked = _MAY.search(ask.text)
    verb = next((p for p in ask.pieces if asked and ask.text.find(p.text, asked.end()) == asked.end()), None)
    return verb is not None and any(
        re.search(rf"{_MAY_WRITTEN}[^,。;]{{0,3}}{re.escape(form)}", text) for form in verb.forms
    )


def _listing(text: str) -> float:
    """A sentence that lists: 甲、乙、丙."""
    return min(text.count("、") + text.count("》《") + text.count('""'), 6) * 0.03


def _negates(ask: Ask, unit: Evidence) -> int:
    """How many of the pieces the question negates the unit negates too, less those it affirms only."""
    total = 0
    for piece in ask.pieces:
        said = [form for form in piece.forms if form in unit.text] if piece.negated else []
        if said:
            denied = any(re.search(_NEGATED + re.escape(form), unit.text) for form in said)
            total += 1 if denied else -1
    return total
