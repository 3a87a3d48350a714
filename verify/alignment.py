"""Which line was edited: two sequences of lines laid side by side, and odd characters made visible.

* Equal lines keep their order; between them, a block of issued lines faces a block of found lines.
* Inside a block, lines are paired by likeness in order, so that an edit next to an insertion is still named rightly.
* Bounded, because the found lines come from an enemy: blocks beyond ``BLOCK_MAX`` lines are paired one to one, and
  lines beyond ``EXTRA_LINES_MAX`` more than were issued are not listed (the document is altered all the same).
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from unicodedata import category

BLOCK_MAX = 24
LIKENESS_MAX_CHARACTERS = 120
EXTRA_LINES_MAX = 300
_GAP = 0.6
"""Cost of an insertion or a removal; an edit costs 1 - likeness, so unlike lines are better left unpaired."""

Pair = tuple[int | None, int | None]
"""(issued line, found line): both for an edit, one for a removal or an insertion."""


def align(issued: Sequence[str], found: Sequence[str]) -> list[Pair]:
    """The pairs that differ, in reading order."""
    start = _common(issued, found)
    end = _common(issued[start:][::-1], found[start:][::-1])
    left, right = issued[start : len(issued) - end], found[start : len(found) - end]
    if len(right) > len(left) + EXTRA_LINES_MAX:
        right = right[: len(left) + EXTRA_LINES_MAX]
    return [(_shift(i, start), _shift(j, start)) for i, j in _changed(left, right)]


def _shift(index: int | None, by: int) -> int | None:
    return None if index is None else index + by


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are equal from the beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _changed(issued: Sequence[str], found: Sequence[str]) -> Iterator[Pair]:
    matcher = SequenceMatcher(None, issued, found, autojunk=False)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag != "equal":
            block = _paired(issued[left:left_end], found[right:right_end])
            yield from ((_shift(i, left), _shift(j, right)) for i, j in block)


def _paired(issued: Sequence[str], found: Sequence[str]) -> list[Pair]:
    """Pairs of one block. The cheapest way from the top of both lists to the bottom."""
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


def _one_to_one(rows: int, columns: int) -> list[Pair]:
    return [(i if i < rows else None, i if i < columns else None) for i in range(max(rows, columns))]


def _walk_back(costs: list[list[float]], issued: Sequence[str], found: Sequence[str]) -> list[Pair]:
    i, j = len(issued), len(found)
    pairs: list[Pair] = []
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + _edit_cost(issued[i - 1], found[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and costs[i][j] == costs[i - 1][j] + _GAP:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return [(i, j) for i, j in reversed(pairs) if i is None or j is None or issued[i] != found[j]]


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
    """Han of the basic block and extension A, CJK punctuation, full-width forms, general punctuation, number forms."""
    ranges = (
        (0x4E00, 0x9FFF),
        (0x3400, 0x4DBF),
        (0x3000, 0x303F),
        (0xFF01, 0xFF5E),
        (0x2010, 0x2027),
        (0x2150, 0x218F),
    )
    return any(low <= code <= high for low, high in ranges)
