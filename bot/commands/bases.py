"""``chenghe bases list | register``: under which texts reports may be issued, and who has seen to it."""

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands
from bot.settings import Home

if TYPE_CHECKING:
    from index.rules.bases import RegisteredBasis
    from index.rules.model import Basis, Office

NO_END = "未写明"


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("bases", help="签发依据：列出、登记").add_subparsers(
        dest="bases", required=True, metavar="动作"
    )
    listing = group.add_parser("list", parents=[common], help="列出 bases.csv 中的和登记的签发依据")
    listing.add_argument("--as-of", metavar="DAY", help="按这一天判断是否有效（默认今天）")
    listing.add_argument("--json", action="store_true", help="输出 JSON")
    listing.set_defaults(run=list_)
    entering = group.add_parser("register", parents=[common], help="登记一份新的签发依据或延期文件（记入审计）")
    entering.add_argument("title", metavar="TITLE", help="文件名称，照原文写全称")
    entering.add_argument("--number", metavar="TEXT", help="文号，如 云政办发〔2026〕3号；没有文号的不写")
    entering.add_argument("--from", required=True, dest="start", metavar="DAY", help="施行日期，含当日")
    entering.add_argument(
        "--to", required=True, metavar="DAY", help=f"有效期至，含当日；文件没有写明截止日的，写“{NO_END}”"
    )
    entering.add_argument("--replaces", metavar="TITLE", help="接替、延续或更正的已登记文件的名称")
    entering.add_argument("--evidence", required=True, metavar="TEXT", help="在何处核实了原文：公报期号、网址、来函")
    entering.add_argument("--json", action="store_true", help="输出 JSON")
    entering.set_defaults(run=register)


def register(options: argparse.Namespace, home: Home) -> int:
    from index.rules import bases
    from index.rules.model import Basis

    end = None if options.to == NO_END else clock.day(options.to)
    entry = bases.register(
        rooms.store(home),
        rooms.office(home),
        Basis(options.title, options.number, clock.day(options.start), end),
        replaces=options.replaces,
        evidence=options.evidence,
        actor=clock.operator(),
        now=clock.now(),
    )
    if options.json:
        console.print_json(_described(entry.basis, clock.today(), entry))
    else:
        state = bases.state_on(entry.basis, clock.today())
        console.line(f"已登记：{_line(entry.basis)}　{state}")
    console.say(
        "下一步：用 chenghe bases list 核对；已签发的报告不受影响。登记有误的，用 --replaces 写同一名称重新登记。"
    )
    return 0


def list_(options: argparse.Namespace, home: Home) -> int:
    from index.rules import bases

    day = clock.day(options.as_of) if options.as_of else clock.today()
    engine, written = rooms.store(home), rooms.office(home)
    entries = {entry.basis: entry for entry in bases.registered(engine)}
    office = bases.with_registered(written, engine)
    if options.json:
        used = office.basis_on(day)
        rows = [_described(basis, day, entries.get(basis)) | {"used": basis == used} for basis in office.bases]
        console.print_json(rows)
        return 0
    for basis in office.bases:
        console.line(f"{bases.state_on(basis, day)}　{_line(basis)}")
        console.line(f"　　{_origin(basis, entries.get(basis), written)}")
    _say_which(office, day)
    return 0


def _say_which(office: "Office", day: date) -> None:
    basis = office.basis_on(day)
    if basis is not None:
        console.say(f"{day} 签发的报告印《{basis.title}》（几份同时有效的，用施行日期最近的一份）。")
    elif office.allow_expired_basis and office.last_ended_basis(day):
        console.say(f"{day} 没有现行有效的依据；本机构设为依据届满后继续签发，报告上印明“有效期已届满”。")
    else:
        console.say(f"{day} 没有现行有效的依据，不能签发。确有新依据的，用 chenghe bases register 登记。")


def _origin(basis: "Basis", entry: "RegisteredBasis | None", written: "Office") -> str:
    if entry is None:
        source = dict(written.sources).get(basis.title)
        return f"office/bases.csv{f'（{source}）' if source else ''}"
    corrects = "更正" if entry.replaces == basis.title else "接替"
    follows = f"，{corrects}《{entry.replaces}》" if entry.replaces else ""
    return f"{entry.registered_at:%Y-%m-%d %H:%M} 由 {entry.actor} 登记{follows}；核实：{entry.evidence}"


def _line(basis: "Basis") -> str:
    return f"《{basis.title}》{basis.document_number or ''}　{basis.effective_from} 至 {basis.effective_to or NO_END}"


def _described(basis: "Basis", day: date, entry: "RegisteredBasis | None") -> dict[str, Any]:
    from index.rules.bases import state_on

    return {
        "title": basis.title,
        "document_number": basis.document_number,
        "effective_from": basis.effective_from.isoformat(),
        "effective_to": basis.effective_to.isoformat() if basis.effective_to else None,
        "state": state_on(basis, day).value,
        "as_of": day.isoformat(),
        "registered_at": entry.registered_at.isoformat() if entry else None,
        "registered_by": entry.actor if entry else None,
        "replaces": entry.replaces if entry else None,
        "evidence": entry.evidence if entry else None,
    }
