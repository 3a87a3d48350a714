"""Matter and purpose of a member's look-ups: stated once per matter and conversation, for a working day at most.

* Durable: a restart asks nobody again. What is older than ``HOURS`` is nobody's, and deleted with the next statement or
  the next round of ``retention``.
* One member's in one conversation of one app, with the duties the member had when it was stated: a change of the member
  in the directory, and it is asked for again.
* Look-ups are for one matter at a time, the current one: when its hours are over another one does not take its place.

Source: issue 6 §3; 个人信息保护法 arts. 6, 19, 34–35. Decision: docs/decisions/0244.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_update
from sqlalchemy.exc import DatabaseError

from bot.actions.said import Caller
from bot.actions.standing import standing_of
from bot.post.inbox import storable
from bot.post.tables import stated_duties
from index.directory.model import Staff
from index.errors import StoreError
from index.store.engine import writing

HOURS = 8


@dataclass(frozen=True, slots=True)
class Stated:
    """``matter``: one of the member's; ``purpose``: in the member's words."""

    matter: str
    purpose: str
    at: datetime


class Duties:
    """``engine``: of ``messages.db``. Of all conversations; any thread. Raises StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def current(self, caller: Caller, now: datetime) -> Stated | None:
        """What the member's look-ups in this conversation are for."""
        return self._found(caller, now, stated_duties.c.current)

    def of(self, caller: Caller, matter: str, now: datetime) -> Stated | None:
        """What the member has stated for a matter."""
        return self._found(caller, now, stated_duties.c.matter == matter)

    def state(self, caller: Caller, stated: Stated) -> None:
        """It is the current one from now on."""
        if caller.staff is None:
            return
        here = _here(caller, caller.staff)
        values = {"purpose": stated.purpose, "stated_at": stated.at, "current": True}
        values["holder"] = standing_of(caller.staff)
        with writing(self._engine) as connection:
            forget_old(connection, stated.at)
            connection.execute(update(stated_duties).where(*_where(here)).values(current=False))
            row = insert_or_update(stated_duties).values(**here, matter=stated.matter, **values)
            connection.execute(row.on_conflict_do_update(index_elements=[*here, "matter"], set_=values))

    def forget(self, caller: Caller) -> bool:
        """All of this conversation; whether there was anything."""
        if caller.staff is None:
            return False
        with writing(self._engine) as connection:
            gone = connection.execute(delete(stated_duties).where(*_where(_here(caller, caller.staff))))
        return gone.rowcount > 0

    def _found(self, caller: Caller, now: datetime, which: ColumnElement[bool]) -> Stated | None:
        if caller.staff is None:
            return None
        columns = stated_duties.c
        wanted = select(columns.matter, columns.purpose, columns.stated_at).where(
            *_where(_here(caller, caller.staff)), columns.holder == standing_of(caller.staff), which
        )
        try:
            with self._engine.connect() as connection:
                row = connection.execute(wanted).one_or_none()
        except DatabaseError as error:
            raise StoreError(
                f"说明过的事项和用途读不出来：{error.orig}。",
                next_step="请检查 messages.db 的读写权限；必要时用备份恢复。",
            ) from error
        stated = None if row is None else Stated(*row)
        return stated if stated and timedelta(0) <= now - stated.at < timedelta(hours=HOURS) else None


def forget_old(connection: Connection, at: datetime) -> None:
    connection.execute(delete(stated_duties).where(stated_duties.c.stated_at <= at - timedelta(hours=HOURS)))


def _here(caller: Caller, staff: Staff) -> dict[str, str]:
    return {"app": caller.app, "conversation": storable(caller.conversation), "member": staff.id}


def _where(here: dict[str, str]) -> list[ColumnElement[bool]]:
    return [stated_duties.c[name] == value for name, value in here.items()]
