"""The members who can see an app of WeCom: account, name and department.

1. The departments in the app's visible range (可见范围), and the members of each.
2. Members whom the range names by themselves: their department may be none of those.

* A member of several departments has the main one (主部门) as unit, where WeCom tells it.
* Who is disabled in the console (已禁用) or has left the company (退出企业) is nobody.
* What WeCom does not tell (a name that needs consent) is the account. Members who see the app by a tag alone are not
  found.

Source: developer.work.weixin.qq.com 获取部门列表 (90208), 获取部门成员详情 (90201), 获取应用 (90227), 读取成员 (90196).
"""

from collections.abc import Iterator, Mapping

from bot.channels.contact_gathering import DEPARTMENTS_MAX, Gathering, Row, insisted, named, objects, text
from bot.channels.contacts import Contacts
from bot.channels.messages import SendFailed
from bot.channels.wecom_api import WecomApi

_GONE = frozenset({2, 5})
"""Of ``status``: disabled; has left the company."""
COMPANY_BYTES = 32 * 1024 * 1024
"""WeCom tells all members of a department at once, a kilobyte of each: many have everybody in one."""


async def contacts_of(api: WecomApi, tenant: str, agent_id: str) -> Contacts:
    """Raises SendFailed."""
    names = dict(_departments(await _asked(api, "/cgi-bin/department/list", {})))
    if len(names) > DEPARTMENTS_MAX:
        raise SendFailed(f"more than {DEPARTMENTS_MAX} departments", None)
    gathering = Gathering("wecom", tenant)
    for number in sorted(names):
        told = await _asked(api, "/cgi-bin/user/list", {"department_id": str(number)})
        for member in objects(told.get("userlist"), "userlist"):
            _meet(gathering, member, names, number)
    for account in _named(await _asked(api, "/cgi-bin/agent/get", {"agentid": agent_id})):
        if account not in gathering:
            _meet(gathering, await _asked(api, "/cgi-bin/user/get", {"userid": account}), names, None)
    return gathering.contacts()


async def _asked(api: WecomApi, path: str, params: Mapping[str, str]) -> Row:
    return await insisted(lambda: api.get(path, params, COMPANY_BYTES))


def _meet(gathering: Gathering, member: Row, names: Mapping[int, str], shown_in: int | None) -> None:
    """``shown_in``: the department whose list shows the member; None: one whom the visible range names."""
    account, main = named(member, "userid", "members"), member.get("main_department")
    if isinstance(status := member.get("status"), int) and status in _GONE:
        return
    if shown_in is None:
        gathering.meet(account, text(member, "name"), names.get(main, "") if isinstance(main, int) else "")
    else:
        gathering.meet(account, text(member, "name"), names[shown_in], main=main == shown_in)


def _departments(told: Row) -> Iterator[tuple[int, str]]:
    for each in objects(told.get("department"), "department"):
        number = each.get("id")
        if type(number) is not int:
            raise SendFailed("WeCom gave no id of a department", None)
        yield number, text(each, "name")


def _named(app: Row) -> Iterator[str]:
    told = app.get("allow_userinfos")
    (users,) = objects([{} if told is None else told], "allow_userinfos")
    for each in objects(users.get("user", []), "allow_userinfos"):
        yield named(each, "userid", "members")
