"""Answers verify/issuing/content.py: the rules of inventory A at the level of a whole report."""

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SubjectRefused
from index.records.model import (
    CreditRecord,
    DomainFeed,
    LegalState,
    RecordKind,
    Secrecy,
    SourceKind,
    Subject,
    SubjectKind,
)
from index.rules.model import Basis
from index.rules.offices import load_profile
from verify.errors import BasisExpired, IssuingError
from verify.issuing.content import RECORDS_MAX, Known, Order, ReportContent, Signature, compose
from verify.validity import SHANGHAI

OFFICE = load_profile("yancheng")
MOMENT = datetime(2026, 8, 20, 10, 0, tzinfo=SHANGHAI)
SUBJECT = Subject(
    code="91320902MA1EX0M1XB",
    name="盐城示例环保科技有限公司（虚构）",
    kind=SubjectKind.COMPANY,
    legal_representative="欧阳示例",
    address="示例路1号（虚构）",
)
RECORD = CreditRecord(
    key="K1",
    subject_code=SUBJECT.code,
    subject_name=SUBJECT.name,
    kind=RecordKind.PENALTY,
    domain=13,
    source_unit="市生态环境局",
    source_kind=SourceKind.AGENCY,
    document_number="盐环罚〔2025〕示例12号",
    violation="未按规定贮存危险废物",
    facts="检查发现贮存间没有标志（虚构）",
    legal_basis="《固体废物污染环境防治法》第一百一十二条",
    category="罚款",
    content="罚款人民币2.5万元",
    fine_wan=Decimal("2.50"),
    confiscated_wan=None,
    decided_on=date(2025, 3, 14),
    decided_by="盐城市生态环境局",
    publication_until=date(2028, 3, 14),
    published=True,
    legal_state=LegalState.EFFECTIVE,
    secrecy=Secrecy.NONE,
    corrected_on=None,
    repaired_on=None,
    under_objection=False,
    provider="市生态环境局",
    batch="20260820-0001",
    received_at=MOMENT,
)


def feeds(updated_on: date = date(2026, 8, 19), *, without: int = 0) -> tuple[DomainFeed, ...]:
    return tuple(DomainFeed(domain.number, updated_on) for domain in OFFICE.domains if domain.number != without)


def order(moment: datetime = MOMENT, *, years: int = 3, purpose: str = "") -> Order:
    return Order(years, purpose, moment, "YCZX202608200000001", "7K3M-9Q2D-XW4T", Signature("Ed25519", "0011"))


def content(
    *records: CreditRecord,
    subject: Subject = SUBJECT,
    reached: tuple[DomainFeed, ...] | None = None,
    moment: datetime = MOMENT,
    years: int = 3,
    purpose: str = "",
) -> ReportContent:
    known = Known(subject, records, feeds() if reached is None else reached)
    return compose(known, OFFICE, order(moment, years=years, purpose=purpose))


def test_b06_a_report_of_september_2024_carries_19_domains_one_of_october_45() -> None:
    early = feeds(date(2024, 9, 14))
    assert len(content(moment=datetime(2024, 9, 15, 9, 0, tzinfo=SHANGHAI), reached=early).domains) == 19
    assert len(content(moment=datetime(2024, 9, 30, 23, 59, 59, tzinfo=SHANGHAI), reached=early).domains) == 19
    assert len(content(moment=datetime(2024, 10, 1, 0, 0, tzinfo=SHANGHAI), reached=early).domains) == 45


def test_b01_a_violation_record_appears_with_its_domain_counted() -> None:
    made = content(RECORD)
    assert [detail.document_number for detail in made.details] == ["盐环罚〔2025〕示例12号"]
    assert [domain.record_count for domain in made.domains if domain.number == 13] == [1]
    assert made.involved_count == 1


@pytest.mark.parametrize(
    "change",
    [
        {"published": False},
        {"legal_state": LegalState.NOT_EFFECTIVE},
        {"legal_state": LegalState.REVOKED},
        {"kind": RecordKind.NO_PENALTY},
        {"kind": RecordKind.INVESTIGATION},
        {"kind": RecordKind.COMPLAINT},
        {"source_kind": SourceKind.OTHER},
        {"secrecy": Secrecy.COMMERCIAL},
        {"corrected_on": date(2025, 4, 1), "repaired_on": date(2025, 6, 1)},
        {"decided_on": date(2023, 8, 19)},
        {"decided_on": date(2026, 8, 20)},
        {"subject_code": "92320903MA1EX0M28N"},
    ],
)
def test_b01_b03_b16_a_record_that_fails_one_condition_is_as_if_it_did_not_exist(change: dict[str, object]) -> None:
    made = content(replace(RECORD, **change))
    assert made.details == ()
    assert made == content()


