"""How the service is doing, counted in memory and told as Prometheus text.

* Labels come from our own tables only – route patterns, status codes, verdicts, reasons – never from what was sent:
  nobody can make a label, and none tells of a person, a company or a report.
* Requests, seconds and verdicts are counted as they happen; gauges (queue, ages, log size) are asked for when read.

Source: Prometheus text exposition format 0.0.4.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from verify.check import Verification
from verify.reasons import WORDING, Reason

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the classes of seconds."""


class Metrics:
    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._classes: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()
        self._reasons: dict[Reason, int] = dict.fromkeys(Reason, 0)

    def request(self, route: str, status: int, seconds: float) -> None:
        self._requests[route, status] += 1
        classes = self._classes.get(route)
        if classes is None:
            classes = self._classes[route] = [0] * (len(BOUNDS) + 1)
        classes[bisect_left(BOUNDS, seconds)] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]

    def verdict(self, verification: Verification) -> None:
        self._reasons[verification.reason] += 1

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """``gauges``: name → (what it is, value)."""
        return "\n".join([*self._counted(), *_gauges(gauges), ""])

    def _counted(self) -> Iterator[str]:
        yield from _head("chenghe_requests_total", "counter", "Requests by route pattern and status.")
        for (route, status), count in sorted(self._requests.items()):
            yield f'chenghe_requests_total{{route="{route}",status="{status}"}} {count}'
        yield from _head("chenghe_request_seconds", "histogram", "Seconds from request to answer, by route pattern.")
        for route, classes in sorted(self._classes.items()):
            yield from self._histogram(route, classes)
        yield from _head("chenghe_verdicts_total", "counter", "Answers by verdict and reason.")
        for reason, count in self._reasons.items():
            if count:
                labels = f'verdict="{WORDING[reason].verdict.value}",reason="{reason.value}"'
                yield f"chenghe_verdicts_total{{{labels}}} {count}"

    def _histogram(self, route: str, classes: list[int]) -> Iterator[str]:
        sums = list(accumulate(classes))
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), sums, strict=True):
            yield f'chenghe_request_seconds_bucket{{route="{route}",le="{bound}"}} {count}'
        yield f'chenghe_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}'
        yield f'chenghe_request_seconds_count{{route="{route}"}} {sums[-1]}'


def measuring(metrics: Metrics, monotonic: Callable[[], float] = time.perf_counter) -> Middleware:
    """The outermost middleware: counts every request under its route pattern."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        start, status = monotonic(), 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            resource = request.match_info.route.resource
            metrics.request("-" if resource is None else resource.canonical, status, monotonic() - start)
        return response

    return middleware


def _gauges(gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
    for name, (meaning, value) in gauges.items():
        yield from _head(name, "gauge", meaning)
        yield f"{name} {value:.15g}"


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
