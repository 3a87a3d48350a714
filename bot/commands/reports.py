"""``chenghe report issue | revoke | show``: asks the issuing room; signs nothing itself."""

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console
from bot.commands import Commands
from bot.settings import Home

if TYPE_CHECKING:
    from verify.issuing.service import IssuedReport, Issuing


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


def issuing_room(home: Home) -> "Issuing":
    """The one place where the command line opens the room with the private key."""
    from index.rules.offices import load_office
    from index.store.engine import open_store
    from verify.issuing.service import Issuing

    return Issuing(
        office=load_office(home.office),
        engine=open_store(home.database),
        keys=home.keys,
        reports=home.reports,
        public=home.public,
        clock=clock.now,
    )


def issue(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.service import IssueRequest

    moment = clock.moment(options.now) if options.now else clock.now()
    request = IssueRequest(
        subject_code=options.subject,
        years=options.years,
        purpose=options.purpose,
        moment=moment,
        actor=clock.operator(),
        idempotency_key=options.key,
    )
    report = issuing_room(home).issue(request)
    _print(_delivered(report, options.out), as_json=options.json)
    return 0


def revoke(options: argparse.Namespace, home: Home) -> int:
    issuing_room(home).revoke(options.number, reason=options.reason, actor=clock.operator(), now=clock.now())
    console.say(f"报告 {options.number} 已撤销。下一步：把 {home.public} 同步到核验服务。")
    return 0


def show(options: argparse.Namespace, home: Home) -> int:
    _print(issuing_room(home).show(options.number).to_json(), as_json=options.json)
    return 0


def _delivered(report: "IssuedReport", out: str | None) -> dict[str, object]:
    """The design's JSON; with ``--out`` the files are copied there and their paths are the copies'."""
    described: dict[str, object] = report.to_json()
    if out is None:
        return described
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    files = {kind: folder / f"{report.number}{Path(path).suffix}" for kind, path in report.files.items()}
    for kind, copy in files.items():
        shutil.copyfile(report.files[kind], copy)
    return {**described, "files": {kind: str(path.absolute()) for kind, path in files.items()}}


def _print(described: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        console.print_json(described)
        return
    for name, value in described.items():
        console.line(f"{name}: {value}")
