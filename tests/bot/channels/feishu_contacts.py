"""Feishu's contacts as its server tells them to an app: scopes, departments, members, the company itself.

It refuses what the real one refuses: an app without the permission (99991672, naming it), a department outside of the
app's range (40004), a larger page than 50 or 100 (40011), a page token it has not given (40012), ids of another type
(40001), too many calls (99991400 with the seconds to wait). A field whose permission the app lacks is left out.

Source: open.feishu.cn 获取通讯录授权范围, 获取子部门列表, 批量获取部门信息, 获取部门直属用户列表, 批量获取用户信息,
获取企业信息; 通用错误码.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.bot.channels.company import ROOT, Company, Person

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BASE, USER_ID = "contact:contact.base:readonly", "contact:user.employee_id:readonly"
NAME, STATUS = "contact:user.base:readonly", "contact:user.employee:readonly"
UNITS, UNIT_NAME = "contact:user.department:readonly", "contact:department.base:readonly"
TENANT = "tenant:tenant:readonly"
IDS = {"user_id": "", "open_id": "ou_", "union_id": "on_"}


class FeishuContacts:
    def __init__(self, tenant: str) -> None:
        self.company = Company()
        self._tenant = tenant
        self._tokens: dict[str, int] = {}

    def add_to(self, app: web.Application, guarded: Callable[[Handler], Handler]) -> None:
        routes = {
            "/open-apis/tenant/v2/tenant/query": (TENANT, self._query),
            "/open-apis/contact/v3/scopes": (BASE, self._scopes),
            "/open-apis/contact/v3/departments/batch": (BASE, self._some_departments),
            "/open-apis/contact/v3/departments/{id}/children": (BASE, self._children),
            "/open-apis/contact/v3/users/find_by_department": (BASE, self._members),
            "/open-apis/contact/v3/users/batch": (BASE, self._some_members),
        }
        for path, (permission, handler) in routes.items():
            app.router.add_get(path, guarded(self._permitted(permission, handler)))

    def _permitted(self, permission: str, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            trouble = self.company.trouble()
            if trouble == "busy":
                return refused(99991400, 400, {"x-ogw-ratelimit-reset": str(self.company.reset_seconds)})
            if trouble == "broken":
                return refused(40003, 400)
            needed = {permission} | ({USER_ID} if request.query.get("user_id_type") == "user_id" else set())
            if needed & self.company.refused:
                return refused(99991672, 400)
            if permission is BASE and request.query.get("department_id_type") != "open_department_id":
                return refused(40001, 400)
            return await handler(request)

        return answer

    async def _query(self, request: web.Request) -> web.StreamResponse:
        return told({"tenant": {"name": "虚构", "display_id": "F1", "tenant_tag": 0, "tenant_key": self._tenant}})

    async def _scopes(self, request: web.Request) -> web.StreamResponse:
        company = self.company
        whole = ROOT in company.range
        units = [number for number, _ in company.below(ROOT)] if whole else sorted(company.range)
        users = [account for account, _ in company.members(ROOT)] if whole else sorted(company.named)
        prefix = IDS[request.query["user_id_type"]]
        rows = [*(("department_ids", id_of(each)) for each in units), *(("user_ids", prefix + each) for each in users)]
        page = self._page(request, rows, 100)
        if isinstance(page, web.StreamResponse):
            return page
        found = page.pop("items")
        names = ("department_ids", "user_ids", "group_ids")
        return told(page | {name: [value for kind, value in found if kind == name] for name in names})

    async def _children(self, request: web.Request) -> web.StreamResponse:
        number = number_of(request.match_info["id"])
        if not self.company.sees(number):
            return refused(40004, 403)
        return self._paged(request, [self._department(each) for each, _ in self.company.below(number)])

    async def _some_departments(self, request: web.Request) -> web.StreamResponse:
        ids = [number_of(each) for each in request.query.getall("department_ids")]
        if len(ids) > 50:
            return refused(40001, 400)
        return told({"items": [self._department(each) for each in ids if self.company.sees(each)]})

    async def _members(self, request: web.Request) -> web.StreamResponse:
        number = number_of(request.query["department_id"])
        if not self.company.sees(number):
            return refused(40004, 403)
        return self._paged(request, [self._user(account, each) for account, each in self.company.members(number)])

    async def _some_members(self, request: web.Request) -> web.StreamResponse:
        prefix = IDS[request.query["user_id_type"]]
        accounts = [each.removeprefix(prefix) for each in request.query.getall("user_ids")]
        if len(accounts) > 50:
            return refused(40001, 400)
        found = [each for each in accounts if each in self.company.people and self.company.sees_member(each)]
        return told({"items": [self._user(each, self.company.people[each]) for each in found]})

    def _department(self, number: int) -> dict[str, Any]:
        parent, name = self.company.units[number]
        shown = {"open_department_id": id_of(number), "department_id": f"d{number}", "status": {"is_deleted": False}}
        return shown | self._allowed({"name": (UNIT_NAME, name), "parent_department_id": (UNIT_NAME, id_of(parent))})

    def _user(self, account: str, person: Person) -> dict[str, Any]:
        status = {"is_frozen": person.gone, "is_resigned": False, "is_activated": True, "is_exited": False,
                  "is_unjoin": False}  # fmt: skip
        orders = [
            {"department_id": id_of(each), "user_order": 0, "is_primary_dept": each == person.units[0]}
            for each in person.units
        ]
        fields = {
            "user_id": (USER_ID, account),
            "name": (NAME, person.name),
            "status": (STATUS, status),
            "department_ids": (UNITS, [id_of(each) for each in person.units]),
            "orders": (UNITS, orders),
        }
        return {"open_id": f"ou_{account}", "union_id": f"on_{account}"} | self._allowed(fields)

    def _allowed(self, fields: dict[str, tuple[str, Any]]) -> dict[str, Any]:
        return {name: value for name, (need, value) in fields.items() if need not in self.company.refused}

    def _paged(self, request: web.Request, rows: list[Any]) -> web.StreamResponse:
        page = self._page(request, rows, 50)
        return page if isinstance(page, web.StreamResponse) else told(page)

    def _page(self, request: web.Request, rows: list[Any], most: int) -> dict[str, Any] | web.StreamResponse:
        size, token = int(request.query.get("page_size", "10")), request.query.get("page_token", "")
        if not 0 < size <= most:
            return refused(40011, 400)
        if token and token not in self._tokens:
            return refused(40012, 400)
        start = self._tokens.pop(token) if token else 0
        if start + size >= len(rows):
            return {"has_more": False, "items": rows[start:]}
        following = f"AQD9/Rn9eij9Pm39ED40+{len(self._tokens)}-{start + size}=="
        self._tokens[following] = start + size
        return {"has_more": True, "page_token": following, "items": rows[start : start + size]}


def id_of(number: int) -> str:
    return "0" if number == ROOT else f"od-{number}"


def number_of(id: str) -> int:
    return ROOT if id == "0" else int(id.removeprefix("od-"))


def told(data: dict[str, Any]) -> web.Response:
    return web.json_response({"code": 0, "msg": "success", "data": data})


def refused(code: int, status: int, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"code": code, "msg": "fictional refusal"}, status=status, headers=headers)
