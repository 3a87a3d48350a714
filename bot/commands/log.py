"""``chenghe log show | checkpoint | audit | witness-key | cosign | cosigned``: the transparency log, looked after.

``audit`` is in ``log_audit``, what a second bureau does in ``cosigning``.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bot import console
from bot.commands import Commands, cosigning, log_audit, log_source
from bot.settings import Home

if TYPE_CHECKING:
    from verify.transparency.audit import Audit

WORDS = {"issued": "签发", "revoked": "撤销", "superseded": "替换", "suspended": "暂停", "resumed": "恢复"}


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("log", help="登记日志：查看、审计、第二机构共签").add_subparsers(
        dest="log", required=True, metavar="动作"
    )
    showing = group.add_parser("show", parents=[common], help="日志有多大、最近的检查点、谁共签过、每天登记多少份")
    log_source.add_options(showing)
    showing.add_argument("--json", action="store_true", help="输出 JSON")
    showing.set_defaults(run=show)
    point = group.add_parser("checkpoint", parents=[common], help="取出当前的检查点，交给第二机构或留作日后核对")
    log_source.add_options(point)
    point.add_argument("--out", metavar="FILE", help="写到 FILE（默认输出到屏幕）")
    point.set_defaults(run=checkpoint)
    log_audit.add_to(group, common)
    cosigning.add_to(group, common)


def show(options: argparse.Namespace, home: Home) -> int:
    from verify.transparency.audit import Audit
    from verify.transparency.witnessing import open_grown

    with log_source.opened(options, home) as source:
        at, tree = open_grown(source.data, source.log, source.tile, None)
        audit = Audit(at, source.trust.keys.issuer.number_prefix)
        findings = sum(1 for _ in audit.read(tree))
    if options.json:
        console.print_json(_json(audit, findings))
        return 0
    acts = "，".join(f"{WORDS[name]} {count}" for name, count in _acts(audit).items())
    console.line(f"日志　　　{at.origin}")
    console.line(f"条数　　　{at.size}（{acts}）")
    console.line(f"启用　　　{audit.opened_at:%Y-%m-%d %H:%M:%S}" if audit.opened_at else "启用　　　没有启用条目")
    console.line(f"检查点　　{at.at:%Y-%m-%d %H:%M:%S}")
    console.line(f"根　　　　{at.root.hex()}")
    console.line(f"共签　　　{'、'.join(at.witnesses) or '这个检查点没有其他机构共签'}")
    for day, count in sorted(audit.days.items()):
        console.line(f"{day}　{count} 份")
    if findings:
        console.say(f"发现 {findings} 处不合规则，请执行 chenghe log audit 查看。")
    return 0


def checkpoint(options: argparse.Namespace, home: Home) -> int:
    from verify.issuing.files import write_whole
    from verify.transparency.notes import open_checkpoint

    with log_source.opened(options, home) as source:
        at = open_checkpoint(source.data, source.log)
    if options.out:
        write_whole(Path(options.out).absolute(), source.data)
        console.say(f"检查点已写到 {options.out}（{at.size} 条，{at.at:%Y-%m-%d %H:%M:%S}）。")
    else:
        console.line(source.data.decode().rstrip("\n"))
    return 0


def _json(audit: "Audit", findings: int) -> dict[str, object]:
    at = audit.checkpoint
    return {
        "origin": at.origin,
        "size": at.size,
        "root": at.root.hex(),
        "checkpoint_at": at.at.isoformat(),
        "witnesses": list(at.witnesses),
        "opened_at": audit.opened_at.isoformat() if audit.opened_at else None,
        "acts": _acts(audit),
        "days": {day.isoformat(): count for day, count in sorted(audit.days.items())},
        "findings": findings,
    }


def _acts(audit: "Audit") -> dict[str, int]:
    """How often each act was registered, by its name in JSON."""
    return {"issued": len(audit.reports), **{act.name.lower(): count for act, count in sorted(audit.changes.items())}}
