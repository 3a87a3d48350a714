"""``chenghe keys init | rotate | list | export``: who may sign, and the file others verify with."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands
from bot.settings import Home

if TYPE_CHECKING:
    from verify.issuing.keys import KeyState


PURPOSE = "密钥管理"


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("keys", help="密钥：建立、轮换、列出、导出信任文件").add_subparsers(
        dest="keys", required=True, metavar="动作"
    )
    for name, run, explanation in (
        ("init", init, "建立根密钥和第一把签发密钥"),
        ("rotate", rotate, "增加一把签发密钥"),
        ("list", list_, "列出签发密钥（只有公开部分）"),
        ("export", export, "导出信任文件（公钥清单和状态清单），供离线核验"),
    ):
        parser = group.add_parser(name, parents=[common], help=explanation)
        parser.set_defaults(run=run)
        if name == "list":
            parser.add_argument("--json", action="store_true", help="输出 JSON")
        if name == "export":
            parser.add_argument("--out", metavar="FILE", help="写到哪里（默认 数据目录/trust.json）")


def init(options: argparse.Namespace, home: Home) -> int:
    state = rooms.keys(home).init(clock.now())
    rooms.issuing(home).publish(clock.now())
    _audit(home, "keys.init", state.entry.kid.hex())
    console.say(f"已建立根密钥和签发密钥 {state.entry.kid.hex()}。请把 {home.keys} 备份到安全的地方。")
    return 0


def rotate(options: argparse.Namespace, home: Home) -> int:
    state = rooms.keys(home).rotate(clock.now())
    rooms.issuing(home).publish(clock.now())
    _audit(home, "keys.rotate", state.entry.kid.hex())
    console.say(f"已增加签发密钥 {state.entry.kid.hex()}，签发至 {state.signs_until:%Y-%m-%d}。")
    return 0


def _audit(home: Home, action: str, target: str) -> None:
    """Who changed or handed out what verifiers trust."""
    from index.audit import append
    from index.store.engine import writing

    with writing(rooms.store(home)) as connection:
        append(connection, at=clock.now(), actor=clock.operator(), purpose=PURPOSE, action=action, target=target)


def list_(options: argparse.Namespace, home: Home) -> int:
    states = rooms.keys(home).list()
    rows = [
        {
            "kid": state.entry.kid.hex(),
            "not_before": state.entry.not_before.isoformat(),
            "signs_until": state.signs_until.isoformat(),
            "not_after": state.entry.not_after.isoformat(),
            "revoked_at": state.entry.revoked_at.isoformat() if state.entry.revoked_at else None,
            "private_here": state.has_private,
        }
        for state in states
    ]
    if options.json:
        console.print_json(rows)
        return 0
    for state in states:
        _show(state)
    return 0


def _show(state: "KeyState") -> None:
    entry = state.entry
    ended = f"　{entry.revoked_at:%Y-%m-%d} 停用" if entry.revoked_at else ""
    here = "私钥在本机" if state.has_private else "私钥不在本机"
    console.line(
        f"{entry.kid.hex()}　{entry.not_before:%Y-%m-%d} 起，签发至 {state.signs_until:%Y-%m-%d}，"
        f"可核验至 {entry.not_after:%Y-%m-%d}　{here}{ended}"
    )


def export(options: argparse.Namespace, home: Home) -> int:
    """Renews and copies the trust file: what a verifier without a network needs."""
    from verify.issuing.files import write_whole

    rooms.issuing(home).publish(clock.now())
    target = Path(options.out) if options.out else home.exported_trust
    write_whole(target.absolute(), home.published_trust.read_bytes())
    _audit(home, "keys.export", target.name)
    console.say(f"信任文件已写到 {target}。核验方请通过可靠渠道取得并固定它。")
    return 0
