"""``chenghe subjects show``, ``chenghe records list | feeds | batches``: what is stored, and for whom.

Each look at a subject's facts goes through ``index.admission``; all of them leave an audit line.
"""

import argparse
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands
from bot.commands.claiming import add_claim_options, reader_of
from bot.commands.subject_code import subject_code
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from index.records.model import CreditRecord

LABELS = {
    "code": "统一社会信用代码",
    "name": "名称",
    "kind": "主体类型",
    "registration_state": "登记状态",
    "registration_authority": "登记机关",
}
BATCHES = 50


def add_showing(subjects: Commands, common: argparse.ArgumentParser) -> None:
    showing = subjects.add_parser("show", parents=[common], help="查看一个主体（留下查询记录）")
    showing.add_argument("code", metavar="CODE", help="统一社会信用代码")
    _reading(showing, show_subject)


def add_listing(records: Commands, common: argparse.ArgumentParser) -> None:
    listing = records.add_parser("list", parents=[common], help="列出一个主体的记录（留下查询记录）")
    listing.add_argument("--subject", required=True, metavar="CODE", help="统一社会信用代码")
    _reading(listing, list_records)
    feeds = records.add_parser("feeds", parents=[common], help="各领域数据接入情况")
    feeds.add_argument("--json", action="store_true", help="输出 JSON")
    feeds.set_defaults(run=show_feeds)
    batches = records.add_parser("batches", parents=[common], help="最近导入的文件：谁提供、谁导入、各多少行")
    batches.add_argument("--limit", type=int, default=BATCHES, metavar="N", help=f"最多列出几个（默认 {BATCHES}）")
    batches.add_argument("--json", action="store_true", help="输出 JSON")
    batches.set_defaults(run=show_batches)


def _reading(parser: argparse.ArgumentParser, run: object) -> None:
    add_claim_options(parser)
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def show_subject(options: argparse.Namespace, home: Home) -> int:
    code = subject_code(options.code)
    subject = reader_of(options, home, code).subject(code)
    shown = {
        "code": subject.code,
        "name": subject.name,
        "kind": subject.kind.value,
        "registration_state": subject.registration_state,
        "registration_authority": subject.registration_authority,
    }
    if options.json:
        console.print_json(shown)
    else:
        for name, value in shown.items():
            console.line(f"{LABELS[name]}：{value or '—'}")
    return 0


def list_records(options: argparse.Namespace, home: Home) -> int:
    code = subject_code(options.subject)
    records = reader_of(options, home, code).list_for(code).records
    if options.json:
        console.print_json([_record_json(record) for record in records])
        return 0
    for record in records:
        marks = "，异议处理中" if record.under_objection else ""
        console.line(
            f"{record.decided_on}  领域{record.domain:>2}  {record.kind.value}  {record.document_number}  "
            f"{record.decided_by}（{record.legal_state.value}{marks}）"
        )
    if not records:
        console.say("没有记录。")
    return 0


def _record_json(record: "CreditRecord") -> dict[str, Any]:
    return {
        "key": record.key,
        "document_number": record.document_number,
        "kind": record.kind.value,
        "domain": record.domain,
        "source_unit": record.source_unit,
        "violation": record.violation,
        "content": record.content,
        "decided_on": record.decided_on.isoformat(),
        "decided_by": record.decided_by,
        "legal_state": record.legal_state.value,
        "severity": record.severity.value if record.severity else None,
        "published": record.published,
        "publication_until": record.publication_until.isoformat() if record.publication_until else None,
        "corrected_on": record.corrected_on.isoformat() if record.corrected_on else None,
        "repaired_on": record.repaired_on.isoformat() if record.repaired_on else None,
        "under_objection": record.under_objection,
        "provider": record.provider,
        "batch": record.batch,
    }


def show_feeds(options: argparse.Namespace, home: Home) -> int:
    from index.records.feeds import all_feeds

    found = all_feeds(rooms.store(home), rooms.office(home), day=clock.today(), actor=clock.operator(), now=clock.now())
    if options.json:
        console.print_json(
            [
                {
                    "domain": feed.domain,
                    "name": feed.name,
                    "responsible": feed.responsible,
                    "state": feed.state.value,
                    "updated_on": feed.updated_on.isoformat() if feed.updated_on else None,
                    "provider": feed.provider,
                    "batch": feed.batch,
                }
                for feed in found
            ]
        )
        return 0
    for feed in found:
        source = f"{feed.provider or '各行自报'}（批次 {feed.batch}）" if feed.batch else "—"
        console.line(
            f"{feed.domain:>3}  {feed.state.value}  {feed.updated_on or '—'}  {feed.name}  {feed.responsible}  {source}"
        )
    return 0


def show_batches(options: argparse.Namespace, home: Home) -> int:
    from index.records.feeds import all_batches

    if not 1 <= options.limit <= 10_000:
        raise UsageError("--limit 应为 1 至 10000。", next_step="请改一个数。", code="LIMIT_WRONG")
    found = all_batches(rooms.store(home), limit=options.limit, actor=clock.operator(), now=clock.now())
    if options.json:
        console.print_json(
            [
                {
                    "batch": batch.id,
                    "kind": batch.kind,
                    "file": batch.file_name,
                    "sha256": batch.file_sha256,
                    "provider": batch.provider,
                    "received_at": batch.received_at.isoformat(),
                    "actor": batch.actor,
                    "rows": batch.row_count,
                    "inserted": batch.inserted,
                    "updated": batch.updated,
                    "unchanged": batch.unchanged,
                    "rejected": batch.rejected,
                }
                for batch in found
            ]
        )
        return 0
    for batch in found:
        console.line(
            f"{batch.id}  {batch.received_at:%Y-%m-%d %H:%M}  {'主体' if batch.kind == 'subjects' else '记录'}  "
            f"{batch.provider or '各行自报'}  {batch.file_name}  共 {batch.row_count} 行，新增 {batch.inserted}，"
            f"更新 {batch.updated}，没有变化 {batch.unchanged}，未导入 {batch.rejected}  {batch.actor}"
        )
    if not found:
        console.say("还没有导入过文件。")
    return 0
