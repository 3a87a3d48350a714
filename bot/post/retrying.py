"""When a letter that was not taken is tried again, and when no more.

* Each wait is twice the one before, from a quarter of a second to five minutes, shortened by chance up to a half: what
  failed together does not come back together.
* A platform that names a time is not called before it.
* After a day an answer is given up: nobody waits for it any more. The clock may have been set meanwhile, so a day alone
  gives nothing up, and the lack of one keeps nothing for ever (``LEAST_TRIES``, ``MOST_TRIES``).
* A wait is as long as it was meant to be, whatever the clock does: the process that fixed it counts it by its own
  seconds, the next one by what has passed since the failed try, at most all of it.
"""

from datetime import datetime, timedelta

FIRST_SECONDS = 0.25
LONGEST_SECONDS = 300.0
GIVEN_UP_AFTER = timedelta(hours=24)
LEAST_TRIES = 12
MOST_TRIES = 1000
_DOUBLED_MAX = 16


def wait_seconds(tries: int, asked_seconds: float, chance: float) -> float:
    """After ``tries`` failed tries (at least one). ``chance``: from 0 to 1."""
    doubled = FIRST_SECONDS * 2.0 ** min(tries - 1, _DOUBLED_MAX)
    return max(asked_seconds, min(doubled, LONGEST_SECONDS) * (1 - chance / 2))


def is_over(written_at: datetime, now: datetime, seconds: float, tries: int) -> bool:
    """Whether, after ``tries`` that failed, one more ``seconds`` from ``now`` would come too late."""
    late = now + timedelta(seconds=seconds) - written_at > GIVEN_UP_AFTER
    return tries >= MOST_TRIES or (late and tries >= LEAST_TRIES)


def rest_seconds(failed_at: datetime, not_before: datetime, now: datetime) -> float:
    """What is left of a wait that another process fixed at ``failed_at``. A clock set back makes it no longer."""
    whole = (not_before - failed_at).total_seconds()
    return max(0.0, whole - max(0.0, (now - failed_at).total_seconds()))
