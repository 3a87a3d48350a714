"""代开报告: a clerk at the desk has a report issued for a visitor, and gets the file in the chat.

Rules kept:
* Desk work (``desk_work``). Subject, years, and how the visitor's identity was checked are asked for; nothing is issued
  before 确认, and the same 确认, again, is the same report.
* The report is the issuing room's (``issuing_room``): nothing is signed here, no key is seen.
* A PDF, or a docx where the clerk asks for one or no PDF can be made.

Source: issue 6 §3; inventory B09, D07; scheme of 2024, 二（五）（六）. Decision: docs/decisions/0231.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from bot.actions.desk_work import Desk, Work, heard
from bot.actions.issuing_room import Delivered, IssuingRoom, Order
from bot.actions.naming import CODE, FULL_NAME, Wanted
from bot.actions.said import Reply, Said
from bot.actions.staff_only import BY_AGENT, actor_of
from bot.actions.typed import LONGEST, POLITE, folded, is_yes, line
from index.directory.model import Role, Staff
from index.masking import mask_text
from index.records.reading import Reader
from index.rules.model import Office
from verify.errors import VerifyError

WORK = Work(
    "issuing",
    what="代开报告",
    matter="专用信用报告窗口办理",
    role=Role.ISSUE,
    which="为哪个主体开具？请发统一社会信用代码或名称。",
)
IDENTITY_MAX, IDENTITY_MIN = 60, 2
BY_NUMBER = "请回复 1、2 或 3。"
_YEARS = {"一": 1, "1": 1, "两": 2, "二": 2, "2": 2, "三": 3, "3": 3}
_PERIOD = r"(?:(?:查询)?(?:最)?近)?(?P<years>[一二两三123])年(?:内|以来)?的?"
_ACT = r"(?:开具|代开|开|出具|出|签发|打印|打|申请|办理?|下载)(?:一份|一个|一张|份|个|张)?"
_REPORT = r"(?:经营主体)?(?:专用)?(?:信用)?(?:报告|无违法违规证明)(?:,?(?P<format>pdf|docx|word|word版|pdf版|docx版))?"
_WISHES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{POLITE}(?:给|为|替|帮)?(?:企业|公司)?(?P<code>{CODE})的?,?{_ACT}(?:{_PERIOD})?{_REPORT}[。!]*",
        rf"{POLITE}(?:给|为|替|帮)(?P<name>.{{2,60}}?){_ACT}(?:{_PERIOD})?{_REPORT}[。!]*",
        rf"{POLITE}(?:给|为|替|帮)?(?P<name>{FULL_NAME})的?,?{_ACT}(?:{_PERIOD})?{_REPORT}[。!]*",
        rf"{POLITE}{_ACT}(?P<code>{CODE})的?(?:{_PERIOD})?{_REPORT}[。!]*",
        rf"{POLITE}{_ACT}(?P<name>{FULL_NAME})的?(?:{_PERIOD})?{_REPORT}[。!]*",
        rf"{POLITE}{_ACT}(?:{_PERIOD})?{_REPORT}[,:]?(?P<code>{CODE})?[。!]*",
    )
)
_YEARS_SAID = re.compile(rf"(?:{_PERIOD}|(?P<plain>[123一二两三]))[。!]*")
_PURPOSE = re.compile(r"[,，;；。\s]*用途(?:是|为|[:：])+\s*(?P<said>[^,，;；。\n]{2,40})")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the message says already; the rest is asked for."""

    wanted: Wanted | None
    years: str
    purpose: str
    as_word: bool


def asks(text: str) -> Wish | None:
    """Raises RecordError for a code that is none."""
    wish = heard(_WISHES, _PURPOSE.sub("", text)) if len(text) <= LONGEST else None
    if wish is None:
        return None
    years, kind, purpose = wish.said.get("years"), wish.said.get("format"), _PURPOSE.search(text)
    return Wish(
        wish.wanted,
        str(_YEARS[years]) if years else "",
        mask_text(line(purpose["said"], 40)).text if purpose else "",
        as_word=(kind or "pdf").lower()[0] in "dw",
    )


