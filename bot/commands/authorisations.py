"""``chenghe authorisations add | list | revoke``: signed authorisations to read about a subject (docs/access.md)."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands
from bot.commands.subject_code import subject_code
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from index.access import Authorisation

SCOPES = {"report": "专用信用报告", "records": "信用记录"}
MAX_BYTES = 10 * 1000 * 1000


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("authorisations", help="查询授权书：登记、列出、撤销").add_subparsers(
        dest="authorisations", required=True, metavar="动作"
    )
    adding = group.add_parser("add", parents=[common], help="登记一份签章的授权书")
    adding.add_argument("file", metavar="FILE", help="授权书文件（pdf、jpg、png、docx，不超过 10 MB）")
    adding.add_argument("--subject", required=True, metavar="CODE", help="授权的主体：统一社会信用代码")
    adding.add_argument("--grantee", required=True, metavar="NAME", help="被授权人：名称和代码，或姓名和工号")
    adding.add_argument("--scope", required=True, choices=list(SCOPES), help="report 只限报告，records 含信用记录")
    adding.add_argument("--from", dest="valid_from", required=True, metavar="DATE", help="授权起始日")
    adding.add_argument("--to", dest="valid_to", required=True, metavar="DATE", help="授权截止日（含当日）")
    adding.add_argument("--json", action="store_true", help="输出 JSON")
    adding.set_defaults(run=add)
    listing = group.add_parser("list", parents=[common], help="列出授权书")
    listing.add_argument("--subject", metavar="CODE", help="只列这个主体的")
    listing.add_argument("--json", action="store_true", help="输出 JSON")
    listing.set_defaults(run=show_all)
    revoking = group.add_parser("revoke", parents=[common], help="撤销一份授权书，立即生效")
    revoking.add_argument("number", metavar="NUMBER", help="授权书编号")
    revoking.add_argument("--reason", required=True, metavar="TEXT", help="撤销原因")
    revoking.set_defaults(run=revoke)


def add(options: argparse.Namespace, home: Home) -> int:
    from index.access import Scope
    from index.authorisations import Grant, register
    from index.cases.evidence import Evidence

    path = Path(options.file)
    grant = Grant(
        subject_code(options.subject),
        options.grantee,
        Scope(options.scope),
        clock.day(options.valid_from),
        clock.day(options.valid_to),
    )
    file = Evidence(path.name, _content(path))
    found = register(rooms.store(home), grant, file, actor=clock.operator(), now=clock.now())
    if options.json:
        console.print_json(_json(found))
    else:
        console.line(f"已登记授权书 {found.number}：{found.grantee}，{found.valid_from} 至 {found.valid_to}")
    return 0


def _content(path: Path) -> bytes:
    """At most one byte more than is allowed: what is too large is told by the register."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise UsageError(
            f"读不了 {path.name}：{cause.strerror}。", next_step="请检查文件名和读取权限。", code="FILE_UNREADABLE"
        ) from cause


def show_all(options: argparse.Namespace, home: Home) -> int:
    from index.authorisations import listed

    code = subject_code(options.subject) if options.subject else None
    found = listed(rooms.store(home), actor=clock.operator(), now=clock.now(), subject_code=code)
    if options.json:
        console.print_json([_json(each) for each in found])
        return 0
    for each in found:
        console.line(
            f"{each.number}  {each.subject_code}  {each.grantee}  {SCOPES[each.scope.value]}  "
            f"{each.valid_from} 至 {each.valid_to}  {_state(each)}"
        )
    if not found:
        console.say("没有授权书。")
    return 0


def _state(found: "Authorisation") -> str:
    if found.revoked_at is not None:
        return f"已撤销（{found.revoked_at:%Y-%m-%d %H:%M}，{found.revoked_reason}）"
    today = clock.today()
    if today < found.valid_from:
        return "尚未生效"
    return "有效" if today <= found.valid_to else "已过期"


def revoke(options: argparse.Namespace, home: Home) -> int:
    from index.authorisations import revoke as withdraw

    withdraw(rooms.store(home), options.number, reason=options.reason, actor=clock.operator(), now=clock.now())
    console.say(f"授权书 {options.number} 已撤销，今后凭它不能再查询。")
    return 0


def _json(found: "Authorisation") -> dict[str, Any]:
    revoked = found.revoked_at
    return {
        "number": found.number,
        "subject_code": found.subject_code,
        "grantee": found.grantee,
        "scope": found.scope.value,
        "valid_from": found.valid_from.isoformat(),
        "valid_to": found.valid_to.isoformat(),
        "file": found.file_name,
        "sha256": found.file_sha256,
        "registered_at": found.registered_at.isoformat(),
        "actor": found.actor,
        "revoked_at": revoked.isoformat() if revoked else None,
        "revoked_by": found.revoked_by,
        "revoked_reason": found.revoked_reason,
    }
