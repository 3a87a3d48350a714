"""Answers index/records/reading.py."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from index.errors import AccessDenied, UnknownSubject
from index.records.importing import import_records, import_subjects
from index.records.model import Secrecy
from index.records.reading import Reader
from index.rules.offices import load_profile
from index.store.engine import open_store
from index.store.tables import audit
from tests.index.records.samples import COMPANY, NOW, SHOP, penalty, record, subject, write_csv

OFFICE = load_profile("yunting")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    rows = [
        penalty(KZ_BGK="无"),
        penalty(KZ_BGK="商业秘密", CF_WSH="云环罚〔2025〕示例13号", CF_JDRQ="2025-05-01"),
    ]
    import_subjects(engine, write_csv(tmp_path / "s.csv", [subject()]), OFFICE, now=NOW, actor="测试")
    import_records(engine, write_csv(tmp_path / "r.csv", rows), OFFICE, now=NOW, actor="测试")
    return engine


def reader(engine: Engine) -> Reader:
    return Reader(engine, actor="王五", purpose="窗口核对", now=NOW)


def lines(engine: Engine) -> list[tuple[str, str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(audit).where(audit.c.actor == "王五").order_by(audit.c.id)).all()
    assert all((row.at, row.purpose) == (NOW, "窗口核对") for row in rows)
    return [(row.action, row.target, row.detail) for row in rows]


@pytest.mark.parametrize(("actor", "purpose"), [("", "核对"), ("王五", ""), (" ", " ")])
def test_nobody_reads_without_name_and_purpose(engine: Engine, actor: str, purpose: str) -> None:
    with pytest.raises(AccessDenied):
        Reader(engine, actor=actor, purpose=purpose, now=NOW)


def test_record_comes_back_as_it_was_sent(engine: Engine) -> None:
    found = reader(engine).records(COMPANY)
    assert found[1] == record(batch="20261122-0002")


def test_records_come_newest_first_with_those_the_rules_will_exclude(engine: Engine) -> None:
    found = reader(engine).records(COMPANY)
    assert [each.secrecy for each in found] == [Secrecy.COMMERCIAL, Secrecy.NONE]


def test_b03_listing_leaves_out_what_must_not_be_public_and_does_not_count_it(engine: Engine) -> None:
    listing = reader(engine).list_for(COMPANY)
    assert [each.document_number for each in listing.records] == ["云环罚〔2025〕示例12号"]
    assert lines(engine) == [("records.list", COMPANY, "显示 1 条，不得公开 1 条")]


def test_listing_masks_the_representative(engine: Engine) -> None:
    listing = reader(engine).list_for(COMPANY)
    assert listing.subject is not None
    assert listing.subject.legal_representative == "张*"


def test_unregistered_subject_may_have_records_but_no_facts(engine: Engine) -> None:
    listing = reader(engine).list_for(SHOP)
    assert (listing.subject, listing.records) == (None, ())


def test_unknown_subject_is_named_and_the_attempt_is_kept(engine: Engine) -> None:
    with pytest.raises(UnknownSubject, match=SHOP):
        reader(engine).subject(SHOP)
    assert lines(engine) == [("subject.read", SHOP, "未登记")]


def test_each_read_leaves_one_line(engine: Engine) -> None:
    reading = reader(engine)
    reading.subject(COMPANY)
    reading.records(COMPANY)
    reading.feeds()
    assert lines(engine) == [
        ("subject.read", COMPANY, ""),
        ("records.read", COMPANY, "2 条"),
        ("feeds.read", "feeds", "1 个领域"),
    ]


def test_feeds_tell_the_domains_that_reach_us(engine: Engine) -> None:
    assert [(feed.domain, feed.updated_on) for feed in reader(engine).feeds()] == [(4, NOW.date())]
