"""``chenghe records history`` and ``chenghe subjects history``: what changed, who did it, when and why; office only."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot import console, rooms
from bot.commands import Commands
from bot.commands.claiming import add_claim_options, reader_of
from bot.commands.subject_code import subject_code
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from index.records.model import CreditRecord
    from index.records.versions import Version

PROVENANCE_LABELS = {
    "document_number": "决定文书号",
    "provider": "提供单位",
    "from_province": "省级回流",
}
SUBJECT_LABELS = {
    "name": "名称",
    "kind": "主体类型",
    "type_name": "类型",
    "legal_representative": "法定代表人（负责人）",
    "established_on": "成立日期",
    "address": "住所",
    "registration_state": "登记状态",
    "registration_authority": "登记机关",
    "parent_code": "隶属主体代码",
}


def add_record_history(records: Commands, common: argparse.ArgumentParser) -> None:
    history = records.add_parser("history", parents=[common], help="一条记录或一个主体各记录改过什么：谁、何时、为何")
    history.add_argument("key", nargs="?", metavar="KEY", help="记录编号（records list --json 的 key）")
    history.add_argument("--subject", metavar="CODE", help="统一社会信用代码")
    _reading(history, record_history)


def add_subject_history(subjects: Commands, common: argparse.ArgumentParser) -> None:
    history = subjects.add_parser("history", parents=[common], help="一个主体的登记信息改过什么：谁、何时、为何")
    history.add_argument("code", metavar="CODE", help="统一社会信用代码")
    _reading(history, subject_history)


def _reading(parser: argparse.ArgumentParser, run: object) -> None:
    add_claim_options(parser)
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def record_history(options: argparse.Namespace, home: Home) -> int:
    from index.records.amendable import LABELS
    from index.records.reading import subject_of

    if (options.key is None) == (options.subject is None):
        raise UsageError(
            "请写记录编号或主体，两者选一。",
            next_step="chenghe records history KEY，或加 --subject CODE。",
            code="HISTORY_OF_WHAT",
        )
    code = subject_code(options.subject) if options.subject else subject_of(rooms.store(home), options.key)
    told = [
        (record, versions)
        for record, versions in reader_of(options, home, code).history(code)
        if options.key in (None, record.key)
    ]
    if options.json:
        console.print_json([_history_json(record, versions) for record, versions in told])
        return 0
    for record, versions in told:
        console.line(f"{record.decided_on}  {record.document_number}  {record.key}")
        _say_versions(versions, {**LABELS, **PROVENANCE_LABELS})
    if not told:
        console.say("没有记录。")
    return 0


def subject_history(options: argparse.Namespace, home: Home) -> int:
    code = subject_code(options.code)
    versions = reader_of(options, home, code).subject_history(code)
    if options.json:
        console.print_json({"code": code, "versions": [_version_json(version) for version in versions]})
    else:
        console.line(code)
        _say_versions(versions, SUBJECT_LABELS)
    return 0


def _say_versions(versions: "tuple[Version, ...]", labels: Mapping[str, str]) -> None:
    for version in versions:
        how = f"批次 {version.batch}" if version.batch else "更正"
        console.line(f"  {version.replaced_at:%Y-%m-%d %H:%M:%S}  {version.actor}  {how}  {version.reason}")
        for change in version.changes:
            console.line(
                f"    {labels.get(change.field, change.field)}：{_told(change.before)} → {_told(change.after)}"
            )
    if not versions:
        console.line("  没有改过。")


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "（无）" if value in (None, "") else str(value)


def _history_json(record: "CreditRecord", versions: "tuple[Version, ...]") -> dict[str, Any]:
    return {
        "key": record.key,
        "document_number": record.document_number,
        "versions": [_version_json(version) for version in versions],
    }


def _version_json(version: "Version") -> dict[str, Any]:
    return {
        "replaced_at": version.replaced_at.isoformat(),
        "actor": version.actor,
        "reason": version.reason,
        "batch": version.batch,
        "changes": [
            {"field": change.field, "before": change.before, "after": change.after} for change in version.changes
        ],
        "before": dict(version.before),
    }
