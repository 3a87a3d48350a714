"""A process that is killed anywhere in the step of a case leaves the store as it was; run again, the step is whole."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from index.cases.objections import Event
from index.cases.repairs import Event as Repairing
from index.records.model import Severity
from tests.index.cases.desk import KEY, PDF, Desk, application, filing
from tests.verify.issuing.crashing import CONTEXT


def correct(desk: Desk, number: str) -> None:
    given: dict[str, Any] = {"actor": "王核实", "reason": "示例", "unit": None, "files": [PDF]}
    desk.objections.act(number, Event.CORRECT, correction={"published": False}, now=desk.now(), **given)


def grant(desk: Desk, number: str) -> None:
    given: dict[str, Any] = {"actor": "王核实", "reason": "示例", "unit": None, "severity": Severity.SERIOUS}
    desk.repairs.act(number, Repairing.GRANT, now=desk.now(), **given)


def _run(at: int, home: Path, step: Any, number: str) -> None:
    """Is killed by the system right before the ``at``-th statement or commit of the step."""
    desk = Desk(home)
    acts = iter(range(1, 1_000))

    def before(*_: Any) -> None:
        if next(acts) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(desk.engine, "before_cursor_execute", before)
    event.listen(desk.engine, "commit", before)
    step(desk, number)


@pytest.mark.parametrize(
    ("step", "kind"), [(correct, "corrected"), (grant, "repaired")], ids=["correcting", "repairing"]
)
def test_a_step_killed_anywhere_did_not_happen_and_can_be_taken_again(desk: Desk, step: Any, kind: str) -> None:
    if step is correct:
        number = desk.objections.file(filing(), [], desk.now()).number
        for each in (Event.ACCEPT, Event.VERIFY):
            desk.objections.act(number, each, actor="甲", reason="示例", unit=None, now=desk.now())
    else:
        number = desk.repairs.file(application(), [PDF], desk.now()).number
        for other in (Repairing.ACCEPT, Repairing.REVIEW):
            desk.repairs.act(number, other, actor="甲", reason="示例", unit=None, now=desk.now())
    report = desk.report(KEY)
    before = desk.snapshot()
    desk.engine.dispose()
    killed = 0
    while _killed_before(killed + 1, desk.home, step, number):
        killed += 1
        assert Desk(desk.home).snapshot() == before, killed
    assert killed >= 10
    after = Desk(desk.home)
    assert after.notices() == {(report, kind, number)}
    assert len(after.rows("case_events")) == len(before["case_events"]) + 1


def _killed_before(at: int, home: Path, step: Any, number: str) -> bool:
    process = CONTEXT.Process(target=_run, args=(at, home, step, number))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0
