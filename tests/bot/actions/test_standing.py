"""Answers bot/actions/standing.py: what makes a member another one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions.standing import NOBODY, standing_of
from index.directory.model import Role, Staff
from tests.bot.post.simple import NOW

WANG = Staff("S001", "王示例", "市生态环境局", frozenset({Role.RECORDS, Role.ISSUE}), ("招标投标",), changed_at=NOW)


def test_it_is_the_same_as_long_as_nothing_has_changed() -> None:
    again = Staff(
        "S001", "王示例", "市生态环境局", frozenset({Role.ISSUE, Role.RECORDS}), ("招标投标",), changed_at=NOW
    )
    assert standing_of(WANG) == standing_of(again)
    assert standing_of(None) == NOBODY


@pytest.mark.parametrize(
    "other",
    [
        replace(WANG, id="S002"),
        replace(WANG, unit="市发改委"),
        replace(WANG, roles=frozenset({Role.RECORDS})),
        replace(WANG, matters=("行政审批",)),
        replace(WANG, active=False),
        replace(WANG, changed_at=NOW + timedelta(microseconds=1)),
        replace(WANG, changed_at=None),
    ],
)
def test_every_change_makes_another(other: Staff) -> None:
    assert standing_of(other) not in (standing_of(WANG), NOBODY)
