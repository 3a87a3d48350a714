"""From one row of a 双公示 file to the facts of a credit record.

Reads a row. Writes nothing.

Rules kept:
* A record is known by subject code, document number and decision day; bracket and width variants are one number.
* Natural persons' records are refused; their identity documents are never read.
* A decision is not in the future; publication does not end, and repair does not happen, before the decision.
* 处罚类别 containing 不予处罚 or 不予行政处罚 makes the record one of "no penalty" (行政处罚法 art. 33). Where only the
  content or the document number says so, the row must say which it is.
* An amount that the content gives in 元 and the column repeats as if it were 万元 is refused.

Source: 双公示 field codes; scheme of 2024, 二（一）.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from index.records.cells import read_amount, read_choice, read_code, read_day, read_end, read_yes_no
from index.records.columns import Form, Layout
from index.records.model import LegalState, RecordKind, Secrecy
from index.records.provenance import Provenance
from index.records.row import Row

Facts = dict[str, Any]

STATE_FIELDS = ("published", "legal_state", "secrecy", "corrected_on", "repaired_on", "under_objection")
"""A file that has no column for one of these says nothing about it: the stored value stays."""

NATURAL_PERSON = "自然人"
PRINTED = ("violation", "facts", "legal_basis", "content", "licence")
PENALTY_NEEDS = ("violation", "facts", "legal_basis", "category", "content")

LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "subject_name": 200,
        "document_number": 128,
        "violation": 2000,
        "facts": 5000,
        "legal_basis": 3000,
        "category": 300,
        "content": 5000,
        "licence": 500,
        "decided_by": 200,
        "note": 1000,
    }
)
_STATED = re.compile(r"(\d[\d,]*(?:\.\d+)?)(万?)元", re.ASCII)
_SPARED = ("不予处罚", "不予行政处罚")
_SPARED_NUMBER = ("不罚", "不予罚")
_YUAN_PER_WAN = 10_000
_BRACKETS = str.maketrans("[]【】［］()（）〈〉<>", "〔〕〔〕〔〕〔〕〔〕〔〕〔〕")


def record_key(subject_code: str, document_number: str, decided_on: date) -> str:
    """The stable key of a record."""
    number = "".join(unicodedata.normalize("NFKC", document_number).split()).translate(_BRACKETS)
    return f"{subject_code}/{number}/{decided_on.isoformat()}"


def kept_fields(layout: Layout) -> tuple[str, ...]:
    """The fields this file says nothing about; the domain among them, so that a main one replaces no better one."""
    return tuple(name for name in (*STATE_FIELDS, "domain") if not layout.has(name))


def read_record(row: Row, provenance: Provenance, today: date) -> Facts | None:
    """The facts of one row, or None; what is wrong is kept in the row."""
    if row.raw("subject_class") == NATURAL_PERSON:
        row.fail("subject_class", "NATURAL_PERSON", "自然人的记录不在专用信用报告范围内", "请从文件中删去该行。")
        return None
    unit, domain, source_kind = provenance.read(row)
    facts = {**_decision(row), **_days(row, today), **_states(row)}
    facts |= {"domain": domain, "source_unit": unit, "source_kind": source_kind.value}
    facts["provider"] = provenance.unit or unit
    if row.errors:
        return None
    return {"key": record_key(facts["subject_code"], facts["document_number"], facts["decided_on"]), **facts}


def _decision(row: Row) -> Facts:
    category = row.text("category", LIMITS["category"])
    kind = _kind(row, category)
    if kind is RecordKind.PENALTY:
        for name in PENALTY_NEEDS:
            row.require(name)
    fine, confiscated = (row.read(name, read_amount, None) for name in ("fine_wan", "confiscated_wan"))
    for name, amount in (("fine_wan", fine), ("confiscated_wan", confiscated)):
        _check_unit(row, name, amount)
    return {
        "subject_code": row.read("subject_code", read_code, ""),
        "subject_name": row.line("subject_name", LIMITS["subject_name"]),
        "kind": kind.value,
        "document_number": row.line("document_number", LIMITS["document_number"]),
        "category": category,
        "fine_wan": fine,
        "confiscated_wan": confiscated,
        "decided_by": row.line("decided_by", LIMITS["decided_by"]),
        **{name: row.prose(name, LIMITS[name]) for name in PRINTED},
        "note": row.text("note", LIMITS["note"]),
    }


def _kind(row: Row, category: str) -> RecordKind:
    if row.layout.form is Form.PERMIT:
        return RecordKind.PERMIT
    spared = any(word in category for word in _SPARED)
    derived = RecordKind.NO_PENALTY if spared else RecordKind.PENALTY
    kind = row.read("kind", lambda text: read_choice(text, RecordKind), derived)
    if spared and kind is RecordKind.PENALTY:
        row.fail("kind", "KIND_CONTRADICTS", "为行政处罚，而处罚类别写明不予处罚", "请改其中一处。")
    if kind is RecordKind.PENALTY and not row.raw("kind"):
        _refuse_hidden_sparing(row)
    return kind


def _refuse_hidden_sparing(row: Row) -> None:
    in_content = any(word in row.raw("content") for word in _SPARED)
    if in_content or any(word in row.raw("document_number") for word in _SPARED_NUMBER):
        row.fail(
            "content" if in_content else "document_number",
            "KIND_UNCLEAR",
            "像是不予处罚决定，而处罚类别没有写明",
            "不予处罚的，处罚类别填“不予行政处罚”；确为处罚的，增加“记录类型”列并填“行政处罚”。",
        )


def _check_unit(row: Row, name: str, amount: Decimal | None) -> None:
    """8万元 in the content and 80000 in the column: the column holds 元."""
    content = unicodedata.normalize("NFKC", row.raw("content"))
    found = ((Decimal(number.replace(",", "")), wan) for number, wan in _STATED.findall(content))
    stated = {number if wan else number / _YUAN_PER_WAN for number, wan in found}
    if amount and amount not in stated and amount / _YUAN_PER_WAN in stated:
        row.fail(name, "AMOUNT_UNIT", "与处罚内容相差一万倍，像是以元填写", "请换算成万元，例如 80000 元填 8。")


def _days(row: Row, today: date) -> Facts:
    decided_on = row.read("decided_on", read_day, None)
    if decided_on is not None and decided_on > today:
        row.fail("decided_on", "FUTURE", "晚于今天", "请核对日期。")
    publication_until = row.read("publication_until", read_end, None)
    _not_before(row, "publication_until", publication_until, decided_on)
    corrected_on, repaired_on = (row.read(name, read_day, None) for name in ("corrected_on", "repaired_on"))
    for name, day in (("corrected_on", corrected_on), ("repaired_on", repaired_on)):
        if day is not None and day > today:
            row.fail(name, "FUTURE", "晚于今天", "请核对日期；尚未发生的不填。")
    _not_before(row, "repaired_on", repaired_on, decided_on)
    return {
        "decided_on": decided_on,
        "penalty_until": row.read("penalty_until", read_end, None),
        "publication_until": publication_until,
        "corrected_on": corrected_on,
        "repaired_on": repaired_on,
    }


def _not_before(row: Row, name: str, day: date | None, decided_on: date | None) -> None:
    if day is not None and decided_on is not None and day < decided_on:
        row.fail(name, "BEFORE_DECISION", "早于决定日期", "请核对两个日期。")


def _states(row: Row) -> Facts:
    legal_state = row.read("legal_state", lambda text: read_choice(text, LegalState), LegalState.EFFECTIVE)
    secrecy = row.read("secrecy", lambda text: read_choice(text, Secrecy), Secrecy.NONE)
    return {
        "published": row.read("published", read_yes_no, True),
        "legal_state": legal_state.value,
        "secrecy": secrecy.value,
        "under_objection": row.read("under_objection", read_yes_no, False),
    }
