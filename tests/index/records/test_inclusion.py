"""Answers index/records/inclusion.py: one named test per rule, and an independent formulation of the whole."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records.inclusion import Exclusion, exclusion
from index.records.model import CreditRecord, LegalState, RecordKind, Secrecy, SourceKind, SubjectKind
from index.records.window import query_window
from index.rules.offices import load_profile
from tests.index.records.samples import COMPANY, SHOP, record

ISSUE_DAY = date(2026, 11, 22)
WINDOW = query_window(ISSUE_DAY, 3)
OFFICE = load_profile("yunting")


def why_not(candidate: CreditRecord, *, issue_day: date = ISSUE_DAY, criminal: bool = True) -> Exclusion | None:
    return exclusion(
        candidate,
        subject_code=COMPANY,
        window=query_window(issue_day, 3),
        issue_day=issue_day,
        domains=OFFICE.domains,
        criminal_included=criminal,
    )


def test_b01_published_effective_penalty_in_the_window_appears() -> None:
    assert why_not(record()) is None


@pytest.mark.parametrize("kind", [kind for kind in SourceKind if kind is not SourceKind.OTHER])
def test_b01_sources_that_issue_certificates_appear(kind: SourceKind) -> None:
    assert why_not(record(source_kind=kind)) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source_kind": SourceKind.OTHER}, Exclusion.SOURCE),
        ({"published": False}, Exclusion.NOT_PUBLISHED),
        ({"publication_until": date(2026, 11, 21)}, Exclusion.PUBLICATION_OVER),
        ({"subject_code": SHOP}, Exclusion.OTHER_SUBJECT),
        ({"legal_state": LegalState.NOT_EFFECTIVE}, Exclusion.NOT_EFFECTIVE),
        ({"kind": RecordKind.NO_PENALTY}, Exclusion.NO_PENALTY),
        ({"legal_state": LegalState.REVOKED}, Exclusion.WITHDRAWN),
        ({"legal_state": LegalState.CHANGED}, Exclusion.WITHDRAWN),
        ({"legal_state": LegalState.UNLAWFUL}, Exclusion.WITHDRAWN),
        ({"legal_state": LegalState.VOID}, Exclusion.WITHDRAWN),
        ({"decided_on": WINDOW.start - timedelta(days=1)}, Exclusion.OUTSIDE_WINDOW),
        ({"decided_on": WINDOW.end + timedelta(days=1)}, Exclusion.OUTSIDE_WINDOW),
    ],
)
def test_b01_each_condition_alone_excludes(changes: dict[str, object], reason: Exclusion) -> None:
    assert why_not(record(**changes)) is reason
    assert reason.rule == "B01"


@pytest.mark.parametrize("place", [0, 9, 17])
def test_b01_record_of_a_subject_with_a_similar_code_never_appears(place: int) -> None:
    similar = COMPANY[:place] + ("A" if COMPANY[place] != "A" else "B") + COMPANY[place + 1 :]
    assert why_not(record(subject_code=similar)) is Exclusion.OTHER_SUBJECT


@pytest.mark.parametrize(
    "kind",
    [
        RecordKind.PENALTY,
        RecordKind.COMPULSION,
        RecordKind.ENFORCEMENT,
        RecordKind.SERIOUS_LIST,
        RecordKind.CRIMINAL,
    ],
)
def test_b01_each_kind_of_violation_record_appears(kind: RecordKind) -> None:
    assert why_not(record(kind=kind)) is None


@pytest.mark.parametrize(
    "kind",
    [
        RecordKind.PERMIT,
        RecordKind.INVESTIGATION,
        RecordKind.INTERVIEW,
        RecordKind.RECTIFICATION,
        RecordKind.COMPLAINT,
        RecordKind.PETITION,
    ],
)
def test_b01_what_no_effective_document_confirms_never_appears(kind: RecordKind) -> None:
    assert why_not(record(kind=kind)) is Exclusion.NOT_A_VIOLATION


@pytest.mark.parametrize("day", [WINDOW.start, WINDOW.end])
def test_b01_first_and_last_day_of_the_window_count(day: date) -> None:
    assert why_not(record(decided_on=day)) is None


@pytest.mark.parametrize("until", [ISSUE_DAY, None])
def test_b01_publication_lasts_through_its_last_day(until: date | None) -> None:
    assert why_not(record(publication_until=until)) is None


def test_b02_criminal_judgments_follow_the_switch() -> None:
    judgment = record(kind=RecordKind.CRIMINAL, source_kind=SourceKind.JUDICIAL)
    assert why_not(judgment) is None
    assert why_not(judgment, criminal=False) is Exclusion.CRIMINAL
    assert why_not(record(), criminal=False) is None


@pytest.mark.parametrize("secrecy", [secrecy for secrecy in Secrecy if secrecy is not Secrecy.NONE])
def test_b03_what_must_not_be_public_never_appears(secrecy: Secrecy) -> None:
    assert why_not(record(secrecy=secrecy)) is Exclusion.SECRET


def test_b04_natural_persons_agencies_institutions_and_organizations_may_not_apply() -> None:
    assert {kind for kind in SubjectKind if not OFFICE.subject_kinds.serves(kind)} == {
        SubjectKind.NATURAL_PERSON,
        SubjectKind.GOVERNMENT_AGENCY,
        SubjectKind.PUBLIC_INSTITUTION,
        SubjectKind.SOCIAL_ORGANIZATION,
    }


def test_b05_record_of_no_domain_of_the_scheme_never_appears() -> None:
    assert why_not(record(domain=99)) is Exclusion.DOMAIN


def test_b06_domain_counts_from_its_day() -> None:
    later = record(domain=11, decided_on=date(2026, 6, 1))
    assert why_not(later, issue_day=date(2026, 12, 31)) is Exclusion.DOMAIN
    assert why_not(later, issue_day=date(2027, 1, 1)) is None


def test_b16_repaired_means_corrected_and_repaired() -> None:
    day = date(2026, 5, 1)
    assert why_not(record(corrected_on=day, repaired_on=day)) is Exclusion.REPAIRED
    assert why_not(record(corrected_on=day)) is None
    assert why_not(record(repaired_on=day)) is None


def test_b16_repair_hides_from_its_day_on() -> None:
    repaired = record(corrected_on=date(2026, 5, 1), repaired_on=date(2026, 11, 22))
    assert why_not(repaired, issue_day=date(2026, 11, 21)) is None
    assert why_not(repaired, issue_day=date(2026, 11, 22)) is Exclusion.REPAIRED


def test_every_exclusion_has_a_rule_and_a_reason_of_its_own() -> None:
    assert len({member.reason for member in Exclusion}) == len(list(Exclusion))
    assert {member.rule for member in Exclusion} == {"B01", "B02", "B03", "B06", "B16"}


@st.composite
def situations(draw: st.DrawFn) -> tuple[CreditRecord, date, int, bool]:
    """A record, an issue day, a choice of years, a switch. Few fields are changed at a time, to values at the edges."""
    day = draw(st.dates(date(2026, 3, 1), date(2027, 3, 1)))
    years = draw(st.sampled_from([1, 2, 3]))
    window = query_window(day, years)
    around = st.sampled_from([None, day - timedelta(days=1), day, day + timedelta(days=1)])
    edges = [window.start - timedelta(days=1), window.start, window.end, window.end + timedelta(days=1)]
    changes = draw(
        st.fixed_dictionaries(
            {"decided_on": st.one_of(st.sampled_from(edges), st.dates(window.start, window.end))},
            optional={
                "subject_code": st.sampled_from([COMPANY, SHOP]),
                "kind": st.sampled_from(list(RecordKind)),
                "domain": st.sampled_from([1, 4, 5, 10, 11, 12, 99]),
                "source_kind": st.sampled_from(list(SourceKind)),
                "publication_until": around,
                "published": st.booleans(),
                "legal_state": st.sampled_from(list(LegalState)),
                "secrecy": st.sampled_from(list(Secrecy)),
                "corrected_on": around,
                "repaired_on": around,
            },
        )
    )
    return replace(record(), **changes), day, years, draw(st.booleans())


def _appears(found: CreditRecord, day: date, years: int, criminal: bool) -> bool:
    """The definition once more, from the words of the scheme and not from the code: all conditions, no order."""
    window = query_window(day, years)
    repaired = (
        found.corrected_on is not None
        and found.repaired_on is not None
        and max(found.corrected_on, found.repaired_on) <= day
    )
    effective_from = {domain.number: domain.effective_on for domain in OFFICE.domains}
    return all(
        [
            found.source_kind.value in {"行政机关", "法律法规授权的组织", "垂直管理单位", "司法机关"},
            found.published and (found.publication_until or date.max) >= day,
            found.subject_code == COMPANY,
            found.legal_state.value == "生效",
            found.secrecy.value == "无",
            not repaired,
            (found.decided_on - window.start).days >= 0 >= (found.decided_on - window.end).days,
            effective_from.get(found.domain, date.max) <= day,
            found.kind.value in {"行政处罚", "行政强制", "法院执行", "严重失信主体名单", "刑事裁判"},
            criminal or found.kind.value != "刑事裁判",
        ]
    )


@settings(max_examples=600)
@given(situations())
def test_included_exactly_when_all_conditions_hold(situation: tuple[CreditRecord, date, int, bool]) -> None:
    found, day, years, criminal = situation
    reason = exclusion(
        found,
        subject_code=COMPANY,
        window=query_window(day, years),
        issue_day=day,
        domains=OFFICE.domains,
        criminal_included=criminal,
    )
    assert (reason is None) is _appears(found, day, years, criminal)


def test_the_property_sees_both_sides() -> None:
    seen: set[bool] = set()

    @settings(max_examples=200, database=None)
    @given(situations())
    def look(situation: tuple[CreditRecord, date, int, bool]) -> None:
        seen.add(_appears(*situation))

    look()
    assert seen == {True, False}
