"""``chenghe keys init | rotate | list | revoke | export``: who may sign, and the file others verify with.

What belongs to PDFs is in ``certificates``, what belongs to the log's witnesses in ``witnesses``.
"""

import argparse
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, certificates, key_acts, standing, witnesses
from bot.errors import UsageError
from bot.settings import Home
from verify.validity import SHANGHAI

if TYPE_CHECKING:
    from verify.issuing.keys import KeyState, KeyStore

AUTHORITY_FILE = "document-root.crt"


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("keys", help="密钥：建立、轮换、停用、列出、导出信任文件").add_subparsers(
        dest="keys", required=True, metavar="动作"
    )
    rooted = argparse.ArgumentParser(add_help=False)
    rooted.add_argument("--root", metavar="DIR", help="根密钥所在的目录，如离线保管的 U 盘（默认 数据目录/keys）")
    making = argparse.ArgumentParser(add_help=False)
    making.add_argument("--pkcs11", metavar="LABEL", help="签名密钥放在密码设备里，用这个标签")
    parents = [common, rooted]
    _add(group, "init", init, "建立根密钥和第一把签发密钥", [*parents, making])
    rotating = _add(group, "rotate", rotate, "增加一把签发密钥", [*parents, making])
    rotating.add_argument(
        "--from", dest="starts", metavar="DAY", help="新密钥哪天启用（默认一周后；没有别的可用时立即）"
    )
    revoking = _add(group, "revoke", revoke, "停用一把可能泄露的签发密钥，或一份文件签名证书", [*parents, making])
    revoking.add_argument("key", metavar="KID", help="keys list 或 keys certificate 列出的编号")
    revoking.add_argument("--reason", required=True, metavar="TEXT", help="为什么停用，记入审计")
    _add(group, "list", list_, "列出签发密钥（只有公开部分）", [common]).add_argument(
        "--json", action="store_true", help="输出 JSON"
    )
    exporting = _add(group, "export", export, "导出信任文件（公钥清单和状态清单），供离线核验", parents)
    exporting.add_argument("--out", metavar="FILE", help="写到哪里（默认 数据目录/trust.json）")
    certificates.add_to(group, parents)
    witnesses.add_to(group, common, rooted)


