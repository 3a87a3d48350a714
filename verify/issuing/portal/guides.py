"""The guides everybody may read: 办事指南 (who, what, where, how long) and 操作流程 (step by step).

    GET /guide, GET /guide/steps

Every figure in them comes from the office's own data of the day: purposes, kinds, domains in force, addresses.
"""

from aiohttp import web

from index.records.model import SubjectKind
from index.rules.bases import with_registered
from index.rules.model import Office
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.room import Room


class Guides:
    """The pages under ``/guide``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/guide", self._gate.for_everybody(self.guide)),
            web.get("/guide/steps", self._gate.for_everybody(self.steps)),
        ]

    async def guide(self, request: web.Request) -> web.Response:
        return await self._page("guide.html")

    async def steps(self, request: web.Request) -> web.Response:
        return await self._page("guide_steps.html")

    async def _page(self, template: str) -> web.Response:
        office = await self._room.reading(with_registered, self._room.office, self._room.engine)
        today = self._room.now().date()
        served, refused = kinds_of(office)
        return self._room.page(
            template,
            served=served,
            refused=refused,
            domains=office.domains_on(today),
            basis=office.basis_on(today),
            today=today,
        )


def kinds_of(office: Office) -> tuple[tuple[SubjectKind, ...], tuple[SubjectKind, ...]]:
    """Who may have a report, and who may not (B04)."""
    served = tuple(kind for kind in SubjectKind if office.subject_kinds.serves(kind))
    return served, tuple(kind for kind in SubjectKind if kind not in served)
