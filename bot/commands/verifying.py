"""``chenghe verify``: QR text, pictures, reports, folders and zips of them. 0 all valid, 1 something is not, 2 no
answer.

* An input is a path when something is there, or when it looks like the name of a file; otherwise it is a code.
* One file is one answer. Of a folder or a zip every report found is one, several codes on a page are several.
* Names and texts come from an enemy: what a terminal would obey or hide is written out (‹U+001B›).
"""

import argparse
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from bot import clock, console, rooms
from bot.commands import Commands, recording
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.batch.inputs import Item
    from verify.batch.results import Collecting, Row, Table
    from verify.documents.examine import Answer, Means
    from verify.documents.workers import Readers
    from verify.remembering import Memory
    from verify.transparency.evidence import LogShelf
    from verify.trust import Trust
    from verify.verification import Verification

_FILE_NAME = re.compile(r"\.(docx?|docm|pdf|png|jpe?g|webp|tiff?|zip|txt)", re.IGNORECASE)
_COMMANDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
READERS_MAX = 8


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    verifying = commands.add_parser("verify", parents=[common], help="核验：核验码文字、图片、报告文件、文件夹或压缩包")
    verifying.add_argument("inputs", nargs="*", metavar="INPUT")
    verifying.add_argument("--at", metavar="ISO", help="核验哪一时刻的效力（默认现在），例如开标时间")
    verifying.add_argument("--offline", action="store_true", help="只用导出的信任文件，不看本机的任何其他数据")
    verifying.add_argument("--trust", metavar="FILE", help="信任文件（默认 数据目录/trust.json）")
    verifying.add_argument("--log", metavar="DIR", help="登记日志所在的文件夹（里面有 log/ 和 registered/）")
    verifying.add_argument("--bidders", metavar="FILE", help="投标人名单（CSV 或 XLSX，名称和统一社会信用代码）")
    verifying.add_argument("--out", metavar="FILE", help="把结果表写到 FILE（.xlsx 或 .csv）")
    recording.add_options(verifying)
    verifying.add_argument("--json", action="store_true", help="输出 JSON")
    verifying.set_defaults(run=run)


def run(options: argparse.Namespace, home: Home) -> int:
    if options.check_record:
        return recording.check(Path(options.check_record), as_json=options.json)
    if not options.inputs:
        raise UsageError("没有给出要核验的内容。", next_step="请给出核验码文字、文件、文件夹或压缩包。")
    now = clock.now()
    at = clock.moment(options.at) if options.at else now
    trust = _trust(options, home, now)
    memory = _remembered(options, home, trust, now)
    shelf = _log(options, home, trust, memory)
    with ExitStack() as closing:
        readers = readers_of(closing)
        collecting = _collecting(options, readers)
        means = _means(options, home, trust, at, now, readers, shelf)
        rows = list(_rows(options.inputs, means, collecting, closing, readers))
        table = collecting.table()
    if shelf is not None:
        memory.keep(trust.root, shelf.seen)
    _show(table, rows, as_json=options.json)
    if options.out:
        _write_out(Path(options.out), table, trust, at, now)
    recording.write(options, home, table, trust, now=now)
    return _exit_status([row.verification for row in table.rows])


def _trust(options: argparse.Namespace, home: Home, now: datetime) -> "Trust":
    """The pinned trust file. On the issuing machine itself the published one is renewed first (unless offline)."""
    from verify.trust import load

    if options.trust:
        path = Path(options.trust)
    elif options.offline:
        path = home.exported_trust if home.exported_trust.exists() else home.published_trust
    else:
        path = home.published_trust
        if home.keys.exists():
            rooms.issuing(home).publish(now)
    try:
        return load(path.read_bytes())
    except OSError as cause:
        raise UsageError(
            f"读不到信任文件 {path}。",
            next_step="请在签发机器上运行 chenghe keys export，再用 --trust 指定导出的文件。",
            code="TRUST_FILE_MISSING",
        ) from cause


def readers_of(closing: ExitStack) -> "Readers":
    from verify.documents.workers import Readers

    return closing.enter_context(Readers(min(READERS_MAX, os.cpu_count() or 1)))


def _means(
    options: argparse.Namespace,
    home: Home,
    trust: "Trust",
    at: datetime,
    now: datetime,
    readers: "Readers",
    shelf: "LogShelf | None",
) -> "Means":
    from verify.documents.examine import Means
    from verify.public.shelf import Shelf

    alone = options.offline or options.trust
    evidence = None if shelf is None else shelf.evidence
    return Means(trust, at, now, None if alone else Shelf(home.public), evidence, readers.read)


