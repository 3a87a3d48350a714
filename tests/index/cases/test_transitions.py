"""Answers index/cases/transitions.py: a table is whole, and what it does not hold is refused by name."""

from enum import StrEnum

import pytest

from index.cases.transitions import Machine, Role, Transition
from index.errors import CaseError


class Light(StrEnum):
    RED = "红"
    GREEN = "绿"


class Press(StrEnum):
    START = "开始"
    GO = "走"
    STAY = "等"


START: Transition[Light, Press] = Transition(Press.START, (), Light.RED)
GO = Transition(Press.GO, (Light.RED,), Light.GREEN, by=frozenset({Role.UNIT}))
STAY: Transition[Light, Press] = Transition(Press.STAY, (Light.RED,), None)


def test_an_event_leads_where_the_table_says() -> None:
    machine = Machine("灯", (START, GO, STAY))
    assert machine.first is Light.RED
    assert machine.find(Light.RED, Press.GO) is GO
    assert machine.after(Light.RED, Press.GO) is Light.GREEN
    assert machine.after(Light.RED, Press.STAY) is Light.RED
    assert machine.possible(Light.RED, Role.UNIT) == (Press.GO, Press.STAY)
    assert machine.possible(Light.RED, Role.OFFICE) == (Press.STAY,)
    assert machine.is_final(Light.GREEN)


@pytest.mark.parametrize(
    ("state", "event", "next_step"), [(Light.RED, Press.START, "走、等"), (Light.GREEN, Press.GO, "已经办结")]
)
def test_everything_else_is_refused_with_what_is_possible(state: Light, event: Press, next_step: str) -> None:
    with pytest.raises(CaseError) as refused:
        Machine("灯", (START, GO, STAY)).after(state, event)
    assert refused.value.code == "CASE_STEP_NOT_ALLOWED"
    assert Machine("灯", (START, GO, STAY)).find(state, event) is None
    assert next_step in refused.value.next_step


@pytest.mark.parametrize(
    "table",
    [
        (GO,),
        (START, START),
        (START, GO, Transition(Press.GO, (Light.RED,), Light.RED)),
        (Transition(Press.START, (), None),),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(table: tuple[Transition[Light, Press], ...]) -> None:
    with pytest.raises(ValueError, match="contradicts itself"):
        Machine("灯", table)
