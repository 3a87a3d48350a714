"""Taking the steps of an objection, as the tests of objections do."""

import pytest

from index.cases.objections import Event, Objection
from index.errors import OfficeError
from index.records.model import LegalState
from tests.index.cases.desk import PDF, Desk, filing

WITHDRAWN = {"legal_state": LegalState.REVOKED}
UPHELD = (Event.ACCEPT, Event.VERIFY, Event.CORRECT, Event.FEEDBACK)


def act(desk: Desk, number: str, event: Event, **changes: object) -> Objection:
    given = {"actor": "王核实", "reason": f"{event}（示例）", "now": desk.now(), "unit": None}
    if event is Event.CORRECT:
        given |= {"correction": WITHDRAWN, "files": [PDF]}
    return desk.objections.act(number, event, **(given | changes))  # type: ignore[arg-type]


def filed(desk: Desk, **changes: object) -> Objection:
    return desk.objections.file(filing(**changes), [], desk.now())


def code(error: pytest.ExceptionInfo[OfficeError]) -> str:
    assert error.value.next_step
    return error.value.code
