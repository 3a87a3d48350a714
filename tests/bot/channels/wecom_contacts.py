"""WeCom's contacts as its server tells them to an app: departments, their members, whom the visible range names.

It refuses what the real one refuses: an app without the right to them (48002), a department or member outside of the
visible range (60011), a department that there is not (60003); it is busy with -1. Who is disabled stands in the lists
with ``status`` 2.

Source: developer.work.weixin.qq.com 90208, 90200, 90201, 90196, 90227, 90313.
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.bot.channels.company import Company, Person

CONTACTS = "通讯录"


class WecomContacts:
    def __init__(self) -> None:
        self.company = Company()

    def add_to(self, app: web.Application, refusal: Callable[[web.Request], web.Response | None]) -> None:
        for path, answer in {
            "/cgi-bin/department/list": self._departments,
            "/cgi-bin/user/list": self._members,
            "/cgi-bin/user/simplelist": self._members,
            "/cgi-bin/user/get": self._member,
        }.items():
            app.router.add_get(path, self._permitted(refusal, answer))

    def visible(self) -> dict[str, Any]:
        """Of ``agent/get``."""
        return {
            "allow_userinfos": {"user": [{"userid": each} for each in sorted(self.company.named)]},
            "allow_partys": {"partyid": sorted(self.company.range)},
        }

    def _permitted(
        self, refusal: Callable[[web.Request], web.Response | None], answer: Callable[[web.Request], web.Response]
    ) -> Any:
        async def handler(request: web.Request) -> web.Response:
            refused = refusal(request)
            if refused is not None:
                return refused
            trouble = self.company.trouble()
            if trouble:
                return code(-1 if trouble == "busy" else 60020)
            return code(48002) if CONTACTS in self.company.refused else answer(request)

        return handler

    def _departments(self, request: web.Request) -> web.Response:
        rows = [
            {"id": number, "name": name, "parentid": parent, "order": 1}
            for number, (parent, name) in self.company.units.items()
            if self.company.sees(number)
        ]
        return ok({"department": rows[::-1] if self.company.reversed else rows})

    def _members(self, request: web.Request) -> web.Response:
        number = int(request.query["department_id"])
        if number not in self.company.units:
            return code(60003)
        if not self.company.sees(number):
            return code(60011)
        return ok({"userlist": [self._row(account, each) for account, each in self.company.members(number)]})

    def _member(self, request: web.Request) -> web.Response:
        account = request.query["userid"]
        if account not in self.company.people or not self.company.sees_member(account):
            return code(60011)
        return ok(self._row(account, self.company.people[account]))

    def _row(self, account: str, person: Person) -> dict[str, Any]:
        row = {"userid": account, "department": list(person.units), "status": 2 if person.gone else 1}
        row |= {"name": person.name} if person.name else {}
        return row | ({"main_department": person.units[0]} if person.units else {})


def ok(told: dict[str, Any]) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", **told})


def code(number: int) -> web.Response:
    return web.json_response({"errcode": number, "errmsg": "fictional refusal"})
