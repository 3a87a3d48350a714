"""The members of a company whom an app of Feishu may see: the id that its events carry, name and department.

1. 通讯录授权范围: departments and single members; with 全部成员 the departments under the root and who is in none.
2. The departments and all below them, by name; level by level, as Feishu refuses to go through a large one by itself.
3. The members of each, then the single ones.

* The account is the id of the app's ``account`` setting: the same that ``feishu_events`` takes for the sender. Where
  the app may not see it nobody could be told apart: nothing is given then.
* Who is frozen (暂停), has left (离职, 主动退出) or has not joined yet is nobody.
* The company is the one setting ``tenants`` names, else the app's own, as Feishu says.

Source: open.feishu.cn 获取通讯录授权范围, 获取子部门列表, 批量获取部门信息, 获取部门直属用户列表, 批量获取用户信息,
获取企业信息.
"""

from collections.abc import Iterator, Mapping, Sequence

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
from bot.channels.feishu_api import FeishuApi
from bot.channels.feishu_events import AccountId

CONTACT = "/open-apis/contact/v3"
PAGE = 50
SCOPE_PAGE = 100
AT_ONCE = 50
_GONE = ("is_frozen", "is_resigned", "is_exited", "is_unjoin")
Query = Sequence[tuple[str, str]]


async def contacts_of(api: FeishuApi, account: AccountId, tenants: tuple[str, ...]) -> Contacts:
    """Raises SendFailed."""
    tenant = tenants[0] if len(tenants) == 1 else await insisted(api.company)
    return await _Reading(api, account, Gathering("feishu", tenant)).contacts()


class _Reading:
    """One reading of a company."""

    def __init__(self, api: FeishuApi, account: AccountId, gathering: Gathering) -> None:
        self._api, self._account, self._gathering = api, account, gathering
        self._ids = (("user_id_type", account.value), ("department_id_type", "open_department_id"))

    async def contacts(self) -> Contacts:
        departments, singles = await self._scope()
        below = await all_below(await self._names(departments), self._children)
        for number in sorted(below):
            for user in await self._rows("/users/find_by_department", [("department_id", number)], PAGE):
                self._meet(user, below, number)
        for some in _by_fifty(singles):
            for user in await self._batch("/users/batch", "user_ids", some):
                self._meet(user, below, None)
        return self._gathering.contacts()

    async def _scope(self) -> tuple[list[str], list[str]]:
        departments: list[str] = []
        users: list[str] = []

        async def page(cursor: str) -> Page:
            told = await self._api.get(f"{CONTACT}/scopes", [*self._ids, *_paging(SCOPE_PAGE, cursor)])
            departments.extend(each_of(told, "department_ids", str))
            users.extend(each_of(told, "user_ids", str))
            return [], _next(told)

        await all_rows(page)
        return departments, users

    async def _names(self, departments: Sequence[str]) -> dict[str, str]:
        names = dict.fromkeys(departments, "")
        for some in _by_fifty(departments):
            names |= dict(_departments(await self._batch("/departments/batch", "department_ids", some)))
        return names

    async def _children(self, number: str) -> Mapping[str, str]:
        return dict(_departments(await self._rows(f"/departments/{number}/children", [], PAGE)))

    async def _rows(self, path: str, query: Query, size: int) -> list[Row]:
        async def page(cursor: str) -> Page:
            told = await self._api.get(f"{CONTACT}{path}", [*self._ids, *query, *_paging(size, cursor)])
            return objects(told.get("items", []), "items"), _next(told)

        return await all_rows(page)

    async def _batch(self, path: str, field: str, some: Sequence[str]) -> list[Row]:
        query = [*self._ids, *((field, each) for each in some)]
        told = await insisted(lambda: self._api.get(f"{CONTACT}{path}", query))
        return objects(told.get("items", []), "items")

    def _meet(self, user: Row, names: Mapping[str, str], shown_in: str | None) -> None:
        """``shown_in``: the department whose list shows the member; None: a single member."""
        status = user.get("status")
        if isinstance(status, dict) and any(status.get(each) is True for each in _GONE):
            return
        account = named(user, self._account.value, "members")
        main = _main_department(user)
        unit = names.get(main, "") if shown_in is None else names[shown_in]
        self._gathering.meet(account, text(user, "name"), unit, main=bool(unit) and main == shown_in)


def _by_fifty(words: Sequence[str]) -> Iterator[Sequence[str]]:
    return (words[at : at + AT_ONCE] for at in range(0, len(words), AT_ONCE))


def _departments(rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    for row in rows:
        status = row.get("status")
        if not (isinstance(status, dict) and status.get("is_deleted") is True):
            yield named(row, "open_department_id", "departments"), text(row, "name")


def _main_department(user: Row) -> str:
    """'' where the app may not see it."""
    orders = user.get("orders")
    for each in orders if isinstance(orders, list) else []:
        if isinstance(each, dict) and each.get("is_primary_dept") is True:
            return text(each, "department_id")
    return ""


def _paging(size: int, cursor: str) -> list[tuple[str, str]]:
    return [("page_size", str(size)), *([("page_token", cursor)] if cursor else [])]


def _next(told: Row) -> str:
    return named(told, "page_token", "the next page") if has_more(told) else ""
