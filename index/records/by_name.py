"""Registered subjects by what somebody remembers of a name: the names alone, to choose one and ask for admission to it.

Rules kept:
* Names are looked for under an entitlement by duty: who may read nothing learns no names either.
* First the names that hold the words as typed; without any, those that hold their characters in this order.
* Nothing of a subject is told but what the register publishes: name, code, state and authority. A few, never a list.
* Each look commits its audit line before anything is told.

Source: 个人信息保护法 arts. 34–35, 54; 市场主体登记管理条例 art. 35 (registered facts are public).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from index.access import Entitlement, Ground, denied
from index.admission import note_denial
from index.audit import append
from index.store.engine import writing
from index.store.tables import subjects

AT_MOST = 5
SHORTEST, LONGEST = 2, 60
LOOSELY = 4
"""From so many characters on they may stand apart."""
_KEPT = 60


@dataclass(frozen=True, slots=True)
class Named:
    """A registered subject as the public register names it."""

    code: str
    name: str
    registration_state: str | None
    registration_authority: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """At most ``AT_MOST``, by name; ``more``: there are others, the words should be longer."""

    subjects: tuple[Named, ...]
    more: bool = False


def find_named(engine: Engine, words: str, *, entitlement: Entitlement, now: datetime) -> Found:
    """Subjects whose name holds ``words``. Raises AccessDenied for who does not act by duty."""
    if entitlement.ground not in (Ground.DUTY, Ground.OFFICE):
        denial = denied("只有履职查询才能按名称查找主体。", "请填写统一社会信用代码。", "ACCESS_NAME_BY_DUTY")
        note_denial(engine, entitlement.actor, entitlement.purpose, words[:_KEPT], denial.code, now)
        raise denial
    wanted = _plain(words)
    rows = _rows(engine, wanted) if SHORTEST <= len(wanted) <= LONGEST else ()
    with writing(engine) as connection:
        append(
            connection,
            at=now,
            actor=entitlement.actor,
            purpose=entitlement.purpose,
            action="subjects.named",
            target=wanted[:_KEPT],
            detail=f"{entitlement.words}：{len(rows[:AT_MOST])} 家{'以上' if len(rows) > AT_MOST else ''}",
        )
    return Found(tuple(rows[:AT_MOST]), len(rows) > AT_MOST)


def _rows(engine: Engine, wanted: str) -> Sequence[Named]:
    """One more than may be shown. Every name is looked at: nobody who writes should wait for it."""
    with engine.connect() as connection:
        together = _matching(connection, [wanted])
        if together or len(wanted) < LOOSELY:
            return together
        return _matching(connection, list(wanted))


def _matching(connection: Connection, parts: Sequence[str]) -> tuple[Named, ...]:
    pattern = "%".join(["", *map(_escaped, parts), ""])
    columns = (subjects.c.code, subjects.c.name, subjects.c.registration_state, subjects.c.registration_authority)
    like = select(*columns).where(subjects.c.name.like(pattern, escape="!"))
    found = connection.execute(like.order_by(subjects.c.name, subjects.c.code).limit(AT_MOST + 1))
    return tuple(Named(*row) for row in found)


def _escaped(part: str) -> str:
    """Brackets of either width are one character in a name."""
    escaped = part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return "".join("_" if each in "()（）" else each for each in escaped)


def _plain(words: str) -> str:
    """Without spaces and in one width, as names are compared."""
    return "".join(each for each in unicodedata.normalize("NFKC", words) if each.isprintable() and not each.isspace())
