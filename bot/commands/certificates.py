"""``chenghe keys certificate``: the certificates under which PDFs are certified."""

import argparse
import os
import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, key_acts
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.issuing.pdf.certificates import DocumentCertificate

PKCS12_VARIABLE = "CHENGHE_PKCS12_PASSWORD"
PKCS12_LIMIT_BYTES = 1024 * 1024


def add_to(group: Commands, parents: list[argparse.ArgumentParser]) -> None:
    parser = group.add_parser(
        "certificate", parents=parents, help="PDF 的文件签名证书：列出，或换用证书机构发的证书（需要根密钥）"
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="换用这份证书和私钥（PKCS#12）；不写则列出")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=certificate)


def certificate(options: argparse.Namespace, home: Home) -> int:
    """Lists the document certificates, or takes one of a certificate authority into use."""
    keys = rooms.keys(home, options.root)
    if options.file:
        content, password = _content(Path(options.file)), _password()
        with key_acts.entered(home, keys, "keys.certificate") as done:
            added = keys.bring_in_certificate(content, password, clock.now())
            rooms.issuing(home).publish(clock.now())
            done(added.name)
        console.say(f"此后签发的 PDF 使用证书 {added.name}（{added.subject}），已列入公钥清单。")
    entries = keys.documents.entries()
    if options.json:
        console.print_json([_described(entry) for entry in entries])
        return 0
    for entry in entries:
        source = "本机构自建" if entry.own else f"由 {entry.issuer} 签发"
        ended = f"　{entry.revoked_at:%Y-%m-%d} 停用" if entry.revoked_at else ""
        console.line(f"{entry.name}　{entry.since:%Y-%m-%d} 起使用，有效至 {entry.not_after:%Y-%m-%d}　{source}{ended}")
    return 0


def _described(entry: "DocumentCertificate") -> dict[str, object]:
    return {
        "name": entry.name,
        "since": entry.since.isoformat(),
        "not_after": entry.not_after.isoformat(),
        "revoked_at": entry.revoked_at.isoformat() if entry.revoked_at else None,
        "own": entry.own,
        "subject": entry.subject,
        "issuer": entry.issuer,
        "fingerprint": entry.fingerprint.hex(),
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
