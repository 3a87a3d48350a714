"""Answers verify/issuing/entitling.py: nobody has a report about somebody without a right, and the audit says which."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from index.access import Scope
from index.authorisations import Grant, register, revoke
from index.cases.evidence import Evidence
from index.channel import Channel
from index.errors import AccessDenied
from index.store import tables
from index.store.engine import writing
from tests.verify.issuing.office import ACTOR, COMPANY, SHOP, TestOffice

BANK = "示例银行"


def why(office: TestOffice) -> str:
    """What the last reading of a report's material was audited as."""
    audit = tables.audit
    with office.engine.connect() as connection:
        wanted = select(audit).where(audit.c.action == "report.material").order_by(audit.c.id.desc())
        row = connection.execute(wanted).first()
    assert row is not None
    assert row.actor == ACTOR
    return str(row.detail)


def denied(office: TestOffice, **how: Any) -> str:
    ledger = office.count("ledger")
    with pytest.raises(AccessDenied) as caught:
        office.issue(**how)
    assert (office.count("ledger"), office.count("report_numbers")) == (ledger, ledger)
    with office.engine.connect() as connection:
        last = connection.execute(select(tables.audit).order_by(tables.audit.c.id.desc())).first()
    assert last is not None
    assert (last.action, last.target) == ("access.denied", how.get("subject_code", COMPANY))
    return caught.value.code


def authorise(office: TestOffice, scope: Scope = Scope.REPORT) -> str:
    term = (office.wall.date() - timedelta(days=1), office.wall.date() + timedelta(days=30))
    file = Evidence("授权书.pdf", b"%PDF-1.7\n%%EOF\n")
    grant = Grant(COMPANY, BANK, scope, *term)
    return register(office.engine, grant, file, actor=ACTOR, now=office.wall).number


def test_report_for_the_subject_itself_is_audited_as_its_own(office: TestOffice) -> None:
    office.issue()
    assert why(office).startswith(f"本人（{COMPANY}，营业执照原件）")


def test_report_for_another_system_is_read_by_the_offices_own_duty(office: TestOffice) -> None:
    office.issue(channel=Channel.SERVICE, identity_check="")
    assert why(office).startswith("信用办履职（签发专用信用报告，")


def test_online_nobody_has_a_report_without_a_checked_identity(office: TestOffice) -> None:
    assert denied(office, channel=Channel.SELF, identity_check=" ") == "ACCESS_UNSTATED"


def test_a_company_online_has_reports_of_its_registered_branches_only(office: TestOffice) -> None:
    how: dict[str, Any] = {"subject_code": SHOP, "applicant": COMPANY, "channel": Channel.SELF}
    assert denied(office, **how) == "ACCESS_NOT_SELF"
    with writing(office.engine) as connection:
        table = tables.subjects
        connection.execute(update(table).where(table.c.code == SHOP).values(parent_code=COMPANY))
    office.issue(**how)
    assert why(office).startswith(f"本单位分支机构（{COMPANY}，")


@pytest.mark.parametrize("scope", list(Scope))
def test_report_for_whom_the_subject_has_authorised(office: TestOffice, scope: Scope) -> None:
    number = authorise(office, scope)
    office.issue(authorisation=number, grantee=BANK)
    assert why(office).startswith(f"授权（{number}，{BANK}）")


def test_authorisation_that_does_not_hold_gives_no_report(office: TestOffice) -> None:
    number = authorise(office)
    assert denied(office, authorisation=number, grantee="马洛里") == "AUTHORISATION_UNKNOWN"
    assert denied(office, authorisation=number, grantee=BANK, subject_code=SHOP) == "AUTHORISATION_UNKNOWN"
    assert denied(office, authorisation="SQ202601010001", grantee=BANK) == "AUTHORISATION_UNKNOWN"
    revoke(office.engine, number, reason="主体撤回", actor=ACTOR, now=office.wall)
    assert denied(office, authorisation=number, grantee=BANK) == "AUTHORISATION_REVOKED"


def test_the_term_counts_on_the_day_of_asking_not_of_the_report(office: TestOffice) -> None:
    number = authorise(office)
    office.wall = office.wall + timedelta(days=40)
    assert office.wall.date() > date(2026, 12, 30)
    assert denied(office, authorisation=number, grantee=BANK) == "AUTHORISATION_EXPIRED"
