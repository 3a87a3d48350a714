"""Answers bot/channels/*_contacts.py: whatever a platform says, a company is read whole or not at all.

One value somewhere in what the platform says is replaced by one of another kind, or left out of a list of rows: nobody
who is there may be missing from what is read, or ``chenghe staff sync`` would end him.
"""

import asyncio
import copy
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import dingtalk_contacts, feishu_contacts, wecom_contacts
from bot.channels.contacts import Contacts
from bot.channels.feishu_events import AccountId
from bot.channels.messages import SendFailed

Told = dict[str, dict[str, Any]]
"""What a platform says, by path (and department)."""
Read = Callable[[Told], Awaitable[Contacts]]
EVERYBODY = {"zhang", "li", "wang", "zhao"}

WECOM: Told = {
    "/cgi-bin/department/list": {"errcode": 0, "department": [{"id": 1, "name": "市"}, {"id": 2, "name": "信用处"}]},
    "/cgi-bin/user/list 1": {"userlist": [{"userid": "zhang", "name": "张", "status": 1, "main_department": 1}]},
    "/cgi-bin/user/list 2": {
        "userlist": [
            {"userid": "li", "name": "李", "status": 4, "main_department": 2},
            {"userid": "wang", "name": "王", "status": 1, "main_department": 2},
        ]
    },
    "/cgi-bin/agent/get": {"allow_userinfos": {"user": [{"userid": "zhao"}]}},
    "/cgi-bin/user/get": {"userid": "zhao", "name": "赵", "status": 1},
}
DINGTALK: Told = {
    "/auth/scopes": {"auth_org_scopes": {"authed_dept": [2], "authed_user": ["zhao"]}},
    "/topapi/v2/department/get 2": {"result": {"name": "信用处"}},
    "/topapi/v2/department/listsub 2": {"result": [{"dept_id": 3, "name": "一科"}]},
    "/topapi/v2/department/listsub 3": {"result": []},
    "/topapi/user/listsimple 2 0": {"result": {"list": [{"userid": "zhang", "name": "张"}], "has_more": False}},
    "/topapi/user/listsimple 3 0": {
        "result": {"list": [{"userid": "li", "name": "李"}], "has_more": True, "next_cursor": 1}
    },
    "/topapi/user/listsimple 3 1": {"result": {"list": [{"userid": "wang", "name": "王"}], "has_more": False}},
    "/topapi/v2/user/get": {"result": {"userid": "zhao", "name": "赵", "dept_id_list": [3]}},
}
FEISHU: Told = {
    "/scopes": {"department_ids": ["od-1"], "user_ids": ["zhao"], "has_more": False},
    "/departments/batch": {"items": [{"open_department_id": "od-1", "name": "信用处"}]},
    "/departments/od-1/children": {"items": [{"open_department_id": "od-2", "name": "一科"}], "has_more": False},
    "/departments/od-2/children": {"has_more": False},
    "/users/find_by_department od-1": {"items": [{"user_id": "zhang", "name": "张"}], "has_more": False},
    "/users/find_by_department od-2": {
        "items": [{"user_id": "li", "name": "李", "status": {"is_frozen": False}}],
        "has_more": True,
        "page_token": "2",
    },
    "/users/find_by_department od-2 2": {"items": [{"user_id": "wang", "name": "王"}], "has_more": False},
    "/users/batch": {"items": [{"user_id": "zhao", "name": "赵", "orders": []}]},
}


async def read_wecom(told: Told) -> Contacts:
    async def get(path: str, params: Mapping[str, str], limit_bytes: int = 0) -> dict[str, Any]:
        return told.get(f"{path} {params['department_id']}" if "department_id" in params else path, {})

    return await wecom_contacts.contacts_of(cast("Any", SimpleNamespace(get=get)), "ww", "1000002")


async def read_dingtalk(told: Told) -> Contacts:
    async def call(method: str, path: str, body: Mapping[str, object] | None) -> Mapping[str, Any]:
        which = [str((body or {})[name]) for name in ("dept_id", "cursor") if name in (body or {})]
        return told.get(" ".join((path, *which)), {})

    return await dingtalk_contacts.contacts_of(call, "ding")


async def read_feishu(told: Told) -> Contacts:
    async def get(path: str, query: Sequence[tuple[str, str]]) -> dict[str, Any]:
        which = [value for name in ("department_id", "page_token") for each, value in query if each == name]
        return told.get(" ".join((path.removeprefix("/open-apis/contact/v3"), *which)), {})

    return await feishu_contacts.contacts_of(cast("Any", SimpleNamespace(get=get)), AccountId.USER_ID, ("tenant",))


PLATFORMS: dict[str, tuple[Read, Told]] = {
    "wecom": (read_wecom, WECOM),
    "dingtalk": (read_dingtalk, DINGTALK),
    "feishu": (read_feishu, FEISHU),
}
OTHERS: tuple[Any, ...] = ("", 0, 7, -1.5, True, [], {}, [None], ["x"], [[]], {"user": 5}, "\u0000\u202e", 2**70)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every value in there, by the way to it."""
    if way:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*way, key))


def changed(told: Told, way: tuple[Any, ...], other: Any) -> Told:
    told = copy.deepcopy(told)
    at: Any = told
    for key in way[:-1]:
        at = at[key]
    at[way[-1]] = other
    return told


def accounts(found: Contacts) -> set[str]:
    return {each.account.account for each in found.members}


@pytest.mark.parametrize("name", PLATFORMS)
async def test_what_the_platform_says_is_everybody(name: str) -> None:
    read, told = PLATFORMS[name]
    assert accounts(await read(told)) == EVERYBODY


@pytest.mark.parametrize("name", PLATFORMS)
@given(data=st.data())
def test_a_value_of_another_kind_loses_nobody(name: str, data: st.DataObject) -> None:
    read, told = PLATFORMS[name]
    way = data.draw(st.sampled_from([each for each in places(told) if len(each) > 1]))
    before: Any = told
    for key in way:
        before = before[key]
    other = data.draw(st.sampled_from([each for each in OTHERS if type(each) is not type(before)]))
    try:
        found = asyncio.run(read(changed(told, way, other)))
    except SendFailed:
        return
    assert accounts(found) >= EVERYBODY


@pytest.mark.parametrize("name", PLATFORMS)
@given(seed=st.integers(0, 2**32), share=st.floats(0.0, 1.0))
def test_nonsense_everywhere_is_read_to_its_end_or_refused(name: str, seed: int, share: float) -> None:
    read, told = PLATFORMS[name]
    chance = random.Random(seed)
    for way in sorted(places(told), key=lambda way: -len(way)):
        if chance.random() < share and len(way) > 1:
            told = changed(told, way, chance.choice(OTHERS))
    try:
        found = asyncio.run(read(told))
    except SendFailed:
        return
    assert all(isinstance(each.name, str) and isinstance(each.unit, str) for each in found.members)
