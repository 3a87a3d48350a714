"""The members who can see an app of WeCom: account, name and department.

* An app reads what is in its own visible range (可见范围), department by department; somebody of several departments
  has the first of them as unit.
* What WeCom does not tell (a name that needs consent) is the account.

Source: developer.work.weixin.qq.com 获取部门列表 (90208), 获取部门成员 (90200).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.messages import SendFailed
from bot.channels.wecom_api import WecomApi
from index.directory.model import Account
from index.directory.syncing import Contact

DEPARTMENTS = 2000


async def contacts_of(api: WecomApi, tenant: str) -> tuple[Contact, ...]:
    """Raises SendFailed."""
    departments = dict(_departments(await api.get("/cgi-bin/department/list", {})))
    if len(departments) > DEPARTMENTS:
        raise SendFailed(f"more than {DEPARTMENTS} departments", None)
    found: dict[str, Contact] = {}
    for number, unit in departments.items():
        answer = await api.get("/cgi-bin/user/simplelist", {"department_id": str(number)})
        for account, name in _members(answer):
            found.setdefault(account, Contact(Account("wecom", tenant, account), name, unit))
    return tuple(found.values())


def _departments(answer: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for each in _objects(answer, "department"):
        number, name = each.get("id"), each.get("name")
        if isinstance(number, int):
            yield number, name if isinstance(name, str) else ""


def _members(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in _objects(answer, "userlist"):
        account, name = each.get("userid"), each.get("name")
        if isinstance(account, str) and account:
            yield account, name if isinstance(name, str) and name else account


def _objects(answer: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    values = answer.get(field)
    if not isinstance(values, list):
        raise SendFailed(f"WeCom gave no {field}", None)
    return [each for each in values if isinstance(each, dict)]
