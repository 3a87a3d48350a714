"""The staff of a company on DingTalk: user id, name and department, for the directory.

* Departments from the root down, each with its own members; somebody of several departments has the first of them.
* The app sees what its 通讯录权限范围 lets it see.

Source: open.dingtalk.com 获取部门列表 (topapi/v2/department/listsub), 获取部门用户基础信息 (topapi/user/listsimple).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.channels.messages import SendFailed
from index.directory.model import Account
from index.directory.syncing import Contact

ROOT, ROOT_UNIT = 1, ""
DEPARTMENTS = 2000
PAGES = 2000
PAGE = 100

Post = Callable[[str, Mapping[str, object]], Awaitable[Mapping[str, Any]]]
"""Path and body to the answer of the platform's older API. Raises SendFailed."""


async def contacts_of(post: Post, tenant: str) -> tuple[Contact, ...]:
    """Raises SendFailed."""
    departments: dict[int, str] = {ROOT: ROOT_UNIT}
    waiting, found = [ROOT], dict[str, Contact]()
    while waiting:
        number = waiting.pop(0)
        for child, name in await _children(post, number):
            if child not in departments:
                departments[child] = name
                waiting.append(child)
        if len(departments) > DEPARTMENTS:
            raise SendFailed(f"more than {DEPARTMENTS} departments", None)
        for user, name in await _members(post, number):
            found.setdefault(user, Contact(Account("dingtalk", tenant, user), name, departments[number]))
    return tuple(found.values())


async def _children(post: Post, number: int) -> list[tuple[int, str]]:
    answer = await post("/topapi/v2/department/listsub", {"dept_id": number})
    pairs = ((each.get("dept_id"), each.get("name")) for each in _objects(answer.get("result")))
    return [(child, name) for child, name in pairs if isinstance(child, int) and isinstance(name, str)]


async def _members(post: Post, number: int) -> list[tuple[str, str]]:
    members: list[tuple[str, str]] = []
    cursor: object = 0
    for _ in range(PAGES):
        answer = await post("/topapi/user/listsimple", {"dept_id": number, "cursor": cursor, "size": PAGE})
        page = answer.get("result")
        if not isinstance(page, dict):
            raise SendFailed("DingTalk gave no members", None)
        pairs = ((each.get("userid"), each.get("name")) for each in _objects(page.get("list")))
        members += [(user, name) for user, name in pairs if isinstance(user, str) and isinstance(name, str)]
        if page.get("has_more") is not True:
            return members
        cursor = page.get("next_cursor")
    raise SendFailed("DingTalk's list of members does not end", None)


def _objects(values: object) -> list[Mapping[str, Any]]:
    if not isinstance(values, list):
        raise SendFailed("DingTalk gave no list", None)
    return [each for each in values if isinstance(each, dict)]
