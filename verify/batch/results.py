"""The table of a batch: one row for each report found, what strikes about it, and what is missing. Pure.

* A row strikes when its verdict is not valid, when the report was valid then and is of no use now, or when it bears a
  mark: the same report again, a subject that is not on the list of bidders, a name or a code that is not the listed
  one, a file named after another bidder.
* Marks change no verdict: a report may be genuine and still not the one that was asked for.
* Rows keep the order of the files; numbers count from 1.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from verify.batch.bidders import Bidder, BidderList, folded
from verify.documents.examine import Answer
from verify.reasons import Verdict
from verify.verification import Verification

_OTHERS_NAMED = 10


class Mark(Enum):
    """``value`` appears in JSON; ``sentence`` is filled by ``text``."""

    DUPLICATE = ("DUPLICATE", "与第 {detail} 行是同一份报告")
    NOT_LISTED = ("NOT_LISTED", "主体不在投标人名单中")
    NAME_DIFFERS = ("NAME_DIFFERS", "名单中这个代码的名称是“{detail}”")
    CODE_DIFFERS = ("CODE_DIFFERS", "名单中这个名称的代码是 {detail}")
    NAMED_AFTER_ANOTHER = ("NAMED_AFTER_ANOTHER", "文件名写的是名单中的另一家：“{detail}”")

    @property
    def code(self) -> str:
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Marked:
    mark: Mark
    detail: str = ""

    @property
    def text(self) -> str:
        return self.mark.value[1].replace("{detail}", self.detail)

    def to_json(self) -> dict[str, str]:
        return {"code": self.mark.code, "detail": self.detail, "message": self.text}


@dataclass(frozen=True, slots=True)
class Row:
    """``code`` of ``codes``: which of the report codes in the file this is."""

    number: int
    file: str
    page: int
    code: int
    codes: int
    verification: Verification
    sha256: str = ""
    marks: tuple[Marked, ...] = ()

    @property
    def strikes(self) -> bool:
        answer = self.verification
        return answer.verdict is not Verdict.VALID or answer.then_only or bool(self.marks)

    def to_json(self) -> dict[str, Any]:
        place: dict[str, Any] = {
            "row": self.number,
            "input": self.file,
            "page": self.page,
            "code": self.code,
            "codes": self.codes,
        }
        place["sha256"] = self.sha256 or None
        return {**place, **self.verification.to_json(), "marks": [each.to_json() for each in self.marks]}


@dataclass(frozen=True, slots=True)
class Attendance:
    """A bidder, and the rows of reports of that subject."""

    bidder: Bidder
    rows: tuple[Row, ...]

    @property
    def state(self) -> str:
        """VALID_REPORT, PROBLEM_REPORT or NO_REPORT."""
        if not self.rows:
            return "NO_REPORT"
        return "VALID_REPORT" if any(_will_do(row) for row in self.rows) else "PROBLEM_REPORT"

    def to_json(self) -> dict[str, Any]:
        bidder = self.bidder
        return {
            "name": bidder.name,
            "code": bidder.code,
            "code_sound": bidder.sound,
            "state": self.state,
            "rows": [row.number for row in self.rows],
        }


def _will_do(row: Row) -> bool:
    """A valid report of whom it should be; handed in twice, it is still that."""
    return row.verification.verdict is Verdict.VALID and {each.mark for each in row.marks} <= {Mark.DUPLICATE}


@dataclass(frozen=True, slots=True)
class Table:
    """The whole: ``attendance`` is empty without a list of bidders."""

    rows: tuple[Row, ...]
    attendance: tuple[Attendance, ...]
    files: int

    def counts(self) -> dict[str, int]:
        """How many files, rows, striking rows, and rows of each verdict that occurs."""
        verdicts = Counter(row.verification.verdict.value for row in self.rows)
        striking = sum(row.strikes for row in self.rows)
        return {"files": self.files, "rows": len(self.rows), "striking": striking, **dict(sorted(verdicts.items()))}


class Collecting:
    """Rows as they come. What only the whole shows (an earlier row has a duplicate further down) ``table`` adds."""

    def __init__(self, bidders: BidderList | None) -> None:
        self._bidders = bidders
        self._rows: list[Row] = []
        self._by_token: dict[bytes, list[int]] = {}
        self._files = 0

    def add(self, file: str, answers: Iterable[Answer]) -> list[Row]:
        """The rows of one file."""
        self._files += 1
        found = list(answers)
        return [self._row(file, answer, len(found)) for answer in found]

    def table(self) -> Table:
        rows = tuple(self._with_duplicates(row) for row in self._rows)
        return Table(rows, tuple(self._attendance(rows)), self._files)

    def _row(self, file: str, answer: Answer, codes: int) -> Row:
        number = len(self._rows) + 1
        row = Row(number, file, answer.page, answer.code, codes, answer.verification, answer.sha256)
        if answer.verification.credential is not None:
            self._by_token.setdefault(answer.verification.credential.token, []).append(number)
        row = replace(row, marks=self._marks(row))
        self._rows.append(row)
        return self._with_duplicates(row)

    def _with_duplicates(self, row: Row) -> Row:
        credential = row.verification.credential
        others = [] if credential is None else [n for n in self._by_token[credential.token] if n != row.number]
        if not others:
            return row
        more = "…" if len(others) > _OTHERS_NAMED else ""
        named = "、".join(map(str, others[:_OTHERS_NAMED])) + more
        return replace(row, marks=(Marked(Mark.DUPLICATE, named), *row.marks))

    def _marks(self, row: Row) -> tuple[Marked, ...]:
        credential = row.verification.credential
        if self._bidders is None or credential is None:
            return ()
        name, code = credential.facts.subject_name, credential.facts.subject_code
        listed = self._bidders.of(name, code)
        if listed is None:
            return (Marked(Mark.NOT_LISTED), *self._named_otherwise(row.file, name, listed))
        return (*_compared(listed, name, code), *self._named_otherwise(row.file, name, listed))

    def _named_otherwise(self, file: str, name: str, listed: Bidder | None) -> tuple[Marked, ...]:
        """The longest listed name in the file's path is another bidder's, and the subject's own is not there."""
        if self._bidders is None or folded(name) in folded(file):
            return ()
        named = max(self._bidders.named_in(file), key=lambda bidder: len(bidder.name), default=None)
        return () if named is None or named == listed else (Marked(Mark.NAMED_AFTER_ANOTHER, named.name),)

    def _attendance(self, rows: tuple[Row, ...]) -> Iterable[Attendance]:
        """Of every line of the list: one who stands there twice, for two lots, is there twice."""
        if self._bidders is None:
            return
        of: dict[Bidder, list[Row]] = {}
        for row in rows:
            credential = row.verification.credential
            if credential is not None:
                listed = self._bidders.of(credential.facts.subject_name, credential.facts.subject_code)
                if listed is not None:
                    of.setdefault(listed, []).append(row)
        for bidder in self._bidders.bidders:
            first = self._bidders.of(bidder.name, bidder.code)
            known = first if first is not None and folded(first.name) == folded(bidder.name) else bidder
            yield Attendance(bidder, tuple(of.get(known, ())))


def _compared(listed: Bidder, name: str, code: str) -> Iterable[Marked]:
    if listed.code and listed.code != code:
        yield Marked(Mark.CODE_DIFFERS, listed.code)
    if listed.name and folded(listed.name) != folded(name):
        yield Marked(Mark.NAME_DIFFERS, listed.name)