def _remembered(options: argparse.Namespace, home: Home, trust: "Trust", now: datetime) -> "Memory":
    """What was handed to us before; ``trust`` is refused when it is older. Our own publication needs no memory."""
    from verify.remembering import Memory

    handed_over = options.trust or options.offline or not home.keys.exists()
    memory = Memory(home.seen if handed_over else None)
    memory.admit(trust, now)
    if handed_over and not memory.durable:
        console.say(f"请注意：{home.seen} 写不进去，下次核验时不能发现有人拿旧清单冒充新清单。")
    return memory


def _log(options: argparse.Namespace, home: Home, trust: "Trust", memory: "Memory") -> "LogShelf | None":
    """What the log says: of the folder that is named, or, unless offline, of the published one."""
    from verify.transparency.evidence import LogShelf

    if options.log:
        folder = Path(options.log)
        if not (folder / "log" / "checkpoint").is_file():
            raise UsageError(
                f"{plain(str(folder))} 里没有登记日志。",
                next_step="请指定公开目录的副本：里面有 log/checkpoint。",
                code="LOG_NOT_FOUND",
            )
    elif options.offline or options.trust:
        return None
    else:
        folder = home.public
    return LogShelf(folder, trust.keys.logs, memory.checkpoints(trust.root))


def _collecting(options: argparse.Namespace, readers: "Readers") -> "Collecting":
    from verify.batch.bidders import bidders_in
    from verify.batch.results import Collecting
    from verify.documents.reading import bytes_of

    if not options.bidders:
        return Collecting(None)
    path = Path(options.bidders)
    return Collecting(bidders_in(readers.rows(bytes_of(path, plain(path.name)))))


def _rows(
    inputs: list[str], means: "Means", collecting: "Collecting", closing: ExitStack, readers: "Readers"
) -> "Iterator[Row]":
    for name, answers in examined(inputs, means, closing, readers):
        yield from collecting.add(name, answers)


def examined(
    inputs: list[str], means: "Means", closing: ExitStack, readers: "Readers"
) -> "Iterator[tuple[str, tuple[Answer, ...]]]":
    """Each input, or each file of a folder or a zip, with its answers."""
    from verify.batch.inputs import nothing_in
    from verify.batch.running import answered

    for given in inputs:
        path = _path(given)
        items = None if path is None else _items(path, closing)
        if items == []:
            items = [nothing_in(given)]
        if items is None:
            yield given, (_one(given, path, means),)
            continue
        found = answered(items, means, readers=readers.count)
        for item, answers in console.progress(found, label="核验", total=len(items)):
            yield item.name, answers


def _one(given: str, path: Path | None, means: "Means") -> "Answer":
    """A code, or one file: one answer."""
    from verify.documents.examine import Answer, examine
    from verify.documents.reading import bytes_of

    name, data = (given, given) if path is None else (path.name, bytes_of(path, plain(path.name)))
    answer = examine(
        data,
        name=name,
        trust=means.trust,
        at=means.at,
        now=means.now,
        sealed=means.sealed,
        evidence=means.evidence,
        reader=means.reader,
    )
    return Answer(1, 1, answer, sha256(data).hexdigest() if isinstance(data, bytes) else "")


def _items(path: Path, closing: ExitStack) -> "list[Item] | None":
    """The files of a folder or a zip; None for one file, and for a zip that is refused as a whole."""
    from verify.batch.inputs import ZIP, items_of_folder, items_of_zip
    from verify.reasons import Rejection

    if path.is_dir():
        return items_of_folder(path)
    try:
        file = closing.enter_context(path.open("rb"))
    except OSError as cause:
        raise _not_opened(str(path)) from cause
    try:
        return items_of_zip(file) if file.read(len(ZIP)) == ZIP else None
    except Rejection:
        return None


def _path(given: str) -> Path | None:
    """The file or folder meant by ``given``; None for a code. Raises UsageError for what is neither."""
    try:
        mode = os.stat(given).st_mode
    except (OSError, ValueError) as cause:  # nothing there, no permission, a name too long to be one
        if isinstance(cause, PermissionError) or _FILE_NAME.fullmatch(Path(given).suffix):
            raise _not_opened(given) from cause
        return None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise _not_opened(given)
    return Path(given)


