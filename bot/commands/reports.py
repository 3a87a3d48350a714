"""``chenghe report issue``: asks the issuing room; signs nothing itself. What becomes of a report: ``standing``."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, standing
from bot.commands.subject_code import subject_code
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.issuing.orders import BatchItem, IssuedReport

CODES_FILE_MAX_BYTES = 64 * 1024


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("report", help="专用信用报告：签发、撤销、替换、暂停、恢复、查看").add_subparsers(
        dest="report", required=True, metavar="动作"
    )
    issuing = group.add_parser("issue", parents=[common], help="签发一份报告，或一次为多个主体各签发一份")
    whose = issuing.add_mutually_exclusive_group(required=True)
    whose.add_argument("--subject", metavar="CODE", help="统一社会信用代码")
    whose.add_argument("--branches-of", metavar="CODE", help="为这家单位的每个分支机构各签发一份")
    whose.add_argument("--subjects", metavar="FILE", help="为文件中的每个统一社会信用代码各签发一份，每行一个")
    issuing.add_argument("--with-parent", action="store_true", help="与 --branches-of 合用：这家单位自己也签发一份")
    issuing.add_argument("--years", required=True, type=int, metavar="1|2|3", help="近一年、近两年或近三年")
    issuing.add_argument("--purpose", default="", metavar="TEXT", help="用途，如 银行贷款")
    issuing.add_argument("--out", metavar="DIR", help="另存报告和核验码图片到此目录")
    issuing.add_argument("--now", metavar="ISO", help="按此时刻签发（只用于示例机构的演示和测试）")
    issuing.add_argument("--key", metavar="TEXT", help="幂等键：同一键只签发一次，重复请求得到同一份报告")
    issuing.add_argument("--identity", default="", metavar="TEXT", help="怎样核对了申请人的身份，记入台账")
    issuing.add_argument("--authorisation", metavar="NUMBER", help="委托办理：授权书编号（与 --subject 合用）")
    issuing.add_argument("--grantee", default="", metavar="NAME", help="委托办理：被授权人")
    issuing.add_argument("--json", action="store_true", help="输出 JSON")
    issuing.set_defaults(run=issue)
    standing.add_to(group, common)


def issue(options: argparse.Namespace, home: Home) -> int:
    if options.with_parent and not options.branches_of:
        raise UsageError("--with-parent 只能和 --branches-of 合用。", next_step="请去掉它，或写明 --branches-of。")
    if (options.authorisation or options.grantee) and not (options.subject and options.authorisation):
        raise UsageError(
            "委托办理要同时写明 --subject、--authorisation 和 --grantee。",
            next_step="批量申请不能委托办理，请逐个申请。",
        )
    return issue_one(options, home) if options.subject else issue_many(options, home)


def issue_one(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.orders import IssueRequest

    moment = clock.moment(options.now) if options.now else clock.now()
    out = _writable(Path(options.out).absolute()) if options.out else None
    request = IssueRequest(
        subject_code=subject_code(options.subject),
        years=options.years,
        purpose=options.purpose,
        moment=moment,
        actor=clock.operator(),
        idempotency_key=options.key,
        identity_check=options.identity,
        authorisation=options.authorisation,
        grantee=options.grantee,
    )
    issuing = rooms.issuing(home)
    report = issuing.issue(request)
    if out is not None:
        report = report.copied_to(out)
    _warn_of_the_calendar(report.calendar_published)
    _say_why_no_pdf([report])
    standing.say_what_the_log_waits_for(issuing)
    if options.json:
        console.print_json(report.to_json())
    else:
        _show_report(report)
    return 0


def issue_many(options: argparse.Namespace, home: Home) -> int:
    """Status 1 when somebody got no report."""
    from verify.issuing.orders import BatchRequest

    out = _writable(Path(options.out).absolute()) if options.out else None
    request = BatchRequest(
        years=options.years,
        purpose=options.purpose,
        moment=clock.moment(options.now) if options.now else clock.now(),
        actor=clock.operator(),
        subject_codes=_codes(Path(options.subjects)) if options.subjects else (),
        parent_code=subject_code(options.branches_of) if options.branches_of else None,
        with_parent=options.with_parent,
        idempotency_key=options.key,
        identity_check=options.identity,
    )
    issuing = rooms.issuing(home)
    with console.counting(label="签发", unit="份") as progress:
        items = [_copied(item, out) for item in issuing.issue_many(request, progress)]
    _warn_of_the_calendar(all(item.report.calendar_published for item in items if item.report))
    _say_why_no_pdf([item.report for item in items if item.report])
    standing.say_what_the_log_waits_for(issuing)
    if options.json:
        console.print_json([item.to_json() for item in items])
    else:
        _show_items(items)
    return 0 if all(item.report for item in items) else 1


def _codes(path: Path) -> tuple[str, ...]:
    """One code a line; empty lines are left out."""
    try:
        with path.open("rb") as file:
            content = file.read(CODES_FILE_MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        raise _unreadable(path, (cause.strerror or "") if isinstance(cause, OSError) else "不是 UTF-8 文本") from cause
    if len(content) > CODES_FILE_MAX_BYTES:
        raise _unreadable(path, "文件太大")
    return tuple(subject_code(line.strip()) for line in text.splitlines() if line.strip())


def _unreadable(path: Path, why: str) -> UsageError:
    return UsageError(
        f"读不了 {path}：{why}。",
        next_step="请给出一个文本文件，每行一个统一社会信用代码；一次最多 1000 个。",
        code="SUBJECTS_UNREADABLE",
    )


def _copied(item: "BatchItem", out: Path | None) -> "BatchItem":
    return replace(item, report=item.report.copied_to(out)) if item.report and out else item


def _show_items(items: "list[BatchItem]") -> None:
    for item in items:
        if item.report:
            console.line(f"{item.subject_code}　{item.report.number}　{item.report.docx}")
        elif item.problem:
            console.line(f"{item.subject_code}　没有签发：{item.problem.message}（{item.problem.code}）")
    done = sum(item.report is not None for item in items)
    console.say(f"共 {len(items)} 个主体，签发 {done} 份，没有签发 {len(items) - done} 份。")


def _say_why_no_pdf(reports: "list[IssuedReport]") -> None:
    """Each reason once: forty branches lack the same font."""
    for reason in dict.fromkeys(report.without_pdf for report in reports if report.without_pdf):
        console.say(f"提示：{reason}")


def _warn_of_the_calendar(published: bool) -> None:
    if not published:
        console.say("提示：没有录入该年的放假安排，查询截止日按周末规则推算。安排公布后请填入 office/calendar.csv。")


def _writable(folder: Path) -> Path:
    """Looked at before a report is signed, which would have to be fetched elsewhere afterwards."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as cause:
        raise UsageError(
            f"不能写入 {folder}：{cause.strerror}。报告没有签发。",
            next_step="请用 --out 换一个可以写入的目录。",
            code="OUT_NOT_WRITABLE",
        ) from cause


def _show_report(report: "IssuedReport") -> None:
    console.line(f"报告编号　　{report.number}")
    console.line(f"主体代码　　{report.subject_code}")
    console.line(f"开具时间　　{report.issued_at:%Y-%m-%d %H:%M:%S}")
    console.line(f"查询范围　　{report.period_from} 至 {report.period_to}")
    console.line(f"核验有效期　至 {report.valid_until:%Y-%m-%d} 24 时")
    console.line(f"手输核验码　{report.typed_code}")
    console.line(f"报告文件　　{report.docx}")
    if report.pdf is not None:
        console.line(f"　　　　　　{report.pdf}")
    console.line(f"核验码图片　{report.qr_png}")
