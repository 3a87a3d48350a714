"""Answers index/records/inclusion.py: one named test per rule, and an independent formulation of the whole."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from index.records.inclusion import VIOLATION_KINDS, Exclusion, exclusion
from index.records.model import CreditRecord, LegalState, RecordKind, Secrecy, Severity, SourceKind, SubjectKind
from index.records.window import Window, query_window
from index.rules.model import Domain
from index.rules.offices import load_profile
from index.rules.repair import add_months
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


# Over the longest publication


@pytest.mark.parametrize(
    ("severity", "last"),
    [
        (Severity.MINOR, date(2026, 8, 10)),
        (Severity.GENERAL, date(2027, 5, 10)),
        (Severity.SERIOUS, date(2029, 5, 10)),
    ],
)
@pytest.mark.parametrize("until", [None, date(2035, 1, 1)])
@pytest.mark.parametrize("corrected", [None, date(2026, 6, 1)])
def test_b16_record_vanishes_by_itself_after_its_longest_publication(
    severity: Severity, last: date, until: date | None, corrected: date | None
) -> None:
    found = record(decided_on=date(2026, 5, 10), severity=severity, publication_until=until, corrected_on=corrected)
    window = Window(date(2026, 1, 1), date(2026, 12, 31), 1, True)
    answers = [
        exclusion(found, subject_code=COMPANY, window=window, issue_day=day, domains=OFFICE.domains)
        for day in (last, last + timedelta(days=1))
    ]
    assert answers == [None, Exclusion.LONGEST_OVER]


@pytest.mark.parametrize("kind", [RecordKind.PENALTY, RecordKind.COMPULSION, RecordKind.CRIMINAL])
def test_b16_a_late_end_and_a_blank_correction_keep_no_decision_past_its_longest_publication(kind: RecordKind) -> None:
    found = record(kind=kind, decided_on=date(2026, 5, 10), severity=Severity.MINOR)
    assert why_not(replace(found, publication_until=date(2027, 5, 10))) is Exclusion.LONGEST_OVER


@pytest.mark.parametrize("kind", [RecordKind.ENFORCEMENT, RecordKind.SERIOUS_LIST])
def test_b16_what_is_not_carried_out_stands_until_the_end_its_unit_states(kind: RecordKind) -> None:
    found = record(kind=kind, decided_on=date(2026, 5, 10), severity=Severity.MINOR, publication_until=None)
    stated = replace(found, publication_until=date(2027, 5, 10))
    assert why_not(found) is Exclusion.LONGEST_OVER
    assert why_not(stated) is None
    assert why_not(replace(stated, corrected_on=date(2026, 6, 1))) is Exclusion.LONGEST_OVER


def test_b16_without_a_severity_only_the_units_own_end_counts() -> None:
    old = record(decided_on=date(2024, 1, 10), publication_until=None)
    assert why_not(old) is None
    assert why_not(replace(old, severity=Severity.GENERAL)) is Exclusion.LONGEST_OVER
    assert why_not(replace(old, publication_until=date(2026, 1, 1))) is Exclusion.PUBLICATION_OVER


def test_b16_a_rule_not_yet_in_force_lets_nothing_vanish() -> None:
    found = record(decided_on=date(2025, 1, 10), severity=Severity.MINOR, publication_until=None)
    domains = tuple(replace(domain, effective_on=date(2024, 9, 1)) for domain in OFFICE.domains)
    window = Window(date(2024, 6, 1), date(2025, 6, 20), 1, True)
    answers = [
        exclusion(found, subject_code=COMPANY, window=window, issue_day=day, domains=domains)
        for day in (date(2025, 6, 21), date(2025, 6, 22))
    ]
    assert answers == [None, Exclusion.LONGEST_OVER]


# Included exactly when every condition of the inventory holds


@dataclass(frozen=True)
class Situation:
    """A record, whose report is asked for, and the day, window, domains and switch it is asked under."""

    record: CreditRecord
    subject_code: str
    window: Window
    day: date
    domains: tuple[Domain, ...]
    criminal: bool

    def reason(self) -> Exclusion | None:
        return exclusion(
            self.record,
            subject_code=self.subject_code,
            window=self.window,
            issue_day=self.day,
            domains=self.domains,
            criminal_included=self.criminal,
        )


LONGEST = {"轻微": 3, "一般": 12, "严重": 36}
"""Months of publication at most (信用修复管理办法)."""

Changes = st.SearchStrategy[dict[str, object]]


def _around(day: date) -> st.SearchStrategy[date]:
    """Mostly the days where an answer turns, sometimes any day."""
    return st.one_of(*[st.just(day + timedelta(days=days)) for days in (-1, 0, 1)], st.dates(min_value=day))


def _one(name: str, values: st.SearchStrategy[object]) -> Changes:
    return st.fixed_dictionaries({name: values})


def _foci(day: date, window: Window) -> dict[str, Changes]:
    """What a situation turns on: the fields of one condition, at its edges."""
    step = timedelta(days=1)
    perhaps = st.one_of(st.none(), _around(day))
    ends = [add_months(day, -months) + step * days for months in LONGEST.values() for days in (-1, 0, 1)]
    edges = [window.start - step, window.start, window.end, window.end + step]
    return {
        "subject": _one("subject_code", st.sampled_from([COMPANY, SHOP, COMPANY.lower(), COMPANY[:-1]])),
        "kind": _one("kind", st.sampled_from([RecordKind.NO_PENALTY, RecordKind.CRIMINAL, *RecordKind])),
        "domain": _one("domain", st.sampled_from([1, 2, 3, 99])),
        "source": _one("source_kind", st.sampled_from(list(SourceKind))),
        "published": _one("published", st.booleans()),
        "legal state": _one("legal_state", st.sampled_from(list(LegalState))),
        "secrecy": _one("secrecy", st.sampled_from(list(Secrecy))),
        "window": _one("decided_on", st.one_of(st.sampled_from(edges), st.dates(date(2020, 1, 1), date(2028, 1, 1)))),
        "objection": _one("under_objection", st.booleans()),
        "end": _one("publication_until", perhaps),
        "repair": st.fixed_dictionaries({"corrected_on": perhaps, "repaired_on": perhaps}),
        "longest": st.fixed_dictionaries(
            {"severity": st.sampled_from([None, *Severity]), "publication_until": perhaps, "corrected_on": perhaps},
            optional={"decided_on": st.sampled_from(ends), "kind": st.sampled_from(sorted(VIOLATION_KINDS))},
        ),
    }


FOCI = tuple(_foci(ISSUE_DAY, WINDOW))


@st.composite
def situations(draw: st.DrawFn, focus: str) -> Situation:
    """A record that appears, changed in what ``focus`` names and perhaps in one thing more."""
    day = draw(st.dates(date(2024, 9, 1), date(2027, 12, 31)))
    end = day - timedelta(days=draw(st.integers(1, 9)))
    window = Window(end - timedelta(days=draw(st.sampled_from([364, 730, 1095]))), end, 3, True)
    found = record(domain=1, publication_until=None, decided_on=draw(st.dates(window.start, window.end)))
    foci = _foci(day, window)
    for name in {focus: True, draw(st.sampled_from([focus, *FOCI])): True}:
        found = replace(found, **draw(foci[name]))  # type: ignore[arg-type]
    return Situation(found, COMPANY, window, day, draw(_domains(day)), draw(st.booleans()))


@st.composite
def _domains(draw: st.DrawFn, day: date) -> tuple[Domain, ...]:
    """Domain 1 in force on the day, 2 perhaps not yet, 3 perhaps no more; any of them may be missing."""
    spans = [(date(2020, 1, 1), None), (draw(_around(day)), None), (date(2020, 1, 1), draw(_around(day)))]
    made = [
        replace(OFFICE.domains[0], number=number, effective_on=start, effective_to=end)
        for number, (start, end) in enumerate(spans, start=1)
    ]
    return tuple(made[: draw(st.sampled_from([3, 3, 3, 1]))])


def _months_passed(start: date, day: date) -> tuple[int, int]:
    return (day.year - start.year) * 12 + day.month - start.month, day.day - start.day


CERTIFYING = ["行政机关", "法律法规授权的组织", "垂直管理单位", "司法机关"]
VIOLATIONS = ["行政处罚", "行政强制", "法院执行", "严重失信主体名单", "刑事裁判"]


def _still_published(at: Situation) -> bool:
    """信用修复管理办法: months from the document's day; not carried out, not left and a stated end: that end alone."""
    found = at.record
    if found.publication_until is not None and (at.day - found.publication_until).days >= 1:
        return False
    stands = found.kind.value in ("法院执行", "严重失信主体名单") and not (found.corrected_on or date.max) <= at.day
    open_obligations = stands and found.publication_until is not None
    if found.severity is None or at.day < date(2025, 6, 22) or open_obligations:
        return True
    return _months_passed(found.decided_on, at.day) <= (LONGEST[found.severity.value], 0)


