"""The portal as the issuing service mounts it: companies at /apply, staff at /desk, guides at /guide.

``mount`` adds the routes; ``open`` and ``close`` go with the service's own start and end.
"""

from aiohttp import web

from verify.issuing.portal.companies import Companies
from verify.issuing.portal.company_batch import CompanyBatch
from verify.issuing.portal.company_cases import CompanyCases
from verify.issuing.portal.desk import Desk
from verify.issuing.portal.desk_authorisations import DeskAuthorisations
from verify.issuing.portal.desk_batch import DeskBatch
from verify.issuing.portal.desk_cases import DeskCases
from verify.issuing.portal.desk_filing import DeskFiling
from verify.issuing.portal.desk_reports import DeskReports
from verify.issuing.portal.gate import Gate, own_pages_refer
from verify.issuing.portal.guides import Guides
from verify.issuing.portal.room import Place, Room
from verify.issuing.portal.signing import SignIn
from verify.issuing.service import Issuing
from verify.public.problems import Problem


class Portal:
    """The families of pages, over one room."""

    def __init__(self, place: Place) -> None:
        self._room = Room(place)
        gate = Gate(self._room)
        companies = (Companies, CompanyBatch, CompanyCases)
        desk = (Desk, DeskReports, DeskAuthorisations, DeskBatch, DeskCases, DeskFiling)
        self._families = tuple(family(self._room, gate) for family in (SignIn, *companies, *desk, Guides))

    def mount(self, app: web.Application) -> None:
        app.add_routes([self._room.look.route(), self._room.own.route()])
        for family in self._families:
            app.add_routes(family.routes())
        app.on_response_prepare.append(own_pages_refer)

    async def open(self, issuing: Issuing) -> None:
        await self._room.open(issuing)

    async def close(self) -> None:
        await self._room.close()

    def problem_page(self, request: web.Request, problem: Problem) -> web.Response:
        """For the outermost boundary: what goes wrong before a page of ours is reached."""
        return self._room.problem(problem)
