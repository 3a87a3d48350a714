"""``chenghe keys witness add | list | remove``: other bureaus whose cosignature on the log's checkpoints counts."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, key_acts
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.keylist import Witness


def add_to(group: Commands, common: argparse.ArgumentParser, rooted: argparse.ArgumentParser) -> None:
    acts = group.add_parser("witness", help="登记日志的见证机构：登记、列出、除名").add_subparsers(
        dest="witness", required=True, metavar="动作"
    )
    adding = acts.add_parser("add", parents=[common, rooted], help="登记一家见证机构，其共签此后算数")
    adding.add_argument("key", metavar="KEY", help="对方给的一行公钥：名称+编号+base64")
    adding.set_defaults(run=add)
    listing = acts.add_parser("list", parents=[common], help="列出登记的见证机构")
    listing.add_argument("--json", action="store_true", help="输出 JSON")
    listing.set_defaults(run=list_)
    removing = acts.add_parser("remove", parents=[common, rooted], help="除名，其共签此后不算数")
    removing.add_argument("name", metavar="NAME")
    removing.set_defaults(run=remove)


def add(options: argparse.Namespace, home: Home) -> int:
    from verify.transparency.notes import read_verifier_key

    witness = read_verifier_key(options.key)

    def added(known: "tuple[Witness, ...]") -> "tuple[Witness, ...]":
        if any(each.name == witness.name or each.public_key == witness.public_key for each in known):
            raise UsageError(
                f"{witness.name} 或它的公钥已经登记。", next_step="要换公钥的，请先除名再登记。", code="WITNESS_KNOWN"
            )
        return (*known, witness)

    _change(options, home, "keys.witness.add", witness.name, added)
    console.say(f"已登记见证机构 {witness.name}。")
    return 0


def remove(options: argparse.Namespace, home: Home) -> int:
    def left(known: "tuple[Witness, ...]") -> "tuple[Witness, ...]":
        others = tuple(each for each in known if each.name != options.name)
        if len(others) == len(known):
            raise UsageError(
                f"没有登记名为 {options.name} 的见证机构。",
                next_step="请用 chenghe keys witness list 核对名称。",
                code="WITNESS_UNKNOWN",
            )
        return others

    _change(options, home, "keys.witness.remove", options.name, left)
    console.say(f"已除名见证机构 {options.name}。")
    return 0


def list_(options: argparse.Namespace, home: Home) -> int:
    from verify.transparency.notes import verifier_key

    witnesses = rooms.keys(home).log_key().witnesses
    if options.json:
        console.print_json([{"name": each.name, "key": verifier_key(each)} for each in witnesses])
        return 0
    for each in witnesses:
        console.line(verifier_key(each))
    return 0


def _change(
    options: argparse.Namespace,
    home: Home,
    action: str,
    name: str,
    change: "Callable[[tuple[Witness, ...]], tuple[Witness, ...]]",
) -> None:
    keys = rooms.keys(home, options.root)
    with key_acts.entered(home, keys, action, name) as done:
        keys.set_witnesses(change, clock.now())
        rooms.issuing(home).publish(clock.now())
        done(name)
