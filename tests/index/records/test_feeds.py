"""Answers index/records/feeds.py: which domain's data reaches us, from whom, until when."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from index.records.feeds import MAX_LAG_DAYS, FeedState, all_batches, all_feeds, feed_state
from index.records.importing import import_records
from index.records.window import query_window
from index.rules.offices import load_profile
from index.store.engine import open_store
from index.store.tables import audit
from tests.index.records.samples import NOW, penalty, write_csv

OFFICE = load_profile("yunting")
TODAY = NOW.date()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(tmp_path / "office.db")


def test_every_domain_in_force_is_listed_and_missing_until_somebody_sends(engine: Engine) -> None:
    found = all_feeds(engine, OFFICE, day=TODAY, actor="王五", now=NOW)
    assert [feed.domain for feed in found] == [domain.number for domain in OFFICE.domains_on(TODAY)]
    assert {(feed.state, feed.updated_on, feed.batch) for feed in found} == {(FeedState.MISSING, None, None)}
    assert all(feed.responsible for feed in found)


def test_feed_names_who_sent_the_last_batch(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "r.csv", [penalty()])
    import_records(engine, file, OFFICE, unit="市生态环境局", now=NOW, actor="测试")
    found = {feed.domain: feed for feed in all_feeds(engine, OFFICE, day=TODAY, actor="王五", now=NOW)}
    feed = found[4]
    assert (feed.state, feed.updated_on, feed.batch) == (FeedState.CURRENT, TODAY, "20261122-0001")
    assert (feed.provider, feed.responsible) == ("市生态环境局", "市生态环境局")
    later = all_feeds(engine, OFFICE, day=TODAY + timedelta(days=60), actor="王五", now=NOW)
    assert next(each.state for each in later if each.domain == 4) is FeedState.LATE


def test_feed_is_late_exactly_when_a_report_of_that_day_says_so() -> None:
    end = query_window(TODAY, 1).end
    assert feed_state(end - timedelta(days=MAX_LAG_DAYS), end) is FeedState.CURRENT
    assert feed_state(end - timedelta(days=MAX_LAG_DAYS + 1), end) is FeedState.LATE
    assert feed_state(end + timedelta(days=9), end) is FeedState.CURRENT
    assert feed_state(None, date(2026, 1, 1)) is FeedState.MISSING


def test_batches_come_newest_first_with_what_became_of_their_rows(engine: Engine, tmp_path: Path) -> None:
    for name, rows in (("a.csv", [penalty()]), ("b.csv", [penalty(), penalty(CF_JDRQ="明天")])):
        import_records(engine, write_csv(tmp_path / name, rows), OFFICE, now=NOW, actor="测试")
    newest, oldest = all_batches(engine, limit=10, actor="王五", now=NOW)
    assert (newest.file_name, newest.row_count, newest.unchanged, newest.rejected) == ("b.csv", 2, 1, 1)
    assert (oldest.file_name, oldest.inserted, oldest.actor, oldest.provider) == ("a.csv", 1, "测试", None)
    assert len(all_batches(engine, limit=1, actor="王五", now=NOW)) == 1


def test_looking_at_feeds_and_batches_leaves_lines(engine: Engine) -> None:
    all_feeds(engine, OFFICE, day=TODAY, actor="王五", now=NOW)
    all_batches(engine, limit=1, actor="王五", now=NOW)
    with engine.connect() as connection:
        rows = connection.execute(select(audit.c.action).where(audit.c.actor == "王五")).scalars().all()
    assert rows == ["feeds.list", "batches.list"]
