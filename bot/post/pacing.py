"""How long a call has to wait so that no window of time ever holds more calls than a platform takes.

* A call counts from its beginning until a window after its end: whenever the platform may have seen it.
* Failed calls count too; nobody knows what the platform made of them.

Values in, values out: moments are seconds of one monotonic clock, passed in.
"""

from collections import deque
from collections.abc import Sequence

Windows = Sequence[tuple[int, float]]
"""So many calls in so many seconds; all are kept."""
SLACK_SECONDS = 0.05
"""A call that ends here has not ended at the platform's clock."""


class Pace:
    """The calls to one app, or to one recipient of it."""

    def __init__(self, windows: Windows) -> None:
        self._windows = tuple(windows)
        self._longest = max((seconds for _, seconds in windows), default=0.0)
        self._under_way = 0
        self._ended: deque[float] = deque()

    def free_at(self, now: float) -> float:
        """From when on one more call may begin; now, or later; infinity while only the end of a call can tell."""
        self._forget(now)
        return max((self._free_of(most, seconds, now) for most, seconds in self._windows), default=now)

    def begin(self) -> None:
        self._under_way += 1

    def end(self, now: float) -> None:
        self._under_way -= 1
        self.ended_before(now)

    def ended_before(self, moment: float) -> None:
        """A call that ended at ``moment``, not before those already told of."""
        if self._windows:
            self._ended.append(moment)

    @property
    def idle(self) -> bool:
        return not self._under_way and not self._ended

    def _free_of(self, most: int, seconds: float, now: float) -> float:
        room = most - self._under_way
        if room <= 0:
            return float("inf")
        if len(self._ended) < room:
            return now
        return max(now, self._ended[-room] + seconds + SLACK_SECONDS)

    def _forget(self, now: float) -> None:
        while self._ended and self._ended[0] + self._longest + SLACK_SECONDS <= now:
            self._ended.popleft()