def _add(
    group: Commands,
    name: str,
    run: Callable[[argparse.Namespace, Home], int],
    explanation: str,
    parents: list[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    parser = group.add_parser(name, parents=parents, help=explanation)
    parser.set_defaults(run=run)
    return parser


def init(options: argparse.Namespace, home: Home) -> int:
    keys = rooms.keys(home, options.root)
    with key_acts.entered(home, keys, "keys.init") as done:
        state = keys.init(clock.now(), label=options.pkcs11)
        _publish(home)
        done(state.entry.kid.hex())
    console.say(f"已建立根密钥和签发密钥 {state.entry.kid.hex()}（{_algorithm(state)}）。")
    console.say(f"请把 {home.keys}{'、根密钥的介质' if options.root else ''}和口令分开备份到安全的地方。")
    return 0


def rotate(options: argparse.Namespace, home: Home) -> int:
    starts = datetime.combine(clock.day(options.starts), time(), SHANGHAI) if options.starts else None
    keys = rooms.keys(home, options.root)
    with key_acts.entered(home, keys, "keys.rotate") as done:
        state = keys.rotate(clock.now(), starts=starts, label=options.pkcs11)
        _publish(home)
        done(state.entry.kid.hex())
    _say_added(state)
    return 0


def revoke(options: argparse.Namespace, home: Home) -> int:
    """Published at once. Not taken back."""
    reason = options.reason.strip()
    if not reason:
        raise UsageError("没有填写停用原因。", next_step="请用 --reason 写明原因。", code="REASON_MISSING")
    keys, name = rooms.keys(home, options.root), options.key.strip().lower()
    with key_acts.entered(home, keys, "keys.revoke", name, reason) as done:
        replacement = _revoked(keys, name, options.pkcs11)
        _publish(home)
        done(name)
    console.say(f"已停用 {name} 并公布。用它签发、仍在有效期内的报告，请重新签发。")
    if replacement is not None:
        console.say("没有别的密钥可签，已同时新建：")
        _say_added(replacement)
    return 0


def _revoked(keys: "KeyStore", name: str, label: str | None) -> "KeyState | None":
    """The key that was made in its place, if none was left to sign."""
    if name in {entry.name for entry in keys.documents.entries()}:
        keys.revoke_certificate(name, clock.now())
        return None
    return keys.revoke(_kid(name), clock.now(), label=label)


def list_(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.key_notices import notices

    keys = rooms.keys(home)
    states = keys.list()
    if options.json:
        console.print_json([_described(state) for state in states])
    else:
        for state in states:
            console.line(_line(state))
    for notice in notices(keys, clock.now()):
        console.say(f"请注意：{notice}")
    return 0


def export(options: argparse.Namespace, home: Home) -> int:
    """Renews and copies the trust file: what a verifier without a network needs."""
    from verify.issuing.files import write_whole

    keys, now = rooms.keys(home, options.root), clock.now()
    target = Path(options.out) if options.out else home.exported_trust
    beside = target.absolute().with_name(AUTHORITY_FILE)
    with key_acts.entered(home, keys, "keys.export", target.name) as done:
        if keys.exists() and keys.due(keys.key_list(), now):
            keys.renew(now)
        _publish(home)
        write_whole(target.absolute(), home.published_trust.read_bytes())
        authority = keys.documents.authority()
        if authority is not None:
            write_whole(beside, authority)
        done(target.name)
    console.say(f"信任文件已写到 {target}。核验方请通过可靠渠道取得并固定它。")
    if authority is not None:
        console.say(f"PDF 的文件签名根证书已写到 {beside}，在 PDF 阅读软件中设为受信任即可。")
    return 0


def _publish(home: Home) -> None:
    issuing = rooms.issuing(home)
    issuing.publish(clock.now())
    standing.say_what_the_log_waits_for(issuing)


def _kid(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as cause:
        raise UsageError(
            f"“{text}”不是密钥编号。", next_step="编号是 16 位十六进制数，见 chenghe keys list。", code="KEY_UNKNOWN"
        ) from cause


def _say_added(state: "KeyState") -> None:
    start, end = (f"{moment:%Y-%m-%d}" for moment in (state.entry.not_before, state.signs_until))
    console.say(f"已增加签发密钥 {state.entry.kid.hex()}（{_algorithm(state)}），{start} 起签发，至 {end}。")


def _algorithm(state: "KeyState") -> str:
    from verify.keyring import ALGORITHMS

    return ALGORITHMS[state.entry.algorithm].name


def _line(state: "KeyState") -> str:
    entry = state.entry
    ended = f"　{entry.revoked_at:%Y-%m-%d} 停用" if entry.revoked_at else ""
    place = "私钥在密码设备" if state.in_device else "私钥在本机" if state.has_private else "私钥不在本机"
    return (
        f"{entry.kid.hex()}　{_algorithm(state)}　{entry.not_before:%Y-%m-%d} 起，签发至 {state.signs_until:%Y-%m-%d}，"
        f"可核验至 {entry.not_after:%Y-%m-%d}　{place}{ended}"
    )


def _described(state: "KeyState") -> dict[str, object]:
    entry = state.entry
    return {
        "kid": entry.kid.hex(),
        "algorithm": _algorithm(state),
        "not_before": entry.not_before.isoformat(),
        "signs_until": state.signs_until.isoformat(),
        "not_after": entry.not_after.isoformat(),
        "revoked_at": entry.revoked_at.isoformat() if entry.revoked_at else None,
        "private_here": state.has_private,
        "in_device": state.in_device,
    }
