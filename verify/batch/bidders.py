"""The list of bidders beside the reports: who should be there, and what does not agree.

* A list has a column of names and one of unified social credit codes; headings are known by the words people use, and
  without
  any the column of codes is known by its look. Nothing else of the list is kept.
* Names are compared without spaces, full-width and half-width forms alike, brackets alike; nothing else is forgiven.

Source: GB 32100-2015; issue 5, §3 (batch).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from verify.errors import DocumentError
from verify.reasons import Rejection
from verify.subject import encode_code

HEADING_ROWS = 10
_NAMES = ("名称", "投标人", "供应商", "投标单位", "单位", "企业", "公司", "主体", "申请人", "name", "company", "bidder")
_CODES = ("统一社会信用代码", "社会信用代码", "信用代码", "代码", "code", "uscc")
_LOOKS = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_SPACE = re.compile(r"\s+")
_BRACKETS = str.maketrans("【】〔〕[]{}", "()()()()")


@dataclass(frozen=True, slots=True)
class Bidder:
    """``row`` of the list, from 1. Name or code may be empty, not both. ``sound``: the code's check character is
    true."""

    row: int
    name: str
    code: str
    sound: bool


@dataclass(frozen=True, slots=True)
class BidderList:
    bidders: tuple[Bidder, ...]
    by_code: Mapping[str, Bidder] = field(init=False)
    by_name: Mapping[str, Bidder] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {each.code: each for each in reversed(self.bidders) if each.code})
        object.__setattr__(self, "by_name", {folded(each.name): each for each in reversed(self.bidders) if each.name})

    def of(self, name: str, code: str) -> Bidder | None:
        """Whom a report of this subject is for: by its code, else by its name."""
        return self.by_code.get(code) or self.by_name.get(folded(name))

    def named_in(self, text: str) -> Iterator[Bidder]:
        """Everybody whose whole name stands in ``text``, the path of a file."""
        plain = folded(text)
        return (bidder for name, bidder in self.by_name.items() if name in plain)


def folded(name: str) -> str:
    return _SPACE.sub("", normalize("NFKC", name)).translate(_BRACKETS).casefold()


def bidders_in(rows: Sequence[Sequence[str]]) -> BidderList:
    """Raises DocumentError when no names and codes can be found."""
    headings = [(number, *_headed(row)) for number, row in enumerate(rows[:HEADING_ROWS])]
    whole = [found for found in headings if None not in found]
    for number, name, code in whole or headings:
        if name is not None or code is not None:
            return _listed(rows, number + 1, name, code)
    columns = _looking(rows)
    if columns is None:
        raise DocumentError(
            "投标人名单里没有找到“名称”和“统一社会信用代码”两列。",
            next_step="请在第一行写上“名称”和“统一社会信用代码”，每行一家。",
            code="BIDDERS_NOT_FOUND",
        )
    return _listed(rows, 0, *columns)


def _headed(row: Sequence[str]) -> tuple[int | None, int | None]:
    """The columns of names and codes, when the row is a heading; a title above it may look like one of names."""
    words = [folded(cell) for cell in row]
    if any(_LOOKS.fullmatch(cell.upper()) for cell in words):
        return None, None
    return _first(words, _NAMES, without=_CODES), _first(words, _CODES, without=())


def _first(words: Sequence[str], wanted: Iterable[str], without: Iterable[str]) -> int | None:
    for word in wanted:
        for column, cell in enumerate(words):
            if word in cell and not any(other in cell for other in without):
                return column
    return None


def _looking(rows: Sequence[Sequence[str]]) -> tuple[int | None, int | None] | None:
    for row in rows[:HEADING_ROWS]:
        codes = [column for column, cell in enumerate(row) if _LOOKS.fullmatch(folded(cell).upper())]
        if codes:
            names = [column for column, cell in enumerate(row) if column != codes[0] and _is_chinese(cell)]
            return (names[0] if names else None), codes[0]
    return None


def _is_chinese(cell: str) -> bool:
    return sum("\u4e00" <= character <= "\u9fff" for character in cell) >= 2


def _listed(rows: Sequence[Sequence[str]], start: int, name: int | None, code: int | None) -> BidderList:
    found = []
    for number, row in enumerate(rows[start:], start=start + 1):
        named, coded = _cell(row, name), folded(_cell(row, code)).upper()
        if named or coded:
            found.append(Bidder(number, named, coded, _is_sound(coded)))
    return BidderList(tuple(found))


def _cell(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def _is_sound(code: str) -> bool:
    try:
        encode_code(code)
    except Rejection:
        return False
    return True
