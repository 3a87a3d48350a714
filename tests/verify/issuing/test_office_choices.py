"""What an office decides itself reaches the report: criminal judgments, an ended basis, the kinds it serves, its year.

Answers verify/issuing/content.py and fields.py.
"""

from dataclasses import replace
from datetime import date, datetime

import pytest

from index.calendar import SHANGHAI, Calendar, DayKind
from index.errors import SubjectRefused
from index.records.model import RecordKind, SubjectKind
from index.rules.model import Basis, Office
from index.rules.subject_kinds import SubjectKinds
from tests.verify.issuing.test_content import OFFICE, RECORD, SUBJECT, feeds, order
from verify.errors import BasisExpired
from verify.issuing.content import Known, ReportContent, compose
from verify.issuing.fields import fields_of

SEPTEMBER = datetime(2026, 9, 10, 9, 0, tzinfo=SHANGHAI)
JUDGMENT = replace(RECORD, kind=RecordKind.CRIMINAL)
ENDED = "本报告签发时上述方案有效期已届满。"


def made(office: Office = OFFICE, moment: datetime | None = None, **changes: object) -> ReportContent:
    given = {"subject": SUBJECT, "records": (JUDGMENT,), "feeds": feeds()} | changes
    return compose(Known(**given), office, order(moment) if moment else order())  # type: ignore[arg-type]


def printed(content: ReportContent) -> str:
    return "\n".join(field.text for field in fields_of(content))


def test_b02_criminal_judgments_appear_unless_the_office_leaves_them_out() -> None:
    assert len(made().details) == 1
    assert made(replace(OFFICE, criminal_records_included=False)).details == ()


def test_b02_leaving_criminal_judgments_out_leaves_penalties_in() -> None:
    assert len(made(replace(OFFICE, criminal_records_included=False), records=(RECORD,)).details) == 1


def test_b02_criminal_judgments_against_persons_never_appear() -> None:
    shop = replace(SUBJECT, kind=SubjectKind.INDIVIDUAL_BUSINESS)
    assert made(replace(OFFICE, criminal_records_included=True), subject=shop).details == ()


def test_an_ended_basis_is_refused_unless_the_office_allows_it_and_then_the_report_says_so() -> None:
    with pytest.raises(BasisExpired):
        made(moment=SEPTEMBER)
    content = made(replace(OFFICE, allow_expired_basis=True), SEPTEMBER)
    assert content.basis == OFFICE.bases[0]
    assert ENDED in printed(content)


def test_an_office_that_allows_it_still_issues_under_what_is_in_force_and_says_nothing() -> None:
    successor = Basis("示例接续办法（虚构）", None, date(2026, 9, 1), None)
    office = replace(OFFICE, allow_expired_basis=True, bases=(*OFFICE.bases, successor))
    content = made(office, SEPTEMBER)
    assert content.basis == successor
    assert ENDED not in printed(content)
    assert ENDED not in printed(made(office))


def test_without_any_ended_basis_there_is_no_report_even_where_expired_ones_are_allowed() -> None:
    with pytest.raises(BasisExpired):
        made(replace(OFFICE, allow_expired_basis=True), datetime(2024, 8, 31, 9, 0, tzinfo=SHANGHAI))


def test_b18_a_kind_the_office_comes_to_serve_gets_its_report_and_others_hear_why_not() -> None:
    institution = replace(SUBJECT, kind=SubjectKind.PUBLIC_INSTITUTION)
    with pytest.raises(SubjectRefused, match="目前只为经营主体"):
        made(subject=institution)
    rules = dict(OFFICE.subject_kinds.rules)
    rules[institution.kind] = replace(rules[institution.kind], served=True, reason="")
    kinds = SubjectKinds.of(rules.values())
    assert made(replace(OFFICE, subject_kinds=kinds), subject=institution).subject.name == SUBJECT.name


def test_a_domain_that_has_ended_is_absent() -> None:
    ended = tuple(
        replace(domain, effective_to=date(2026, 8, 19)) if domain.number == 13 else domain for domain in OFFICE.domains
    )
    content = made(replace(OFFICE, domains=ended), records=(RECORD,))
    assert 13 not in {domain.number for domain in content.domains}
    assert content.details == ()


def test_a_year_the_office_entered_whole_is_no_guess() -> None:
    moment, holiday = datetime(2027, 2, 9, 9, 0, tzinfo=SHANGHAI), {date(2027, 2, 8): DayKind.OFF}
    office = replace(OFFICE, bases=(Basis("示例接续办法（虚构）", None, date(2026, 9, 1), None),))
    assert not made(office, moment).calendar_published
    own = made(replace(office, calendar=Calendar(holiday, frozenset({2027}))), moment)
    assert (own.calendar_published, own.period_to) == (True, date(2027, 2, 5))
