"""Who may ask now: rates per client and per report number, and how many files may be on their way at once.

* Over the rate: 429 with Retry-After, before anything is read or computed.
* A typed code counts twice: against the client, and against the number asked about, whoever asks – many machines that
  guess codes for one number are slowed down like one. The code in the QR is not concerned.
* A number is counted as typed, well-formed or not, so that the limit tells nothing about which numbers exist.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, auto
from hashlib import blake2b

from aiohttp import web

from verify.public.bodies import is_multipart
from verify.public.limits import Buckets, client_of
from verify.public.problems import PROBLEMS, Refused
from verify.public.settings import PublicSettings
from verify.sealing import plain_number

BUSY_SECONDS = 5


class Kind(Enum):
    """What is asked for, each with its own rate."""

    TOKEN = auto()
    TYPED = auto()
    FILE = auto()
    BATCH = auto()
    STATIC = auto()


class Admission:
    """``count``, ``count_typed`` and ``receiving`` raise Refused for one who has to wait."""

    def __init__(self, settings: PublicSettings) -> None:
        self._monotonic = settings.monotonic
        self._proxies = settings.proxies
        self._uploads_max = settings.uploads_max
        self._uploads = 0
        self._numbers = Buckets(settings.number)
        self._buckets = {
            Kind.TOKEN: Buckets(settings.tokens),
            Kind.TYPED: Buckets(settings.typed),
            Kind.FILE: Buckets(settings.files),
            Kind.BATCH: Buckets(settings.batches),
            Kind.STATIC: Buckets(settings.static),
        }

    def count(self, request: web.Request, kind: Kind) -> None:
        """A proxy may write its line behind one that was sent (HAProxy does): all lines are one list, RFC 9110 §5.3."""
        self.count_client(request.remote, ",".join(request.headers.getall("X-Forwarded-For", ())), kind)

    def count_client(self, peer: str | None, forwarded_for: str | None, kind: Kind) -> None:
        client = client_of(peer, forwarded_for, self._proxies)
        seconds = self._buckets[kind].wait(client, self._monotonic())
        if seconds:
            raise too_many(seconds)

    def count_typed(self, request: web.Request, number: str) -> None:
        """``number`` as typed, in whatever spelling."""
        self.count(request, Kind.TYPED)
        key = blake2b(plain_number(number).encode("utf-8", "replace"), digest_size=16).hexdigest()
        seconds = self._numbers.wait(key, self._monotonic())
        if seconds:
            raise too_many(seconds)

    @contextmanager
    def receiving(self, request: web.Request) -> Iterator[None]:
        """Before a file is read: a client over its rate does not get to send it, and only so many are sent at once."""
        if not is_multipart(request):
            yield
            return
        self.count(request, Kind.FILE)
        if self._uploads >= self._uploads_max:
            raise Refused(replace(PROBLEMS[503], retry_after_seconds=BUSY_SECONDS))
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1

    @property
    def uploads(self) -> int:
        """How many are on their way."""
        return self._uploads


def too_many(seconds: int) -> Refused:
    return Refused(replace(PROBLEMS[429], retry_after_seconds=seconds))
