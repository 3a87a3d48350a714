"""``chenghe repairs check | file | list | show | act``: applications for 信用修复 at the desk and for the units."""

import argparse
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, casework
from bot.commands.subject_code import subject_code
from bot.settings import Home

if TYPE_CHECKING:
    from index.cases.prechecks import PreCheck
    from index.cases.repairs import Application, Repair


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("repairs", help="信用修复：预检、提交、查看、办理").add_subparsers(
        dest="repairs", required=True, metavar="动作"
    )
    _applying(group.add_parser("check", parents=[common], help="预检：能不能修复、从哪一天起"), check)
    filing = group.add_parser("file", parents=[common], help="代主体在窗口提交修复申请")
    filing.add_argument("--evidence", action="append", default=[], metavar="FILE", help="证明材料；可重复，至少一个")
    _applying(filing, file)
    listing = group.add_parser("list", parents=[common], help="列出待办的申请，或一个单位、一个主体的全部申请")
    listing.add_argument("--unit", metavar="U", help="记录的来源单位")
    listing.add_argument("--subject", metavar="CODE", help="统一社会信用代码")
    _finish(listing, list_repairs)
    showing = group.add_parser("show", parents=[common], help="查看一件申请的全部经过和今天的预检结果")
    showing.add_argument("number", metavar="NUMBER", help="修复申请编号")
    showing.add_argument("--out", metavar="DIR", help="把材料另存到此目录")
    _finish(showing, show)
    acting = group.add_parser("act", parents=[common], help="办理一步")
    acting.add_argument("number", metavar="NUMBER", help="修复申请编号")
    acting.add_argument("step", metavar="STEP", help="受理、不予受理、开始审核、准予修复、不予修复、办结")
    acting.add_argument("--reason", required=True, metavar="TEXT", help="理由；不予受理和办结的理由就是给主体的答复")
    acting.add_argument("--unit", metavar="U", help="代表哪个单位办理（不填为信用办）")
    acting.add_argument("--by", metavar="NAME", help="经办人（默认为登录用户）")
    acting.add_argument("--severity", metavar="轻微|一般|严重", help="准予修复时确认的违法程度（记录没有写明的）")
    acting.add_argument("--seen", metavar="STATE", help="办理前看到的状态；已变动的不办理")
    acting.add_argument("--evidence", action="append", default=[], metavar="FILE", help="材料；可重复")
    _finish(acting, act)


def _applying(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--subject", required=True, metavar="CODE", help="统一社会信用代码")
    parser.add_argument("--record", required=True, metavar="KEY", help="要修复的记录：决定文书号或记录编号")
    parser.add_argument("--severity", metavar="轻微|一般|严重", help="违法程度（记录没有写明的）")
    parser.add_argument("--corrected", required=True, metavar="DATE", help="纠正违法行为的日期")
    parser.add_argument("--fulfilled", required=True, metavar="DATE", help="履行完义务的日期，如缴清罚款")
    parser.add_argument("--commitment", required=True, metavar="TEXT", help="公开的信用承诺全文")
    parser.add_argument("--by", required=True, metavar="NAME", help="主体的经办人（身份已核对）")
    _finish(parser, run)


def _finish(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def _application(options: argparse.Namespace) -> "Application":
    from index.cases.repairs import Application
    from index.channel import Channel
    from index.records.model import Severity

    return Application(
        subject_code=subject_code(options.subject),
        record_key=options.record,
        severity=casework.choice(Severity, options.severity, "违法程度") if options.severity else None,
        corrected_on=clock.day(options.corrected),
        obligations_done_on=clock.day(options.fulfilled),
        commitment=options.commitment,
        channel=Channel.DESK,
        filed_by=casework.typed_for(options.by),
    )


def check(options: argparse.Namespace, home: Home) -> int:
    """0 every condition is met today, 1 one is not."""
    found = rooms.repairs(home).check(_application(options), clock.now())
    if options.json:
        console.print_json(found.to_json())
    else:
        _show_check(found)
    return 0 if found.is_met else 1


def file(options: argparse.Namespace, home: Home) -> int:
    taken = rooms.repairs(home).file(_application(options), casework.evidence(options.evidence), clock.now())
    return _answer(taken, options)


def list_repairs(options: argparse.Namespace, home: Home) -> int:
    return _list(casework.listed(rooms.repairs(home), options), options)


def show(options: argparse.Namespace, home: Home) -> int:
    repairs = rooms.repairs(home)
    found = casework.looked_at(repairs, options)
    today = repairs.recheck(found.number, actor=clock.operator(), now=clock.now()) if found.is_open else None
    return _answer(found, options, today)


def act(options: argparse.Namespace, home: Home) -> int:
    from index.cases.repairs import Event, State
    from index.records.model import Severity

    event = casework.choice(Event, options.step, "步骤")
    taken = rooms.repairs(home).act(
        options.number,
        event,
        actor=casework.typed_for(options.by),
        reason=options.reason,
        unit=options.unit,
        files=casework.evidence(options.evidence),
        severity=casework.choice(Severity, options.severity, "违法程度") if options.severity else None,
        seen=casework.choice(State, options.seen, "状态") if options.seen else None,
        now=clock.now(),
    )
    if event is Event.GRANT:
        casework.tell_verifiers(home, taken.number)
    return _answer(taken, options)


def _answer(repair: "Repair", options: argparse.Namespace, today: "PreCheck | None" = None) -> int:
    if options.json:
        console.print_json(repair.to_json() | {"check": today.to_json() if today else None})
        return 0
    console.line(f"申请编号　{repair.number}")
    console.line(f"主体代码　{repair.subject_code}")
    console.line(f"修复记录　{repair.record_key}")
    console.line(f"决定单位　{repair.unit}")
    console.line(f"违法程度　{repair.severity}")
    console.line(f"纠正日期　{repair.corrected_on}　义务履行日期　{repair.obligations_done_on}")
    console.line(f"信用承诺　{repair.commitment}")
    console.line(f"状态　　　{repair.state}")
    console.line(f"给主体的答复　{repair.outcome or '—'}")
    if today is not None:
        _show_check(today)
    casework.show_steps(repair.steps)
    return 0


def _show_check(found: "PreCheck") -> None:
    console.line(f"预检（{found.day}）：{'各项条件具备' if found.is_met else '还不能修复'}")
    for finding in found.findings:
        console.line(f"　{'✓' if finding.met else '✗'} {finding.condition}：{finding.says}")
    console.line(f"　可以修复的最早日期：{found.possible_on or '不能计算'}　依据：{found.source or '没有生效的规定'}")


def _list(found: "tuple[Repair, ...]", options: argparse.Namespace) -> int:
    if options.json:
        console.print_json([repair.to_json() for repair in found])
        return 0
    for repair in found:
        console.line(f"{repair.number}　{repair.state}　{repair.unit}　{repair.record_key}")
    if not found:
        console.say("没有修复申请。")
    return 0
