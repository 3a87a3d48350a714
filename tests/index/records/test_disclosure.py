"""Answers index/records/disclosure.py: which records who sees, and how."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.access import Entitlement, Ground, Scope
from index.records.disclosure import is_shown, shown_record, shown_subject, shown_subject_version, shown_version
from index.records.model import CreditRecord, LegalState, RecordKind, Secrecy, Severity, Subject, SubjectKind
from index.records.versions import Change, Version
from tests.index.records.samples import COMPANY, NOW, SHOP, record

DAY = date(2026, 11, 22)
OWNER = Subject(COMPANY, "示例公司", SubjectKind.COMPANY, legal_representative="张三", address="示例路 1 号")
SHOPKEEPER = Subject(SHOP, "示例小吃店", SubjectKind.INDIVIDUAL_BUSINESS, legal_representative="李四", address="家里")
TALK = "示例：李四（320902199001010011，13812345678）整改。"
OUTSIDE = (Ground.SELF, Ground.PARENT, Ground.AUTHORISED, Ground.DUTY)


def of(ground: Ground, unit: str | None = None) -> Entitlement:
    return Entitlement(ground, COMPANY, Scope.RECORDS, "王五", "核对", "", unit)


def shown_to(found: CreditRecord) -> set[Ground]:
    return {ground for ground in Ground if is_shown(found, of(ground, "市税务局"), DAY)}


def test_published_violation_is_shown_to_whoever_may_read() -> None:
    assert shown_to(record()) == set(Ground)


@pytest.mark.parametrize("secrecy", [secrecy for secrecy in Secrecy if secrecy is not Secrecy.NONE])
def test_b03_secret_record_is_shown_to_nobody(secrecy: Secrecy) -> None:
    assert shown_to(record(secrecy=secrecy)) == set()
    assert not is_shown(record(secrecy=secrecy), of(Ground.DUTY, "市生态环境局"), DAY)


@pytest.mark.parametrize(
    "kind",
    [
        RecordKind.INVESTIGATION,
        RecordKind.INTERVIEW,
        RecordKind.RECTIFICATION,
        RecordKind.COMPLAINT,
        RecordKind.PETITION,
    ],
)
def test_what_no_document_decided_stays_inside(kind: RecordKind) -> None:
    assert shown_to(record(kind=kind)) == {Ground.OFFICE}


@pytest.mark.parametrize(
    "changes",
    [
        {"corrected_on": date(2026, 5, 1), "repaired_on": date(2026, 5, 1)},
        {"legal_state": LegalState.REVOKED},
        {"publication_until": date(2026, 11, 21)},
        {"severity": Severity.MINOR, "publication_until": None},
        {"kind": RecordKind.NO_PENALTY},
    ],
)
def test_b16_what_is_over_is_shown_to_the_subject_itself_and_shared_with_nobody(changes: dict[str, object]) -> None:
    assert shown_to(record(**changes)) == {Ground.OFFICE, Ground.SELF, Ground.PARENT}


def test_unpublished_record_is_shown_inside_only() -> None:
    assert shown_to(record(published=False)) == {Ground.OFFICE}


@pytest.mark.parametrize("unit", ["source_unit", "provider"])
def test_unit_sees_all_that_it_provided_itself(unit: str) -> None:
    mine = record(**{"published": False, "source_unit": "甲", "provider": "甲", unit: "市税务局"})
    assert Ground.DUTY in shown_to(mine)


def test_one_mask_for_representative_and_numbers() -> None:
    seen = [shown_record(record(facts=TALK, content=TALK), of(ground), "李四") for ground in Ground]
    assert {each.facts for each in seen} == {each.content for each in seen}
    assert {each.facts for each in seen} == {"示例：李*（320**************1，138*******8）整改。"}


def test_note_is_for_the_office_and_its_own_unit() -> None:
    noted = record(note="内部")
    assert [shown_record(noted, of(ground), None).note for ground in OUTSIDE] == [""] * 4
    assert shown_record(noted, of(Ground.OFFICE), None).note == "内部"
    assert shown_record(noted, of(Ground.DUTY, "市生态环境局"), None).note == "内部"


@pytest.mark.parametrize("ground", list(Ground))
def test_address_of_an_individual_business_is_its_own(ground: Ground) -> None:
    seen = shown_subject(SHOPKEEPER, of(ground))
    itself = ground is Ground.SELF
    assert (seen.address, seen.legal_representative) == (("家里", "李四") if itself else (None, "李*"))
    assert shown_subject(OWNER, of(ground)) == replace(OWNER, legal_representative="张*")


PRIVATE = ("320902199001010011", "13812345678", "李四", "someone@example.cn")
PROSE = st.lists(st.sampled_from([*PRIVATE, "示例", "电话：", "（", "）"]), max_size=8).map("，".join)


@given(st.sampled_from(list(Ground)), PROSE)
def test_nobody_is_shown_what_is_private_in_any_text(ground: Ground, text: str) -> None:
    names = ("violation", "facts", "legal_basis", "category", "content", "licence", "note")
    seen = shown_record(record(**dict.fromkeys(names, text)), of(ground), "李四")
    assert not [private for name in names for private in PRIVATE if private in getattr(seen, name)]


def _version(before: str, after: str) -> Version:
    changes = (Change("facts", "旧", "新"), Change("secrecy", before, after))
    kept = tuple(change for change in changes if change.before != change.after)
    return Version(NOW, "王五", "更正", None, {"facts": "旧", "secrecy": before}, kept)


@pytest.mark.parametrize(("before", "after"), [("商业秘密", "无"), ("无", "商业秘密"), ("商业秘密", "商业秘密")])
def test_b03_version_that_was_secret_says_only_that_it_was(before: str, after: str) -> None:
    seen = shown_version(_version(before, after), None)
    assert seen.before == {}
    assert [change.field for change in seen.changes] in (["secrecy"], [])


def test_open_version_is_shown_masked() -> None:
    version = Version(NOW, "王五", "更正", None, {"facts": TALK, "secrecy": "无"}, (Change("facts", TALK, 7),))
    seen = shown_version(version, "李四")
    assert "李四" not in str(seen.before)
    assert (seen.changes[0].before, seen.changes[0].after) == ("示例：李*（320**************1，138*******8）整改。", 7)


@pytest.mark.parametrize(("subject", "home"), [(OWNER, "旧址"), (SHOPKEEPER, None)])
def test_what_was_registered_is_masked_as_what_is(subject: Subject, home: str | None) -> None:
    before = {"kind": subject.kind.value, "legal_representative": "王老五", "address": "旧址"}
    changes = (Change("legal_representative", "王老五", None), Change("address", "旧址", "旧址"))
    seen = shown_subject_version(Version(NOW, "王五", "重新报送：s.csv", "B", before, changes), subject)
    assert dict(seen.before) == before | {"legal_representative": "王**", "address": home}
    assert [(change.before, change.after) for change in seen.changes] == [("王**", None), (home, home)]
