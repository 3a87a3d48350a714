"""``chenghe audit verify | export | show``: the chain of who did what when, checked and handed on (docs/audit.md).

* ``verify`` remembers the last line it found in order; the next check holds the audit against it. A head kept elsewhere
  is better: whoever can change the database can change this memory too.
* An export is a file only its owner may read, whole or not there.
"""

import argparse
import os
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands
from bot.errors import UsageError
from bot.settings import Home
from index.calendar import SHANGHAI

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from index.audit_chain import Head, Walk
    from index.audit_lines import Wanted

SHOWN = 50
YEARS = range(2000, 3000)
PRIVATE = 0o600


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("audit", help="审计：核对、导出、查看").add_subparsers(
        dest="audit", required=True, metavar="动作"
    )
    verifying = group.add_parser("verify", parents=[common], help="逐行核对审计链，找出改动、删除、插入、挪动和截断")
    verifying.add_argument("file", nargs="?", metavar="FILE", help="导出的审计文件；不写则核对本机构的数据库")
    verifying.add_argument("--head", action="append", default=[], metavar="HEAD", help="另处记下的链头；可重复")
    verifying.add_argument("--json", action="store_true", help="输出 JSON")
    verifying.set_defaults(run=verify)
    exporting = group.add_parser("export", parents=[common], help="把审计导出成一个文件（留下审计记录）")
    exporting.add_argument("--out", required=True, metavar="FILE", help="写到这个文件，只有本人可读")
    exporting.add_argument("--after", metavar="HEAD", help="只导出这个链头之后的")
    _purpose(exporting)
    exporting.set_defaults(run=export)
    showing = group.add_parser("show", parents=[common], help="查看审计记录，新的在前（留下审计记录）")
    _filters(showing)
    _purpose(showing)
    showing.add_argument("--json", action="store_true", help="输出 JSON")
    showing.set_defaults(run=show)


def _purpose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--purpose", required=True, metavar="TEXT", help="为什么查看")


def _filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--last", type=int, default=SHOWN, metavar="N", help=f"最多几行（默认 {SHOWN}）")
    parser.add_argument("--by", metavar="NAME", help="只看这个人的")
    parser.add_argument("--action", metavar="WORD", help="只看这种行为，可以只写开头，如 records.")
    parser.add_argument("--target", metavar="TEXT", help="只看对这个对象的：代码、报告编号、工号")
    parser.add_argument("--since", metavar="DATE", help="从这一天起")
    parser.add_argument("--until", metavar="DATE", help="到这一天止（含当日）")


def verify(options: argparse.Namespace, home: Home) -> int:
    """0 nothing is wrong, 1 something was found."""
    from index.audit_chain import Head
    from index.audit_lines import check_store

    heads = tuple(Head.read(text) for text in options.head)
    if options.file:
        walk = _check_file(Path(options.file), heads)
    else:
        walk = check_store(rooms.store(home), (*heads, *_remembered(home)))
        if not walk.found:
            _remember(home, walk.head)
    return _told(walk, options)


def _check_file(path: Path, heads: "tuple[Head, ...]") -> "Walk":
    from index.audit_export import MAX_LINE_BYTES, check_export

    try:
        with path.open("rb") as file:
            return check_export(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), heads)
    except OSError as cause:
        raise UsageError(
            f"读不了 {path.name}：{cause.strerror}。", next_step="请检查文件名和读取权限。", code="FILE_UNREADABLE"
        ) from cause


def _told(walk: "Walk", options: argparse.Namespace) -> int:
    if options.json:
        findings = [finding.to_json() for finding in walk.findings]
        document = {"intact": not walk.found, "lines": walk.lines, "head": str(walk.head)}
        console.print_json(document | {"found": walk.found, "findings": findings})
        return 1 if walk.found else 0
    for finding in walk.findings:
        console.line(finding.message)
    if walk.found > len(walk.findings):
        console.line(f"……另有 {walk.found - len(walk.findings)} 处。")
    if walk.found:
        console.say(f"共 {walk.lines} 行，发现 {walk.found} 处问题。请保留数据库和备份，不要改动，报告负责人。")
        return 1
    console.line(f"审计完整：共 {walk.lines} 行，逐行相接。")
    console.line(f"链头　{walk.head}")
    console.say("请把链头记在别处（例如发给监督部门或登记在册）：今后凭它能发现整段改写和截断。")
    return 0


def _remembered(home: Home) -> "tuple[Head, ...]":
    from index.audit_chain import Head

    try:
        return (Head.read(home.audit_head.read_text(encoding="ascii")),)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as cause:
        raise UsageError(
            f"读不了上次核对记下的链头 {home.audit_head.name}。",
            next_step="请检查读取权限；文件坏了的，查明原因后删去再核对。",
            code="FILE_UNREADABLE",
        ) from cause


def _remember(home: Home, head: "Head") -> None:
    from verify.whole_files import replace_whole

    replace_whole(home.audit_head, f"{head}\n".encode(), PRIVATE)


def export(options: argparse.Namespace, home: Home) -> int:
    from index.audit_chain import START, Head
    from index.audit_export import export as exported
    from index.records.cells import visible

    path = Path(options.out)
    after = Head.read(options.after) if options.after else START
    said = {"actor": clock.operator(), "purpose": options.purpose, "target": visible(path.name), "now": clock.now()}
    try:
        count = _write(path, exported(_settled(home), after, **said))
    except OSError as cause:
        raise UsageError(
            f"写不了 {path}：{cause.strerror}。", next_step="请用 --out 换个位置。", code="CANNOT_WRITE"
        ) from cause
    console.say(f"已导出 {count - 2} 行到 {path}。用 chenghe audit verify {path.name} 可以在任何机器上核对。")
    return 0


def _write(path: Path, lines: Iterable[bytes]) -> int:
    """The whole file or nothing, line by line: an audit may be larger than the memory."""
    beside = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb") as file:
            for line in lines:
                file.write(line)
                count += 1
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return count


def show(options: argparse.Namespace, home: Home) -> int:
    from index.audit_lines import show as lines_of

    said = {"actor": clock.operator(), "purpose": options.purpose, "now": clock.now()}
    lines = lines_of(_settled(home), _wanted(options), **said)
    if options.json:
        console.print_json([line.to_json() for line in lines])
        return 0
    for each in lines:
        words = (f"{each.at:%Y-%m-%d %H:%M:%S}", each.actor, each.action, each.target, each.purpose, each.detail)
        console.line("　".join([str(each.number), *filter(None, words)]))
    if not lines:
        console.say("没有符合的审计记录。")
    return 0


def _settled(home: Home) -> "Engine":
    """The store, with the refusals of strangers in the hours that are over told in the audit."""
    from index.refusals import settle

    store = rooms.store(home)
    settle(store, clock.now())
    return store


def _wanted(options: argparse.Namespace) -> "Wanted":
    from index.audit_lines import Wanted

    if options.last < 1:
        raise UsageError("--last 至少为 1。", next_step="例如 --last 50。")
    return Wanted(
        last=options.last,
        actor=options.by,
        action=options.action,
        target=options.target,
        since=_midnight(options.since) if options.since else None,
        until=_midnight(options.until) + timedelta(days=1) if options.until else None,
    )


def _midnight(text: str) -> datetime:
    day = clock.day(text)
    if day.year not in YEARS:
        raise UsageError(f"“{text}”不在 2000 年至 2999 年之间。", next_step="请核对日期。", code="DAY_UNREADABLE")
    return datetime.combine(day, time(), SHANGHAI)
