"""Answers bot/channels/plots.py: bars that say what the numbers say."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.plots import BOTTOM, HEIGHT, LEFT, LINES, NAMED, RIGHT, TOP, WIDTH, scale_end, stacked

VALUES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=400)


@given(VALUES)
def test_bars_stand_on_each_other_in_the_frame_as_high_as_their_numbers(values: list[tuple[int, int]]) -> None:
    names = [str(place) for place in range(len(values))]
    plot = stacked(names, [("a", "甲", [first for first, _ in values]), ("b", "乙", [second for _, second in values])])
    assert len(plot.bars) == sum((first > 0) + (second > 0) for first, second in values)
    end = scale_end(max((first + second for first, second in values), default=0))
    room = HEIGHT - BOTTOM - TOP
    for bar in plot.bars:
        value = int(bar.told.rsplit(" ", 1)[1])
        assert abs(bar.height - value / end * room) < 0.02
        assert TOP - 0.02 <= bar.y <= bar.y + bar.height <= HEIGHT - BOTTOM + 0.02
        assert LEFT <= bar.x <= bar.x + bar.width <= WIDTH - RIGHT + 0.02


@given(st.integers(0, 10**9))
def test_scale_ends_on_the_next_round_number_and_its_lines_are_whole(most: int) -> None:
    end = scale_end(most)
    assert end >= most
    step = end // LINES
    assert step * LINES == end
    assert str(step).rstrip("0") in ("1", "2", "5")
    assert end <= LINES or end < 2.5 * most + LINES


@given(VALUES)
def test_few_names_are_written_and_the_last_always(values: list[tuple[int, int]]) -> None:
    names = [str(place) for place in range(len(values))]
    written = stacked(names, [("a", "甲", [first for first, _ in values])]).names
    assert len(written) <= NAMED
    assert [name.text for name in written][-1:] == names[-1:]


def test_bar_says_its_name_series_and_number() -> None:
    plot = stacked(["11-22"], [("answered", "已回答", [3]), ("refused", "没有找到依据", [1])])
    assert [(bar.kind, bar.told) for bar in plot.bars] == [
        ("answered", "11-22　已回答 3"),
        ("refused", "11-22　没有找到依据 1"),
    ]
    assert [line.text for line in plot.lines] == ["0", "1", "2", "3", "4"]