def test_b10_b11_window_and_validity_are_those_of_the_25_worked_cases(shared: Path) -> None:
    """Every day of the table, under a fictional basis that holds on all of them."""
    always = replace(OFFICE, bases=(Basis("示例依据（虚构）", None, date(2024, 1, 1), None),))
    known = Known(SUBJECT, (RECORD,), feeds())
    lines = (shared / "domain" / "date_oracle.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    assert len(rows) == 25
    for row in rows:
        day = date.fromisoformat(row["issue_date"])
        for years, hour in ((1, 0), (2, 9), (3, 23)):
            moment = datetime(day.year, day.month, day.day, hour, 59, 59, tzinfo=SHANGHAI)
            made = compose(known, always, order(moment, years=years))
            assert made.period_from.isoformat() == row[f"start_{years}y"], row
            assert made.period_to.isoformat() == row["window_end"], row
            assert made.valid_until.date().isoformat() == row["valid_until_inclusive"], row
            assert made.valid_until.time().isoformat() == "23:59:59"
            assert [domain.number for domain in made.domains] == list(range(1, 20 if day < date(2024, 10, 1) else 46))


def test_b13_a_domain_that_does_not_reach_us_is_a_gap_never_a_none() -> None:
    made = content(reached=feeds(without=22))
    assert [gap.domain for gap in made.gaps] == ["工会领域"]
    assert made.gaps[0].updated_on is None


def test_b13_a_domain_whose_data_are_old_is_a_gap_with_its_day() -> None:
    window_end = date(2026, 8, 19)
    assert content(reached=feeds(window_end - timedelta(days=15))).gaps == ()
    assert len(content(reached=feeds(window_end - timedelta(days=16))).gaps) == 45


def test_b13_a_record_in_a_domain_without_feed_is_still_shown() -> None:
    made = content(RECORD, reached=feeds(without=13))
    assert len(made.details) == 1
    assert made.gaps == ()


def test_details_run_from_the_newest_decision_to_the_oldest() -> None:
    days = [date(2024, 5, 1), date(2026, 1, 1), date(2025, 3, 14)]
    made = content(*(replace(RECORD, key=str(day), decided_on=day) for day in days))
    assert [detail.decided_on for detail in made.details] == sorted(days, reverse=True)
    assert [detail.number for detail in made.details] == [1, 2, 3]


@pytest.mark.parametrize("kind", [kind for kind in SubjectKind if not OFFICE.subject_kinds.serves(kind)])
def test_b04_kinds_the_scheme_does_not_serve_are_refused_by_name(kind: SubjectKind) -> None:
    with pytest.raises(SubjectRefused, match=kind.value) as caught:
        content(subject=replace(SUBJECT, kind=kind))
    assert caught.value.next_step


@pytest.mark.parametrize("kind", OFFICE.subject_kinds.served)
def test_b04_kinds_the_scheme_serves_get_a_report(kind: SubjectKind) -> None:
    assert content(subject=replace(SUBJECT, kind=kind)).subject.name == SUBJECT.name


@pytest.mark.parametrize("years", [-1, 0, 4, 5, 30])
def test_b09_other_ranges_than_one_two_three_years_are_refused(years: int) -> None:
    with pytest.raises(IssuingError) as caught:
        content(years=years)
    assert caught.value.code == "YEARS_REFUSED"


def test_more_records_than_verifiers_can_read_are_refused_with_advice() -> None:
    numbers = [f"盐环罚〔2025〕{number}号" for number in range(RECORDS_MAX + 1)]
    records = [replace(RECORD, key=number, document_number=number) for number in numbers]
    assert len(content(*records[1:]).details) == RECORDS_MAX
    with pytest.raises(IssuingError) as caught:
        content(*records)
    assert caught.value.code == "RECORDS_TOO_MANY"
    assert "缩短查询年限" in caught.value.next_step


def test_b08_a_purpose_is_one_of_the_offices_or_none() -> None:
    assert content(purpose="银行贷款").purpose == "金融—银行贷款"
    assert content(purpose="金融—银行贷款").purpose == "金融—银行贷款"
    assert content(purpose=" ").purpose == ""
    with pytest.raises(IssuingError) as caught:
        content(purpose="移民")
    assert caught.value.code == "PURPOSE_UNKNOWN"
    assert "招标投标" in caught.value.next_step


def test_b19_the_last_day_of_the_basis_still_serves_the_day_after_does_not() -> None:
    assert content(moment=datetime(2026, 8, 31, 23, 59, 59, tzinfo=SHANGHAI)).basis.effective_to == date(2026, 8, 31)
    with pytest.raises(BasisExpired):
        content(moment=datetime(2026, 9, 1, 0, 0, tzinfo=SHANGHAI))
    with pytest.raises(BasisExpired):
        content(moment=datetime(2024, 8, 31, 23, 59, 59, tzinfo=SHANGHAI))


def test_people_are_masked_and_an_individual_business_shows_no_place() -> None:
    assert content().subject.person == "欧阳**"
    shop = content(subject=replace(SUBJECT, kind=SubjectKind.INDIVIDUAL_BUSINESS)).subject
    assert (shop.person_title, shop.person) == ("经营者", "欧阳**")
    assert not shop.address_printed
    assert shop.address is None


@pytest.mark.parametrize("field", ["violation", "facts", "legal_basis", "category", "content"])
def test_what_the_texts_say_about_people_is_kept_back(field: str) -> None:
    made = content(replace(RECORD, **{field: "欧阳示例（身份证32090219800101123X，电话13800001234）在场"}))
    assert getattr(made.details[0], field) == "欧阳**（身份证320**************X，电话138*******4）在场"


def test_who_represented_the_subject_before_is_masked_in_its_texts_too() -> None:
    known = Known(SUBJECT, (replace(RECORD, facts="欧阳示例、王老五在场"),), feeds(), "欧阳示例、王老五")
    assert compose(known, OFFICE, order()).details[0].facts == "欧阳**、王**在场"


def test_text_from_outside_is_printed_without_anything_invisible() -> None:
    made = content(replace(RECORD, facts="贮存间\n没有\u200b标志\x07\t（e\u0301）"))
    assert made.details[0].facts == "贮存间 没有标志 （é）"


@given(st.lists(st.sampled_from([0, 13, 20, 22, 45]), max_size=6), st.sampled_from([0, 13, 22]))
def test_every_domain_is_concluded_on_or_a_gap_and_counts_agree(numbers: list[int], without: int) -> None:
    records = [replace(RECORD, key=str(place), domain=number) for place, number in enumerate(numbers)]
    made = content(*records, reached=feeds(without=without))
    assert len(made.details) == sum(domain.record_count for domain in made.domains)
    assert made.involved_count == len({number for number in numbers if number})
    clean = [domain for domain in made.domains if domain.record_count == 0 and domain.current]
    assert len(clean) + made.involved_count + len(made.gaps) == len(made.domains) == 45


def test_b02_a_criminal_judgment_counts_for_units_not_for_an_individual_business() -> None:
    judgment = replace(RECORD, kind=RecordKind.CRIMINAL)
    assert len(content(judgment).details) == 1
    assert content(judgment, subject=replace(SUBJECT, kind=SubjectKind.INDIVIDUAL_BUSINESS)).details == ()


def test_b13_the_source_printed_is_the_unit_whose_record_it_is_not_who_sent_the_file() -> None:
    sent = replace(RECORD, source_unit="市某局", provider="具有相关政务服务事项的市直单位")
    assert content(sent).details[0].source_unit == "市某局"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (datetime(2024, 8, 31, tzinfo=SHANGHAI), "2024年9月1日起施行"),
        (datetime(2026, 9, 1, tzinfo=SHANGHAI), "有效期至2026年8月31日，已届满"),
    ],
)
def test_b19_without_a_basis_the_office_is_told_which_text_when_and_what_to_write_where(
    day: datetime, said: str
) -> None:
    with pytest.raises(BasisExpired) as caught:
        content(moment=day)
    assert said in caught.value.message
    for step in ("不能推定延期", "chenghe bases register", "--evidence", "仍可核验"):
        assert step in caught.value.next_step
