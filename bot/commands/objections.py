"""``chenghe objections file | list | overdue | show | act``: objections at the desk and for the responsible units."""

import argparse
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands, casework
from bot.commands.correcting import field_values
from bot.commands.subject_code import subject_code
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.cases.objections import Objection


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("objections", help="异议：提交、查看、办理").add_subparsers(
        dest="objections", required=True, metavar="动作"
    )
    filing = group.add_parser("file", parents=[common], help="代主体在窗口提交异议")
    filing.add_argument("--subject", required=True, metavar="CODE", help="统一社会信用代码")
    filing.add_argument("--record", metavar="KEY", help="有异议的记录：决定文书号或记录编号")
    filing.add_argument("--domain", type=int, metavar="N", help="领域序号；有 --record 时可以不填")
    filing.add_argument("--report", metavar="NUMBER", help="显示该数据的报告编号")
    filing.add_argument("--reason", required=True, metavar="TEXT", help="异议理由")
    filing.add_argument("--by", required=True, metavar="NAME", help="主体的经办人（身份已核对）")
    _evidence(filing)
    _finish(filing, file)
    listing = group.add_parser("list", parents=[common], help="列出待办的异议，或一个单位、一个主体的全部异议")
    listing.add_argument("--unit", metavar="U", help="责任单位")
    listing.add_argument("--subject", metavar="CODE", help="统一社会信用代码")
    _finish(listing, list_objections)
    _finish(group.add_parser("overdue", parents=[common], help="列出超过本机构办理时限的异议"), overdue)
    showing = group.add_parser("show", parents=[common], help="查看一件异议的全部经过")
    showing.add_argument("number", metavar="NUMBER", help="异议编号")
    showing.add_argument("--out", metavar="DIR", help="把材料另存到此目录")
    _finish(showing, show)
    acting = group.add_parser("act", parents=[common], help="办理一步")
    acting.add_argument("number", metavar="NUMBER", help="异议编号")
    acting.add_argument("step", metavar="STEP", help="受理、不予受理、转办、开始核实、更正、维持、反馈")
    acting.add_argument("--reason", required=True, metavar="TEXT", help="理由；不予受理和反馈的理由就是给主体的答复")
    acting.add_argument("--unit", metavar="U", help="代表哪个责任单位办理（不填为信用办）")
    acting.add_argument("--by", metavar="NAME", help="经办人（默认为登录用户）")
    acting.add_argument("--to", metavar="U", help="转办给哪个单位")
    acting.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="更正的内容，如 法律状态=撤销；可重复"
    )
    acting.add_argument("--seen", metavar="STATE", help="办理前看到的状态；已变动的不办理")
    _evidence(acting)
    _finish(acting, act)


def _evidence(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--evidence", action="append", default=[], metavar="FILE", help="材料：pdf、jpg、png、docx、xlsx、txt；可重复"
    )


def _finish(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def file(options: argparse.Namespace, home: Home) -> int:
    from index.cases.objections import Filing
    from index.channel import Channel

    filing = Filing(
        subject_code=subject_code(options.subject),
        report_number=options.report,
        record_key=options.record,
        domain=options.domain,
        reason=options.reason,
        channel=Channel.DESK,
        filed_by=casework.typed_for(options.by),
    )
    taken = rooms.objections(home).file(filing, casework.evidence(options.evidence), clock.now())
    _tell_guess([taken])
    return _answer(taken, options)


def list_objections(options: argparse.Namespace, home: Home) -> int:
    return _list(casework.listed(rooms.objections(home), options), options)


def overdue(options: argparse.Namespace, home: Home) -> int:
    if rooms.office(home).objection_days is None:
        console.say("本机构没有设定异议办理时限（office.toml 的 objection_days），所以没有超时一说。")
    return _list(rooms.objections(home).overdue(actor=clock.operator(), now=clock.now()), options)


def show(options: argparse.Namespace, home: Home) -> int:
    return _answer(casework.looked_at(rooms.objections(home), options), options)


def act(options: argparse.Namespace, home: Home) -> int:
    from index.cases.corrections import read_correction
    from index.cases.objections import Event, State

    event = casework.choice(Event, options.step, "步骤")
    seen = casework.choice(State, options.seen, "状态") if options.seen else None
    objections, now, actor = rooms.objections(home), clock.now(), casework.typed_for(options.by)
    if options.to and event is not Event.ASSIGN:
        raise UsageError("--to 只用于转办。", next_step="请去掉 --to，或把步骤写成“转办”。")
    given: dict[str, Any] = {"actor": actor, "reason": options.reason, "unit": options.unit, "seen": seen, "now": now}
    given["files"] = casework.evidence(options.evidence)
    if options.to:
        return _answer(objections.assign(options.number, options.to, **given), options)
    correction = read_correction(field_values(options.set)) if options.set else None
    taken = objections.act(options.number, event, correction=correction, **given)
    if event is Event.CORRECT:
        casework.tell_verifiers(home, taken.number)
    return _answer(taken, options)


def _answer(objection: "Objection", options: argparse.Namespace) -> int:
    if options.json:
        console.print_json(objection.to_json())
        return 0
    console.line(f"异议编号　{objection.number}")
    console.line(f"主体代码　{objection.subject_code}")
    console.line(f"异议对象　领域 {objection.domain}　{objection.record_key or '（整个领域）'}")
    console.line(f"报告编号　{objection.report_number or '未指明'}")
    console.line(f"责任单位　{objection.unit}")
    console.line(f"异议理由　{objection.reason}")
    console.line(f"状态　　　{objection.state}")
    console.line(f"办理时限　{f'{objection.due_on}（含当日；本机构服务承诺）' if objection.due_on else '未设定'}")
    console.line(f"给主体的答复　{objection.outcome or '—'}")
    casework.show_steps(objection.steps)
    return 0


def _list(found: "tuple[Objection, ...]", options: argparse.Namespace) -> int:
    _tell_guess(found)
    if options.json:
        console.print_json([objection.to_json() for objection in found])
        return 0
    for objection in found:
        late = "　已超时" if objection.is_overdue(clock.now()) else ""
        due = f"　时限 {objection.due_on}" if objection.due_on else ""
        console.line(f"{objection.number}　{objection.state}　{objection.unit}　领域 {objection.domain}{due}{late}")
    if not found:
        console.say("没有异议。")
    return 0


def _tell_guess(found: "Iterable[Objection]") -> None:
    if not all(objection.due_published for objection in found):
        console.say("提示：没有录入该年的放假安排，办理时限按周末规则推算。安排公布后请填入 office/calendar.csv。")
