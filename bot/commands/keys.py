"""``chenghe keys init | rotate | list | export | certificate``: who may sign, and the files others verify with."""

import argparse
import os
import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.issuing.keys import KeyState
    from verify.issuing.pdf.certificates import DocumentCertificate


PKCS12_VARIABLE = "CHENGHE_PKCS12_PASSWORD"
PKCS12_LIMIT_BYTES = 1024 * 1024
AUTHORITY_FILE = "document-root.crt"
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
        ("certificate", certificate, "PDF 的文件签名证书：列出，或换用证书机构发的证书"),
    ):
        parser = group.add_parser(name, parents=[common], help=explanation)
        parser.set_defaults(run=run)
        if name == "list":
            parser.add_argument("--json", action="store_true", help="输出 JSON")
        if name == "certificate":
            parser.add_argument("file", nargs="?", metavar="FILE", help="换用这份证书和私钥（PKCS#12）；不写则列出")
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
    authority = rooms.keys(home).documents.authority()
    if authority is not None:
        beside = target.absolute().with_name(AUTHORITY_FILE)
        write_whole(beside, authority)
        console.say(f"PDF 的文件签名根证书已写到 {beside}，在 PDF 阅读软件中设为受信任即可。")
    return 0


def certificate(options: argparse.Namespace, home: Home) -> int:
    """Lists the document certificates, or takes one of a certificate authority into use."""
    documents = rooms.keys(home).documents
    if options.file:
        added = documents.bring_in(_content(Path(options.file)), _password(), clock.now())
        _audit(home, "keys.certificate", added.name)
        console.say(f"此后签发的 PDF 使用证书 {added.name}（{added.subject}）。")
    entries = documents.entries()
    if options.json:
        console.print_json([_certificate_json(entry) for entry in entries])
        return 0
    for entry in entries:
        source = "本机构自建" if entry.own else f"由 {entry.issuer} 签发"
        console.line(f"{entry.name}　{entry.since:%Y-%m-%d} 起使用，有效至 {entry.not_after:%Y-%m-%d}　{source}")
    return 0


def _certificate_json(entry: "DocumentCertificate") -> dict[str, object]:
    return {
        "name": entry.name,
        "since": entry.since.isoformat(),
        "not_after": entry.not_after.isoformat(),
        "own": entry.own,
        "subject": entry.subject,
        "issuer": entry.issuer,
    }


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(PKCS12_LIMIT_BYTES)
    except OSError as cause:
        raise UsageError(
            f"打不开 {path}：{cause.strerror}。", next_step="请检查路径和读取权限。", code="FILE_NOT_OPENED"
        ) from cause


def _password() -> bytes | None:
    """From the environment, or asked for; a file without password has an empty one."""
    given = os.environ.get(PKCS12_VARIABLE)
    if given is None and sys.stdin.isatty():
        given = getpass("证书文件的口令：")
    return given.encode() if given else None