def _not_opened(given: str) -> UsageError:
    return UsageError(
        f"找不到或打不开文件 {plain(given)}。",
        next_step="请检查路径和读取权限；也可以直接给出核验码文字。",
        code="FILE_NOT_OPENED",
    )


def _show(table: "Table", rows: "list[Row]", *, as_json: bool) -> None:
    if as_json:
        console.print_json([_entry(row) for row in table.rows])
        return
    for row in table.rows:
        console.line(readable(_placed(row), row.verification, [each.text for each in row.marks]))
    for each in table.attendance:
        if each.state != "VALID_REPORT":
            without = "没有报告" if each.state == "NO_REPORT" else "报告有问题"
            console.line(plain(f"✗ 投标人{without}　{each.bidder.name}　{each.bidder.code}"))
    if len(rows) > 1:
        from verify.batch.tables import counts_in_words

        console.say("，".join(f"{name} {value}" for name, value in counts_in_words(table)))


def _entry(row: "Row") -> dict[str, Any]:
    """The design's entry; what a batch adds stands after it, and only where there is something to add."""
    entry = {"input": _encodable(row.file), **row.verification.to_json()}
    if row.codes > 1:
        entry["place"] = {"page": row.page, "code": row.code, "codes": row.codes}
    if row.marks:
        entry["marks"] = [each.to_json() for each in row.marks]
    return entry


def _placed(row: "Row") -> str:
    return row.file if row.codes == 1 else f"{row.file}（第 {row.page} 页，第 {row.code} 个码）"


def _write_out(path: Path, table: "Table", trust: "Trust", at: datetime, now: datetime) -> None:
    from verify.batch.tables import csv_of, told, xlsx_of

    kind = path.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise UsageError(f"不认识结果表的格式 {plain(path.name)}。", next_step="请用 .xlsx 或 .csv 结尾的文件名。")
    content = csv_of(table) if kind == ".csv" else xlsx_of(table, told(trust, at=at, now=now))
    recording.replace_file(path, content)
    console.say(f"结果表已写到 {plain(str(path))}")


def _exit_status(results: "list[Verification]") -> int:
    from verify.reasons import Verdict

    verdicts = {result.verdict for result in results}
    if not results or Verdict.INDETERMINATE in verdicts:
        return 2
    return 0 if verdicts == {Verdict.VALID} else 1


def readable(name: str, result: "Verification", marks: Sequence[str] = ()) -> str:
    lines = [f"{_mark(result)} {result.label}　{_short(name)}", f"  {result.message}"]
    if result.credential is not None:
        facts = result.credential.facts
        lines.append(
            f"  {facts.subject_name}　{facts.subject_code}　{result.credential.number}　"
            f"有效期至 {facts.valid_until:%Y-%m-%d} 24 时"
        )
        lines.append(f"  结论：{result.conclusion}")
    lines += [
        f"  ≠ {difference.where}：签发 {_quoted(difference.issued)}，送验 {_quoted(difference.found)}"
        for difference in result.differences
    ]
    lines += [f"  ! {mark}" for mark in marks]
    lines += [f"  ! {notice.message}{notice.next_step}（{notice.value}）" for notice in result.notices]
    lines += _logged(result)
    lines.append(f"  下一步：{result.next_step}（{result.reason.value}）")
    return "\n".join(map(plain, lines))


def _logged(result: "Verification") -> list[str]:
    log = result.registration
    if log is None or not log.leaves:
        return []
    first = log.leaves[0]
    return [f"  登记：{first.at:%Y-%m-%d %H:%M:%S} 记入 {log.origin} 第 {first.index} 条（共 {log.tree_size} 条）"]


def plain(text: str) -> str:
    """``text`` on one line, with every character that commands a terminal or hides written out."""
    return "".join(f"‹U+{ord(c):04X}›" if category(c) in _COMMANDING else c for c in text)


def _encodable(name: str) -> str:
    """File names need not be UTF-8; JSON is."""
    return name.encode(errors="backslashreplace").decode()


def _mark(result: "Verification") -> str:
    marks: dict[str, str] = {"valid": "✓", "indeterminate": "?"}
    return "!" if result.then_only else marks.get(result.verdict.value, "✗")


def _short(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:60]}…"


def _quoted(text: Any) -> str:
    return f"“{text}”" if text else "（无）"
