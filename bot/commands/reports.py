"""``chenghe report issue | revoke | show``: asks the issuing room; signs nothing itself."""

import argparse
from pathlib import Path

from bot import clock, console, rooms
from bot.commands import Commands
from bot.settings import Home


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("report", help="专用信用报告：签发、撤销、查看").add_subparsers(
        dest="report", required=True, metavar="动作"
    )
    issuing = group.add_parser("issue", parents=[common], help="签发一份报告")
    issuing.add_argument("--subject", required=True, metavar="CODE", help="统一社会信用代码")
    issuing.add_argument("--years", required=True, type=int, metavar="1|2|3", help="近一年、近两年或近三年")
    issuing.add_argument("--purpose", default="", metavar="TEXT", help="用途，如 银行贷款")
    issuing.add_argument("--out", metavar="DIR", help="另存报告和核验码图片到此目录")
    issuing.add_argument("--now", metavar="ISO", help="按此时刻签发（只用于示例机构的演示和测试）")
    issuing.add_argument("--key", metavar="TEXT", help="幂等键：同一键只签发一次，重复请求得到同一份报告")
    issuing.add_argument("--json", action="store_true", help="输出 JSON")
    issuing.set_defaults(run=issue)
    revoking = group.add_parser("revoke", parents=[common], help="撤销一份报告")
    revoking.add_argument("number", metavar="NUMBER", help="报告编号")
    revoking.add_argument("--reason", required=True, metavar="TEXT", help="撤销原因，记入台账")
    revoking.set_defaults(run=revoke)
    showing = group.add_parser("show", parents=[common], help="查看一份已签发的报告")
    showing.add_argument("number", metavar="NUMBER", help="报告编号")
    showing.add_argument("--json", action="store_true", help="输出 JSON")
    showing.set_defaults(run=show)


def issue(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.orders import IssueRequest

    moment = clock.moment(options.now) if options.now else clock.now()
    request = IssueRequest(
        subject_code=options.subject,
        years=options.years,
        purpose=options.purpose,
        moment=moment,
        actor=clock.operator(),
        idempotency_key=options.key,
    )
    report = rooms.issuing(home).issue(request)
    if options.out:
        report = report.copied_to(Path(options.out).absolute())
    if not report.calendar_published:
        console.say("提示：国务院尚未公布该年放假安排，查询截止日按周末规则推算。请在安排公布后核对。")
    _print(report.to_json(), as_json=options.json)
    return 0


def revoke(options: argparse.Namespace, home: Home) -> int:
    rooms.issuing(home).revoke(options.number, reason=options.reason, actor=clock.operator(), now=clock.now())
    console.say(f"报告 {options.number} 已撤销。下一步：把 {home.public} 同步到核验服务。")
    return 0


def show(options: argparse.Namespace, home: Home) -> int:
    _print(rooms.issuing(home).show(options.number).to_json(), as_json=options.json)
    return 0


def _print(described: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        console.print_json(described)
        return
    for name, value in described.items():
        console.line(f"{name}: {value}")
