"""A basis registered while the service runs counts at once; what was issued before stays what it was.

Answers verify/issuing/drafting.py and service.py.
"""

from datetime import date, datetime, timedelta

import pytest

from index.calendar import SHANGHAI
from index.rules.bases import register
from index.rules.model import Basis
from tests.verify.issuing.office import ACTOR, TestOffice
from verify.errors import BasisExpired

SEPTEMBER = datetime(2026, 9, 10, 9, 0, tzinfo=SHANGHAI)
SUCCESSOR = Basis("示例接续办法（虚构）", "示政办发〔2026〕1号", date(2026, 9, 1), date(2031, 8, 31))


def enter(office: TestOffice, basis: Basis = SUCCESSOR, replaces: str | None = None) -> None:
    register(
        office.engine, office.office, basis, replaces=replaces, evidence="示例公报第8期", actor=ACTOR, now=office.wall
    )


@pytest.fixture
def running(office: TestOffice) -> TestOffice:
    """An open service in which the sample's basis has ended."""
    with pytest.raises(BasisExpired):
        office.issue(SEPTEMBER)
    return office


def test_a_running_service_issues_under_what_was_just_registered(running: TestOffice) -> None:
    assert isinstance(running.issuing.problem(SEPTEMBER), BasisExpired)
    enter(running)
    assert not isinstance(running.issuing.problem(SEPTEMBER), BasisExpired)
    report = running.issue(SEPTEMBER)
    assert running.issuing.show(report.number, "测试").entry.basis_title == SUCCESSOR.title


def test_what_was_issued_before_keeps_its_basis_and_verifies_to_its_last_second(office: TestOffice) -> None:
    first = office.issue(datetime(2026, 8, 20, 10, 0, tzinfo=SHANGHAI))
    before = first.docx.read_bytes()
    enter(office, replaces=office.office.bases[0].title)
    office.issue(SEPTEMBER)
    assert office.issuing.issued(first.number, ACTOR).docx.read_bytes() == before
    last = datetime(2026, 9, 20, 23, 59, 59, tzinfo=SHANGHAI)
    assert office.examine(first.docx, last).verdict.value == "valid"
    assert office.examine(first.docx, last + timedelta(seconds=1)).verdict.value == "expired"


def test_a_correction_that_ends_a_basis_stops_issuing(running: TestOffice) -> None:
    enter(running)
    ended = Basis(SUCCESSOR.title, SUCCESSOR.document_number, SUCCESSOR.effective_from, date(2026, 9, 9))
    enter(running, ended, replaces=SUCCESSOR.title)
    with pytest.raises(BasisExpired, match="示例接续办法"):
        running.issue(SEPTEMBER)
