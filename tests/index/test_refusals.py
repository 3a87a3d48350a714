"""Answers index/refusals.py: how many lines a stranger can make, and that none of it is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from index.audit_lines import check_store
from index.refusals import LINES_AN_HOUR, Refusal, note_refusal, settle
from index.store.engine import open_store, writing
from index.store.tables import audit, refusals
from tests.index.records.samples import COMPANY, NOW

HOUR = timedelta(hours=1)
START = NOW.replace(minute=0, second=0, microsecond=0)
MALLORY, TRUDY = "wecom:ww1/mallory", "dingtalk:ding1/trudy"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(tmp_path / "office.db")
    yield engine
    engine.dispose()


def refused(engine: Engine, times: int, at: datetime = START, account: str = MALLORY) -> None:
    for _ in range(times):
        note_refusal(engine, Refusal(account, "聊天中查询记录", COMPANY, "wecom：CHAT_ACCOUNT_UNKNOWN"), at)


def lines(engine: Engine) -> list[tuple[str, str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(audit).where(audit.c.action == "access.denied").order_by(audit.c.id))
        return [(row.actor, row.target, row.detail) for row in rows]


def counted(engine: Engine) -> int:
    with engine.connect() as connection:
        return sum(row.count for row in connection.execute(select(refusals)))


def test_the_first_of_an_hour_have_a_line_each_and_the_rest_one_when_it_is_over(engine: Engine) -> None:
    refused(engine, 137)
    one = (f"未登记账号（{MALLORY}）", COMPANY, "wecom：CHAT_ACCOUNT_UNKNOWN")
    assert lines(engine) == [one] * LINES_AN_HOUR
    assert counted(engine) == 137
    settle(engine, START + HOUR)
    told = f"{START:%Y-%m-%d %H} 时共被拒绝 137 次，逐次记录的是前 {LINES_AN_HOUR} 次"
    assert lines(engine)[LINES_AN_HOUR:] == [(one[0], "（多次）", told)]
    settle(engine, START + HOUR)
    assert len(lines(engine)) == LINES_AN_HOUR + 1
    assert check_store(engine).findings == []


def test_up_to_the_bound_there_is_nothing_more_to_tell(engine: Engine) -> None:
    refused(engine, LINES_AN_HOUR)
    settle(engine, START + HOUR)
    assert len(lines(engine)) == LINES_AN_HOUR
    assert counted(engine) == 0


def test_an_hour_that_is_not_over_is_not_told_and_the_next_refusal_of_anybody_tells_it(engine: Engine) -> None:
    refused(engine, LINES_AN_HOUR + 2)
    settle(engine, START + HOUR - timedelta(seconds=1))
    assert len(lines(engine)) == LINES_AN_HOUR
    refused(engine, 1, START + HOUR, TRUDY)
    assert [target for _, target, _ in lines(engine)[LINES_AN_HOUR:]] == ["（多次）", COMPANY]
    assert counted(engine) == 1


def test_accounts_do_not_use_up_each_others_lines(engine: Engine) -> None:
    refused(engine, LINES_AN_HOUR + 5)
    refused(engine, 1, account=TRUDY)
    assert lines(engine)[-1][0] == f"未登记账号（{TRUDY}）"


def test_two_processes_count_together(tmp_path: Path, engine: Engine) -> None:
    other = open_store(tmp_path / "office.db")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: refused((engine, other)[number % 2], 5), range(8)))
    other.dispose()
    assert counted(engine) == 40
    assert len(lines(engine)) == LINES_AN_HOUR


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from((MALLORY, TRUDY)), st.integers(0, 3), st.integers(1, 25)), max_size=8))
def test_lines_and_counts_add_up_to_what_happened(engine: Engine, happened: list[tuple[str, int, int]]) -> None:
    before = len(lines(engine))
    hours = sorted(happened, key=lambda each: each[1])
    base = START + HOUR * 24 * (before + 1)
    for account, hour, times in hours:
        refused(engine, times, base + HOUR * hour, account)
    settle(engine, base + HOUR * 4)
    written = lines(engine)[before:]
    each = sum(target == COMPANY for _, target, _ in written)
    rest = sum(int(detail.split(" ")[3]) - LINES_AN_HOUR for _, target, detail in written if target == "（多次）")
    assert each + rest == sum(times for _, _, times in hours)
    assert each <= LINES_AN_HOUR * len({(account, hour) for account, hour, _ in hours})


def test_what_the_audit_cannot_keep_is_not_counted_either(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TRIGGER x BEFORE INSERT ON audit BEGIN SELECT RAISE(IGNORE); END")
    with pytest.raises(Exception, match="没有留下审计记录"):
        refused(engine, 1)
    assert counted(engine) == 0
    with writing(engine) as connection:
        connection.execute(delete(refusals))
