"""我的任务: what the texts in the library give the member's unit to do, and the objections it has to answer; with days.

Rules kept:
* A unit's tasks are those that name it, as the texts do (``index.policies.tasks``); spellings by ``unit_aliases.csv``.
  What is given to 各有关部门 is counted and not claimed for anybody. Texts that are no more in force give no tasks.
* Open objections of the unit are told to who takes cases, alone with the robot, under audit.
* Only what has a day stands in the .ics file; 持续实施 has none. Past days are said, and stay in the list.

Source: issue 6 §3 (任务分工表 rows, as .ics too).
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock

from sqlalchemy import Engine

from bot.actions.calendars import Due, calendar_of
from bot.actions.said import Reply, Said
from bot.actions.staff_only import actor_of, unknown
from bot.actions.typed import POLITE, folded, line
from bot.channels.messages import OutFile
from index.calendar import SHANGHAI
from index.cases.objection import Objection
from index.cases.objections import Objections
from index.directory.model import Role, Staff
from index.policies.library import Library
from index.policies.model import State
from index.policies.tasks import Part, Task, part_of, tasks_of
from index.rules.model import Office
from index.rules.units import canonical_unit

WHAT = "查看单位任务"
FILE_NAME = "任务期限.ics"
SHOWN = 20
TEXT_MAX = 60
_OVER = frozenset({State.EXPIRED, State.REPEALED})
_BRACKETED = re.compile(r"\(([^()]*)\)")
_OURS = r"(?:我们?|咱们?|本)的?(?:单位|部门|局|委|办|科室|处室)?(?:的|要|还|目前|现在|有|需要)*"
_THINGS = r"(?:工作任务|任务分工|任务清单|任务|待办事项|待办|期限|截止日期|完成时限|时限|办理)"
_AND = rf"(?:{_THINGS}(?:和|及|与|、|以及)?(?:完成)?)++"
_ASKED = re.compile(
    rf"{POLITE}(?:查看一下|查一下|查看|看一下|看看|看|查|列出|列一下|导出|发一下|发)?{_OURS}"
    rf"(?:哪些|什么|多少)?{_AND}(?:有哪些|有什么|是什么|列表|清单|日历|ics|\.ics|导出)*[。?!]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Own:
    """One thing the unit has to do; ``day`` None: without one."""

    line: str
    day: date | None
    due: Due | None


def asks(text: str) -> bool | None:
    """True for the list of the member's unit; None: not mine."""
    return True if _ASKED.fullmatch(folded(text)) else None


