"""``make load`` in a few seconds: nobody good is refused, everybody bad is told so, a restart loses nothing.

How long the good ones wait is measured by ``make load``, where nothing else runs; here no time is judged.
"""

from pathlib import Path

from tests.load.restarting import restarted_under_load
from tests.load.scenario import Crowd, among

SMALL = Crowd(
    seconds=3,
    good=4,
    flood=8,
    slow_heads=6,
    slow_bodies=4,
    half_uploads=3,
    large=1,
    body_seconds=1,
    large_bytes=12_000_000,
)


def test_good_clients_are_answered_among_bad_ones_who_are_told_what_is_wrong(tmp_path: Path) -> None:
    seen, flooded = among(tmp_path / "public", SMALL)
    assert flooded > 0
    assert set(seen.statuses["good"]) == {200}
    assert len(seen.waits) > SMALL.good
    assert set(seen.statuses["slow body"]) == {408}
    assert set(seen.statuses["half upload"]) <= {408, 429}
    assert set(seen.statuses["100 MB"]) == {413}


def test_a_restart_under_load_loses_no_answer(tmp_path: Path) -> None:
    answers, lost = restarted_under_load(tmp_path / "public", seconds=3, restarts=1)
    assert lost == 0
    assert answers > 20
