"""What an action answered, as the chat page shows it: its lines, its blocks, a file to fetch, and what may be chosen.

* What can be answered by one word – a number of a list, 确认, 取消 – is a button; typing it does the same.
* A button says what it is called where the action hears that too: the conversation is read again.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType

from bot.actions.choosing import CHOICES
from bot.actions.issuing import BY_NUMBER as YEARS_BY_NUMBER
from bot.actions.said import Pending, Reply
from bot.channels.messages import OutFile
from bot.channels.web_files import MINUTES

WHAT = MappingProxyType(
    {
        "looking_up": "查询记录",
        "issuing": "代开报告",
        "objecting": "提交异议",
        "checking": "核验报告",
        "tasks": "单位任务",
        "calculating": "算日期",
    }
)
"""The actions by name, as ``docs/actions.md`` calls them."""
CANCEL = "取消"
BY_NUMBER = "请回复序号。"
_NUMBERED = re.compile(r"(?P<number>[0-9]{1,2})\. (?P<label>.+)")
_YEARS = ("近一年", "近两年", "近三年")


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that sends ``said``. ``grave``: does what cannot be undone."""

    said: str
    label: str
    grave: bool = False


@dataclass(frozen=True, slots=True)
class ShownFile:
    name: str
    link: str
    size: str
    minutes: int = MINUTES


@dataclass(frozen=True, slots=True)
class ShownAct:
    """``waiting``: an answer is waited for."""

    question: str
    lines: tuple[str, ...]
    blocks: tuple[str, ...]
    file: ShownFile | None
    choices: tuple[Choice, ...]
    waiting: bool


def shown_act(question: str, reply: Reply, link: str | None) -> ShownAct:
    """``link``: where the reply's file can be fetched."""
    lines = tuple(line for line in reply.text.split("\n") if line)
    choices = _choices(lines, reply.pending) if reply.pending else ()
    offered = {choice.label for choice in choices}
    rest = tuple(line.removesuffix(YEARS_BY_NUMBER) for line in lines if not _is_offered(line, offered))
    file = ShownFile(reply.file.name, link, _size(reply.file)) if reply.file and link else None
    return ShownAct(question, rest, reply.blocks, file, choices, reply.pending is not None)


def _choices(lines: tuple[str, ...], pending: Pending) -> tuple[Choice, ...]:
    asked = pending.kept.get("asked", "")
    cancel = Choice(CANCEL, "取消，不办")
    if asked == "confirmation":
        return (Choice("确认", "确认", grave=True), cancel)
    if asked == "years":
        return (*(Choice(each, each) for each in _YEARS), cancel)
    by_name = pending.action == "looking_up" and CHOICES not in pending.kept
    found = [each for each in map(_NUMBERED.fullmatch, lines) if each]
    if by_name:
        return (*(Choice(each["label"], each["label"]) for each in found), cancel)
    return (*(Choice(each["number"], each[0]) for each in found), cancel)


def _is_offered(line: str, offered: set[str]) -> bool:
    """Whether a button says it; the number too is asked for by buttons, where they show none."""
    found = _NUMBERED.fullmatch(line)
    return line in offered or (found is not None and found["label"] in offered) or (line == BY_NUMBER and bool(offered))


def _size(file: OutFile) -> str:
    return f"{max(1, round(len(file.content) / 1024))} KB"
