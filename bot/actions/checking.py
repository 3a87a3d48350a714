"""核验: anybody may send a report's code, its number and typed code, its picture, docx or PDF, and is told the verdict.

Rules kept:
* What is checked, and how it is said, is ``verify.documents.examine`` and ``verify.reasons``: nothing is judged here.
* Trust, status and log are the published ones, read anew when they change; files are read by bounded readers.
* In a group the verdict is told, and not what the report says: conclusion and differences are for a private chat.
* A number without its typed code is asked for it; a long number that is no code of ours is told so.

Source: issue 6 §3; design §4–§5; docs/credential.md §6.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.actions.said import Pending, Reply, Said
from bot.actions.typed import POLITE, folded
from verify.documents.examine import Answer, Means, Reader, examine, examine_codes
from verify.errors import TrustError
from verify.public.published_log import PublishedLog
from verify.public.shelf import Shelf
from verify.public.trust_file import TrustFile
from verify.remembering import Memory
from verify.verification import Verification, untrusted

FILES_MAX = 5
ANSWERS_MAX = 10
DIFFERENCES_MAX = 8
DIGITS_MIN = 100
"""Fewer digits alone may be anything."""
_LINK = re.compile(r"https?://[^\s/]{1,260}/v[#/][0-9\s]{20,}", re.IGNORECASE)
_DIGITS = re.compile(rf"[0-9]{{{DIGITS_MIN},}}")
_NUMBER = r"[A-Za-z]{4}[0-9]{15}"
_CODE = r"[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}"
_WISH = rf"{POLITE}(?:核验|验证|查验|验真|验|检验|检查)(?:一下|下)?"
_ABOUT = r"(?:这份|这个|一份|专用|信用|报告|编号|号码|为|是|:|的|真伪|,|。)*"
_LABEL = r"(?:[,;/:。、]|手输|核验码|验证码|码|为|是)*"
_NUMBERED = re.compile(
    rf"(?:{_WISH})?{_ABOUT}(?P<number>{_NUMBER}){_LABEL}(?P<code>{_CODE})?(?:是真的吗|有效吗|真伪|是否有效)?[。?!]*"
)
_TYPED_CODE = re.compile(rf"{_LABEL}(?P<code>{_CODE})[。]*")
_WISHED = re.compile(rf"{_WISH}{_ABOUT}(?:报告|真伪){_ABOUT}[。!]*")
HOW = (
    "要核验报告，请发送下列之一：核验码图片或报告文件（docx、PDF）；扫码得到的网址；"
    "报告编号和手输核验码，例如“YCZX202608200000001 7K3M-2QXP-9TRW”。"
)
ASK_CODE = "请再发手输核验码（报告核验码下方的 12 位字符）。没有的，请发核验码图片或报告文件。"


@dataclass(frozen=True, slots=True)
class Asked:
    """``text``: a code as scanned, or number and typed code; empty: ``number`` is still without its code."""

    text: str = ""
    number: str = ""


def asks(text: str) -> Asked | None:
    """What ``text`` wants checked; an empty one wants to know how."""
    plain = unicodedata.normalize("NFKC", text)
    link = _LINK.search(plain)
    if link is not None:
        return Asked("".join(link[0].split()))
    if _DIGITS.fullmatch(digits := "".join(plain.split())):
        return Asked(digits)
    together = folded(text)
    named = _NUMBERED.fullmatch(together)
    if named is not None:
        number = named["number"].upper()
        return Asked(f"{number} {named['code']}", number) if named["code"] else Asked(number=number)
    return Asked() if _WISHED.fullmatch(together) else None


class Published:
    """What reports are checked by: the published folder, as it is now. Any thread; nothing sent makes it raise."""

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], reader: Reader, memory: Memory | None = None
    ) -> None:
        self._folder = folder
        self._trust = TrustFile(folder / "trust.json", clock, memory)
        self._log = PublishedLog(folder, memory)
        self._shelf = Shelf(folder)
        self._reader = reader

    def is_here(self) -> bool:
        """Whether anything is published here, at this moment: an office may publish after this program has started."""
        return self._folder.is_dir()

    def examined(self, content: bytes, name: str, now: datetime) -> tuple[Answer, ...]:
        """One answer for each report in a file."""
        try:
            return examine_codes(content, name, self._means(now))
        except TrustError as error:
            return (Answer(1, 1, untrusted(error, now)),)

    def examined_text(self, text: str, now: datetime) -> Verification:
        """``text``: a code as scanned, or number and typed code."""
        try:
            means = self._means(now)
        except TrustError as error:
            return untrusted(error, now)
        return examine(text, name="", trust=means.trust, at=now, now=now, sealed=means.sealed, evidence=means.evidence)

    def _means(self, now: datetime) -> Means:
        trust = self._trust.current()
        return Means(
            trust, now, now, self._shelf, lambda credential: self._log.evidence(credential, trust), self._reader
        )


class Checking:
    name = "checking"

    def __init__(self, published: Published) -> None:
        self._published = published

    def answers(self, said: Said) -> Reply | None:
        if said.files:
            return self._of_files(said)
        asked = asks(said.text) or self._typed_after(said)
        if asked is None:
            return None
        if not asked.text:
            return self._asking(said, asked)
        return _reply([("", self._published.examined_text(asked.text, said.now))], said)

    def _typed_after(self, said: Said) -> Asked | None:
        """The typed code of a number that was sent before."""
        if said.pending is None or said.pending.action != self.name:
            return None
        found, number = _TYPED_CODE.fullmatch(folded(said.text)), said.pending.kept["number"]
        return Asked(f"{number} {found['code']}", number) if found else None

    def _asking(self, said: Said, asked: Asked) -> Reply:
        if not asked.number:
            return Reply(HOW)
        return Reply(ASK_CODE, pending=Pending(self.name, {"number": asked.number}))

    def _of_files(self, said: Said) -> Reply:
        told: list[tuple[str, Verification]] = []
        for file in said.files[:FILES_MAX]:
            found = self._published.examined(file.content, file.name, said.now)
            told += [(file.name, answer.verification) for answer in found]
        return _reply(told, said)


def _reply(told: list[tuple[str, Verification]], said: Said) -> Reply:
    """One text for each report; what another action waits for it still waits for."""
    texts = [_told(name, verification, said.caller.group, many=len(told) > 1) for name, verification in told]
    waiting = said.pending if said.pending and said.pending.action != Checking.name else None
    more = (
        [f"另有 {len(texts) - ANSWERS_MAX} 个码没有列出，请用核验网站的批量核验。"] if len(texts) > ANSWERS_MAX else []
    )
    first, *others = texts[:ANSWERS_MAX] + more
    return Reply(first, tuple(others), pending=waiting)


def _told(name: str, verification: Verification, group: bool, *, many: bool) -> str:
    lines = [f"【{verification.verdict.label}】{verification.message}"]
    if many and name:
        lines.insert(0, f"文件：{name}")
    lines += _facts(verification, group)
    lines += [f"提示：{notice.message}{notice.next_step}" for notice in verification.notices]
    lines.append(f"下一步：{verification.next_step}（{verification.reason.value}）")
    return "\n".join(map(_seen, lines))


def _facts(verification: Verification, group: bool) -> list[str]:
    """Whose report it is, so that a code copied onto another paper is noticed; nothing without a signature."""
    if verification.credential is None:
        return []
    facts = verification.credential.facts
    lines = [
        f"主体：{facts.subject_name}（{facts.subject_code}）",
        f"报告：{verification.credential.number}，查询范围 {facts.period_from} 至 {facts.period_to}，"
        f"核验有效期至 {facts.valid_until:%Y-%m-%d} 24 时",
    ]
    if group:
        return [*lines, "报告的结论和差异不在群聊里显示，请私聊核验。"]
    lines.append(f"结论：{verification.conclusion}")
    differences = verification.differences
    lines += [f"差异：{each.where}：签发“{each.issued}”，送验“{each.found}”" for each in differences[:DIFFERENCES_MAX]]
    if len(differences) > DIFFERENCES_MAX:
        lines.append(f"另有 {len(differences) - DIFFERENCES_MAX} 处差异。")
    return lines


def _seen(text: str) -> str:
    """Names and texts come from an enemy: nothing that hides or turns the direction of reading."""
    return "".join(each if each.isprintable() else "�" for each in text)
