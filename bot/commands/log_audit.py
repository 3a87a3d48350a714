"""``chenghe log audit``: the whole log against its checkpoints, given reports, and the office's own ledger.

1. The checkpoint is the log's; its tree is the earlier ones, grown: given, remembered, cosigned.
2. Every leaf, and the published file of every report.
3. Reports in hand: signed by us, hence registered.
4. On the office's own machine: ledger and log say the same.

Exit status: 0 clean, 1 something was found, 2 could not be answered. What was found clean so far is remembered.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, log_source, verifying
from bot.settings import Home

if TYPE_CHECKING:
    from verify.transparency.audit import Audit
    from verify.transparency.findings import Finding
    from verify.transparency.notes import Checkpoint
    from verify.transparency.tree import TileTree
    from verify.verification import Verification

SHOWN_MAX = 1000
"""Each of these is told; of further ones their number."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A checkpoint that the present one must have grown from, and how we come by it."""

    name: str
    checkpoint: "Checkpoint"


def add_to(group: Commands, common: argparse.ArgumentParser) -> None:
    parser = group.add_parser("audit", parents=[common], help="审计整个日志：倒签、重复、漏登、改写、分叉")
    log_source.add_options(parser)
    parser.add_argument("--from", dest="earlier", metavar="FILE", help="先前的检查点（默认上次审计时记下的）")
    parser.add_argument("--reports", nargs="+", default=[], metavar="PATH", help="报告文件、核验码文字、文件夹或压缩包")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, home: Home) -> int:
    found: list[Finding] = []
    with log_source.opened(options, home) as source:
        memory = log_source.memory_of(home, "audit", source.log.origin)
        earlier = list(_earlier(options, source, memory))
        audit = _audited(source, earlier, found)
        if audit is not None:
            found += _reports(options, source, audit)
            found += _ledger(home, source, audit)
    if audit is not None and not any(finding.kind == "LOG_FORKED" for finding in found):
        _remember(memory, source.data)
    return _show(options, audit, earlier, found)


def _earlier(options: argparse.Namespace, source: log_source.LogSource, memory: Path) -> Iterator[Earlier]:
    """Raises TrustError for a given one that is not this log's."""
    from verify.errors import TrustError
    from verify.transparency.notes import open_checkpoint

    if options.earlier:
        yield Earlier("给出的检查点", open_checkpoint(log_source.content_of(Path(options.earlier)), source.log))
    for name, data in (("上次审计", log_source.remembered(memory)), ("共签的检查点", source.read(log_source.COSIGNED))):
        if data is not None:
            try:
                yield Earlier(name, open_checkpoint(data, source.log))
            except TrustError as problem:
                console.say(f"提示：{name}没有用上。{problem.message}")


def _audited(source: log_source.LogSource, earlier: list[Earlier], found: "list[Finding]") -> "Audit | None":
    """1 and 2. None when its own files contradict the log; then only that is found. Raises TrustError otherwise."""
    from verify.errors import TrustError
    from verify.transparency.audit import Audit, bundles
    from verify.transparency.findings import Finding, Kind
    from verify.transparency.witnessing import open_grown

    contradictions = {"CHECKPOINT_SIGNATURE": Kind.CHECKPOINT_FALSE, "TILE_INVALID": Kind.TILE_FALSE}
    try:
        checkpoint, tree = open_grown(source.data, source.log, source.tile, None)
        found += _forks(earlier, checkpoint, tree)
        audit = Audit(checkpoint, source.trust.keys.issuer.number_prefix)
        for number in console.progress(bundles(tree), label="审计"):
            found += audit.read_bundle(tree, number)
    except TrustError as error:
        if error.code not in contradictions:
            raise
        found.append(Finding(contradictions[error.code], detail=error.message.rstrip("。")))
        return None
    if source.folder is not None:
        found += audit.of_files(source.read)
    return audit


def _forks(earlier: list[Earlier], now: "Checkpoint", tree: "TileTree") -> "Iterator[Finding]":
    from verify.transparency.findings import Finding, Kind

    for each in earlier:
        before = each.checkpoint
        if not tree.grows_from(before.size, before.root):
            detail = f"{each.name} {before.size} 条、{before.at:%Y-%m-%d %H:%M}"
            yield Finding(Kind.LOG_FORKED, detail=f"{detail}；现在 {now.size} 条、{now.at:%Y-%m-%d %H:%M}")


def _reports(options: argparse.Namespace, source: log_source.LogSource, audit: "Audit") -> "Iterator[Finding]":
    """3."""
    if not options.reports:
        return
    from verify.documents.examine import Means

    now = clock.now()
    with ExitStack() as closing:
        readers = verifying.readers_of(closing)
        means = Means(source.trust, now, now, None, None, readers.read)
        for name, answers in verifying.examined(options.reports, means, closing, readers):
            for answer in answers:
                yield from _report(name, answer.verification, audit)


def _report(name: str, answer: "Verification", audit: "Audit") -> "Iterator[Finding]":
    from verify.reasons import Verdict
    from verify.transparency.findings import Finding, Kind

    if answer.credential is not None:
        yield from audit.of_report(answer.credential)
    else:
        kind = Kind.REPORT_UNREADABLE if answer.verdict is Verdict.UNREADABLE else Kind.REPORT_NOT_OURS
        yield Finding(kind, number=name, detail=answer.message.rstrip("。"))


def _ledger(home: Home, source: log_source.LogSource, audit: "Audit") -> "Iterator[Finding]":
    """4."""
    if source.folder is None or source.folder.resolve() != home.public.resolve() or not home.database.exists():
        return
    from verify.issuing.ledger import Doer
    from verify.issuing.log_audit import against_ledger

    yield from against_ledger(rooms.store(home), audit, Doer(clock.operator(), clock.now()))


def _remember(memory: Path, data: bytes) -> None:
    from verify.issuing.files import write_whole

    write_whole(memory, data)


def _show(options: argparse.Namespace, audit: "Audit | None", earlier: list[Earlier], found: "list[Finding]") -> int:
    if options.json:
        console.print_json(_json(audit, earlier, found))
    else:
        for finding in found[:SHOWN_MAX]:
            console.line(f"✗ {finding.message}")
            console.line(f"　 下一步：{finding.next_step}（{finding.kind}）")
        if len(found) > SHOWN_MAX:
            console.line(f"……另有 {len(found) - SHOWN_MAX} 处，用 --json 查看全部。")
        _say(audit, earlier, len(found))
    return 1 if found else 0


def _say(audit: "Audit | None", earlier: list[Earlier], found: int) -> None:
    if audit is not None:
        at = audit.checkpoint
        console.say(f"已逐条核对 {at.size} 条登记、{len(audit.reports)} 份报告，检查点 {at.at:%Y-%m-%d %H:%M:%S}。")
        compared = "、".join(f"{each.name}（{each.checkpoint.size} 条）" for each in earlier)
        console.say(f"与先前的检查点核对：{compared or '没有（这是第一次，已记下，供下次核对）'}。")
    console.say(f"发现 {found} 处问题。" if found else "没有发现问题。")


def _json(audit: "Audit | None", earlier: list[Earlier], found: "list[Finding]") -> dict[str, object]:
    at = None if audit is None else audit.checkpoint
    return {
        "origin": at.origin if at else None,
        "size": at.size if at else None,
        "checkpoint_at": at.at.isoformat() if at else None,
        "reports": len(audit.reports) if audit else None,
        "compared": [{"with": each.name, "size": each.checkpoint.size} for each in earlier],
        "findings": [finding.to_json() for finding in found],
    }
