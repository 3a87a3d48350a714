"""``chenghe report revoke | supersede | suspend | resume | show``: what becomes of a report, and what became."""

import argparse
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands
from bot.settings import Home

if TYPE_CHECKING:
    from verify.issuing.orders import LedgerEntry
    from verify.issuing.service import Issuing
    from verify.issuing.standing import LedgerPage

CHANNELS = {"desk": "窗口", "self": "本人网上自助", "service": "其他系统（签发接口）"}
STEPS = {
    "revoke": "撤销一份报告，不再恢复",
    "supersede": "用同一主体后来的一份报告替换一份报告，不再恢复",
    "suspend": "暂停一份报告：复核期间，核验结论为“无法确认”",
    "resume": "恢复一份暂停的报告",
}


def add_to(group: Commands, common: argparse.ArgumentParser) -> None:
    for event, help_text in STEPS.items():
        parser = group.add_parser(event, parents=[common], help=help_text)
        parser.add_argument("number", metavar="NUMBER", help="报告编号")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="原因，记入台账")
        if event == "supersede":
            parser.add_argument(
                "--by", required=True, metavar="NUMBER2", help="用哪一份报告替换：同一主体后来的有效报告"
            )
        parser.add_argument("--now", metavar="ISO", help="按此时刻办理（只用于示例机构的演示和测试）")
        parser.set_defaults(run=change, event=event)
    showing = group.add_parser("show", parents=[common], help="查看一份已签发的报告，连同它的每一次变动")
    showing.add_argument("number", metavar="NUMBER", help="报告编号")
    showing.add_argument("--json", action="store_true", help="输出 JSON")
    showing.set_defaults(run=show)


def change(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.states import Event, State

    event = Event(options.event)
    successor = options.by if event is Event.SUPERSEDE else None
    moment = clock.moment(options.now) if options.now else clock.now()
    issuing = rooms.issuing(home)
    entry = issuing.change(options.number, event, options.reason, clock.operator(), moment, successor)
    console.say(f"报告 {entry.number} {State(entry.state).label}。下一步：把 {home.public} 同步到核验服务。")
    say_what_the_log_waits_for(issuing)
    return 0


def show(options: argparse.Namespace, home: Home) -> int:
    page = rooms.issuing(home).show(options.number, clock.operator())
    if options.json:
        console.print_json(page.to_json())
    else:
        _show_entry(page.entry)
        _show_changes(page)
    return 0


def say_what_the_log_waits_for(issuing: "Issuing") -> None:
    if (problem := issuing.log_problem) is not None:
        console.say(f"提示：登记日志暂未公布。{problem.message}下一步：{problem.next_step}（{problem.code}）")


def _show_entry(entry: "LedgerEntry") -> None:
    console.line(f"报告编号　　{entry.number}")
    console.line(f"主体代码　　{entry.subject_code}")
    console.line(f"开具时间　　{entry.issued_at:%Y-%m-%d %H:%M:%S}")
    console.line(f"查询范围　　{entry.period_from} 至 {entry.period_to}（{entry.years} 年）")
    console.line(f"核验有效期　至 {entry.valid_until:%Y-%m-%d} 24 时")
    console.line(f"用途　　　　{entry.purpose or '未指定'}")
    console.line(f"签发依据　　《{entry.basis_title}》")
    console.line(f"签名密钥　　{entry.kid.hex()}")
    console.line(f"签发人　　　{entry.actor}")
    console.line(f"途径　　　　{CHANNELS[entry.channel]}")
    console.line(f"身份核对　　{entry.identity_check or '未记录'}")
    if entry.request:
        console.line(f"批量申请　　{entry.request}")
    if not entry.calendar_published:
        console.line("日历　　　　签发时没有该年的放假安排，查询截止日按周末规则推算，请核对")


def _show_changes(page: "LedgerPage") -> None:
    """Expiry is no state of the ledger."""
    from verify.issuing.states import State

    place = page.place
    logged = f"第 {place.index} 条，{place.at:%Y-%m-%d %H:%M:%S}" if place else "没有（签发时还没有登记日志）"
    console.line(f"登记日志　　{logged}")
    console.line(f"状态　　　　{State(page.entry.state).label}")
    for step in page.changes:
        by = f"，由 {step.successor} 替换" if step.successor else ""
        console.line(
            f"　　　　　　{step.at:%Y-%m-%d %H:%M:%S}　{step.event.label}　{step.reason}{by}　（{step.actor}）"
        )