class IssuingReports:
    """``is_command``: as for ``desk_work``."""

    name = WORK.name

    def __init__(self, engine: Engine, office: Office, room: IssuingRoom, is_command: Callable[[str], bool]) -> None:
        self._room = room
        self._desk = Desk(WORK, engine, office, is_command)

    def answers(self, said: Said) -> Reply | None:
        """Raises AccessDenied and RecordError."""
        wish = asks(said.text)
        staff = self._desk.clerk(said, wish.wanted if wish else None, begins=wish is not None)
        if not isinstance(staff, Staff):
            return staff
        if wish is not None:
            return self._next(said, staff, _kept(wish))
        return self._gone_on(said, staff, said.pending.kept if said.pending else {})

    def _gone_on(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        """The answer to the one thing that was asked."""
        match kept["asked"]:
            case "subject":
                named = self._desk.with_subject(said, kept)
                return named if isinstance(named, Reply) else self._next(said, staff, named)
            case "years":
                found = _YEARS_SAID.fullmatch(folded(said.text))
                years = str(_YEARS[found["years"] or found["plain"]]) if found else ""
                return self._next(said, staff, {**kept, "years": years})
            case "identity":
                identity = mask_text(line(said.text, IDENTITY_MAX)).text
                return self._next(said, staff, {**kept, "identity": identity})
        if is_yes(said.text):
            return self._issued(said, staff, kept)
        return Reply("请回复“确认”签发，或“取消”。", pending=said.pending)

    def _next(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        """Asks for what is still missing; at last for the confirmation."""
        known = self._desk.identified(said, staff, kept)
        if isinstance(known, Reply):
            return known
        if not known.get("years"):
            return self._desk.ask(known, "years", f"查询年限：近一年、近两年还是近三年？{BY_NUMBER}")
        if len(known.get("identity", "")) < IDENTITY_MIN:
            text = f"本人来办的，核对了哪些证件？例如“营业执照、法定代表人身份证”（不要发证件号码）。{BY_AGENT}"
            return self._desk.ask(known, "identity", text)
        entitlement = self._desk.admission(said, staff, known["code"])
        subject = Reader(self._desk.engine, entitlement=entitlement, now=said.now).subject(known["code"])
        lines = (
            "请确认签发：",
            f"主体：{subject.name}（{subject.code}）",
            f"查询年限：近{'一两三'[int(known['years']) - 1]}年；用途：{known.get('purpose') or '不填'}",
            f"身份核对：{known['identity']}",
            "签发即登记，填错的只能撤销后重开。回复“确认”签发，“取消”不办。",
        )
        return self._desk.confirm(said, known, "\n".join(lines))

    def _issued(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        self._desk.admission(said, staff, kept["code"])
        order = Order(
            subject_code=kept["code"],
            years=int(kept["years"]),
            purpose=kept.get("purpose", ""),
            actor=actor_of(staff),
            identity=f"窗口核对，本人办理：{kept['identity']}",
            key=kept["key"],
            as_word=bool(kept.get("as_word")),
        )
        try:
            return _delivered(self._room.issue(order))
        except VerifyError as problem:
            text = f"没有签发。{problem.message}下一步：{problem.next_step}（{problem.code}）"
            return Reply(text, pending=said.pending if problem.code == "ISSUING_UNREACHABLE" else None)


def _kept(wish: Wish) -> dict[str, str]:
    wanted = wish.wanted or Wanted()
    word = "1" if wish.as_word else ""
    return {
        "code": wanted.code,
        "name": wanted.name,
        "years": wish.years,
        "purpose": wish.purpose,
        "as_word": word,
    }


def _delivered(report: Delivered) -> Reply:
    lines = [f"已签发 {report.number}，核验有效期至 {report.valid_until:%Y-%m-%d} 24 时。报告文件附后，请交给申请人。"]
    if report.why_no_pdf:
        lines.append(f"提示：{report.why_no_pdf}")
    if report.guessed:
        lines.append("提示：没有录入该年的放假安排，查询截止日按周末规则推算。")
    return Reply("\n".join(lines), file=report.file)
