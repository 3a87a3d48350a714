"""``chenghe questions``: the expert's work on the question log: list, show, answer, confirm, retract, carry, purge.

Whoever can run this reads what was asked: the log is readable by the office's own account only (docs/questions.md).
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from datetime import date

    from index.policies.library import Library
    from index.questions.model import ApprovalKind, Cited, NewApproval
    from index.questions.store import QuestionStore

VIEWS = {
    "unanswered": "没有答上来、还没有审核答复的（默认）",
    "useless": "有人评为“没用”的",
    "useful": "有人评为“有用”、等待确认条文的",
    "stale": "审核答复已随原文失效、需要重新审核的",
    "all": "全部",
}
SHOWN = 50
DIGITS = 9


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    top = commands.add_parser("questions", parents=[common], help="问题记录：列出没答上的问题，登记审核答复")
    _listing(top)
    group = top.add_subparsers(dest="questions", metavar="动作")
    _listing(group.add_parser("list", parents=[common], help="列出问题"))
    showing = _numbered(group, common, "show", "查看一个问题的全部记录", show)
    showing.add_argument("--json", action="store_true", help="输出 JSON")
    _deciding(group, common)
    _carrying(group, common)


def _listing(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group()
    for name, explanation in VIEWS.items():
        chosen.add_argument(f"--{name}", dest="view", action="store_const", const=name, help=explanation)
    parser.add_argument("--as-of", metavar="DATE", help="按哪一天判断审核答复是否有效（默认今天）")
    parser.add_argument("--limit", type=_whole, default=SHOWN, metavar="N", help=f"最多几条（默认 {SHOWN}，0 为不限）")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=list_, view="unanswered")


def _deciding(group: Commands, common: argparse.ArgumentParser) -> None:
    answering = _numbered(group, common, "answer", "登记审核答复：再问同一问题时照此答复并引原文", answer)
    answering.add_argument("--text", required=True, metavar="TEXT", help="答复内容（本单位的表述）")
    answering.add_argument("--cite", required=True, nargs="+", action="append", metavar="CITE", help=CITE)
    answering.add_argument("--by", required=True, metavar="NAME", help="审核人姓名或工号（会显示给提问人）")
    answering.add_argument("--until", metavar="DATE", help="答复最晚用到哪一天（默认随原文）")
    confirming = _numbered(group, common, "confirm", "确认所引条文正确，供检索学习", confirm)
    confirming.add_argument("--cite", nargs="+", action="append", metavar="CITE", help=f"{CITE}（默认为最近一次所引）")
    dismissing = _numbered(group, common, "dismiss", "标为无需答复", dismiss)
    retracting = _numbered(group, common, "retract", "撤回对一个问题的审核", retract)
    retracting.add_argument("--reason", required=True, metavar="TEXT", help="撤回原因")
    for parser in (confirming, dismissing, retracting):
        _by(parser)


CITE = "依据：文件编号:起-止，或 文件编号 第十四条，或 文件编号 原文片段；可写多次"


def _carrying(group: Commands, common: argparse.ArgumentParser) -> None:
    exporting = group.add_parser("export", parents=[common], help="导出有效的审核（JSONL）")
    exporting.add_argument("--out", metavar="FILE", help="写入文件（默认打印）")
    exporting.set_defaults(run=export)
    importing = group.add_parser("import", parents=[common], help="导入准备好的审核（JSONL），逐条核对原文")
    importing.add_argument("file", metavar="FILE")
    importing.add_argument("--json", action="store_true", help="输出 JSON")
    importing.set_defaults(run=import_)
    purging = group.add_parser("purge", parents=[common], help="清除某日之前的问答记录（至少保存六个月）")
    purging.add_argument("--before", required=True, metavar="DATE", help="清除这一天之前的记录")
    purging.set_defaults(run=purge)
    for parser in (importing, purging):
        _by(parser)


def _numbered(
    group: Commands, common: argparse.ArgumentParser, name: str, explanation: str, run: object
) -> argparse.ArgumentParser:
    parser = group.add_parser(name, parents=[common], help=explanation)
    parser.add_argument("number", type=_whole, metavar="N", help="问题编号")
    parser.set_defaults(run=run)
    return parser


def _whole(written: str) -> int:
    """A number of questions, or of one: what the log can hold."""
    if not (written.isascii() and written.isdigit() and len(written) <= DIGITS):
        raise argparse.ArgumentTypeError(f"“{written[:20]}”不是 {DIGITS} 位以内的整数")
    return int(written)


def _by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="NAME", help="审核人（默认当前系统用户）")


def _reviewer(options: argparse.Namespace) -> str:
    return clock.operator() if options.by is None else str(options.by)


def list_(options: argparse.Namespace, home: Home) -> int:
    from bot.commands import question_list as shown
    from index.questions.listing import entries_of
    from index.questions.views import View, belongs, judged

    day = clock.day(options.as_of) if options.as_of else clock.today()
    library = rooms.library(home)
    entries = judged(entries_of(rooms.questions(home)), library, day)
    found = [one for one in entries if belongs(one, View(options.view))]
    kept = found[: options.limit] if options.limit > 0 else found
    if options.json:
        console.print_json([shown.entry_json(one) for one in kept])
        return 0
    for one in kept:
        console.line(shown.entry_line(one))
        if options.view == View.STALE:
            shown.print_moved(one, library)
    shown.say_list(View(options.view), len(kept), len(found), entries)
    return 0


def show(options: argparse.Namespace, home: Home) -> int:
    from bot.commands import question_list as shown
    from index.questions.approving import history
    from index.questions.listing import askings_of, entry_of
    from index.questions.views import judged

    store = rooms.questions(home)
    (one,) = judged([entry_of(store, options.number)], rooms.library(home), clock.today())
    askings, words = askings_of(store, options.number, shown.ASKINGS), history(store, options.number)
    if options.json:
        console.print_json(shown.whole_json(one, askings, words))
    else:
        shown.print_whole(one, askings, words)
    return 0


def answer(options: argparse.Namespace, home: Home) -> int:
    from bot.commands import question_list as shown
    from index.questions.model import ApprovalKind

    until = clock.day(options.until) if options.until else None
    library, store = rooms.library(home), rooms.questions(home)
    cited = _cited(options.cite, library)
    word = _word(ApprovalKind.ANSWER, options.by, cited, options.text, until)
    _approve(store, library, options.number, word)
    console.say(f"已登记：再问到第 {options.number} 号问题时按此答复，依据失效后自动停用。")
    for clause in cited:
        console.say(f"  依据《{clause.title}》第 {clause.start}–{clause.end} 字：{shown.shortened(clause.quote)}")
    return 0


def confirm(options: argparse.Namespace, home: Home) -> int:
    from bot.commands import question_list as shown
    from index.questions.model import ApprovalKind

    library, store = rooms.library(home), rooms.questions(home)
    cited = _cited(options.cite, library) if options.cite else _last_cited(store, options.number)
    _approve(store, library, options.number, _word(ApprovalKind.CONFIRM, _reviewer(options), cited))
    console.say(f"已确认第 {options.number} 号问题的条文，检索随即学习：")
    for clause in cited:
        console.say(f"  《{clause.title}》第 {clause.start}–{clause.end} 字：{shown.shortened(clause.quote)}")
    return 0


def dismiss(options: argparse.Namespace, home: Home) -> int:
    from index.questions.model import ApprovalKind

    store = rooms.questions(home)
    _approve(store, rooms.library(home), options.number, _word(ApprovalKind.DISMISS, _reviewer(options), ()))
    console.say(f"第 {options.number} 号问题已标为无需答复。")
    return 0


def retract(options: argparse.Namespace, home: Home) -> int:
    from index.questions.approving import retract as take_back

    count = take_back(
        rooms.questions(home), options.number, by=_reviewer(options), at=clock.now(), reason=options.reason.strip()
    )
    console.say(f"已撤回对第 {options.number} 号问题的 {count} 条审核。" if count else "没有可撤回的审核。")
    return 0


def export(options: argparse.Namespace, home: Home) -> int:
    from index.questions.approving import counting, history
    from index.questions.carrying import exported

    lines = list(exported(counting(history(rooms.questions(home)))))
    if not options.out:
        for line in lines:
            console.line(line)
        return 0
    try:
        _write(Path(options.out), "".join(f"{line}\n" for line in lines))
    except OSError as cause:
        raise UsageError(
            f"写不了 {options.out}：{cause.strerror}。",
            next_step="请用 --out 换个位置。",
            code="CANNOT_WRITE",
        ) from cause
    console.say(f"已导出 {len(lines)} 条审核到 {options.out}。")
    return 0


def _write(path: Path, text: str) -> None:
    """The whole file or nothing: an export that was there before is replaced only when the new one is complete."""
    if path.exists() and not path.is_file():  # /dev/stdout, a pipe
        path.write_text(text, encoding="utf-8")
        return
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def import_(options: argparse.Namespace, home: Home) -> int:
    """0 when every line landed or counted already, 1 when some were named and skipped."""
    from index.questions.carrying import import_lines, lines_of

    lines = lines_of(Path(options.file))
    progress = console.progress(lines, label="核对审核", total=len(lines))
    store, library = rooms.questions(home), rooms.library(home)
    report = import_lines(store, library, progress, by=_reviewer(options), now=clock.now())
    if options.json:
        problems = [{"line": number, **console.described(problem)} for number, problem in report.problems]
        console.print_json({"added": report.added, "unchanged": report.unchanged, "problems": problems})
    for number, problem in report.problems:
        console.say(f"第 {number} 行没有导入：{problem.message}下一步：{problem.next_step}")
    console.say(f"新增 {report.added} 条，没有变化 {report.unchanged} 条，未导入 {len(report.problems)} 条。")
    return 1 if report.problems else 0


def purge(options: argparse.Namespace, home: Home) -> int:
    from index.questions.log import purge as delete_before

    count = delete_before(
        rooms.questions(home), before=clock.day(options.before), by=_reviewer(options), now=clock.now()
    )
    console.say(f"已清除 {options.before} 之前的 {count} 条问答记录；审核答复不受影响。")
    return 0


def _cited(written: Sequence[Sequence[str]], library: "Library") -> "tuple[Cited, ...]":
    from index.questions.citing import cite

    return tuple(dict.fromkeys(clause for words in written for clause in cite(" ".join(words), library)))


def _last_cited(store: "QuestionStore", number: int) -> "tuple[Cited, ...]":
    """What the last answer to an entry cited."""
    from bot.commands import question_list as shown
    from index.questions.listing import askings_of, entry_of

    entry_of(store, number)
    answered = [asking.line for asking in askings_of(store, number, shown.ASKINGS) if asking.line.answered]
    if not answered:
        raise UsageError(
            f"第 {number} 号问题还没有答出来过，没有可确认的条文。",
            next_step="请用 --cite 写明应引的条文。",
            code="NOTHING_TO_CONFIRM",
        )
    return answered[0].citations


def _word(
    kind: "ApprovalKind", by: str, cited: "tuple[Cited, ...]", text: str = "", until: "date | None" = None
) -> "NewApproval":
    from index.questions.model import NewApproval

    return NewApproval(kind, by, clock.now(), text, until, cited)


def _approve(store: "QuestionStore", library: "Library", number: int, word: "NewApproval") -> None:
    from index.questions.approving import approve
    from index.questions.standing import require_standing

    require_standing(word, library, clock.today())
    approve(store, number, word)
