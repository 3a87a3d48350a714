"""Answers verify/issuing/content.py, wording.py, printing.py together: what a report says of its records agrees."""

import re
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from index.records.inclusion import exclusion
from index.records.model import CreditRecord, DomainFeed, LegalState, RecordKind, Secrecy, Severity, SourceKind
from index.records.window import query_window
from index.rules.model import Domain
from tests.verify.issuing.test_content import MOMENT, OFFICE, RECORD, SUBJECT, content
from verify.issuing.content import ReportContent
from verify.issuing.freezing import Draft
from verify.issuing.printing import prepare

ISSUE_DAY = MOMENT.date()
DOMAINS = OFFICE.domains_on(ISSUE_DAY)
SOME_DAYS = st.dates(date(2022, 1, 1), date(2028, 1, 1)) | st.sampled_from(
    [date(2023, 8, 19), date(2023, 8, 20), date(2026, 8, 19), date(2026, 8, 20)]
)


@st.composite
def records(draw: st.DrawFn) -> CreditRecord:
    """Most of them would appear; each field may break a rule."""
    number = draw(st.integers(0, 46))
    return replace(
        RECORD,
        key="",
        kind=draw(st.sampled_from([RecordKind.PENALTY, RecordKind.COMPULSION, *RecordKind])),
        domain=draw(st.sampled_from([13, 13, 20, number])),
        source_kind=draw(st.sampled_from([SourceKind.AGENCY] * 4 + list(SourceKind))),
        published=draw(st.sampled_from([True] * 5 + [False])),
        legal_state=draw(st.sampled_from([LegalState.EFFECTIVE] * 6 + list(LegalState))),
        secrecy=draw(st.sampled_from([Secrecy.NONE] * 6 + list(Secrecy))),
        decided_on=draw(SOME_DAYS),
        publication_until=draw(st.none() | SOME_DAYS),
        corrected_on=draw(st.none() | SOME_DAYS),
        repaired_on=draw(st.none() | SOME_DAYS),
        severity=draw(st.none() | st.sampled_from(Severity)),
        under_objection=draw(st.booleans()),
        subject_code=draw(st.sampled_from([SUBJECT.code] * 6 + ["92320903MA1EX0M28N"])),
    )


@st.composite
def feeds_of(draw: st.DrawFn) -> tuple[DomainFeed, ...]:
    """Connected, connected long ago, or not connected, domain by domain."""
    lags = draw(st.lists(st.sampled_from([None, 0, 0, 0, 15, 16]), min_size=len(DOMAINS), max_size=len(DOMAINS)))
    reached = zip(DOMAINS, lags, strict=True)
    end = date(2026, 8, 19)
    return tuple(DomainFeed(domain.number, end - timedelta(days=lag)) for domain, lag in reached if lag is not None)


def meant(candidate: CreditRecord, years: int) -> bool:
    window = query_window(ISSUE_DAY, years, OFFICE.calendar)
    why = exclusion(candidate, subject_code=SUBJECT.code, window=window, issue_day=ISSUE_DAY, domains=DOMAINS)
    return why is None


def texts_of(made: ReportContent) -> dict[str, str]:
    draft = Draft(made, bytes(32), 0, b"12345678")
    return {field.path: field.text for field in prepare(draft).package.fields}


def number_in(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=8), feeds_of(), st.sampled_from([1, 2, 3]))
def test_what_is_shown_counted_concluded_and_signed_is_what_the_rules_include(
    found: list[CreditRecord], reached: tuple[DomainFeed, ...], years: int
) -> None:
    found = [replace(each, key=f"K{number}") for number, each in enumerate(found)]
    shown = [each for each in found if meant(each, years)]
    made = content(*found, reached=reached, years=years)
    texts = texts_of(made)
    rows = {domain: _row(texts, domain) for domain in DOMAINS}

    # details ⇔ inclusion holds, newest first
    assert sorted(detail.record_key for detail in made.details) == sorted(each.key for each in shown)
    assert [detail.decided_on for detail in made.details] == sorted((each.decided_on for each in shown), reverse=True)
    assert sum(bool(re.fullmatch("二、违法违规记录明细／记录[0-9]+", path)) for path in texts) == len(shown)

    # part one: every domain of the day once, and its own count
    assert [domain.number for domain in made.domains] == [domain.number for domain in DOMAINS]
    for domain, (result, remark) in rows.items():
        own = [each for each in shown if each.domain == domain.number]
        updated = next((feed.updated_on for feed in reached if feed.domain == domain.number), None)
        current = updated is not None and (made.period_to - updated).days <= 15
        expected = "未查询到" if current else "暂未接入" if updated is None else "未及时更新"
        assert result == (f"有 {len(own)} 条" if own else expected)
        assert ("异议处理中" in remark) == any(each.under_objection for each in own)

    # the conclusion of page 1
    conclusion = texts["首页／查询结论／结论"]
    gaps = sum(result in ("暂未接入", "未及时更新") for result, _ in rows.values())
    answered = len(DOMAINS) - gaps
    if answered:
        involved = len({each.domain for each in shown})
        assert number_in(r"查询到违法违规记录 (\d+) 条", conclusion) == len(shown)
        assert number_in(r"涉及 (\d+) 个领域", conclusion) == involved
        assert number_in(r"(\d+) 个领域内", conclusion) == answered
        assert number_in(r"其余 (\d+) 个领域", conclusion) == (answered - involved if shown else 0)
    else:
        assert not shown
        assert "不作出有无结论" in conclusion
    assert ("有无结论" in conclusion) == bool(gaps)

    # what gets signed
    facts = prepare(Draft(made, bytes(32), 0, b"12345678")).facts
    assert (facts.domains, facts.records, facts.domains_without_data) == (len(DOMAINS), len(shown), gaps)


def _row(texts: dict[str, str], domain: Domain) -> tuple[str, str]:
    place = f"一、分领域查询结果／第{domain.number}行 {domain.name}"
    return texts[f"{place}／查询结果"], texts.get(f"{place}／备注", "")
