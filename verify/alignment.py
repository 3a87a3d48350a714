"""Which line was edited: two sequences of lines laid side by side, and odd characters made visible.

* Equal lines keep their order; between them, a block of issued lines faces a block of found lines.
* Inside a block, lines are paired by likeness in order, so that an edit next to an insertion is still named rightly.
* Bounded, because the found lines come from an enemy: blocks beyond ``BLOCK_MAX`` lines are paired one to one, and
  lines beyond ``EXTRA_LINES_MAX`` more than were issued are not listed (the document is altered all the same).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from unicodedata import category

BLOCK_MAX = 24
LIKENESS_MAX_CHARACTERS = 120
EXTRA_LINES_MAX = 300
_COMMON = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x3000, 0x303F),
    (0xFF01, 0xFF5E),
    (0x2010, 0x2027),
    (0x2039, 0x203A),
    (0x2150, 0x218F),
    (0x00B7, 0x00B7),
)
_GAP = 0.6
"""Cost of an insertion or a removal; an edit costs 1 - likeness, so unlike lines are better left unpaired."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs. An edit has both numbers, a removal only ``issued``, an insertion only ``found``.

    ``before``: the number of the issued line in front of which an insertion stands.
    """

    issued: int | None
    found: int | None
    before: int


def align(issued: Sequence[str], found: Sequence[str]) -> list[Change]:
    """What differs, in reading order."""
    start = _common(issued, found)
    end = _common(issued[start:][::-1], found[start:][::-1])
    left, right = issued[start : len(issued) - end], found[start : len(found) - end]
    if len(right) > len(left) + EXTRA_LINES_MAX:
        right = right[: len(left) + EXTRA_LINES_MAX]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    changes = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag != "equal":
            block = _paired(left[i:i_end], right[j:j_end])
            changes += [_shifted(change, start + i, start + j) for change in block]
    return changes


def _shifted(change: Change, by_issued: int, by_found: int) -> Change:
    return Change(
        None if change.issued is None else change.issued + by_issued,
        None if change.found is None else change.found + by_found,
        change.before + by_issued,
    )


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are equal from the beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _paired(issued: Sequence[str], found: Sequence[str]) -> list[Change]:
    """Changes of one block. The cheapest way from the top of both lists to the bottom."""
    rows, columns = len(issued), len(found)
    if max(rows, columns) > BLOCK_MAX or rows == columns == 1:
        return _one_to_one(rows, columns)
    costs = [[(i + j) * _GAP for j in range(columns + 1)] for i in range(rows + 1)]
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            costs[i][j] = min(
                costs[i - 1][j] + _GAP,
                costs[i][j - 1] + _GAP,
                costs[i - 1][j - 1] + _edit_cost(issued[i - 1], found[j - 1]),
            )
    return _walk_back(costs, issued, found)


def _one_to_one(rows: int, columns: int) -> list[Change]:
    return [
        Change(i if i < rows else None, i if i < columns else None, min(i, rows)) for i in range(max(rows, columns))
    ]


def _walk_back(costs: list[list[float]], issued: Sequence[str], found: Sequence[str]) -> list[Change]:
    i, j = len(issued), len(found)
    changes: list[Change] = []
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + _edit_cost(issued[i - 1], found[j - 1]):
            i, j = i - 1, j - 1
            if issued[i] != found[j]:
                changes.append(Change(i, j, i))
        elif i and (not j or costs[i][j] == costs[i - 1][j] + _GAP):
            i -= 1
            changes.append(Change(i, None, i))
        else:
            j -= 1
            changes.append(Change(None, j, i))
    return changes[::-1]


def _edit_cost(issued: str, found: str) -> float:
    if issued == found:
        return 0.0
    matcher = SequenceMatcher(None, issued[:LIKENESS_MAX_CHARACTERS], found[:LIKENESS_MAX_CHARACTERS], autojunk=False)
    return 1.0 - matcher.quick_ratio()


def made_visible(found: str, issued: str) -> str:
    """``found`` with every character that hides or imitates written out, e.g. ‹U+200B›. Issued characters stay."""
    return "".join(c if c in issued and not _hidden(c) else _written_out(c) for c in found)


def _hidden(character: str) -> bool:
    return category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or (
        category(character) == "Zs" and character not in " \u3000"
    )


def _written_out(character: str) -> str:
    if _hidden(character):
        return f"‹U+{ord(character):04X}›"
    if character in " \u3000" or character.isascii() or _common_chinese(ord(character)):
        return character
    return f"{character}‹U+{ord(character):04X}›"


def _common_chinese(code: int) -> bool:
    """Han of the basic block and extension A, the punctuation and number forms of Chinese print, our own ‹ › and ·."""
    return any(low <= code <= high for low, high in _COMMON)
