"""Answers index/usage.py: figures of the question log by day and channel."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.questions.log import record
from index.questions.model import Channel
from index.questions.store import QuestionStore
from index.usage import SLOW_MS, Figures, usage
from tests.index.questions.conftest import NOW, line

DAY = NOW.date()


@pytest.fixture
def store(tmp_path: Path) -> QuestionStore:
    return QuestionStore(tmp_path / "questions.db")


def test_log_that_is_not_there_has_days_without_questions(store: QuestionStore, tmp_path: Path) -> None:
    found = usage(store, DAY - timedelta(days=6), DAY)
    assert [day for day, _ in found.days] == [DAY - timedelta(days=6 - passed) for passed in range(7)]
    assert {each for _, each in found.days} == {Figures()}
    assert (found.channels, found.whole) == ((), Figures())
    assert list(tmp_path.iterdir()) == []


def test_questions_are_counted_by_day_and_channel(store: QuestionStore) -> None:
    midnight = NOW.replace(hour=0)
    for values in (
        {"at": midnight - timedelta(microseconds=1), "channel": Channel.WECOM},
        {"at": midnight, "channel": Channel.WECOM, "answered": False},
        {"at": NOW, "channel": Channel.WECOM, "elapsed_ms": SLOW_MS + 0.5},
        {"at": NOW + timedelta(seconds=1), "channel": Channel.WEB, "elapsed_ms": float(SLOW_MS)},
        {"at": NOW + timedelta(seconds=2), "channel": Channel.WEB, "small_talk": True, "answered": False},
    ):
        record(store, line("渡口几点开放？", **{"elapsed_ms": 10.0, "answered": True} | values))
    found = usage(store, DAY - timedelta(days=1), DAY)
    assert found.days == (
        (DAY - timedelta(days=1), Figures(1, 0, 0, 10.0)),
        (DAY, Figures(3, 1, 1, SLOW_MS + 0.5)),
    )
    assert found.channels == (
        (Channel.WECOM, Figures(3, 1, 1, SLOW_MS + 0.5)),
        (Channel.WEB, Figures(1, 0, 0, float(SLOW_MS))),
    )
    assert found.whole.answered == 3


@given(
    st.lists(
        st.tuples(st.integers(-2, 3), st.sampled_from(list(Channel)), st.booleans(), st.floats(0, 5_000)), max_size=12
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_days_and_channels_count_the_same_questions(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[int, Channel, bool, float]]
) -> None:
    store = QuestionStore(tmp_path_factory.mktemp("log") / "questions.db")
    for number, (days, channel, answered, elapsed) in enumerate(asked):
        at = NOW + timedelta(days=days, seconds=number)
        record(store, line("问", at=at, channel=channel, answered=answered, elapsed_ms=elapsed))
    first, last = DAY, DAY + timedelta(days=2)
    found = usage(store, first, last)
    within = [each for each in asked if 0 <= each[0] <= 2]
    assert found.whole.asked == len(within) == sum(each.asked for _, each in found.channels)
    assert found.whole.refused == sum(not answered for _, _, answered, _ in within)
    assert found.whole.slow == sum(elapsed > SLOW_MS for *_, elapsed in within)
    assert [day for day, _ in found.days] == [date.fromordinal(first.toordinal() + passed) for passed in range(3)]
    store.close()
