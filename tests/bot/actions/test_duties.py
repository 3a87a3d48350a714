"""How long a stated duty is kept."""

from datetime import datetime, timedelta

from bot.actions import duties
from bot.actions.duties import HOURS, Duties, Stated
from index.calendar import SHANGHAI

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
STATED = Stated("招标投标", "核实资格", NOW)


def test_it_is_the_members_own_in_its_own_conversation_for_a_working_day() -> None:
    kept = Duties()
    kept.state("S001", "c1", STATED)
    assert kept.of("S001", "c1", NOW) == STATED
    assert kept.of("S001", "c1", NOW + timedelta(hours=HOURS, seconds=-1)) == STATED
    assert kept.of("S001", "c1", NOW + timedelta(hours=HOURS)) is None
    assert kept.of("S001", "c1", NOW - timedelta(seconds=1)) is None
    assert kept.of("S001", "c2", NOW) is None
    assert kept.of("S002", "c1", NOW) is None


def test_it_is_forgotten_when_asked_and_when_there_are_too_many() -> None:
    kept = Duties()
    kept.state("S001", "c1", STATED)
    assert kept.forget("S001", "c1")
    assert not kept.forget("S001", "c1")
    for number in range(duties.AT_MOST + 1):
        kept.state("S001", str(number), STATED)
    assert kept.of("S001", "0", NOW) is None
    assert kept.of("S001", str(duties.AT_MOST), NOW) == STATED
