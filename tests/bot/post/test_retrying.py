"""When a letter is tried again."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.post.retrying import (
    FIRST_SECONDS,
    LEAST_TRIES,
    LONGEST_SECONDS,
    MOST_TRIES,
    is_over,
    rest_seconds,
    wait_seconds,
)
from tests.bot.post.simple import NOW


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_to_the_longest_and_chance_shortens_them_by_half_at_most(tries: int, chance: float) -> None:
    longest = wait_seconds(tries, 0.0, 0.0)
    assert FIRST_SECONDS <= longest <= LONGEST_SECONDS
    assert longest <= wait_seconds(tries + 1, 0.0, 0.0)
    assert longest / 2 <= wait_seconds(tries, 0.0, chance) <= longest


@given(st.integers(1, 100), st.floats(0, 1), st.floats(0, 600))
def test_a_platform_that_names_a_time_is_not_called_before(tries: int, chance: float, asked: float) -> None:
    assert wait_seconds(tries, asked, chance) >= asked


def test_three_tries_in_a_row_that_fail_cost_less_than_two_seconds() -> None:
    assert sum(wait_seconds(tries, 0.0, 0.0) for tries in (1, 2, 3)) < 2.0


def test_after_a_day_nobody_waits_for_an_answer_any_more() -> None:
    assert not is_over(NOW, NOW + timedelta(hours=23), 60.0, 100)
    assert is_over(NOW, NOW + timedelta(hours=23, minutes=59), 120.0, 100)


def test_a_clock_that_jumps_neither_gives_up_at_once_nor_keeps_for_ever() -> None:
    assert not is_over(NOW, NOW + timedelta(days=9000), 0.0, LEAST_TRIES - 1)
    assert is_over(NOW + timedelta(days=9000), NOW, 0.0, MOST_TRIES)
    waited = sum(wait_seconds(tries, 0.0, 1.0) for tries in range(1, MOST_TRIES))
    assert waited > timedelta(hours=24).total_seconds()


@given(st.floats(0, 600), st.floats(-1e8, 1e8))
def test_the_rest_of_a_wait_is_never_longer_than_the_wait(whole: float, passed: float) -> None:
    rest = rest_seconds(NOW, NOW + timedelta(seconds=whole), NOW + timedelta(seconds=passed))
    assert 0.0 <= rest <= whole + 1e-6
    assert passed > 0 or rest >= whole - 1e-6
