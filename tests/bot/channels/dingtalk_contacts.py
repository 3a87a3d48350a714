"""DingTalk's contacts as its older API tells them to an app: its range, departments, members.

It refuses what the real one refuses: a wrong token (40014), an app without the permission (88 with sub_code 60011), a
department outside of the app's range (50004), a page of more than 100 (40035); it is busy with 88 and sub_code 90018.
Who has left is in no list.

Source: open.dingtalk.com auth/scopes, topapi/v2/department/get, topapi/v2/department/listsub, topapi/user/listsimple,
topapi/v2/user/get; 服务端API错误码.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.bot.channels.company import Company, Person

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
DEPARTMENTS, MEMBERS, MEMBER = "qyapi_get_department_list", "qyapi_get_department_member", "qyapi_get_member"


class DingTalkContacts:
    def __init__(self) -> None:
        self.company = Company()

    def add_to(self, app: web.Application, refusal: Callable[[web.Request], web.Response | None]) -> None:
        """``refusal``: of a wrong token, among others."""
        app.router.add_get("/auth/scopes", self._permitted("", refusal, self._scopes))
        posts = {
            "/topapi/v2/department/get": (DEPARTMENTS, self._department),
            "/topapi/v2/department/listsub": (DEPARTMENTS, self._departments),
            "/topapi/user/listsimple": (MEMBERS, self._members),
            "/topapi/v2/user/get": (MEMBER, self._member),
        }
        for path, (permission, handler) in posts.items():
            app.router.add_post(path, self._permitted(permission, refusal, handler))

    def _permitted(
        self, permission: str, refusal: Callable[[web.Request], web.Response | None], handler: Handler
    ) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            refused = refusal(request)
            if refused is not None:
                return refused
            trouble = self.company.trouble()
            if trouble == "busy":
                return below("90018")
            if trouble == "broken":
                return below("60020")
            return below("60011") if permission in self.company.refused else await handler(request)

        return answer

    async def _scopes(self, request: web.Request) -> web.StreamResponse:
        scopes = {"authed_dept": sorted(self.company.range), "authed_user": sorted(self.company.named)}
        return web.json_response({"errcode": 0, "errmsg": "ok", "auth_user_field": ["name"], "auth_org_scopes": scopes})

    async def _department(self, request: web.Request) -> web.StreamResponse:
        number = (await request.json())["dept_id"]
        parent, name = self.company.units[number]
        return self._of_range(number, {"dept_id": number, "name": name, "parent_id": parent})

    async def _departments(self, request: web.Request) -> web.StreamResponse:
        number = (await request.json())["dept_id"]
        rows = [{"dept_id": each, "name": name, "parent_id": number} for each, name in self.company.below(number)]
        return self._of_range(number, rows)

    async def _members(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        start, size, number = asked["cursor"], asked["size"], asked["dept_id"]
        if not 0 < size <= 100:
            return web.json_response({"errcode": 40035, "errmsg": "不合法的参数"})
        rows = [self._row(account, each) for account, each in self.company.members(number) if not each.gone]
        more = {"has_more": True, "next_cursor": start + size} if start + size < len(rows) else {"has_more": False}
        return self._of_range(number, {"list": rows[start : start + size], **more})

    async def _member(self, request: web.Request) -> web.StreamResponse:
        account = (await request.json())["userid"]
        person = self.company.people.get(account)
        if person is None or person.gone:
            return web.json_response({"errcode": 60121, "errmsg": "找不到该用户"})
        if not self.company.sees_member(account):
            return web.json_response({"errcode": 50003, "errmsg": "员工不在授权范围内"})
        return ok(self._row(account, person) | {"dept_id_list": list(person.units), "active": True})

    def _row(self, account: str, person: Person) -> dict[str, Any]:
        return {"userid": account, "name": person.name}

    def _of_range(self, number: int, result: Any) -> web.Response:
        if not self.company.sees(number):
            return web.json_response({"errcode": 50004, "errmsg": "请求的部门id不在授权范围内"})
        return ok(result)


def ok(result: Any) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", "result": result, "request_id": "f"})


def below(sub_code: str) -> web.Response:
    told = {
        "errcode": 88,
        "sub_code": sub_code,
        "sub_msg": "fictional",
        "errmsg": f"ding talk error[subcode={sub_code}]",
    }
    return web.json_response(told)