class UnitTasks:
    """``engine`` None: an office without a store has texts only."""

    name = "tasks"

    def __init__(self, library: Library, office: Office, engine: Engine | None) -> None:
        self._library = Library(library.folder)
        """Its own reading of the folder: whoever answers questions reads in another thread."""
        self._office = office
        self._engine = engine
        self._found: dict[str, tuple[Task, ...]] = {}
        self._turn = Lock()

    def answers(self, said: Said) -> Reply | None:
        if asks(said.text) is None:
            return None
        staff = said.caller.staff
        if staff is None:
            return Reply(unknown(said.caller, WHAT))
        today = said.now.astimezone(SHANGHAI).date()
        tasks, shared = self._tasks(staff.unit, today)
        own = [*self._cases(said, staff, today), *tasks]
        own.sort(key=lambda each: (each.day is None, each.day or date.max))
        return _reply(staff.unit, own, shared, said)

    def _tasks(self, unit: str, today: date) -> tuple[list[_Own], int]:
        """The unit's own, and how many are given to all units."""
        is_meant = self._names(unit)
        found = [(task, part_of(task, is_meant)) for task in self._in_force(today)]
        own = [_of_task(task, part, today) for task, part in found if part in (Part.LEADS, Part.COOPERATES)]
        return own, sum(part is Part.SHARED for _, part in found)

    def _in_force(self, today: date) -> list[Task]:
        """A document of the same id is the same text: it is read once."""
        with self._turn:
            documents = self._library.documents()
            known = {each.id: self._found.get(each.id) or tasks_of(each) for each in documents}
            self._found = known
            valid = [each.id for each in documents if self._library.status(each.id, today).state not in _OVER]
        return [task for identifier in valid for task in known[identifier]]

    def _names(self, unit: str) -> Callable[[str], bool]:
        """Whether a name in a text means the unit: the same words, or one unit of the office."""
        known = canonical_unit(unit, self._office)
        names = [unit, known or unit, *(alias for alias, name in self._office.unit_aliases if name == known)]
        own = frozenset().union(*(_forms(name, self._office.city) for name in names))
        return lambda name: not own.isdisjoint(_forms(name, self._office.city))

    def _cases(self, said: Said, staff: Staff, today: date) -> list[_Own]:
        """Raises CaseError for a unit that is not of this city, once cases could be told."""
        if self._engine is None or said.caller.group or Role.CASES not in staff.roles:
            return []
        cases = Objections(self._engine, self._office).of_unit(staff.unit, actor=actor_of(staff), now=said.now)
        return [_of_case(case, today) for case in cases if not case.is_closed]


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def _forms(name: str, city: str) -> frozenset[str]:
    """盐城市某某局 is 市某某局; 市某局（市某办） is both."""
    plain = _plain(name)
    names = {plain, *_BRACKETED.findall(plain), _BRACKETED.sub("", plain)}
    return frozenset(names | {f"市{each.removeprefix(city)}" for each in names if each.startswith(city)})


def _of_task(task: Task, part: Part | None, today: date) -> _Own:
    deadline = f"　{task.deadline}" if task.deadline else "　未写明期限"
    past = "（已过）" if task.due and task.due < today else ""
    text = line(task.text, TEXT_MAX) + ("…" if len(task.text) > TEXT_MAX else "")
    told = f"【{part}】{text}{deadline}{past}　《{task.title}》"
    if task.due is None:
        return _Own(told, None, None)
    about = f"{task.document_id}:{task.start}:{task.end}"
    due = Due(
        task.due,
        f"【{part}】{line(task.text, 40)}",
        f"{line(task.text, 1000)}\n{task.deadline}\n《{task.title}》",
        about,
    )
    return _Own(told, task.due, due)


def _of_case(case: Objection, today: date) -> _Own:
    """By number: a calendar on a telephone names no company."""
    late = "（已超时）" if case.due_on and case.due_on < today else ""
    told = f"【异议】{case.number}　{case.state}　{f'答复时限 {case.due_on}{late}' if case.due_on else '未设定时限'}"
    if case.due_on is None:
        return _Own(told, None, None)
    return _Own(told, case.due_on, Due(case.due_on, f"【异议】{case.number} 答复时限", "本机构服务承诺", case.number))


def _reply(unit: str, own: list[_Own], shared: int, said: Said) -> Reply:
    general = f"另有 {shared} 项任务由各有关部门共同承担，请看文件原文。" if shared else ""
    if not own:
        text = f"资料库的文件里没有点名由{unit}承担的任务。{general}"
        return Reply(f"{text}下一步：单位名称不对的，请联系管理员核对通讯录或 unit_aliases.csv。")
    dues = [each.due for each in own if each.due]
    rest = f"只列出前 {SHOWN} 项。" if len(own) > SHOWN else ""
    told = f"有日期的 {len(dues)} 项见日历文件。" if dues else "都没有写明日期，不生成日历文件。"
    text = f"{unit}的任务 {len(own)} 项，按期限先后。{rest}{told}{general}"
    blocks = tuple(f"{number}. {each.line}" for number, each in enumerate(own[:SHOWN], start=1))
    return Reply(text, blocks, OutFile(FILE_NAME, calendar_of(dues, said.now)) if dues else None)
