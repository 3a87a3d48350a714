"""Answers index/records/reading.py."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from index.access import Authorised, Duty, Entitlement, Ground, Scope, SelfReading
from index.admission import admit
from index.errors import AccessDenied, RecordError, UnknownSubject
from index.records.amending import amend
from index.records.importing import import_records, import_subjects
from index.records.model import Secrecy
from index.records.reading import Reader, subject_of
from index.rules.offices import load_profile
from index.store.engine import open_store, writing
from index.store.tables import audit, subjects
from tests.index.records.samples import COMPANY, NOW, SHOP, code_of, office_reader, penalty, record, subject, write_csv

OFFICE = load_profile("yunting")
BRANCH = code_of("91320902MA1EX0M2X")
WORDS = "信用办履职（窗口核对，王五）"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    rows = [
        penalty(KZ_BGK="无", BZ="内部备注"),
        penalty(KZ_BGK="商业秘密", CF_WSH="云环罚〔2025〕示例13号", CF_JDRQ="2025-05-01"),
    ]
    import_subjects(engine, write_csv(tmp_path / "s.csv", [subject()]), OFFICE, now=NOW, actor="测试")
    import_records(engine, write_csv(tmp_path / "r.csv", rows), OFFICE, now=NOW, actor="测试")
    return engine


def lines(engine: Engine) -> list[tuple[str, str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(audit).where(audit.c.actor == "王五").order_by(audit.c.id)).all()
    assert all((row.at, row.purpose) == (NOW, "窗口核对") for row in rows)
    return [(row.action, row.target, row.detail) for row in rows]


def test_record_comes_back_as_it_was_sent(engine: Engine) -> None:
    found = office_reader(engine).records(COMPANY)
    assert found[1] == record(batch="20261122-0002", note="内部备注")


def test_records_come_newest_first_with_those_the_rules_will_exclude(engine: Engine) -> None:
    found = office_reader(engine).records(COMPANY)
    assert [each.secrecy for each in found] == [Secrecy.COMMERCIAL, Secrecy.NONE]


def test_material_is_all_that_a_report_is_made_of_with_one_line(engine: Engine) -> None:
    reading = office_reader(engine)
    material = reading.material(COMPANY)
    assert lines(engine) == [("report.material", COMPANY, f"{WORDS}：2 条，1 个领域")]
    assert (material.subject, material.records) == (reading.subject(COMPANY), reading.records(COMPANY))
    assert material.feeds == reading.feeds()


def test_b03_listing_leaves_out_what_must_not_be_public_and_does_not_count_it(engine: Engine) -> None:
    listing = office_reader(engine).list_for(COMPANY)
    assert [each.document_number for each in listing.records] == ["云环罚〔2025〕示例12号"]
    assert lines(engine) == [("records.list", COMPANY, f"{WORDS}：显示 1 条，不得公开 1 条，不共享 0 条")]


def test_listing_masks_the_representative(engine: Engine) -> None:
    listing = office_reader(engine).list_for(COMPANY)
    assert listing.subject is not None
    assert listing.subject.legal_representative == "张*"


def test_unregistered_subject_may_have_records_but_no_facts(engine: Engine) -> None:
    listing = office_reader(engine, SHOP).list_for(SHOP)
    assert (listing.subject, listing.records) == (None, ())


def test_unknown_subject_is_named_and_the_attempt_is_kept(engine: Engine) -> None:
    with pytest.raises(UnknownSubject, match=SHOP):
        office_reader(engine, SHOP).subject(SHOP)
    assert lines(engine) == [("subject.read", SHOP, f"{WORDS}：未登记")]


def test_each_read_leaves_one_line(engine: Engine) -> None:
    reading = office_reader(engine)
    reading.subject(COMPANY)
    reading.records(COMPANY)
    reading.feeds()
    reading.branches(COMPANY)
    assert lines(engine) == [
        ("subject.read", COMPANY, WORDS),
        ("records.read", COMPANY, f"{WORDS}：2 条"),
        ("feeds.read", "feeds", f"{WORDS}：1 个领域"),
        ("subject.branches", COMPANY, f"{WORDS}：0 家"),
    ]


@pytest.mark.parametrize(
    "what", ["subject", "records", "material", "list_for", "history", "subject_history", "branches"]
)
def test_nobody_reads_of_another_subject_and_the_attempt_is_kept(engine: Engine, what: str) -> None:
    with pytest.raises(AccessDenied) as caught:
        getattr(office_reader(engine, SHOP), what)(COMPANY)
    assert caught.value.code == "ACCESS_OTHER_SUBJECT"
    assert lines(engine) == [("access.denied", COMPANY, f"{WORDS}：ACCESS_OTHER_SUBJECT")]


def test_who_may_have_a_report_may_not_list_the_records(engine: Engine) -> None:
    entitlement = Entitlement(Ground.AUTHORISED, COMPANY, Scope.REPORT, "王五", "窗口核对", "授权")
    reading = Reader(engine, entitlement=entitlement, now=NOW)
    assert reading.material(COMPANY).subject.code == COMPANY
    with pytest.raises(AccessDenied) as caught:
        reading.list_for(COMPANY)
    assert caught.value.code == "AUTHORISATION_SCOPE"
    assert lines(engine)[-1][0] == "access.denied"


def test_feeds_tell_the_domains_that_reach_us(engine: Engine) -> None:
    assert [(feed.domain, feed.updated_on) for feed in office_reader(engine).feeds()] == [(4, NOW.date())]


def test_branches_are_those_registered_under_the_subject(engine: Engine) -> None:
    with writing(engine) as connection:
        row = connection.execute(select(subjects)).mappings().one()
        branch = {**row, "code": BRANCH, "name": "云汀示例分公司", "parent_code": COMPANY}
        connection.execute(subjects.insert().values(branch))
    assert [each.code for each in office_reader(engine).branches(COMPANY)] == [BRANCH]
    assert office_reader(engine, BRANCH).branches(BRANCH) == ()


def test_who_represented_the_subject_before_is_masked_too(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        amend(connection, record().key, {"facts": "示例：张三、李小四在场。"}, at=NOW, actor="赵六", reason="异议成立")
    new = write_csv(tmp_path / "s2.csv", [subject(法定代表人="李小四")])
    import_subjects(engine, new, OFFICE, now=NOW, actor="测试")
    reading = office_reader(engine)
    assert reading.material(COMPANY).persons == "李小四、张三"
    assert reading.list_for(COMPANY).records[0].facts == "示例：张*、李**在场。"
    ((shown, versions),) = reading.history(COMPANY)
    assert (shown.facts, versions[0].changes[0].after) == ("示例：张*、李**在场。",) * 2
    assert [change.field for change in reading.subject_history(COMPANY)[0].changes] == ["legal_representative"]


def test_history_tells_the_office_who_changed_what_and_is_masked(engine: Engine) -> None:
    with writing(engine) as connection:
        amend(connection, record().key, {"facts": "示例：由张三整改。"}, at=NOW, actor="赵六", reason="异议成立")
    ((shown, versions),) = office_reader(engine).history(COMPANY)
    assert shown.facts == "示例：由张*整改。"
    assert [(version.actor, version.reason) for version in versions] == [("赵六", "异议成立")]
    assert [(change.field, change.after) for change in versions[0].changes] == [("facts", "示例：由张*整改。")]


@pytest.mark.parametrize(
    "claim",
    [
        SelfReading(COMPANY, "统一身份认证登录，王五"),
        Duty("市生态环境局", "行政许可审查", "王五", "窗口核对"),
    ],
)
def test_history_is_for_the_office_only(engine: Engine, claim: SelfReading | Duty | Authorised) -> None:
    entitlement = admit(engine, claim, COMPANY, now=NOW, office=OFFICE)
    with pytest.raises(AccessDenied) as caught:
        Reader(engine, entitlement=entitlement, now=NOW).history(COMPANY)
    assert caught.value.code == "ACCESS_OFFICE_ONLY"


def test_subject_of_a_record_is_found_by_its_key(engine: Engine) -> None:
    assert subject_of(engine, record().key) == COMPANY
    with pytest.raises(RecordError):
        subject_of(engine, "x")
