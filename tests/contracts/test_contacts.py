"""One contract over the contacts of every platform that has them: what ``chenghe staff sync`` makes of a company.

The directory is the real one; the platforms are their simulators, which refuse what the real ones refuse.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import Engine

from bot.channels import contact_gathering
from bot.channels.contacts import HasContacts
from bot.channels.messages import SendFailed
from index.directory.changing import Changes
from index.directory.model import Account, Staff
from index.directory.store import Directory
from index.directory.syncing import sync
from index.errors import DirectoryError
from index.store.engine import open_store
from tests.bot.channels.company import Company, Person
from tests.bot.channels.dingtalk_server import DingTalkServer, DingTalkStreamServer
from tests.bot.channels.feishu_contacts import BASE, NAME, STATUS, UNIT_NAME, UNITS, USER_ID
from tests.bot.channels.feishu_server import FeishuPlatform, FeishuServer
from tests.bot.channels.feishu_socket_server import FeishuSocketServer
from tests.bot.channels.received import Received
from tests.bot.channels.wecom_contacts import CONTACTS
from tests.bot.channels.wecom_server import WecomServer
from tests.index.directory.lists import DEED, person, take

Server = WecomServer | DingTalkServer | FeishuServer | FeishuSocketServer
SIMULATED: dict[str, Callable[[], Server]] = {
    "wecom": WecomServer,
    "dingtalk": DingTalkServer,
    "dingtalk-stream": DingTalkStreamServer,
    "feishu": FeishuServer,
    "feishu-socket": FeishuSocketServer,
}
ONE_OF_EACH = ("wecom", "dingtalk", "feishu")
PERMISSION = {"wecom": CONTACTS, "dingtalk": "qyapi_get_department_member", "feishu": BASE}
REFUSAL = {"wecom": "48002", "dingtalk": "60011", "feishu": "99991672"}
COLUMN = {"wecom": "企业微信账号", "dingtalk": "钉钉账号", "feishu": "飞书账号"}


@dataclass
class Office:
    """Our side of one platform: the channel, and the directory that follows it."""

    server: Server
    channel: HasContacts
    engine: Engine
    received: Received

    @property
    def company(self) -> Company:
        return self.server.contacts.company

    @property
    def platform(self) -> str:
        return self.channel.platform.value

    async def sync(self) -> Changes:
        found = await self.channel.contacts()
        return sync(self.engine, self.platform, found.tenant, found.members, DEED)

    def units(self) -> dict[str, str]:
        """Of all active members, by account."""
        directory = Directory(self.engine)
        held = {account.account: directory.find(account) for account, _ in directory.accounts()}
        return {account: member.unit for account, member in held.items() if member is not None}

    def member(self, account: str) -> Staff | None:
        directory = Directory(self.engine)
        return next((directory.get(id) for each, id in directory.accounts() if each.account == account), None)


@pytest.fixture(params=SIMULATED)
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    server = SIMULATED[request.param]()
    channel, received, app = server.channel(), Received(), web.Application()
    channel.mount(app, received.receive)
    ours = TestServer(app)
    await ours.start_server()
    running = asyncio.create_task(channel.run(received.receive))
    await server.connect(app, str(ours.make_url("")).rstrip("/"))
    engine = open_store(tmp_path / "office.db")
    assert isinstance(channel, HasContacts)
    yield Office(server, channel, engine, received)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await channel.close()
    await server.close()
    await ours.close()
    engine.dispose()


def of_each(promise: Callable[..., object]) -> object:
    """HTTP and long connection read contacts alike: one of each platform is enough."""
    return pytest.mark.parametrize("office", ONE_OF_EACH, indirect=True)(promise)


def grown(company: Company, count: int) -> None:
    """So many more, in one department."""
    company.people |= {f"m{number}": Person(f"名{number}", (2,)) for number in range(count)}


async def test_who_is_there_becomes_a_member_by_the_account_that_messages_carry(office: Office) -> None:
    changes = await office.sync()
    assert {each.partition("-")[2] for each in changes.added} == {"zhang", "li", "wang"}
    async with asyncio.timeout(60):
        while await office.server.say("你好", member="zhang") != 200:
            await asyncio.sleep(0.05)
    (message,) = office.received.messages
    found = Directory(office.engine).find(Account(message.platform.value, message.tenant, message.sender))
    assert found is not None
    assert (found.name, found.unit, found.roles) == ("张某", "市信用办（虚构）", frozenset())


@of_each
async def test_names_are_kept_as_they_are_and_one_that_is_not_told_is_the_account(office: Office) -> None:
    names = ("阿卜杜拉·买买提（借调）", "𠮷田 一郎", "O'Neil, Ann-Marie", "=1+1", "张三丶")
    office.company.people |= {f"n{number}": Person(name, (2,)) for number, name in enumerate(names)}
    await office.sync()
    assert [office.member(f"n{number}").name for number in range(len(names))] == list(names)  # type: ignore[union-attr]
    assert office.member("wang").name == "wang"  # type: ignore[union-attr]


@of_each
async def test_the_same_company_again_changes_nothing_in_whatever_order_it_comes(office: Office) -> None:
    await office.sync()
    office.company.reversed = True
    assert await office.sync() == Changes()


@of_each
async def test_who_moves_or_is_renamed_is_followed(office: Office) -> None:
    await office.sync()
    office.company.people["zhang"] = Person("张新名", (3,))
    office.company.units[3] = (2, "综合处")
    changes = await office.sync()
    assert {each.partition("-")[2] for each in changes.changed} >= {"zhang", "li"}
    assert (changes.added, changes.disabled) == ((), ())
    assert office.units()["zhang"] == office.units()["li"] == "综合处"
    assert office.member("zhang").name == "张新名"  # type: ignore[union-attr]


@of_each
async def test_who_has_left_or_is_frozen_is_nobody(office: Office) -> None:
    await office.sync()
    del office.company.people["li"]
    office.company.people["wang"].gone = True
    changes = await office.sync()
    assert {each.partition("-")[2] for each in changes.disabled} == {"li", "wang"}
    assert set(office.units()) == {"zhang"}
    assert (await office.sync()) == Changes()


@of_each
async def test_a_member_of_two_departments_is_one_with_one_unit(office: Office) -> None:
    office.company.people |= {"wang": Person("王某", (3, 2)), "chief": Person("主任", (1, 3))}
    changes = await office.sync()
    assert len(changes.added) == 4
    first = "市信用办（虚构）" if office.platform == "dingtalk" else "综合科"  # DingTalk names no main department
    assert office.units()["wang"] == first
    office.company.reversed = True
    assert await office.sync() == Changes()


@of_each
async def test_a_part_of_the_company_is_what_the_app_may_see_and_single_members_are_found(office: Office) -> None:
    office.company.units[4] = (1, "别的局")
    office.company.people |= {"out": Person("外人", (4,)), "guest": Person("单列", (4,))}
    office.company.range, office.company.named = {2}, {"guest"}
    await office.sync()
    units = office.units()
    assert set(units) == {"zhang", "li", "wang", "guest"}
    assert (units["zhang"], units["li"], units["guest"]) == ("市信用办（虚构）", "综合科", "未写明部门")


@of_each
async def test_every_page_of_a_large_department_is_read(office: Office) -> None:
    grown(office.company, 260)
    assert len((await office.sync()).added) == 263


@pytest.mark.parametrize("office", ["wecom"], indirect=True)
async def test_wecom_tells_thousands_of_one_department_in_one_answer(office: Office) -> None:
    """A member is a kilobyte there, and many companies have all of theirs in one department."""
    office.company.people |= {f"m{number}": Person("名" * 1000, (2,)) for number in range(700)}
    assert len((await office.channel.contacts()).members) == 703


@of_each
@pytest.mark.parametrize("how", ["broken", "busy"])
async def test_when_a_later_page_is_not_given_nothing_is_written(
    office: Office, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_gathering, "AGAIN_SECONDS", (0.0, 0.0))
    await office.sync()
    grown(office.company, 260)
    del office.company.people["li"]
    office.company.calls = 0
    await office.channel.contacts()
    last, office.company.reset_seconds = office.company.calls, 0
    for call in (3, last):
        office.company.calls = 0
        setattr(office.company, how, set(range(call, call + 9)))
        with pytest.raises(SendFailed):
            await office.sync()
        assert set(office.units()) == {"zhang", "li", "wang"}
    setattr(office.company, how, set())
    assert len((await office.sync()).added) == 260


@of_each
async def test_what_passes_by_itself_is_asked_again(office: Office) -> None:
    grown(office.company, 120)
    office.company.busy, office.company.reset_seconds = {2, 4}, 0
    if isinstance(office.server, FeishuPlatform):
        office.server.expire_token()
    else:
        office.server.expire()
    assert len((await office.sync()).added) == 123


@pytest.mark.parametrize("office", ["feishu"], indirect=True)
async def test_feishu_is_not_called_faster_than_it_takes(office: Office) -> None:
    office.company.units |= {number: (2, f"科{number}") for number in range(10, 22)}
    office.company.per_second = 15
    assert len((await office.sync()).added) == 3


@of_each
async def test_an_app_without_the_permission_is_told_so_by_the_platforms_code(office: Office) -> None:
    await office.sync()
    office.company.refused = {PERMISSION[office.platform]}
    with pytest.raises(SendFailed, match=REFUSAL[office.platform]):
        await office.sync()
    assert len(office.units()) == 3


@of_each
async def test_a_range_without_anybody_is_not_believed(office: Office) -> None:
    await office.sync()
    office.company.range = set()
    with pytest.raises(DirectoryError) as refused:
        await office.sync()
    assert refused.value.code == "SYNC_TOO_MANY"
    assert len(office.units()) == 3


@of_each
async def test_sync_gives_no_role_and_moves_no_member_of_a_list(office: Office, tmp_path: Path) -> None:
    tenant = (await office.channel.contacts()).tenant
    column = f"{COLUMN[office.platform]}（{tenant}）"
    take(office.engine, tmp_path, [person("1", **{"角色": "查询记录", column: "zhang"})])
    await office.sync()
    listed = office.member("zhang")
    assert listed is not None
    assert (listed.id, listed.unit, {role.value for role in listed.roles}) == ("1", "市生态环境局", {"records"})
    assert not any(member.roles for member in Directory(office.engine).members() if member.id != "1")


@pytest.mark.parametrize("office", ["feishu"], indirect=True)
async def test_feishu_without_the_right_to_user_ids_gives_nobody(office: Office) -> None:
    office.company.refused = {USER_ID}
    with pytest.raises(SendFailed, match="99991672"):
        await office.sync()
    assert office.units() == {}


@pytest.mark.parametrize("office", ["feishu"], indirect=True)
async def test_feishus_fields_that_the_app_may_not_see_are_left_out(office: Office) -> None:
    office.company.refused = {NAME, STATUS, UNITS, UNIT_NAME}
    await office.sync()
    assert office.units() == dict.fromkeys(("zhang", "li", "wang"), "未写明部门")
    assert office.member("zhang").name == "zhang"  # type: ignore[union-attr]
