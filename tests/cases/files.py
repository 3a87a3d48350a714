"""The files of tests/cases/files.json, by case and name: each with the trust it is checked under.

python -m tests.cases.files      writes files.json anew from what stands below and in the attacks on documents
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.cases.pictures import BUILDERS
from tests.verify.documents.attacks import FILES
from tests.verify.documents.genuine import genuine, trust
from tests.verify.sample import TRUST
from verify.reasons import Reason, verdict_of
from verify.trust import Trust

DATA = Path(__file__).with_name("files.json")
ABOUT = (
    "Cases 1-3, 14, 15 and 64-74: files made by tests/cases/pictures.py and tests/verify/documents/attacks.py, asked "
    "about at 2026-09-01T09:00:00+08:00. where: a difference must be named there; shown: and show this."
)
_SEVERAL, _DAMAGED, _LARGE = Reason.SEVERAL_CODES, Reason.CODE_DAMAGED, Reason.FILE_TOO_LARGE
_PICTURES = {
    "a code of which a third is gone": _DAMAGED,
    "two reports on one sheet": _SEVERAL,
    "two reports in one scan": _SEVERAL,
    "the first of two symbols": Reason.NOT_SIGN1,
    "both symbols on one page": _SEVERAL,
    "a picture that claims 30,000 × 30,000": _LARGE,
    "a picture that claims 2,000,000 × 2,000,000": _LARGE,
    "a picture of 9,000 × 9,000": _LARGE,
}
"""What is said of each; of the others, that they are genuine."""


@dataclass(frozen=True, slots=True)
class File:
    case: int
    name: str
    build: Callable[[], bytes]
    trust: Callable[[], Trust]
    reason: Reason
    where: str = ""
    shown: str = ""

    def to_json(self) -> dict[str, Any]:
        said = {"verdict": verdict_of(self.reason).value, "reason": self.reason.value}
        return {"id": self.name, "case": self.case, **said, "where": self.where, "shown": self.shown}


def files() -> Iterator[File]:
    for case, pictures in BUILDERS.items():
        for name, build in pictures.items():
            yield File(case, name, build, lambda: TRUST, _PICTURES.get(name, Reason.OK))
    for case, attacks in FILES.items():
        for name, attack in attacks.items():
            made = cache(lambda attack=attack: attack.build(genuine()))
            yield File(case, name, made, trust, attack.reason, attack.where, attack.shown)


def content() -> str:
    return (
        json.dumps({"about": ABOUT, "cases": [each.to_json() for each in files()]}, ensure_ascii=False, indent=1) + "\n"
    )


if __name__ == "__main__":
    DATA.write_text(content(), encoding="utf-8")
