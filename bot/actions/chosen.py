"""The actions a chat has, by the rooms that are at hand: the one place where they are put together.

* What an office without a store, an issuing room or a published folder cannot do is absent, and said by nobody.
* The order counts only for messages that two would take; there are none (tests/bot/actions/test_chosen.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from bot.actions import calculating, checking, issuing, looking_up, objecting, tasks
from bot.actions.calculating import Calculating
from bot.actions.checking import Checking, Published
from bot.actions.issuing import IssuingReports
from bot.actions.issuing_room import IssuingRoom
from bot.actions.looking_up import LookingUp
from bot.actions.objecting import Objecting
from bot.actions.said import Action
from bot.actions.tasks import UnitTasks
from bot.post.duties import Duties
from index.errors import OfficeError
from index.policies.library import Library
from index.rules.model import Office

ASKS: tuple[Callable[[str], object | None], ...] = (
    checking.asks,
    looking_up.asks,
    issuing.asks,
    objecting.asks,
    tasks.asks,
    calculating.asks,
)


@dataclass(frozen=True, slots=True)
class Rooms:
    """``engine``: of office.db; ``duties``: what members have stated, without which no records are looked up;
    ``published``: what reports are checked by. None: not here.
    """

    office: Office
    library: Library
    engine: Engine | None = None
    issuing: IssuingRoom | None = None
    published: Published | None = None
    duties: Duties | None = None


def actions(rooms: Rooms) -> tuple[Action, ...]:
    """In the order in which they are asked."""
    found: list[Action] = []
    if rooms.published is not None:
        found.append(Checking(rooms.published))
    if rooms.engine is not None:
        if rooms.duties is not None:
            found.append(LookingUp(rooms.engine, rooms.office, rooms.duties, is_command))
        if rooms.issuing is not None:
            found.append(IssuingReports(rooms.engine, rooms.office, rooms.issuing, is_command))
        found.append(Objecting(rooms.engine, rooms.office, is_command))
    found.append(UnitTasks(rooms.library, rooms.office, rooms.engine))
    found.append(Calculating(rooms.office.calendar))
    return tuple(found)


def is_command(text: str) -> bool:
    """Whether a message is meant for an action, so that it is no answer to what another one has asked."""
    return any(_takes(asks, text) for asks in ASKS)


def _takes(asks: Callable[[str], object | None], text: str) -> bool:
    try:
        return asks(text) is not None
    except OfficeError:  # a wish, with a code that is none
        return True
