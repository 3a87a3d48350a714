"""Which edition of a law a text is: what stands in brackets under its title.

（1993年2月22日…通过 根据2009年8月27日…修正 2015年4月24日…修订）: adopted on the first day, last amended on the last
day that is followed by 修订 or 修正. Source: 立法技术规范（试行）(一) 3, usage of published laws.
"""

import re
from dataclasses import dataclass
from datetime import date

from index.policies.dates import DATE, day_in

_LINE = re.compile(rf"^（[^）\n]*{DATE}[^\n]*(?:通过|公布|发布|批准|修订|修正)[^\n]*）$", re.MULTILINE)
_STEP = re.compile(rf"({DATE})(?:(?!{DATE})[^）])*?(通过|公布|发布|批准|修订|修正)")
_NEAR_TITLE_CHARS = 400


@dataclass(frozen=True, slots=True)
class Edition:
    """``span``: the line in brackets."""

    adopted: date | None
    amended: date | None
    span: tuple[int, int]


def edition_of(source: str) -> Edition | None:
    """The edition the line under the title states; None where there is no such line."""
    line = _LINE.search(source, 0, _NEAR_TITLE_CHARS + source[:_NEAR_TITLE_CHARS].count("\n"))
    if line is None:
        return None
    steps = [(day_in(day), word) for day, word in _STEP.findall(line[0])]
    adopted = next((day for day, word in steps if word in ("通过", "公布", "发布", "批准")), None)
    amended = [day for day, word in steps if word in ("修订", "修正") and day is not None]
    return Edition(adopted, max(amended, default=None), line.span())
