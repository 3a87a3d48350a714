"""``chenghe staff import | list | show | disable | sync | accounts``: who works here, by which accounts.

For administrators: docs/staff.md.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from bot.channels.contacts import Contacts, HasContacts
    from index.directory.changing import Deed
    from index.directory.importing import StaffReport
    from index.directory.model import Account, Staff
    from index.directory.store import Directory

SHOWN_ERRORS = 20
PLATFORMS = ("wecom", "wechat", "dingtalk", "feishu", "oidc")
PURPOSE = "人员管理"


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("staff", help="工作人员：名册、角色、各平台账号").add_subparsers(
        dest="staff", required=True, metavar="动作"
    )
    importing = group.add_parser("import", parents=[common], help="导入人员名册（CSV、XLSX）；有一处不对就整份不导入")
    importing.add_argument("file", metavar="FILE")
    importing.add_argument("--full", action="store_true", help="这是全部人员：名册里没有的停用")
    importing.add_argument("--check", action="store_true", help="只看会有什么变化，不写入")
    _finish(importing, import_list)
    listing = group.add_parser("list", parents=[common], help="列出工作人员")
    listing.add_argument("--unit", metavar="U", help="只列这个单位的")
    listing.add_argument("--all", action="store_true", help="停用的也列出")
    _finish(listing, list_members)
    showing = group.add_parser("show", parents=[common], help="查看一个人的角色、办理事项和账号")
    _member(showing)
    _finish(showing, show)
    disabling = group.add_parser("disable", parents=[common], help="停用一个人，立即生效")
    _member(disabling)
    disabling.add_argument("--reason", required=True, metavar="TEXT", help="停用原因")
    _finish(disabling, disable)
    syncing = group.add_parser("sync", parents=[common], help="按平台的通讯录更新：新来的登记，离开的停用")
    syncing.add_argument("app", metavar="APP", help="channels.toml 中一个企业微信自建应用、钉钉或飞书应用的名称")
    _finish(syncing, sync)
    _add_accounts(group, common)


def _add_accounts(group: Commands, common: argparse.ArgumentParser) -> None:
    accounts = group.add_parser("accounts", help="平台账号：列出、登记、取消").add_subparsers(
        dest="accounts", required=True, metavar="动作"
    )
    _finish(accounts.add_parser("list", parents=[common], help="列出全部已登记的账号"), list_accounts)
    adding = accounts.add_parser("add", parents=[common], help="把一个账号登记给一个人")
    _member(adding)
    _account(adding)
    _finish(adding, add_account)
    removing = accounts.add_parser("remove", parents=[common], help="取消一个账号的登记，立即生效")
    _account(removing)
    _finish(removing, remove_account)


def _member(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="工号")


def _account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("platform", metavar="PLATFORM", choices=PLATFORMS, help="、".join(PLATFORMS))
    parser.add_argument("tenant", metavar="TENANT", help="企业或应用的 ID；oidc 为登录服务的地址（issuer）")
    parser.add_argument("account", metavar="ACCOUNT", help="平台给出的账号")


def _finish(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def import_list(options: argparse.Namespace, home: Home) -> int:
    """0 when the list was taken, 1 when something in it is wrong and nothing was."""
    from index.directory.importing import import_staff
    from index.records.cells import visible

    path = Path(options.file)
    deed = _deed(f"{PURPOSE}：导入 {visible(path.name)}")
    how = {"full": options.full, "only_check": options.check}
    report = import_staff(rooms.store(home), path, rooms.office(home), deed, **how)
    if options.json:
        console.print_json(report.to_json() | ({"imported": False} if options.check else {}))
    _say(report, only_check=options.check)
    return 1 if report.errors else 0


def _say(report: "StaffReport", *, only_check: bool) -> None:
    if report.ignored_columns:
        console.say(f"没有保存的列：{'、'.join(report.ignored_columns)}")
    for notice in report.notices:
        console.say(f"请核对：{notice}")
    for error in report.errors[:SHOWN_ERRORS]:
        console.say(f"第 {error.row} 行 {error.column}：{error.message}。下一步：{error.next_step}")
    if report.error_count > SHOWN_ERRORS:
        console.say(f"……另有 {report.error_count - SHOWN_ERRORS} 处，用 --json 查看。")
    if report.errors:
        console.say(f"{report.file}：有 {report.error_count} 处不对，整份没有导入。改好后重新导入。")
        return
    changes, done = report.changes, "将会" if only_check else "已经"
    console.say(
        f"{report.file}：共 {report.rows} 人，{done}新增 {len(changes.added)}，更改 {len(changes.changed)}"
        f"（其中停用 {len(changes.disabled)}，恢复 {len(changes.enabled)}）。"
    )


def list_members(options: argparse.Namespace, home: Home) -> int:
    found = [
        member
        for member in _directory(home).members()
        if (options.all or member.active) and options.unit in (None, member.unit)
    ]
    if options.json:
        console.print_json([_json(member) for member in found])
        return 0
    for member in found:
        state = "" if member.active else "　停用"
        console.line(f"{member.id}　{member.name}　{member.unit}　{_roles(member)}{state}")
    if not found:
        console.say("没有登记工作人员。用 chenghe staff import 导入名册。")
    return 0


def show(options: argparse.Namespace, home: Home) -> int:
    directory = _directory(home)
    member = directory.get(options.id)
    if member is None:
        raise UsageError(
            f"没有工号为 {options.id} 的人员。", next_step="用 chenghe staff list 查看全部人员。", code="STAFF_UNKNOWN"
        )
    accounts = [account for account, _ in directory.accounts(member.id)]
    if options.json:
        console.print_json(_json(member) | {"accounts": [_account_json(account) for account in accounts]})
        return 0
    console.line(f"工号　　　{member.id}")
    console.line(f"姓名　　　{member.name}")
    console.line(f"单位　　　{member.unit}")
    console.line(f"角色　　　{_roles(member)}")
    console.line(f"办理事项　{'、'.join(member.matters) or '无'}")
    console.line(f"状态　　　{'在职' if member.active else '停用'}")
    for account in accounts:
        console.line(f"账号　　　{_written(account)}")
    return 0


def disable(options: argparse.Namespace, home: Home) -> int:
    from index.access import said
    from index.directory.changing import disable as end

    deed = _deed(f"{PURPOSE}：{said(options.reason, '停用原因')}")
    member = end(rooms.store(home), options.id, deed)
    if options.json:
        console.print_json(_json(member))
    console.say(f"{member.name}（{member.id}）已停用，其账号从现在起不再被当作工作人员。")
    return 0


def sync(options: argparse.Namespace, home: Home) -> int:
    import asyncio
    import time

    from bot.channels.configuring import read_channels
    from bot.channels.contacts import HasContacts
    from bot.channels.messages import SendFailed
    from index.directory.syncing import sync as follow

    configured = read_channels(home.channels, clock.now, time.monotonic)
    app = next((each for each in configured.channels if each.app == options.app), None)
    if not isinstance(app, HasContacts):
        raise UsageError(
            f"channels.toml 中没有名为 {options.app} 的企业微信自建应用、钉钉或飞书应用。",
            next_step="只有企业微信自建应用、钉钉和飞书应用的通讯录能同步；其他平台请导入名册。",
            code="SYNC_APP",
        )
    try:
        contacts = asyncio.run(_contacts(app))
    except SendFailed as error:
        raise UsageError(
            f"平台没有给出全部通讯录（{error}），名册没有改动。",
            next_step="请对照 docs/channels/ 中该平台的说明检查应用的权限；平台忙的，过一会儿再同步。",
            code="SYNC_REFUSED",
        ) from error
    deed = _deed(f"{PURPOSE}：同步 {app.app}")
    changes = follow(rooms.store(home), app.platform.value, contacts.tenant, contacts.members, deed)
    if options.json:
        names = ("added", "changed", "disabled", "enabled")
        console.print_json({"contacts": len(contacts.members)} | {name: list(getattr(changes, name)) for name in names})
    console.say(
        f"通讯录共 {len(contacts.members)} 人，已经新增 {len(changes.added)}，更改 {len(changes.changed)}"
        f"（其中停用 {len(changes.disabled)}）。新增的没有角色，只能问政策；要给角色请导入名册。"
    )
    return 0


async def _contacts(app: "HasContacts") -> "Contacts":
    try:
        return await app.contacts()
    finally:
        await app.close()


def list_accounts(options: argparse.Namespace, home: Home) -> int:
    found = _directory(home).accounts()
    if options.json:
        console.print_json([_account_json(account) | {"staff": member} for account, member in found])
        return 0
    for account, member in found:
        console.line(f"{_written(account)}　{member}")
    if not found:
        console.say("没有登记账号。")
    return 0


def add_account(options: argparse.Namespace, home: Home) -> int:
    from index.directory.changing import add_account as add

    changes = add(rooms.store(home), options.id, _given(options), _deed(f"{PURPOSE}：登记账号"))
    done = "已登记" if changes.changed else "原来就登记"
    return _told(options, f"{done}：{_written(_given(options))} 是工号 {options.id} 的账号。")


def remove_account(options: argparse.Namespace, home: Home) -> int:
    from index.directory.changing import remove_account as remove

    remove(rooms.store(home), _given(options), _deed(f"{PURPOSE}：取消账号"))
    return _told(options, f"已取消登记：{_written(_given(options))}。")


def _told(options: argparse.Namespace, sentence: str) -> int:
    if options.json:
        console.print_json(_account_json(_given(options)))
    console.say(sentence)
    return 0


def _given(options: argparse.Namespace) -> "Account":
    from index.directory.accounts import given

    return given(options.platform, options.tenant, options.account)


def _directory(home: Home) -> "Directory":
    from index.directory.store import Directory

    return Directory(rooms.store(home))


def _deed(purpose: str) -> "Deed":
    from index.directory.changing import Deed

    return Deed(clock.operator(), purpose, clock.now())


def _roles(member: "Staff") -> str:
    return "、".join(role.label for role in sorted(member.roles)) or "无角色"


def _written(account: "Account") -> str:
    from index.directory.accounts import written

    return written(account)


def _json(member: "Staff") -> dict[str, Any]:
    return {
        "id": member.id,
        "name": member.name,
        "unit": member.unit,
        "roles": sorted(role.value for role in member.roles),
        "matters": list(member.matters),
        "active": member.active,
    }


def _account_json(account: "Account") -> dict[str, str]:
    return {"platform": account.platform, "tenant": account.tenant, "account": account.account}
