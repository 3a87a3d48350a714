"""No window of time ever holds more calls than the platform takes, whatever the calls take."""

from hypothesis import given
from hypothesis import strategies as st

from bot.post.pacing import Pace

WINDOWS = st.lists(st.tuples(st.integers(1, 4), st.sampled_from((0.5, 2.0, 10.0))), min_size=1, max_size=3)
CALLS = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 4), st.floats(0, 1)), max_size=40)


@given(WINDOWS, CALLS)
def test_calls_never_exceed_a_window_wherever_in_them_the_platform_counts(
    windows: list[tuple[int, float]], calls: list[tuple[float, float, float]]
) -> None:
    pace, now, counted = Pace(windows), 0.0, []
    for pause, lasts, when in calls:
        now = max(now + pause, pace.free_at(now + pause))
        pace.begin()
        counted.append(now + lasts * when)
        now += lasts
        pace.end(now)
    for most, seconds in windows:
        assert all(later - first >= seconds for first, later in zip(counted, counted[most:], strict=False))


def test_a_call_under_way_counts_until_it_ends() -> None:
    pace = Pace([(2, 1.0)])
    pace.begin()
    assert pace.free_at(5.0) == 5.0
    pace.begin()
    assert pace.free_at(100.0) == float("inf")
    pace.end(100.0)
    assert 101.0 < pace.free_at(100.0) < 101.1


def test_calls_of_an_earlier_process_count() -> None:
    pace = Pace([(1, 60.0)])
    pace.ended_before(-50.0)
    assert 10.0 <= pace.free_at(0.0) < 10.1


def test_without_limits_nobody_waits_and_nothing_is_kept() -> None:
    pace = Pace([])
    for moment in range(100):
        pace.begin()
        pace.end(float(moment))
    assert pace.free_at(100.0) == 100.0
    assert pace.idle


def test_what_no_window_can_hold_any_more_is_forgotten() -> None:
    pace = Pace([(5, 2.0)])
    pace.ended_before(1.0)
    assert not pace.idle
    pace.free_at(4.0)
    assert pace.idle
