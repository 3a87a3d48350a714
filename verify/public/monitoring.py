"""How the service is, for those who run it: ``/health`` for the proxy, ``/metrics`` for Prometheus.

* ``/health`` is 200 when the trust can be relied on and 503 when not, so that a proxy sends nobody to a stale copy.
* ``memory`` says whether what was seen outlives a restart (``verify.remembering``): file or process.
* ``/metrics`` is not for the internet: only this machine and the addresses named for it see it, and never through a
  proxy, whether that is named in the settings or not. Everybody else finds nothing there.
* Ages in seconds by the service's own clock; what is not there has no line.
"""

from collections.abc import Callable, Iterator, Set
from datetime import datetime

from aiohttp import web

from verify.errors import TrustError
from verify.public.admission import Admission
from verify.public.desk import Desk
from verify.public.metrics import CONTENT_TYPE, Metrics
from verify.public.problems import PROBLEMS, Refused, json_response
from verify.public.published_log import PublishedLog
from verify.public.trust_file import TrustFile

THIS_MACHINE = frozenset(("127.0.0.1", "::1", "::ffff:127.0.0.1"))
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
"""By one of these a proxy gives itself away."""
Gauge = tuple[str, tuple[str, float]]


class Monitoring:
    def __init__(
        self,
        trust: TrustFile,
        log: PublishedLog,
        desk: Desk,
        admission: Admission,
        metrics: Metrics,
        clock: Callable[[], datetime],
        scrapers: Set[str] = frozenset(),
    ) -> None:
        self._trust = trust
        self._log = log
        self._desk = desk
        self._admission = admission
        self._metrics = metrics
        self._clock = clock
        self._scrapers = THIS_MACHINE | scrapers

    def mount(self, app: web.Application) -> None:
        app.add_routes([web.get("/health", self.health), web.get("/metrics", self.metrics)])

    async def health(self, request: web.Request) -> web.Response:
        try:
            self._trust.current()
        except TrustError as error:
            return json_response({"service": "public", "ok": False, "code": error.code}, status=503)
        remembers = "file" if self._trust.remembers else "process"
        return json_response({"service": "public", "ok": True, "memory": remembers})

    async def metrics(self, request: web.Request) -> web.Response:
        if request.remote not in self._scrapers or any(name in request.headers for name in FORWARDED):
            raise Refused(PROBLEMS[404])
        text = self._metrics.text(dict(self._gauges()))
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    def _gauges(self) -> Iterator[Gauge]:
        yield "chenghe_waiting", ("Typed codes and files worked on or waiting for it.", self._desk.waiting)
        yield "chenghe_uploads", ("Files being received.", self._admission.uploads)
        try:
            trust = self._trust.current()
        except TrustError:
            yield _usable(0)
            return
        yield _usable(1)
        now = self._clock()
        keys = trust.keys
        yield "chenghe_key_list_version", ("Version of the key list.", keys.version)
        yield "chenghe_key_list_age_seconds", ("Since the key list was issued.", _seconds(keys.issued_at, now))
        yield "chenghe_key_list_left_seconds", ("Until the key list expires.", _seconds(now, keys.expires_at))
        for name, listed in (("status_list", trust.statuses), ("notice_list", trust.changes)):
            if listed is not None:
                yield f"chenghe_{name}_age_seconds", ("Since it was issued.", _seconds(listed.issued_at, now))
                yield f"chenghe_{name}_left_seconds", ("Until it expires.", _seconds(now, listed.expires_at))
        checkpoint = self._log.newest
        if checkpoint is not None:
            yield "chenghe_log_size", ("Leaves in the newest tree of the log that was proven here.", checkpoint.size)
            yield "chenghe_log_checkpoint_age_seconds", ("Since that tree was signed.", _seconds(checkpoint.at, now))


def _usable(value: int) -> Gauge:
    return "chenghe_trust_usable", ("1 when the trust file can be relied on.", value)


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()
