"""``chenghe api-token new | list | revoke``: who may ask through the HTTP API and MCP, for a member or for an app.

Each act leaves an audit line; it is written with the act or not at all.
"""

import argparse
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands
from bot.errors import UsageError
from bot.settings import Home
from bot.tokens import DAYS, DAYS_MAX, Token, TokenBook

if TYPE_CHECKING:
    from sqlalchemy import Engine

PURPOSE = "接口令牌管理"


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("api-token", help="接口令牌：发给、列出、停用").add_subparsers(
        dest="api_token", required=True, metavar="动作"
    )
    making = group.add_parser("new", parents=[common], help="发一个令牌；只显示这一次")
    making.add_argument("name", metavar="NAME", help="给谁或给哪个程序用，如 Open WebUI")
    making.add_argument("--staff", metavar="ID", help="代表哪位工作人员提问；不写则代表程序自己")
    making.add_argument(
        "--days", type=int, default=DAYS, metavar="N", help=f"几天后到期（默认 {DAYS}，最多 {DAYS_MAX}）"
    )
    making.set_defaults(run=new)
    listing = group.add_parser("list", parents=[common], help="列出令牌（不含令牌本身）")
    listing.set_defaults(run=list_)
    revoking = group.add_parser("revoke", parents=[common], help="停用一个令牌，立即生效")
    revoking.add_argument("id", metavar="ID", help="令牌编号，见 list")
    revoking.set_defaults(run=revoke)
    for parser in (making, listing, revoking):
        parser.add_argument("--json", action="store_true", help="输出 JSON")


def new(options: argparse.Namespace, home: Home) -> int:
    from index.audit import append
    from index.store.engine import writing

    engine, now = rooms.store(home), clock.now()
    if options.staff:
        _require_member(engine, options.staff)
    with writing(engine) as connection:
        token, sent = TokenBook(home.api_tokens).add(
            options.name, options.staff, days=options.days, by=clock.operator(), now=now
        )
        detail = f"{token.name}；代表 {token.staff or '程序自己'}；有效至 {token.until:%Y-%m-%d}"
        append(
            connection,
            at=now,
            actor=clock.operator(),
            purpose=PURPOSE,
            action="发接口令牌",
            target=token.id,
            detail=detail,
        )
    if options.json:
        console.print_json({"token": sent, **shown(token)})
        return 0
    console.line(sent)
    console.say(f"令牌 {token.id}（{detail}）。它只显示这一次，请立即交给使用的人；丢了就停用它，再发一个。")
    return 0


def list_(options: argparse.Namespace, home: Home) -> int:
    tokens = TokenBook(home.api_tokens).listed()
    if options.json:
        console.print_json([shown(token) for token in tokens])
        return 0
    now = clock.now()
    for token in tokens:
        state = "已停用" if token.revoked_at else "有效" if token.holds_at(now) else "已到期"
        whom = token.staff or "程序自己"
        console.line(
            f"{token.id}  {state}  有效至 {token.until:%Y-%m-%d}  {token.name}（代表 {whom}，{token.made_by} 发）"
        )
    if not tokens:
        console.say("还没有发过接口令牌。")
    return 0


def revoke(options: argparse.Namespace, home: Home) -> int:
    from index.audit import append
    from index.store.engine import writing

    now = clock.now()
    with writing(rooms.store(home)) as connection:
        token = TokenBook(home.api_tokens).revoke(options.id, now)
        append(
            connection, at=now, actor=clock.operator(), purpose=PURPOSE, action="停用接口令牌", target=token.id,
            detail=token.name,
        )  # fmt: skip
    if options.json:
        console.print_json(shown(token))
    console.say(f"令牌 {token.id}（{token.name}）已停用。")
    return 0


def shown(token: Token) -> dict[str, Any]:
    """What may be shown of a token: nothing that lets in."""
    return {name: value for name, value in token.to_json().items() if name != "digest"}


def _require_member(engine: "Engine", staff: str) -> None:
    """Raises UsageError unless the directory has this member, active."""
    from index.directory.store import Directory

    member = Directory(engine).get(staff)
    if member is None or not member.active:
        raise UsageError(
            f"通讯录里没有在职的 {staff}。", next_step="请用 chenghe staff list 查看编号。", code="STAFF_UNKNOWN"
        )
