"""Registered bases: texts under which reports may be issued, entered by a person who has seen them. An audited act.

Rules kept:
* Nothing is extended by guess: a title, a term and the place where the text was checked are mandatory.
* Rows are never changed. A title registered again corrects the earlier entry – the last one counts – and has to say so
  (``replaces`` names the same title); so it does for a title of ``bases.csv``.
* Of several bases in force the one in force since the latest day is printed (``Office.basis_on``).
* The row and its audit line commit together.

Source: inventory B19, "Expired basis" (2), (4); 党政机关公文格式 GB/T 9704-2012, 7.2.5 (form of document numbers);
decision: docs/decisions/0130.
"""

import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, insert, select

from index.audit import append
from index.errors import RuleError
from index.invisible import all_seen
from index.rules.model import Basis, Office
from index.store.engine import writing
from index.store.tables import bases as table

PURPOSE = "登记签发依据"
TITLE_MAX = 150
EVIDENCE_LEAST, EVIDENCE_MAX = 4, 300
_NUMBER = re.compile(r"[\u3400-\u9fff]{1,20}〔(?:19|20)[0-9]{2}〕[0-9]{1,5}号|[\u3400-\u9fff]{2,30}第[0-9]{1,5}号")
_QUOTED = re.compile(r"《([^《》]*)》")
_BRACKETS = str.maketrans("[【(", "〔〔〔") | str.maketrans("]】)", "〕〕〕")


class BasisState(StrEnum):
    """What a basis is on one day."""

    COMING = "未施行"
    IN_FORCE = "现行有效"
    ENDED = "已届满"


@dataclass(frozen=True, slots=True)
class RegisteredBasis:
    """One row of the register. ``replaces``: the title it follows, extends or corrects."""

    basis: Basis
    replaces: str | None
    evidence: str
    actor: str
    registered_at: datetime


def state_on(basis: Basis, day: date) -> BasisState:
    if basis.has_ended(day):
        return BasisState.ENDED
    return BasisState.IN_FORCE if basis.in_force(day) else BasisState.COMING


def register(
    engine: Engine,
    office: Office,
    basis: Basis,
    *,
    replaces: str | None,
    evidence: str,
    actor: str,
    now: datetime,
) -> RegisteredBasis:
    """Enters a basis beside those of ``office``'s ``bases.csv``. Raises RuleError (what is wrong), AccessDenied."""
    entry = RegisteredBasis(
        _checked(basis), _title(replaces) if replaces else None, _evidence(evidence), actor.strip(), now
    )
    with writing(engine) as connection:
        _refuse_contradiction(entry, (*office.bases, *_counting(_rows(connection))))
        values = asdict(entry.basis) | {"replaces": entry.replaces, "evidence": entry.evidence}
        connection.execute(insert(table).values(**values, actor=entry.actor, registered_at=now))
        append(
            connection,
            at=now,
            actor=actor,
            purpose=PURPOSE,
            action="basis.register",
            target=entry.basis.title,
            detail=_detail(entry),
        )
    return entry


def registered(engine: Engine) -> tuple[RegisteredBasis, ...]:
    """Every row, in the order of registration."""
    with engine.connect() as connection:
        return _rows(connection)


def with_registered(office: Office, engine: Engine) -> Office:
    """The office with its registered bases, their evidence as the source: what issuing has to ask for ``basis_on``."""
    entries = registered(engine)
    entered = _counting(entries)
    titles = {basis.title for basis in entered}
    return replace(
        office,
        bases=(*(basis for basis in office.bases if basis.title not in titles), *entered),
        sources=(*office.sources, *((entry.basis.title, entry.evidence) for entry in entries)),
    )


def _rows(connection: Connection) -> tuple[RegisteredBasis, ...]:
    found = connection.execute(select(table).order_by(table.c.id))
    return tuple(
        RegisteredBasis(
            Basis(row.title, row.document_number, row.effective_from, row.effective_to),
            row.replaces,
            row.evidence,
            row.actor,
            row.registered_at,
        )
        for row in found
    )


