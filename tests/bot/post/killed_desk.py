"""A process in which a clerk has reports issued and objections filed, killed (SIGKILL) at the step we name.

A step is a moment before or after each transaction of the post office, and of the office's own store; -n is the moment
after the n-th of the office's own. Everything is real but the platform; what no action takes is a fault, and told as
one. The office is fictional.
"""

import asyncio
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event

from bot.actions.chosen import Rooms, actions
from bot.actions.issuing_room import Here
from bot.answering import Answering
from bot.channels.messages import Limits
from bot.post.duties import Duties
from bot.post.office import open_messages
from index.directory.changing import Deed, State, change
from index.directory.model import Account, Role, Staff
from index.directory.store import Directory
from index.policies.library import Library
from tests.bot.post.killed import Calling, Steps, answering, step_at_commits
from tests.bot.post.simple import NOW
from tests.verify.issuing.office import ISSUED, TestOffice
from verify.issuing import private_keys

ROLES = frozenset({Role.RECORDS, Role.ISSUE, Role.CASES})
WANG = Staff("S001", "王示例", "市生态环境局", ROLES, ("招标投标", "行政审批"))
Result = TypeVar("Result")


def prepare(home: Path) -> None:
    """A penalty to be looked up and objected to, published keys, two accounts of one clerk."""
    office = TestOffice(home)
    office.add_records({})
    office.issuing.publish(office.wall)
    accounts = {Account("wecom", "ww1", name): WANG.id for name in ("desk1", "desk2")}
    deed = Deed("管理员", "登记", NOW)
    change(office.engine, lambda before: State({WANG.id: WANG}, {**before.accounts, **accounts}), deed)
    office.engine.dispose()


def live(told: Connection, folder: Path, origin: str, last_step: int) -> None:
    private_keys.COST = 16
    os.fsync = lambda descriptor: None
    steps = Steps(max(last_step, 0))
    step_at_commits(steps)
    office = TestOffice(folder / "home")
    _step_at_the_commits_of(office.engine, steps if last_step >= 0 else Steps(-2 * last_step))
    duties = Duties(open_messages(folder / "messages.db"))
    room = Here(office.issuing, lambda: ISSUED)
    known = actions(Rooms(office.office, Library(folder / "library"), office.engine, room, None, duties))
    asked: Any = None  # nothing here is a question
    desk = Answering(Directory(office.engine), known, asked, _in_thread, asked, lambda: office.wall)
    channel = Calling(limits=Limits(2000), origin=origin, steps=Steps(0))
    asyncio.run(answering(told, folder, channel, desk.answer, lambda: office.wall))


def _step_at_the_commits_of(engine: Engine, steps: Steps) -> None:
    written: set[int] = set()

    def before(connection: Any) -> None:
        steps.step()
        written.add(id(connection.connection.dbapi_connection))

    def after(driver: Any, record: Any) -> None:
        if id(driver) in written:
            written.remove(id(driver))
            steps.step()

    event.listen(engine, "commit", before)
    event.listen(engine, "checkin", after)


async def _in_thread(work: Callable[[], Result]) -> Result:
    return await asyncio.to_thread(work)
