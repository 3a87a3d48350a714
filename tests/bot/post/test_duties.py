"""How long a stated duty is kept, whose it is, and what ends it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from bot.actions.said import Caller
from bot.post.duties import HOURS, Duties, Stated
from bot.post.office import open_messages
from bot.post.tables import stated_duties
from index.directory.model import Role, Staff
from index.errors import StoreError
from tests.bot.post.simple import NOW

WANG = Staff("S001", "王示例", "市生态环境局", frozenset({Role.RECORDS}), ("招标投标", "行政审批"), changed_at=NOW)
HERE = Caller(WANG, "wecom", "c1", group=False, app="office", account="wecom:ww1/wang")
STATED = Stated("招标投标", "核实资格", NOW)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_messages(tmp_path / "messages.db")
    yield engine
    engine.dispose()


@pytest.fixture
def duties(engine: Engine) -> Duties:
    return Duties(engine)


def rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(stated_duties)).scalar_one()


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        (timedelta(0), True),
        (timedelta(hours=HOURS, seconds=-1), True),
        (timedelta(hours=HOURS), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_it_is_kept_for_a_working_day(duties: Duties, after: timedelta, kept: bool) -> None:
    duties.state(HERE, STATED)
    assert (duties.current(HERE, NOW + after) == STATED) is kept
    assert (duties.of(HERE, "招标投标", NOW + after) == STATED) is kept


def test_what_cannot_be_read_is_said_and_never_taken_for_stated(engine: Engine, duties: Duties) -> None:
    stated_duties.drop(engine)
    with pytest.raises(StoreError):
        duties.current(HERE, NOW)
    with pytest.raises(StoreError):
        duties.state(HERE, STATED)


def test_a_restart_asks_nobody_again(tmp_path: Path, engine: Engine, duties: Duties) -> None:
    duties.state(HERE, STATED)
    engine.dispose()
    after = open_messages(tmp_path / "messages.db")
    assert Duties(after).current(HERE, NOW) == STATED
    after.dispose()


@pytest.mark.parametrize(
    "other",
    [
        replace(HERE, app="another-app"),
        replace(HERE, conversation="c2"),
        replace(HERE, staff=replace(WANG, id="S002")),
        replace(HERE, staff=replace(WANG, roles=frozenset({Role.RECORDS, Role.ISSUE}))),
        replace(HERE, staff=replace(WANG, matters=("招标投标",))),
        replace(HERE, staff=replace(WANG, unit="市发改委")),
        replace(HERE, staff=replace(WANG, changed_at=NOW + timedelta(seconds=1))),
        replace(HERE, staff=None),
    ],
)
def test_nobody_else_has_it_nor_the_same_member_with_other_duties(duties: Duties, other: Caller) -> None:
    duties.state(HERE, STATED)
    assert duties.current(other, NOW) is None
    assert duties.of(other, "招标投标", NOW) is None
    assert not (other.staff is None and duties.forget(other))
    assert duties.current(HERE, NOW) == STATED


def test_one_matter_is_current_and_none_takes_its_place_when_its_hours_are_over(duties: Duties) -> None:
    later = Stated("行政审批", "核发许可", NOW + timedelta(hours=1))
    duties.state(HERE, later)
    duties.state(HERE, STATED)  # stated at nine, chosen again
    assert duties.current(HERE, NOW + timedelta(hours=2)) == STATED
    assert duties.of(HERE, "行政审批", NOW + timedelta(hours=2)) == later
    over = NOW + timedelta(hours=HOURS)
    assert duties.current(HERE, over) is None
    assert duties.of(HERE, "行政审批", over) == later


def test_what_is_said_anew_replaces_what_was_said(engine: Engine, duties: Duties) -> None:
    duties.state(HERE, STATED)
    again = Stated("招标投标", "另一个项目", NOW + timedelta(hours=1))
    duties.state(HERE, again)
    assert duties.current(HERE, again.at) == again
    assert rows(engine) == 1


def test_all_of_a_conversation_is_forgotten_when_asked(duties: Duties) -> None:
    elsewhere = replace(HERE, conversation="c2")
    for caller in (HERE, elsewhere):
        duties.state(caller, STATED)
    duties.state(HERE, replace(STATED, matter="行政审批"))
    assert duties.forget(HERE)
    assert not duties.forget(HERE)
    assert duties.of(HERE, "行政审批", NOW) is None
    assert duties.current(elsewhere, NOW) == STATED


def test_what_is_over_is_deleted_with_the_next_statement(engine: Engine, duties: Duties) -> None:
    duties.state(HERE, STATED)
    duties.state(replace(HERE, conversation="c2"), replace(STATED, at=NOW + timedelta(hours=HOURS)))
    assert rows(engine) == 1


def test_an_office_clock_set_back_keeps_nothing_alive(duties: Duties) -> None:
    duties.state(HERE, STATED)
    assert duties.current(HERE, datetime(2020, 1, 1, tzinfo=NOW.tzinfo)) is None
