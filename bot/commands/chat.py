"""``chenghe chat``: a conversation in the terminal, or with whatever is piped in, one line each.

* What was said before is understood (那……呢); ``/清空`` forgets it. Only the newest turns count.
* Input from a pipe is shown before its answer: the output is a readable transcript. ``--transcript`` writes the same to
  a file that only its owner may read, after every answer, behind what is already in it.
* A question that cannot be answered now is said, and the conversation goes on.
* What anybody may have done is done, the rest is refused with the reason (``chat_acting``).
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import clock, console, rooms
from bot.commands import Commands
from bot.commands.asking import answer_lines
from bot.errors import BotError, UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from bot.assistant.answer import Turn
    from bot.assistant.desk import Desk, Exchange
    from bot.assistant.rephrasing import Rephraser
    from bot.commands.chat_acting import TerminalActs
    from index.questions.model import Verdict

QUESTION_MAX = 500
LINE_MAX = 64 * 1024
HELP = """直接输入要问的内容，按回车。可以接着上文问：“那逾期呢？”
/日期 2026-11-21   按那一天的效力回答；只写 /日期 回到今天
/清空              忘掉前面的对话
/有用  /没用 说明   评价刚才的答复
/帮助              显示这些说明
/退出              结束（或按 Ctrl+D）"""
_NAMES = {
    "帮助": "help", "help": "help", "日期": "day", "date": "day", "清空": "forget", "clear": "forget",
    "有用": "useful", "没用": "useless", "退出": "leave", "quit": "leave", "exit": "leave",
}  # fmt: skip


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    chatting = commands.add_parser("chat", parents=[common], help="在终端里对话；/帮助 显示说明")
    chatting.add_argument("--as-of", metavar="DATE", help="按哪一天的效力回答（默认今天，北京时间）")
    chatting.add_argument("--transcript", metavar="FILE", help="把对话记到 FILE 末尾，每答一句写一次")
    chatting.set_defaults(run=run)


def run(options: argparse.Namespace, home: Home) -> int:
    from bot.language_model import read_rephraser

    as_of = clock.day(options.as_of) if options.as_of else None
    typing = sys.stdin.isatty()
    with _transcript(options.transcript) as transcript, rooms.desk(home) as desk:
        written = Written(transcript)
        conversation = Conversation(
            desk, written, read_rephraser(home.language_model), as_of, cache(lambda: _acts(home))
        )
        written.to_file(f"# 诚核对话记录　{clock.now():%Y-%m-%d %H:%M}\n")
        console.say("诚核：请输入问题。/帮助 显示说明，/退出 结束。")
        for line in _typed() if typing else _piped():
            if not typing:
                console.line(f"问：{line}")
            if not conversation.hear(line):
                break
    return 0


class Written:
    """What is said, on the screen and in the transcript. What steers a terminal does so in neither."""

    def __init__(self, transcript: TextIO | None) -> None:
        self._transcript = transcript

    def line(self, text: str = "") -> None:
        console.line(text)
        self.to_file(text)

    def to_file(self, text: str) -> None:
        """Raises UsageError when the disk does not take it."""
        if self._transcript is None:
            return
        try:
            self._transcript.write(f"{console.harmless(text)}\n")
            self._transcript.flush()
        except OSError as cause:
            raise _not_written(str(self._transcript.name)) from cause


class Conversation:
    """``as_of`` None: today, also after midnight."""

    def __init__(
        self,
        desk: "Desk",
        written: Written,
        rephraser: "Rephraser | None",
        as_of: date | None,
        acts: "Callable[[], TerminalActs]",
    ) -> None:
        """``acts``: made with the first question, so that nobody waits for the first word."""
        self._acts = acts
        self._desk = desk
        self._written = written
        self._rephraser = rephraser
        self._as_of = as_of
        self._turns: list[Turn] = []
        self._last: str | None = None

    def hear(self, line: str) -> bool:
        """Answers one line; False when it ends the conversation."""
        from index.errors import OfficeError

        if not line.startswith("/"):
            self._written.to_file(f"问：{line}")
        try:
            if line.startswith("/"):
                return self._obey(line[1:])
            self._answer(line)
        except OfficeError as problem:
            self._written.line(f"{problem.message}下一步：{problem.next_step}（{problem.code}）\n")
        return True

    def _answer(self, question: str) -> None:
        from bot.assistant.answer import Role, Turn
        from bot.channels.asking import TURN_MAX, TURNS_KEPT

        if len(question) > QUESTION_MAX:
            self._written.line(f"问题超过了 {QUESTION_MAX} 个字。下一步：请缩短问题，一次只问一件事。\n")
            return
        done = self._acts().of(question, clock.now())
        if done is not None:
            self._tell(done)
            return
        exchange = self._asked(question)
        self._tell(answer_lines(exchange.answer))
        self._desk.keep(exchange)
        self._last = exchange.line.ticket
        said = (Turn(Role.USER, question), Turn(Role.ASSISTANT, exchange.answer.answer[:TURN_MAX]))
        self._turns = [*self._turns, *said][-TURNS_KEPT:]

    def _tell(self, lines: Iterable[str]) -> None:
        first, *others = lines
        for text in (f"答：{first}", *others, ""):
            self._written.line(text)

    def _asked(self, question: str) -> "Exchange":
        from index.questions.model import Channel

        day = self._as_of or clock.today()
        exchange = self._desk.ask(question, as_of=day, channel=Channel.TERMINAL, context=tuple(self._turns))
        return exchange if self._rephraser is None else asyncio.run(self._rephraser.exchange(exchange))

    def _obey(self, command: str) -> bool:
        from index.questions.model import Verdict

        name, _, rest = command.partition(" ")
        meant = _NAMES.get(name)
        told: dict[str, Callable[[], str]] = {
            "help": lambda: HELP,
            "day": lambda: self._move_to(rest.strip()),
            "forget": self._forget,
            "useful": lambda: self._rate(Verdict.USEFUL, rest.strip()),
            "useless": lambda: self._rate(Verdict.USELESS, rest.strip()),
        }
        if meant == "leave":
            return False
        console.say(told[meant]() if meant else f"不认识 /{name}。/帮助 显示说明。")
        return True

    def _move_to(self, text: str) -> str:
        try:
            self._as_of = clock.day(text) if text else None
        except BotError as problem:
            return f"{problem.message}下一步：{problem.next_step}"
        said = f"以下按 {self._as_of or clock.today()} 的效力回答。"
        self._written.to_file(f"（{said}）\n")
        return said

    def _forget(self) -> str:
        self._turns, self._last = [], None
        self._written.to_file("（另起对话）\n")
        return "前面的对话已忘掉。"

    def _rate(self, verdict: "Verdict", note: str) -> str:
        from index.questions.model import Feedback

        if self._last is None:
            return "还没有可以评价的答复。"
        self._desk.take_feedback(self._last, Feedback(clock.now(), None, verdict, note))
        return f"已记下：{verdict.label}。"


def _acts(home: Home) -> "TerminalActs":
    from bot.actions.checking import Published
    from bot.commands.chat_acting import TerminalActs
    from verify.documents.reading import read
    from verify.remembering import Memory

    published = Published(home.public, clock.now, read, Memory(home.seen))
    return TerminalActs(rooms.office(home).calendar, published)


def _typed() -> Iterator[str]:
    """From the keyboard, with history and editing where the machine has it."""
    import contextlib

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - input() uses it once it is loaded
    while True:
        try:
            line = input("问：").strip()
        except EOFError:
            return
        except UnicodeDecodeError:
            console.say("输入的不是 UTF-8 文字。")
            continue
        if line:
            yield line


def _piped() -> Iterator[str]:
    """Lines of any bytes, none of them endless."""
    while raw := sys.stdin.buffer.readline(LINE_MAX):
        line = raw.decode("utf-8", "replace").strip()
        if line:
            yield line


def _transcript(path: str | None) -> "TextIO":
    try:
        descriptor = os.open(path or os.devnull, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as cause:
        raise _not_written(path or "") from cause
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _not_written(path: str) -> UsageError:
    return UsageError(
        f"对话记录写不进 {Path(path).name}。", next_step="请检查路径、权限和磁盘空间，或换一个文件。", code="TRANSCRIPT"
    )
