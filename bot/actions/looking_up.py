"""查一下…：the records of one subject for a member who has to decide a matter; the masked minimum, in few lines.

Rules kept:
* Known staff with the role, alone with the robot. Matter and purpose are asked for once per matter and conversation
  (``bot.post.duties``), and stand in the audit line of each read; the matter is one the member decides.
* What is shown is what ``index.records.disclosure`` leaves to the unit, masked; the newest ``SHOWN`` with their
  numbers. What is withheld is not counted. Domains without data are said: no record there is no answer.
* A message is taken only when it says 查 and a code, a name with its ending, or …的记录; a code alone too.

Source: issue 6 §3; 个人信息保护法 arts. 5–6, 34–37; inventory D06.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Engine

from bot.actions.choosing import CHOICES, chosen_by_number, chosen_of
from bot.actions.naming import CODE, FULL_NAME, Wanted, code_in, wanted_code, wanted_name, with_codes_joined
from bot.actions.said import Pending, Reply, Said
from bot.actions.staff_only import actor_of, admitted, note
from bot.actions.typed import CANCELLED, LONGEST, POLITE, choice, folded, is_no, is_question, line, numbered
from bot.post.duties import Duties, Stated
from index.access import Duty
from index.admission import admit
from index.calendar import SHANGHAI
from index.directory.model import Role, Staff
from index.masking import mask_text
from index.records.model import CreditRecord, Subject
from index.records.reading import Reader
from index.rules.model import Office

SHOWN = 5
PURPOSE_MIN, PURPOSE_MAX = 2, 100
WHAT = "查询记录"
_VERB = r"(?:查询一下|查一下|查一查|查下|查查|查询|查看|查|看一下|看看)"
_TAIL = (
    r"(?:这家|这个)?(?:企业|公司|单位|主体)?(?:的|有没有|有无|有哪些|有什么|是否有|有)?"
    r"(?:信用|违法|违规|行政处罚|处罚|失信|不良)*(?:记录|信息|情况|处罚)?(?:吗|么|没有)?"
)
_BY_CODE = re.compile(
    rf"{POLITE}{_VERB}?(?:一下|企业|公司|主体|这家|统一社会信用代码|信用代码|代码|为|是|:)*{CODE}{_TAIL}[。?!]*",
    re.IGNORECASE,
)
_BY_NAME = re.compile(
    rf"{POLITE}{_VERB}(?:一下)?(?:(?P<full>{FULL_NAME})(?:{_TAIL})|(?P<name>.{{2,40}}?)(?:这家)?(?:企业|公司)?的"
    r"(?:信用|违法|违规|行政处罚|处罚|失信|不良)*(?:记录|处罚))[。!]*"
)
_STATED = re.compile(r"[,，;；。\s]*(?P<what>事项|用途|目的)(?:是|为|[:：])+\s*(?P<said>[^,，;；。\n]{2,100})")
_ANOTHER_MATTER = re.compile(rf"{POLITE}(?:换|更换|更改|改)(?:一?个|一下)?(?:办理)?(?:事项|用途)[。!]*")


def asks(text: str) -> Wanted | None:
    """Whose records ``text`` wants to see. Raises RecordError for a code that is none."""
    if len(text) > LONGEST:
        return None
    plain = _STATED.sub("", with_codes_joined(text))
    code = code_in(plain)
    if code is not None:
        return wanted_code(code) if _BY_CODE.fullmatch(folded(plain)) else None
    found = _BY_NAME.fullmatch(folded(plain))
    return wanted_name(found["full"] or found["name"]) if found else None


class LookingUp:
    """``is_command``: whether a message is meant for any action, so that it is no answer to a question of ours."""

    name = "looking_up"

    def __init__(self, engine: Engine, office: Office, duties: Duties, is_command: Callable[[str], bool]) -> None:
        self._engine = engine
        self._office = office
        self._duties = duties
        self._is_command = is_command

    def answers(self, said: Said) -> Reply | None:
        """Raises AccessDenied and RecordError."""
        if _ANOTHER_MATTER.fullmatch(folded(said.text)):
            return self._forgotten(said)
        wanted = asks(said.text)
        if wanted is not None:
            return self._begun(said, wanted)
        if said.pending is None or said.pending.action != self.name or said.files:
            return None
        return self._gone_on(said, said.pending.kept)

    def _begun(self, said: Said, wanted: Wanted) -> Reply:
        staff = admitted(self._engine, said, Role.RECORDS, WHAT, wanted.code or wanted.name)
        if isinstance(staff, Reply):
            return staff
        kept = {"code": wanted.code, "name": wanted.name} | _stated_in(said.text)
        return self._with_duty(said, staff, kept)

    def _gone_on(self, said: Said, kept: Mapping[str, str]) -> Reply | None:
        """An answer to what was asked: which matter, what for, which subject."""
        if is_no(said.text):
            return Reply(CANCELLED)
        if is_question(said.text) or self._is_command(said.text):
            return None
        staff = admitted(self._engine, said, Role.RECORDS, WHAT, kept.get("code") or kept.get("name") or "")
        if isinstance(staff, Reply):
            return staff
        if kept.get(CHOICES):
            code = chosen_by_number(said.text, kept[CHOICES])
            if code is None:
                return _again(said, kept[CHOICES].split(","))
            return self._with_duty(said, staff, {"code": code})
        if not kept.get("matter"):
            place = choice(said.text, len(staff.matters))
            matter = staff.matters[place] if place is not None else _matter_named(said.text, staff)
            if matter is None:
                return _again(said, staff.matters)
            return self._with_duty(said, staff, {**kept, "matter": matter})
        return self._with_duty(said, staff, {**kept, "purpose": _purpose(said.text)})

    # Duty

    def _with_duty(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> Reply:
        """Shows, or asks for the matter or the purpose that is still missing."""
        target = kept.get("code") or kept.get("name") or ""
        if not staff.matters:
            note(self._engine, said, WHAT, target, "CHAT_NO_MATTER")
            return Reply("没有登记您办理的事项，不能查询记录。下一步：请联系本单位管理员登记办理事项。")
        stated = None if kept.get("matter") or kept.get("purpose") else self._duties.current(said.caller, said.now)
        if stated is not None and stated.matter in staff.matters:
            return self._shown(said, staff, kept, stated)
        matter = _matter_named(kept.get("matter", ""), staff) or (staff.matters[0] if len(staff.matters) == 1 else "")
        if not matter:
            matters = f"请先说明为哪个事项查询：\n{numbered(staff.matters)}\n请回复序号。"
            return self._asking({**kept, "matter": ""}, matters)
        stated = self._stated_for(said, matter, kept.get("purpose", ""))
        if stated is None:
            text = f"按“{matter}”事项查询。请说明用途，例如“核实投标资格”。查询会留下记录。"
            return self._asking({**kept, "matter": matter}, text)
        shown = self._shown(said, staff, kept, stated)
        self._duties.state(said.caller, stated)  # what was refused is not kept
        return shown

    def _stated_for(self, said: Said, matter: str, purpose: str) -> Stated | None:
        """The purpose of this message, or else what was stated for the matter before."""
        if len(purpose) >= PURPOSE_MIN:
            return Stated(matter, purpose, said.now)
        return self._duties.of(said.caller, matter, said.now)

    def _asking(self, kept: Mapping[str, str], text: str) -> Reply:
        return Reply(text, pending=Pending(self.name, {key: value for key, value in kept.items() if value}))

    def _forgotten(self, said: Said) -> Reply | None:
        if not self._duties.forget(said.caller):
            return None
        return Reply("好，下次查询时请重新说明事项和用途。")

    # The answer

    def _shown(self, said: Said, staff: Staff, kept: Mapping[str, str], stated: Stated) -> Reply:
        duty = Duty(staff.unit, stated.matter, actor_of(staff), stated.purpose)
        wanted = Wanted(kept.get("code", ""), kept.get("name", ""))
        chosen = chosen_of(self._engine, self._office, wanted, duty, said.now)
        if not chosen.code:
            pending = Pending(self.name, {CHOICES: ",".join(chosen.codes)}) if chosen.codes else None
            return Reply(chosen.text, pending=pending)
        entitlement = admit(self._engine, duty, chosen.code, now=said.now, office=self._office)
        reader = Reader(self._engine, entitlement=entitlement, now=said.now)
        listing = reader.list_for(chosen.code)
        known = {feed.domain for feed in reader.feeds()}
        domains = self._office.domains_on(said.now.astimezone(SHANGHAI).date())
        missing = sum(domain.number not in known for domain in domains)
        reply = _reply(chosen.code, listing.subject, listing.records, missing)
        return replace(reply, text=f"{reply.text}\n{_duty_line(stated)}")


def _again(said: Said, listed: Sequence[str]) -> Reply:
    """What may be chosen is told again: buttons are gone with the answer."""
    return Reply(f"没有看懂。不查了，请回复“取消”。\n{numbered(tuple(listed))}\n请回复序号。", pending=said.pending)


def _matter_named(text: str, staff: Staff) -> str | None:
    return next((matter for matter in staff.matters if folded(matter) == folded(text)), None)


def _stated_in(text: str) -> dict[str, str]:
    """Matter and purpose that the message itself states."""
    found = {match["what"]: _purpose(match["said"]) for match in _STATED.finditer(text)}
    purpose = found.get("用途") or found.get("目的") or ""
    return {key: value for key, value in (("matter", found.get("事项", "")), ("purpose", purpose)) if value}


def _purpose(text: str) -> str:
    """As the audit keeps it for good: without numbers of persons."""
    return mask_text(line(text, PURPOSE_MAX)).text


def _duty_line(stated: Stated) -> str:
    return f"事项：{stated.matter}；用途：{stated.purpose}。要换，请说“换事项”。"


def _reply(code: str, subject: Subject | None, records: tuple[CreditRecord, ...], missing: int) -> Reply:
    if subject is None and not records:
        return Reply(f"没有登记统一社会信用代码为 {code} 的经营主体，也没有它的记录。下一步：请核对代码。")
    name = subject.name if subject else records[0].subject_name
    state = f"　{subject.registration_state}" if subject and subject.registration_state else ""
    found = f"可以显示的记录 {len(records)} 条" if records else "没有可以显示的记录"
    gap = f"；{missing} 个领域的数据暂未接入，不作结论" if missing else ""
    rest = f"另有 {len(records) - SHOWN} 条较早的没有列出。" if len(records) > SHOWN else ""
    text = f"{name}（{code}）{state}\n{found}{gap}。{rest}只供本次办理，不要转发。"
    return Reply(text, tuple(_record(number, each) for number, each in enumerate(records[:SHOWN], start=1)))


def _record(number: int, record: CreditRecord) -> str:
    marks = [record.legal_state.value, *([f"{record.severity}失信"] if record.severity else [])]
    if record.repaired_on:
        marks.append(f"{record.repaired_on} 已修复")
    if record.publication_until:
        marks.append(f"公示至 {record.publication_until}")
    if record.under_objection:
        marks.append("异议处理中")
    what = record.violation or record.category or record.licence
    return (
        f"{number}. {record.decided_on}　{record.kind}　{record.document_number}　{record.decided_by}\n"
        f"{line(what, 60)}（{'，'.join(marks)}）"
    )
