"""docs/actions.md tells the truth: its examples are taken by the action of their row, its codes are the code's."""

import re
from pathlib import Path

import pytest

from bot.actions import calculating, checking, issuing, looking_up, objecting, staff_only, tasks
from bot.actions.looking_up import LookingUp
from tests.bot.actions.conftest import Talk, alone
from tests.bot.actions.test_chosen import taking
from tests.bot.actions.test_looking_up import action as action
from tests.verify.issuing.office import COMPANY

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
ROWS = {
    "查询记录": looking_up,
    "代开报告": issuing,
    "核验报告": checking,
    "提交异议": objecting,
    "单位任务": tasks,
    "算日期": calculating,
}
EXAMPLES = [
    (each, name)
    for name in ROWS
    for line in PAGE.splitlines()
    if line.startswith(f"| {name} |")
    for each in re.findall(r"`([^`]+)`", line)
    if each != "换事项"
]


def test_every_action_has_a_row_with_examples() -> None:
    assert {name for _, name in EXAMPLES} == set(ROWS)


@pytest.mark.parametrize(("text", "name"), EXAMPLES)
def test_each_example_is_taken_by_its_own_action_alone(text: str, name: str) -> None:
    assert taking(text) == [ROWS[name].__name__]


def test_another_matter_is_heard(action: LookingUp) -> None:
    talk = Talk(action, alone())
    talk.told(f"查一下{COMPANY}，事项：招标投标，用途：核实投标资格")
    assert "重新说明" in talk.told("换事项")


def test_every_code_of_a_refusal_is_explained() -> None:
    sources = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (staff_only, *ROWS.values())]
    codes = {code for source in sources for code in re.findall(r'"(CHAT_[A-Z_]+)"', source)}
    assert codes
    access = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    assert all(f"`{code}`" in PAGE and f"`{code}`" in access for code in codes)