INVENTORY: dict[str, Callable[[Situation], bool]] = {
    "B01 source ∈ 出证机关": lambda at: CERTIFYING.count(at.record.source_kind.value) == 1,
    "B01 公示": lambda at: at.record.published,
    "B01, B16 公示期": _still_published,
    "B01 subject_match": lambda at: at.record.subject_code == at.subject_code,
    "B01 生效法律文书, ¬撤销/变更/确认违法": lambda at: at.record.legal_state.value == "生效",
    "B01 ¬不予行政处罚, a kind that a document decides": lambda at: at.record.kind.value in VIOLATIONS,
    "B02 criminal switch": lambda at: at.criminal or "刑事" not in at.record.kind.value,
    "B03 ¬依法不得公开": lambda at: at.record.secrecy.value == "无",
    "B06 domain": lambda at: any(
        each.number == at.record.domain and each.effective_on <= at.day <= (each.effective_to or date.max)
        for each in at.domains
    ),
    "B10 decision_date ∈ window": lambda at: at.window.start <= at.record.decided_on <= at.window.end,
    "B16 ¬(纠正 ∧ 修复)": lambda at: (
        at.day < max(at.record.corrected_on or date.max, at.record.repaired_on or date.max)
    ),
}
"""The conditions as the inventory words them, each by itself, in no order."""


@pytest.mark.parametrize("focus", FOCI)
@given(st.data())
@settings(max_examples=80)
def test_included_exactly_when_all_conditions_hold(focus: str, data: st.DataObject) -> None:
    at = data.draw(situations(focus))
    broken = [rule for rule, holds in INVENTORY.items() if not holds(at)]
    assert (at.reason() is None) is (broken == []), broken


def test_the_property_reaches_every_rule_and_every_reason() -> None:
    seen: set[Exclusion | str | None] = set()
    for focus in FOCI:

        @settings(max_examples=120, database=None, derandomize=True, phases=[Phase.generate])
        @given(situations(focus))
        def look(at: Situation) -> None:
            broken = [rule for rule, holds in INVENTORY.items() if not holds(at)]
            seen.update([at.reason(), *(broken if len(broken) == 1 else [])])

        look()
    assert seen == {None, *Exclusion, *INVENTORY}
