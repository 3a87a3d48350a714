"""The tasks a policy text gives to units: rows of its 任务分工表, and notes of responsibility in its running text.

Rules kept:
* A task is quoted: ``source[start:end]`` is where it stands, ``who`` as the text names them.
* A deadline is what the text says of it, with its last day where the words name one (2018年年底前完成); 持续实施, and
  no words at all, are no day. Nothing is made up.
* A unit is meant where it is named by itself; who is meant by 各有关部门 is said by the text alone (``Part.SHARED``).

Source: issue 6 §3 (任务分工表); index.policies.responsibility, index.policies.tables.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.policies.model import Document, Passage, PassageKind
from index.policies.relative_dates import resolve
from index.policies.responsibility import responsibilities

_TASK_COLUMN = re.compile(r"(?:工作|重点|主要|具体)?(?:任务|事项|内容|举措|措施)(?:名称|内容)?")
_LEADS = ("牵头单位", "牵头部门", "责任单位", "责任部门", "负责单位", "主办单位", "主管单位")
_COOPERATES = ("配合单位", "配合部门", "参与单位", "参加单位", "协办单位", "协助单位")
_DEADLINES = ("完成时限", "完成时间", "时限要求", "时间要求", "完成期限", "办结时限", "时限")
_LABEL = re.compile(r"^(?:牵头|责任|负责|主办|配合|协办)(?:单位|部门)[：:]")
_BETWEEN = re.compile(r"[、，,；;](?![^（(〔]*[）)〕])|和(?=各)")
"""Between two units; not within brackets: 各县（市、区）人民政府."""
_AFTER = re.compile(r"等(?:单位|部门|市各有关部门|各有关部门)?$")
_ALL = re.compile(r"^(?:等)?(?:省|市|区|县)?(?:级|直)?各?(?:有关|相关)(?:单位|部门)$|各有关(?:单位|部门)$")
_MARKER = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|[0-9]{1,3}[.、．]|第[^ ]{1,5}条)\s*"
)
_SENTENCES = re.compile(r"[^。！？；]+[。！？；]?")


class Part(StrEnum):
    """What a unit has to do with a task."""

    LEADS = "牵头"
    COOPERATES = "配合"
    SHARED = "各有关部门"


@dataclass(frozen=True, slots=True)
class Task:
    """``text``: one line; ``due``: the last day, where the deadline names one."""

    document_id: str
    title: str
    number: str
    text: str
    lead: str
    cooperate: str
    deadline: str
    due: date | None
    start: int
    end: int


def tasks_of(document: Document) -> tuple[Task, ...]:
    """In the order of the text."""
    return tuple(task for passage in document.passages for task in _of_passage(document, passage))


def part_of(task: Task, is_meant: Callable[[str], bool]) -> Part | None:
    """What the unit for whose names ``is_meant`` says yes has to do with ``task``; None: nothing."""
    if any(map(is_meant, units_in(task.lead))):
        return Part.LEADS
    if any(map(is_meant, units_in(task.cooperate))):
        return Part.COOPERATES
    shared = any(_ALL.search(name) for text in (task.lead, task.cooperate) for name in _BETWEEN.split(text))
    return Part.SHARED if shared else None


def units_in(text: str) -> tuple[str, ...]:
    """The names in a list of units, without 等单位."""
    names = (_AFTER.sub("", part.strip()).strip() for part in _BETWEEN.split(_LABEL.sub("", text)))
    return tuple(name for name in names if name and not _ALL.search(name))


def _of_passage(document: Document, passage: Passage) -> Iterator[Task]:
    if passage.kind is PassageKind.TABLE_ROW:
        row = _of_row(document, passage)
        if row is not None:
            yield row
    elif passage.kind is not PassageKind.TABLE_HEADER:
        yield from _of_text(document, passage)


def _of_row(document: Document, passage: Passage) -> Task | None:
    columns = dict(passage.columns)
    text = next((cell for name, cell in columns.items() if _TASK_COLUMN.fullmatch(name)), "")
    lead, cooperate = _cell(columns, _LEADS), _cell(columns, _COOPERATES)
    if not text or not (lead or cooperate):
        return None
    deadline = _cell(columns, _DEADLINES)
    number = columns.get("序号", "")
    return _task(document, number, text, (lead, cooperate, deadline), (passage.start, passage.end))


def _cell(columns: dict[str, str], names: tuple[str, ...]) -> str:
    return next((columns[name] for name in names if columns.get(name)), "")


def _of_text(document: Document, passage: Passage) -> Iterator[Task]:
    """Before each note stands what it is about: the sentences since the note before, else the heading alone."""
    begin = passage.start
    for note in responsibilities(document.source[passage.start : passage.end], passage.start):
        heading = passage.heading[-1] if passage.heading else ""
        before = document.source[begin : note.span[0]].strip()
        first = next(iter(_SENTENCES.findall(before)), "")
        text = f"{_MARKER.sub('', heading)}：{first}" if first else heading
        who = (note.lead, note.cooperate, note.deadline)
        yield _task(document, heading, text, who, (begin, note.span[1]))
        begin = note.span[1]


def _task(document: Document, number: str, text: str, who: tuple[str, str, str], span: tuple[int, int]) -> Task:
    lead, cooperate, deadline = who
    due = next((found.last for found in resolve(deadline, document.issued_on)), None) if _ends(deadline) else None
    return Task(document.id, document.title, number, " ".join(text.split()), lead, cooperate, deadline, due, *span)


def _ends(deadline: str) -> bool:
    """启动实施 says when something begins."""
    return bool(deadline) and "启动" not in deadline and "持续" not in deadline and "长期" not in deadline
