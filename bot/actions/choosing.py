"""From what a member wrote to one registered subject: by code, by name, or by a number of a short list.

* Names are looked for only after admission by duty; the list tells no more than the public register.
* A name that only resembles what was written is never taken for it: it is shown to be chosen, be it the only one.

Source: issue 6 §3 (several subjects of one name → choose by number).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from bot.actions.naming import Wanted
from bot.actions.typed import choice, folded, numbered
from index.access import Duty
from index.admission import admit
from index.records.by_name import Found, Named, find_named
from index.rules.model import Office

CHOICES = "choices"
"""Under which ``Pending`` keeps the codes that may be chosen."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """The code, or else what to say: a list with its codes, or that nobody is found."""

    code: str = ""
    text: str = ""
    codes: tuple[str, ...] = ()


def chosen_of(engine: Engine, office: Office, wanted: Wanted, duty: Duty, now: datetime) -> Choosing:
    """Raises AccessDenied, after its audit line."""
    if wanted.code:
        return Choosing(wanted.code)
    entitlement = admit(engine, duty, wanted.name, now=now, office=office)
    found = find_named(engine, wanted.name, entitlement=entitlement, now=now)
    together = any(_holds(each, wanted) for each in found.subjects)
    if len(found.subjects) == 1 and together:
        return Choosing(found.subjects[0].code)
    if not found.subjects:
        return Choosing(text=f"没有找到名称含“{wanted.name}”的经营主体。下一步：请发全称或 18 位统一社会信用代码。")
    return Choosing(text=_listed(wanted, found, together), codes=tuple(each.code for each in found.subjects))


def chosen_by_number(text: str, codes: str) -> str | None:
    """The code that a number means; ``codes`` as ``Pending`` keeps them."""
    listed = codes.split(",")
    place = choice(text, len(listed))
    return None if place is None else listed[place]


def _holds(subject: Named, wanted: Wanted) -> bool:
    return wanted.name.casefold() in folded(subject.name).casefold()


def _listed(wanted: Wanted, found: Found, together: bool) -> str:
    told = f"名称含“{wanted.name}”的有多家" if together else f"没有名称含“{wanted.name}”的，名称相近的有"
    more = "还有更多，请发更完整的名称；或" if found.more else ""
    names = numbered(tuple(map(_line, found.subjects)))
    return f"{told}：\n{names}\n{more}请回复序号，或发统一社会信用代码。"


def _line(subject: Named) -> str:
    place = f"　{subject.registration_authority}" if subject.registration_authority else ""
    return f"{subject.name}　{subject.code}{place}"
