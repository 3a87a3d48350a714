"""The staff of a company on DingTalk: user id, name and department, for the directory.

1. 通讯录权限范围: departments and single members; 1 is the whole company.
2. The departments and all below them, level by level, then the members of each; then the single ones.

* The root department is the company, no unit: who is in another one too has that.
* Somebody of several departments has the one with the lowest number: DingTalk's older API names no main one.
* Who has left (离职) is in no list any more, nor is who may not use the company (访问受限).

Source: open.dingtalk.com 获取通讯录权限范围 (auth/scopes), 获取部门详情 (topapi/v2/department/get), 获取部门列表
(topapi/v2/department/listsub), 获取部门用户基础信息 (topapi/user/listsimple), 根据userid获取用户详情
(topapi/v2/user/get).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.channels.contact_gathering import (
    Gathering,
    Page,
    Row,
    all_below,
    all_rows,
    each_of,
    has_more,
    insisted,
    named,
    objects,
    text,
)
from bot.channels.contacts import Contacts
from bot.channels.messages import SendFailed

ROOT = 1
PAGE = 100

Call = Callable[[str, str, Mapping[str, object] | None], Awaitable[Mapping[str, Any]]]
"""Method, path and body to the answer of the platform's older API. Raises SendFailed."""


async def contacts_of(call: Call, tenant: str) -> Contacts:
    """Raises SendFailed."""
    return await _Reading(call, Gathering("dingtalk", tenant)).contacts()


class _Reading:
    """One reading of a company."""

    def __init__(self, call: Call, gathering: Gathering) -> None:
        self._call, self._gathering = call, gathering

    async def contacts(self) -> Contacts:
        scope = (await insisted(lambda: self._call("GET", "/auth/scopes", None))).get("auth_org_scopes")
        if not isinstance(scope, dict):
            raise SendFailed("DingTalk gave no scope", None)
        names = await all_below(await self._names(scope), self._children)
        for number in sorted(names, key=lambda number: (number == ROOT, number)):
            for member in await self._members(number):
                self._meet(member, names[number])
        for user in each_of(scope, "authed_user", str):
            if user not in self._gathering:
                await self._meet_single(user, names)
        return self._gathering.contacts()

    async def _names(self, scope: Row) -> dict[int, str]:
        found: dict[int, str] = {}
        for number in each_of(scope, "authed_dept", int):
            found[number] = "" if number == ROOT else text(await self._department(number), "name")
        return found

    async def _department(self, number: int) -> Row:
        told = await insisted(lambda: self._call("POST", "/topapi/v2/department/get", {"dept_id": number}))
        return _object(told.get("result"))

    async def _children(self, number: int) -> Mapping[int, str]:
        told = await insisted(lambda: self._call("POST", "/topapi/v2/department/listsub", {"dept_id": number}))
        rows = objects(told.get("result"), "departments")
        return {_number(each, "dept_id"): text(each, "name") for each in rows}

    async def _members(self, number: int) -> list[Row]:
        async def page(cursor: str) -> Page:
            body = {"dept_id": number, "cursor": int(cursor or 0), "size": PAGE}
            told = _object((await self._call("POST", "/topapi/user/listsimple", body)).get("result"))
            return objects(told.get("list"), "members"), _next(told)

        return await all_rows(page)

    async def _meet_single(self, user: str, names: Mapping[int, str]) -> None:
        told = await insisted(lambda: self._call("POST", "/topapi/v2/user/get", {"userid": user}))
        member = _object(told.get("result"))
        units = [names[number] for number in sorted(each_of(member, "dept_id_list", int)) if names.get(number)]
        self._meet(member, units[0] if units else "")

    def _meet(self, member: Row, unit: str) -> None:
        self._gathering.meet(named(member, "userid", "members"), text(member, "name"), unit)


def _next(told: Row) -> str:
    return str(_number(told, "next_cursor")) if has_more(told) else ""


def _number(row: Row, field: str) -> int:
    value = row.get(field)
    if type(value) is not int:
        raise SendFailed(f"DingTalk gave no {field}", None)
    return value


def _object(value: object) -> Row:
    if not isinstance(value, dict):
        raise SendFailed("DingTalk gave no result", None)
    return value
