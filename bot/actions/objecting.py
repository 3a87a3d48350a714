"""提异议: a clerk files an objection in the subject's name, and gets its number and the office's own deadline.

Rules kept:
* Desk work (``desk_work``). What ``index.cases.objections`` asks for at the desk is asked here: whose, which record (or
  domain), why, and who brought it with which papers; nothing is filed before 确认, and the same 确认, again, is the
  same case.
* The records to choose from are read by duty, masked, under audit; a document number may be typed instead.
* The deadline is the office's service level, never called a term of law.

Source: issue 6 §3; scheme of 2024, 三（四）; inventory B15. Decision: docs/decisions/0232.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from bot.actions.desk_work import Desk, Work, heard
from bot.actions.naming import CODE, FULL_NAME, Wanted
from bot.actions.said import Reply, Said
from bot.actions.staff_only import BY_AGENT, actor_of
from bot.actions.typed import POLITE, choice, folded, is_yes, line, numbered
from index.cases.objections import Filing, Objection, Objections
from index.channel import Channel
from index.directory.model import Role, Staff
from index.errors import CaseError
from index.masking import mask_text
from index.records.model import CreditRecord
from index.records.reading import Reader
from index.rules.model import Office
from index.rules.units import find_domain

WORK = Work(
    "objecting",
    what="代为提交异议",
    matter="窗口代为提交异议和修复申请",
    role=Role.CASES,
    which="为哪个主体提异议？请发统一社会信用代码或名称。",
    freely="reason",
)
SHOWN = 8
REASON_MIN, REASON_MAX, BROUGHT_MAX = 4, 500, 80
_FILE = r"(?:提出|提交|提|登记|录入|代提)(?:一个|一件|一下|个|件)?(?:信用|数据)?异议(?:申请)?"
_WISHES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{POLITE}(?:给|为|替|帮|代)?(?:企业|公司|主体|申请人)?{_FILE}[。!]*",
        rf"{POLITE}(?:给|为|替|帮|代|对)?(?P<code>{CODE})(?:的(?:记录|信息|数据))?,?{_FILE}[。!]*",
        rf"{POLITE}(?:给|为|替|帮|代)(?P<name>.{{2,60}}?){_FILE}[。!]*",
        rf"{POLITE}对?(?P<name>{FULL_NAME})(?:的(?:记录|信息|数据))?,?{_FILE}[。!]*",
    )
)
_BRACKETS = re.compile(r"[][()〔〕【】{}<>《》]")
_DOMAIN = re.compile(r"(?:第)?(?P<number>[0-9]{1,3})?(?P<name>.{0,30}?)领域")


@dataclass(frozen=True, slots=True)
class Wish:
    """``wanted`` None: not said yet."""

    wanted: Wanted | None


def asks(text: str) -> Wish | None:
    """Raises RecordError for a code that is none."""
    wish = heard(_WISHES, text)
    return Wish(wish.wanted) if wish else None


class Objecting:
    """``is_command``: as for ``desk_work``."""

    name = WORK.name

    def __init__(self, engine: Engine, office: Office, is_command: Callable[[str], bool]) -> None:
        self._desk = Desk(WORK, engine, office, is_command)
        self._objections = Objections(engine, office)

    def answers(self, said: Said) -> Reply | None:
        """Raises AccessDenied, CaseError, RecordError, UnknownSubject."""
        wish = asks(said.text)
        wanted = wish.wanted if wish else None
        staff = self._desk.clerk(said, wanted, begins=wish is not None)
        if not isinstance(staff, Staff):
            return staff
        if wish is not None:
            return self._next(said, staff, {"code": wanted.code, "name": wanted.name} if wanted else {})
        return self._gone_on(said, staff, said.pending.kept if said.pending else {})

    def _gone_on(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        """The answer to the one thing that was asked."""
        match kept["asked"]:
            case "subject":
                named = self._desk.with_subject(said, kept)
                return named if isinstance(named, Reply) else self._next(said, staff, named)
            case "record":
                return self._record(said, staff, kept)
            case "reason":
                return self._next(said, staff, {**kept, "reason": mask_text(line(said.text, REASON_MAX)).text})
            case "brought":
                return self._next(said, staff, {**kept, "brought": mask_text(line(said.text, BROUGHT_MAX)).text})
        if is_yes(said.text):
            return self._filed(said, staff, kept)
        return Reply("请回复“确认”提交，或“取消”。", pending=said.pending)

    def _record(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        """A number of the list, a domain, or a document number as typed."""
        keys = kept["keys"].split("\n") if kept.get("keys") else []
        place = choice(said.text, len(keys))
        key = _key_named(said.text, keys) if place is None else keys[place]
        if key is not None:
            return self._next(said, staff, {**kept, "record": key, "keys": ""})
        domain = _domain_in(said.text, self._desk.office)
        named = {"domain": str(domain)} if domain else {"record": line(said.text, 200)}
        return self._next(said, staff, {**kept, **named, "keys": ""})

    # What is still to be asked

    def _next(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        known = self._desk.identified(said, staff, kept)
        if isinstance(known, Reply):
            return known
        if not (known.get("record") or known.get("domain")):
            return self._asking_record(said, staff, known)
        if len(known.get("reason", "")) < REASON_MIN:
            return self._desk.ask(known, "reason", "异议理由是什么？请用一两句话写明哪里不对、依据是什么。")
        if len(known.get("brought", "")) < 2:
            text = f"谁来办的、核对了哪些证件？例如“法定代表人王某，营业执照、身份证”（不要发证件号码）。{BY_AGENT}"
            return self._desk.ask(known, "brought", text)
        text = (
            f"请确认提交异议：\n主体：{known['code']}\n异议对象：{_about(known)}\n理由：{known['reason']}\n"
            f"办理人：{known['brought']}\n回复“确认”提交，“取消”不办。"
        )
        return self._desk.confirm(said, known, text)

    def _asking_record(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        entitlement = self._desk.admission(said, staff, kept["code"])
        reader = Reader(self._desk.engine, entitlement=entitlement, now=said.now)
        records = reader.list_for(kept["code"]).records[:SHOWN]
        typed = "决定文书号；没有具体记录的，回复领域，例如“生态环境领域”。"
        if not records:
            return self._desk.ask(kept, "record", f"没有可以显示的记录。请回复{typed}")
        listed = numbered(tuple(map(_line, records)))
        keys = "\n".join(record.key for record in records)
        text = f"对哪条记录有异议？\n{listed}\n请回复序号，或{typed}"
        return self._desk.ask({**kept, "keys": keys}, "record", text)

    # The case

    def _filed(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        self._desk.admission(said, staff, kept["code"])
        filing = Filing(
            subject_code=kept["code"],
            report_number=None,
            record_key=kept.get("record"),
            domain=int(kept["domain"]) if kept.get("domain") else None,
            reason=kept["reason"],
            channel=Channel.DESK,
            filed_by=f"{actor_of(staff)}（窗口核对：{kept['brought']}）",
            idempotency_key=kept["key"],
        )
        try:
            return _told(self._objections.file(filing, (), said.now))
        except CaseError as problem:
            if problem.code != "CASE_RECORD_UNKNOWN":
                raise
            asked = self._asking_record(said, staff, {**kept, "record": ""})
            return replace(asked, text=f"{problem.message}\n{asked.text}")


def _key_named(text: str, keys: list[str]) -> str | None:
    """The one key whose document number is meant: nobody has 〔 on a keyboard."""
    wanted = _BRACKETS.sub("", folded(text))
    found = [key for key in keys if wanted and wanted == _BRACKETS.sub("", folded(_number_in(key)))]
    return found[0] if len(found) == 1 else None


def _number_in(key: str) -> str:
    """The document number in a key: subject/number/day."""
    return key.partition("/")[2].rpartition("/")[0]


def _domain_in(text: str, office: Office) -> int | None:
    found = _DOMAIN.fullmatch(folded(text))
    if found is None:
        return None
    domain = find_domain(found["number"] or found["name"], office)
    return domain.number if domain else None


def _about(kept: Mapping[str, str]) -> str:
    """A key of the list is told by its document number and day."""
    record = kept.get("record", "")
    if not record:
        return f"领域 {kept['domain']}（整个领域）"
    number = _number_in(record)
    return f"{number}（{record.rpartition('/')[2]}）" if number else record


def _line(record: CreditRecord) -> str:
    return f"{record.decided_on}　{record.kind}　{record.document_number}　{record.decided_by}"


def _told(case: Objection) -> Reply:
    lines = [f"异议已提交，编号 {case.number}，由{case.unit}办理。"]
    if case.due_on is not None:
        lines.append(f"答复时限：{case.due_on}（含当日；本机构服务承诺，不是法定期限）。")
        if not case.due_published:
            lines.append("提示：没有录入该年的放假安排，时限按周末规则推算。")
    lines.append(f"下一步：有证明材料的，交给{case.unit}的办件人，办理时附上；进度按编号在窗口页面查看。")
    return Reply("\n".join(lines))
