"""``chenghe log witness-key | cosign | cosigned``: a second bureau cosigns the log, and the office publishes that.

* The second bureau has its own home, key and memory. Its key is written encrypted, its public part as one word beside.
* It cosigns only the tree it saw last, grown; it remembers before the cosignature leaves the house.
* The office takes only the lines of witnesses that its key list names.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, log_source
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.keylist import Witness
    from verify.keyring import Signer

KEY_FILE = "witness.pem"


def add_to(group: Commands, common: argparse.ArgumentParser) -> None:
    making = group.add_parser("witness-key", parents=[common], help="第二机构：建立共签用的密钥，给出公钥")
    making.add_argument(
        "--name", required=True, metavar="NAME", help="第二机构的名称，例如 credit.example.gov.cn/witness"
    )
    making.add_argument("--key", metavar="FILE", help="私钥写到哪里（默认 数据目录/keys/witness.pem）")
    making.set_defaults(run=witness_key)
    signing = group.add_parser("cosign", parents=[common], help="第二机构：核对日志只增不改，然后共签检查点")
    signing.add_argument("checkpoint", nargs="?", metavar="CHECKPOINT", help="检查点文件（默认日志当前公布的）")
    log_source.add_options(signing)
    signing.add_argument("--key", metavar="FILE", help="共签用的私钥（默认 数据目录/keys/witness.pem）")
    signing.add_argument("--memory", metavar="FILE", help="上次共签的检查点记在哪里（默认在数据目录）")
    signing.add_argument("--out", metavar="FILE", help="共签后的检查点写到哪里（默认 ./cosigned）")
    signing.set_defaults(run=cosign)
    taking = group.add_parser("cosigned", parents=[common], help="签发机构：收下第二机构的共签并公布")
    taking.add_argument("file", metavar="FILE", help="第二机构共签后的检查点")
    taking.set_defaults(run=cosigned)


def witness_key(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.files import locked, write_private, write_whole
    from verify.issuing.passphrase import passphrase_from_environment, require
    from verify.issuing.private_keys import sealed
    from verify.keyring import ED25519
    from verify.signing import new_private_key, signer_of_der
    from verify.transparency.notes import verifier_key

    path = _key_path(options, home)
    with locked(path.parent):
        if path.exists():
            raise UsageError(
                f"{path} 已经存在，没有覆盖。",
                next_step="请用 --key 指定别的文件；旧密钥停用前先告知签发机构。",
                code="KEYS_EXIST",
            )
        der = new_private_key(ED25519)
        word = verifier_key(_witness(options.name, signer_of_der(ED25519, der).public_key))
        write_private(path.parent, path.name, sealed(der, require(passphrase_from_environment())))
        write_whole(_public(path), f"{word}\n".encode())
    console.say(
        f"已建立共签密钥 {path}（加密保存）。请把下面一行交给签发机构，由对方用 chenghe keys witness add 登记："
    )
    console.line(word)
    return 0


def cosign(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.files import locked, write_whole
    from verify.transparency.witnessing import cosign as cosign_grown

    key = _key_path(options, home)
    target = Path(options.out) if options.out else Path("cosigned")
    given = Path(options.checkpoint) if options.checkpoint else None
    with log_source.opened(options, home, given) as source, locked(key.parent):
        memory = Path(options.memory) if options.memory else log_source.memory_of(home, "cosign", source.log.origin)
        witness, signer = _signer(key)
        last = log_source.remembered(memory)
        whole = cosign_grown(source.data, source.log, source.tile, last, (witness.name, signer), clock.now())
        write_whole(memory.absolute(), source.data)
    write_whole(target.absolute(), whole.encode())
    grown = "第一次共签，没有先前的检查点可比" if last is None else "与上次共签的一致，只增不改"
    console.say(
        f"已核对 {source.log.origin}：{grown}。共签后的检查点写到 {target}，请交给签发机构（chenghe log cosigned）。"
    )
    return 0


def cosigned(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.cosignatures import take
    from verify.issuing.delivery import Places
    from verify.issuing.ledger import Doer

    brought, log = log_source.content_of(Path(options.file)), rooms.keys(home).log_key()
    places, doer = Places(home.reports, home.public), Doer(clock.operator(), clock.now())
    checkpoint = take(rooms.store(home), places, log, brought, doer)
    console.say(
        f"已收下 {'、'.join(checkpoint.witnesses)} 对 {checkpoint.size} 条的共签，公布在 {home.public / 'log'}。"
    )
    return 0


def _witness(name: str, public_key: bytes) -> "Witness":
    """Raises UsageError for a name that cannot stand in a signature line."""
    from verify.errors import TrustError
    from verify.keylist import Witness
    from verify.transparency.notes import read_verifier_key, verifier_key

    try:
        return read_verifier_key(verifier_key(Witness(name, public_key)))
    except TrustError as cause:
        raise UsageError(
            "名称的写法不对。",
            next_step="请用 1 至 200 个英文字符，不含空格和加号，例如 credit.example.gov.cn/witness。",
            code="WITNESS_NAME",
        ) from cause


def _key_path(options: argparse.Namespace, home: Home) -> Path:
    return Path(options.key).absolute() if options.key else home.keys / KEY_FILE


def _public(path: Path) -> Path:
    return path.with_suffix(".pub")


def _signer(path: Path) -> "tuple[Witness, Signer]":
    """Raises UsageError or KeyringError."""
    from verify.issuing.files import read_private
    from verify.issuing.passphrase import passphrase_from_environment
    from verify.issuing.private_keys import secret_for
    from verify.keyring import ED25519
    from verify.signing import signer_of_pem
    from verify.transparency.notes import read_verifier_key

    if not path.is_file():
        raise UsageError(
            f"没有共签密钥 {path}。",
            next_step="请先执行 chenghe log witness-key --name NAME，并把公钥交给签发机构；建立过的，请从备份恢复。",
            code="WITNESS_KEY_MISSING",
        )
    pem = read_private(path.parent, path.name)
    try:
        signer = signer_of_pem(ED25519, pem, secret_for(pem, passphrase_from_environment()))
    except ValueError as cause:
        raise UsageError(
            f"打不开 {path}。", next_step="请核对口令（CHENGHE_KEY_PASSPHRASE）。", code="KEY_FILE_UNREADABLE"
        ) from cause
    witness = read_verifier_key(log_source.content_of(_public(path)).decode(errors="replace"))
    if witness.public_key != signer.public_key:
        raise UsageError(
            f"{_public(path)} 不是 {path} 的公钥。",
            next_step="请放回建立密钥时一同写下的文件。",
            code="KEY_FILE_UNREADABLE",
        )
    return witness, signer
