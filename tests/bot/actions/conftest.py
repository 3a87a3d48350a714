"""An office with two subjects, its members, and what they say. Everything in it is fictional."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.actions.said import Action, Caller, Pending, Reply, Said, SentFile, key_of
from bot.post.duties import Duties
from bot.post.office import open_messages
from index.directory.model import Role, Staff
from index.store import tables
from tests.verify.issuing.conftest import office as office
from tests.verify.issuing.conftest import prepared as prepared
from tests.verify.issuing.conftest import quick_disk as quick_disk
from tests.verify.issuing.conftest import quick_keys as quick_keys
from tests.verify.issuing.office import ISSUED, TestOffice

CLERK = Staff(
    "S001", "王示例", "市生态环境局", frozenset({Role.RECORDS, Role.ISSUE, Role.CASES}), ("招标投标", "行政审批")
)
NEWCOMER = Staff("S002", "赵示例", "市生态环境局")


def alone(staff: Staff | None = CLERK) -> Caller:
    return Caller(staff, "wecom", "c1", group=False, app="office", account="wecom:ww1/zhang")


MESSAGES = count()


class Talk:
    """One conversation with one action: what it waits for is kept as the post office keeps it."""

    def __init__(self, action: Action, caller: Caller, now: datetime = ISSUED) -> None:
        self.action = action
        self.caller = caller
        self.now = now
        self.pending: Pending | None = None

    def said(self, text: str, *files: SentFile) -> Said:
        """The next message of all conversations."""
        return Said(text, self.caller, self.now, files, self.pending, key=key_of(self.caller.app, str(next(MESSAGES))))

    def say(self, text: str, *files: SentFile) -> Reply | None:
        reply = self.action.answers(self.said(text, *files))
        self.pending = reply.pending if reply else None
        return reply

    def told(self, text: str) -> str:
        reply = self.say(text)
        assert reply is not None
        return "\n".join((reply.text, *reply.blocks))

    def in_group(self) -> "Talk":
        return Talk(self.action, replace(self.caller, group=True), self.now)


def nobody_commands(text: str) -> bool:
    return False


@pytest.fixture
def duties(tmp_path: Path) -> Iterator[Duties]:
    engine = open_messages(tmp_path / "messages.db")
    yield Duties(engine)
    engine.dispose()


@pytest.fixture
def lines(office: TestOffice) -> Callable[[], list[tuple[str, str, str, str, str]]]:
    """The audit lines written since the test began: action, target, actor, purpose, detail."""
    audit = tables.audit

    def read() -> list[tuple[str, str, str, str, str]]:
        columns = (audit.c.action, audit.c.target, audit.c.actor, audit.c.purpose, audit.c.detail)
        with office.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(audit.c.id))]

    before = len(read())
    return lambda: read()[before:]
