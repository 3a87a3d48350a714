"""When a letter that was not taken is tried again, and when no more.

* Each wait is twice the one before, from a quarter of a second to five minutes, shortened by chance up to a half: what
  failed together does not come back together.
* A platform that names a time is not called before it.
* After a day an answer is given up: nobody waits for it any more.
"""

from datetime import datetime, timedelta

FIRST_SECONDS = 0.25
LONGEST_SECONDS = 300.0
GIVEN_UP_AFTER = timedelta(hours=24)
_DOUBLED_MAX = 16


def wait_seconds(tries: int, asked_seconds: float, chance: float) -> float:
    """After ``tries`` failed tries (at least one). ``chance``: from 0 to 1."""
    doubled = FIRST_SECONDS * 2.0 ** min(tries - 1, _DOUBLED_MAX)
    return max(asked_seconds, min(doubled, LONGEST_SECONDS) * (1 - chance / 2))


def is_over(written_at: datetime, now: datetime, seconds: float) -> bool:
    """Whether a try ``seconds`` from ``now`` would come too late."""
    return now + timedelta(seconds=seconds) - written_at > GIVEN_UP_AFTER
