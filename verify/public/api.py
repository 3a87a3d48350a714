"""The API for institutions: one question, one verify entry (design §8). Everything it says is in ``/openapi.json``.

* "Not valid" is an answer with status 200. A refusal is ``{"error": {"code", "message", "next_step"}}``.
* A token is answered in the event loop without waiting for anything: reading, counting, checking and writing the JSON
  cost little more than the signature. Files and typed codes go to the desk's threads.
* ``input`` names what was asked: the token, the file's name, the report number; never the typed code.

    POST /api/verify   {"token", "at"?} | {"number", "code", "at"?} | a multipart form with file and, perhaps, at
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from aiohttp import web

from verify.check import Verification
from verify.public import asking
from verify.public.admission import Admission, Kind
from verify.public.asking import Asked, Token, Typed
from verify.public.bodies import BodyLimits, SentFile
from verify.public.desk import Desk
from verify.public.express import Answer, Question
from verify.public.headers import FOR_PROGRAMS
from verify.public.metrics import Metrics
from verify.public.problems import Refused


class Admitted(NamedTuple):
    """A token to be checked now."""

    text: str
    at: datetime | None


class Api:
    def __init__(self, desk: Desk, admission: Admission, metrics: Metrics, limits: BodyLimits) -> None:
        self._desk = desk
        self._admission = admission
        self._metrics = metrics
        self._limits = limits

    def mount(self, app: web.Application) -> None:
        app.router.add_post("/api/verify", self.verify)

    async def verify(self, request: web.Request) -> web.Response:
        with self._admission.receiving(request):
            asked, at = await asking.from_api(request, self._limits)
        if isinstance(asked, Token):
            self._admission.count(request, Kind.TOKEN)
            return self._entry(asked.text, self._desk.tokens_at_once(((asked.text, at),))[0])
        if isinstance(asked, Typed):
            self._admission.count_typed(request, asked.number)
        return self._entry(_named(asked), await self._desk.verify(asked, at))

    def at_once(self, questions: Sequence[Question]) -> Sequence[Answer | None]:
        """``verify`` of each JSON body, which is there. None: for ``verify`` to say.

        For ``verify.public.express``; the answers are the same (a test compares them).
        """
        admitted = [self._admitted(*each) for each in questions]
        found = iter(self._desk.tokens_at_once([each for each in admitted if isinstance(each, Admitted)]))
        return [
            (200, self._json(each.text, next(found)), 0) if isinstance(each, Admitted) else each for each in admitted
        ]

    def _admitted(self, body: bytes, peer: str | None, forwarded_for: str | None) -> Admitted | Answer | None:
        try:
            values = orjson.loads(body)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(values, dict) or type(text := values.get("token")) is not str:
            return None
        try:
            at = asking.moment(values.get("at"))
            self._admission.count_client(peer, forwarded_for, Kind.TOKEN)
        except Refused as refused:
            problem = refused.problem
            return problem.status, orjson.dumps(problem.to_json()), problem.retry_after_seconds or 0
        return Admitted(text, at)

    def _entry(self, named: str, verification: Verification) -> web.Response:
        return web.Response(body=self._json(named, verification), headers=FOR_PROGRAMS)

    def _json(self, named: str, verification: Verification) -> bytes:
        self._metrics.verdict(verification)
        return orjson.dumps({"input": named, **verification.to_json()})


def _named(asked: Asked) -> str:
    match asked:
        case SentFile():
            return asked.name
        case Typed():
            return asked.number
        case Token():
            return asked.text
