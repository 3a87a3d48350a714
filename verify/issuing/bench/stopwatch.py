"""Time spent in named steps: on the wall, and on the processor."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one step in all."""

    times: int
    wall: float
    processor: float

    def and_also(self, wall: float, processor: float) -> "Spent":
        return Spent(self.times + 1, self.wall + wall, self.processor + processor)


@dataclass
class Stopwatch:
    """``steps``: by name, in the order in which they were first taken."""

    steps: dict[str, Spent] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What raises is not counted."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        spent = self.steps.get(name, Spent(0, 0.0, 0.0))
        self.steps[name] = spent.and_also(time.perf_counter() - wall, time.process_time() - processor)