def _counting(entries: tuple[RegisteredBasis, ...]) -> tuple[Basis, ...]:
    last = {entry.basis.title: entry for entry in entries}
    return tuple(entry.basis for entry in entries if entry is last[entry.basis.title])


def _checked(basis: Basis) -> Basis:
    if basis.effective_to is not None and basis.effective_to < basis.effective_from:
        raise RuleError("有效期至早于施行日期。", next_step="请对照文件原文核对两个日期。", code="BASIS_DATES")
    number = _document_number(basis.document_number) if basis.document_number else None
    return replace(basis, title=_title(basis.title), document_number=number)


def _title(text: str) -> str:
    title = text.strip()
    quoted = _QUOTED.fullmatch(title)
    title = quoted[1].strip() if quoted else title
    if not 4 <= len(title) <= TITLE_MAX or not all_seen(title):
        raise RuleError(
            f"文件名称应为 4–{TITLE_MAX} 个字的一行文字。", next_step="请照文件原文填写全称。", code="BASIS_TITLE"
        )
    return title


def _document_number(text: str) -> str:
    number = "".join(unicodedata.normalize("NFKC", text).split()).translate(_BRACKETS)
    if not _NUMBER.fullmatch(number):
        raise RuleError(
            f"文号“{text}”不像文号。",
            next_step="请照原文填写，例如 云政办发〔2026〕3号；没有文号的，不写 --number。",
            code="BASIS_NUMBER",
        )
    return number


def _evidence(text: str) -> str:
    evidence = " ".join(text.split())
    if not EVIDENCE_LEAST <= len(evidence) <= EVIDENCE_MAX or not all_seen(evidence):
        raise RuleError(
            "没有写明在何处核实了该文件，不能登记：依据不得推定。",
            next_step=f"请用 {EVIDENCE_LEAST}–{EVIDENCE_MAX} 个字写明出处，例如政府公报期号、公开网址、来函文号。",
            code="BASIS_EVIDENCE",
        )
    return evidence


def _refuse_contradiction(entry: RegisteredBasis, known: tuple[Basis, ...]) -> None:
    if entry.basis in known:
        raise RuleError(
            f"《{entry.basis.title}》已经登记过，日期和文号都相同。", next_step="无需重复登记。", code="BASIS_KNOWN"
        )
    titles = {basis.title for basis in known}
    if entry.replaces is not None and entry.replaces not in titles:
        raise RuleError(
            f"没有登记过《{entry.replaces}》，不能由新文件接替。",
            next_step="请用 chenghe bases list 查看已登记的名称；不接替任何文件的，不写 --replaces。",
            code="BASIS_REPLACES_UNKNOWN",
        )
    if entry.basis.title in titles and entry.replaces != entry.basis.title:
        raise RuleError(
            f"《{entry.basis.title}》已经登记过，文号或日期与这次不同。",
            next_step="延期的，请登记延期通知的名称；更正登记错误的，请用 --replaces 写同一名称。",
            code="BASIS_TITLE_TAKEN",
        )
    same = next((basis for basis in known if _same_number(basis, entry.basis)), None)
    if same is not None:
        raise RuleError(
            f"文号 {same.document_number} 已属于《{same.title}》。", next_step="请核对文号。", code="BASIS_NUMBER_TAKEN"
        )


def _same_number(known: Basis, new: Basis) -> bool:
    return new.document_number is not None and known.document_number == new.document_number and known.title != new.title


def _detail(entry: RegisteredBasis) -> str:
    basis = entry.basis
    end = basis.effective_to.isoformat() if basis.effective_to else "未写明"
    follows = f"；接替《{entry.replaces}》" if entry.replaces else ""
    number = basis.document_number or "无文号"
    return f"{number}；{basis.effective_from.isoformat()} 至 {end}{follows}；核实：{entry.evidence}"
