"""Answers verify/issuing/service.py after a crash: stopped after each step, reopened, nothing twice, nothing lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from index.store import tables
from tests.verify.issuing.office import ACTOR, TestOffice
from verify.issuing import finishing
from verify.issuing.drafting import Drafting
from verify.issuing.ledger import Ledger
from verify.issuing.publishing import Publication
from verify.reasons import Reason


class Stopped(BaseException):
    """The power went off."""


def stop_after(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """The step is done, and then nothing more."""
    real: Callable[..., Any] = getattr(owner, name)

    def step(*values: Any, **named: Any) -> None:
        real(*values, **named)
        raise Stopped

    monkeypatch.setattr(owner, name, step)


def stop_before(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    def step(*values: Any, **named: Any) -> None:
        raise Stopped

    monkeypatch.setattr(owner, name, step)


POINTS = {
    "1 reserved": (Ledger, "reserve_sequence"),
    "3 rehearsed": (Drafting, "draft"),
    "4 intended": (Ledger, "intend"),
    "5 signed": (finishing, "sign"),
    "6 compared": (Publication, "current"),
    "7 entered": (Ledger, "enter"),
    "8 sealed": (finishing, "seal_report"),
    "9 delivered": (finishing, "deliver"),
    "closed": (Ledger, "close"),
}


def states(office: TestOffice) -> dict[str, str]:
    with office.engine.connect() as connection:
        return {row.number: row.state for row in connection.execute(select(tables.intents))}


def ledger_numbers(office: TestOffice) -> list[str]:
    with office.engine.connect() as connection:
        return list(connection.execute(select(tables.ledger.c.number)).scalars())


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("key", ["K-1", None])
def test_stopped_after_any_step_no_number_comes_twice_and_every_ledger_line_has_its_report(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, point: str, key: str | None
) -> None:
    with monkeypatch.context() as broken:
        stop_after(broken, *POINTS[point])
        with pytest.raises(Stopped):
            office.issue(idempotency_key=key)
    office.reopen()
    office.issuing.recover()
    assert "open" not in states(office).values()
    again = office.issue(idempotency_key=key)
    numbers = ledger_numbers(office)
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) == {number for number, state in states(office).items() if state == "done"}
    for number in numbers:
        assert office.examine(office.places.docx(number)).reason is Reason.OK
        assert office.examine(office.issuing.issued(number, ACTOR).qr_text).reason is Reason.OK
    assert again.number in numbers
    assert len(numbers) == 1 or key is None, "one key, one report"


def test_an_intent_nobody_can_ask_for_again_is_abandoned_and_its_number_never_used(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        stop_after(broken, Ledger, "intend")
        with pytest.raises(Stopped):
            office.issue()
    office.reopen()
    assert office.issuing.recover() == ("YCZX202608200000001",)
    assert states(office) == {"YCZX202608200000001": "abandoned"}
    assert office.issue().number == "YCZX202608200000002"


def test_an_intent_left_for_more_than_an_hour_is_abandoned_not_signed_late(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        stop_after(broken, Ledger, "intend")
        with pytest.raises(Stopped):
            office.issue(idempotency_key="K-1")
    office.wall += timedelta(hours=1, seconds=1)
    office.reopen()
    office.issuing.recover()
    assert states(office) == {"YCZX202608200000001": "abandoned"}
    assert office.issue(idempotency_key="K-1").number == "YCZX202608200000002"


def test_a_ledger_line_whose_files_are_missing_is_delivered_again_byte_for_byte(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        stop_before(broken, Ledger, "close")
        with pytest.raises(Stopped):
            office.issue()
    docx = office.places.docx("YCZX202608200000001")
    issued = docx.read_bytes()
    docx.unlink()
    office.reopen()
    office.issuing.recover()
    assert docx.read_bytes() == issued
