"""From one row of a 双公示 file to the facts of a credit record.

Reads a row. Writes nothing.

Rules kept:
* A record is known by subject code, document number and decision day; bracket and width variants are one number.
* Natural persons' records are refused. Identity numbers are checked (GB 11643) and never kept.
* 行政相对人类别 is one of the three of the standard, and agrees with the code (92 = 个体工商户).
* A decision is not in the future; penalty and publication do not end, and repair does not happen, before it; a permit
  does not end before it begins.
* 处罚类别 containing 不予处罚 or 不予行政处罚 makes the record one of "no penalty" (行政处罚法 art. 33). Where only the
  content or the document number says so, the row must say which it is.
* An amount that the content gives in 元 and the column repeats as if it were 万元 is refused.

Source: 双公示 field codes; scheme of 2024, 二（一）.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TypeVar

from index.records.cells import (
    MAX_AMOUNT_CHARACTERS,
    CellError,
    check_identity,
    read_amount,
    read_choice,
    read_code,
    read_day,
    read_end,
    read_yes_no,
)
from index.records.columns import Form, Layout
from index.records.model import LegalState, RecordKind, Secrecy, Severity
from index.records.provenance import Provenance
from index.records.row import Row
from index.records.row_rules import Facts, RowRule, Texts, text_rule
from index.rules.repair import first_repair_day

Value = TypeVar("Value")

STATE_FIELDS = (
    "published",
    "legal_state",
    "secrecy",
    "corrected_on",
    "repaired_on",
    "under_objection",
    "severity",
    "from_province",
)
"""A file that has no column for one of these says nothing about it: the stored value stays."""

NATURAL_PERSON = "自然人"
INDIVIDUAL_BUSINESS = "个体工商户"
CLASSES = ("法人及非法人组织", NATURAL_PERSON, INDIVIDUAL_BUSINESS)
PRINTED = ("violation", "facts", "legal_basis", "category", "content", "licence")
PENALTY_NEEDS = ("violation", "facts", "legal_basis", "category", "content")
KEY_OF = ("subject_code", "document_number", "decided_on")

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
_LINES = ("subject_name", "document_number", "decided_by")
_LATER_DAYS = ("penalty_until", "publication_until", "corrected_on", "repaired_on")
_STATES = ("published", "legal_state", "secrecy", "under_objection", "severity", "from_province")
_AMOUNTS = ("fine_wan", "confiscated_wan")
_STATED = re.compile("([0-9０-９][0-9０-９,，]{0,30}(?:[.．][0-9０-９]{1,30})?)(万?)元")
_NARROW = str.maketrans("０１２３４５６７８９．", "0123456789.", ",，")
_SPARED = ("不予处罚", "不予行政处罚")
_SPARED_NUMBER = ("不罚", "不予罚")
_YUAN_PER_WAN = 10_000
_BRACKETS = str.maketrans("[]【】［］()（）〈〉<>", "〔〕〔〕〔〕〔〕〔〕〔〕〔〕")


def record_key(subject_code: str, document_number: str, decided_on: date) -> str:
    """The stable key of a record."""
    return joined_key(subject_code, document_number, decided_on.isoformat())


def joined_key(subject_code: str, document_number: str, decided_on: str) -> str:
    """``record_key`` of a day that is text already."""
    number = "".join(unicodedata.normalize("NFKC", document_number).split()).translate(_BRACKETS)
    return f"{subject_code}/{number}/{decided_on}"


def kept_fields(layout: Layout) -> tuple[str, ...]:
    """The fields this file says nothing about; domain and kind among them, so that what is assumed replaces nothing."""
    return tuple(name for name in (*STATE_FIELDS, "domain", "kind") if not layout.has(name))


def record_rules(form: Form, provenance: Provenance, today: date) -> tuple[RowRule, ...]:
    """The rules of a file of records, in the order in which a clerk is told."""
    rules = (
        RowRule(("subject_class",), (), _refuse_natural_person, alone=True),
        RowRule(provenance.READS, provenance.GIVES, provenance.read),
        RowRule(("category", "kind"), ("kind",), _kind),
        *(text_rule(name, limit, _texts_of(name)) for name, limit in LIMITS.items()),
        RowRule(("subject_class", "subject_code"), ("subject_code",), _code),
        RowRule(_AMOUNTS, _AMOUNTS, lambda row: {name: row.read(name, read_amount, None) for name in _AMOUNTS}),
        RowRule(("content", *_AMOUNTS), (), _refuse_wrong_unit, passes=_unit_is_right),
        RowRule(("decided_on", *_LATER_DAYS), ("decided_on", *_LATER_DAYS), partial(_days, today=today)),
        RowRule(_STATES, _STATES, _states),
        RowRule(_REPAIR, (), _refuse_early_repair, passes=lambda severity, _, repaired: not (severity and repaired)),
        _identity_rule("person", today),
        _identity_rule("representative", today),
    )
    return (*rules, *(_PERMIT_RULES if form is Form.PERMIT else _PENALTY_RULES))


def _texts_of(name: str) -> Texts:
    if name in _LINES:
        return Texts.LINE
    return Texts.PROSE if name in PRINTED else Texts.TEXT


def _refuse_natural_person(row: Row) -> Facts:
    if row.raw("subject_class") == NATURAL_PERSON:
        row.fail("subject_class", "NATURAL_PERSON", "自然人的记录不在专用信用报告范围内", "请从文件中删去该行。")
    return {}


def _code(row: Row) -> Facts:
    code, subject_class = row.read("subject_code", read_code, ""), row.raw("subject_class")
    if subject_class and subject_class not in CLASSES:
        row.fail("subject_class", "CHOICE", "不在可选范围", f"可填：{'、'.join(CLASSES)}。")
    elif code and subject_class and (subject_class == INDIVIDUAL_BUSINESS) != code.startswith("92"):
        row.fail(
            "subject_class",
            "CLASS_CONTRADICTS",
            f"“{subject_class}”与代码（{code[:2]} 开头）不符",
            "代码以 92 开头的是个体工商户，其他的是法人及非法人组织；请改其中一处。",
        )
    return {"subject_code": code}


def _kind(row: Row) -> Facts:
    if row.layout.form is Form.PERMIT:
        return {"kind": RecordKind.PERMIT.value}
    derived = _derived_kind(row)
    kind = row.read("kind", lambda text: read_choice(text, RecordKind), derived)
    if derived is RecordKind.NO_PENALTY and kind is RecordKind.PENALTY:
        row.fail("kind", "KIND_CONTRADICTS", "为行政处罚，而处罚类别写明不予处罚", "请改其中一处。")
    return {"kind": kind.value}


def _derived_kind(row: Row) -> RecordKind:
    spared = any(word in row.raw("category") for word in _SPARED)
    return RecordKind.NO_PENALTY if spared else RecordKind.PENALTY


def _is_penalty(row: Row) -> bool:
    try:
        kind = read_choice(row.raw("kind"), RecordKind) if row.raw("kind") else _derived_kind(row)
    except CellError:  # said by the rule of the kind; until it is mended the category counts
        kind = _derived_kind(row)
    return kind is RecordKind.PENALTY


def _require_of_penalty(row: Row) -> Facts:
    if _is_penalty(row):
        for name in PENALTY_NEEDS:
            row.require(name)
    return {}


def _refuse_hidden_sparing(row: Row) -> Facts:
    hidden = _hidden_sparing(row.raw("content"), row.raw("document_number"))
    if hidden and not row.raw("kind") and _is_penalty(row):
        row.fail(
            hidden,
            "KIND_UNCLEAR",
            "像是不予处罚决定，而处罚类别没有写明",
            "不予处罚的，处罚类别填“不予行政处罚”；确为处罚的，增加“记录类型”列并填“行政处罚”。",
        )
    return {}


def _hidden_sparing(content: str, document_number: str) -> str:
    """The field that says that no penalty was given; empty when none does."""
    first, second = _SPARED
    if first in content or second in content:
        return "content"
    first, second = _SPARED_NUMBER
    return "document_number" if first in document_number or second in document_number else ""


_PENALTY_RULES = (
    RowRule(("kind", *PENALTY_NEEDS), (), _require_of_penalty, passes=lambda _, *needed: "" not in needed),
    RowRule(
        ("kind", "category", "content", "document_number"),
        (),
        _refuse_hidden_sparing,
        passes=lambda _kind, _category, content, number: not _hidden_sparing(content, number),
    ),
)


def _refuse_wrong_unit(row: Row) -> Facts:
    """8万元 in the content and 80000 in the column: the column holds 元."""
    for name in _AMOUNTS:
        if not _fits_content(row.raw(name), row.raw("content")):
            row.fail(name, "AMOUNT_UNIT", "与处罚内容相差一万倍，像是以元填写", "请换算成万元，例如 80000 元填 8。")
    return {}


def _unit_is_right(content: str, fine: str, confiscated: str) -> bool:
    return _fits_content(fine, content) and _fits_content(confiscated, content)


def _fits_content(written: str, content: str) -> bool:
    if not written:
        return True
    amount = _amount(written) if 0 < len(written) <= MAX_AMOUNT_CHARACTERS else None
    if not amount or "元" not in content:
        return True
    stated = {_wan(*found) for found in _STATED.findall(content)}
    return amount in stated or amount / _YUAN_PER_WAN not in stated


@lru_cache(maxsize=1 << 12)
def _amount(written: str) -> Decimal | None:
    try:
        return read_amount(written)
    except CellError:  # said by the rule of the amounts
        return None


@lru_cache(maxsize=1 << 12)
def _wan(number: str, wan: str) -> Decimal:
    amount = Decimal(number.translate(_NARROW))
    return amount if wan else amount / _YUAN_PER_WAN


def _days(row: Row, today: date) -> Facts:
    decided_on = row.read("decided_on", read_day, None)
    if decided_on is not None and decided_on > today:
        row.fail("decided_on", "FUTURE", "晚于今天", "请核对日期。")
    ends = {name: row.read(name, read_end, None) for name in ("penalty_until", "publication_until")}
    acts = {name: row.read(name, read_day, None) for name in ("corrected_on", "repaired_on")}
    for name, day in acts.items():
        if day is not None and day > today:
            row.fail(name, "FUTURE", "晚于今天", "请核对日期；尚未发生的不填。")
    for name, day in (*ends.items(), ("repaired_on", acts["repaired_on"])):
        if day is not None and decided_on is not None and day < decided_on:
            row.fail(name, "BEFORE_DECISION", "早于决定日期", "请核对两个日期。")
    return {"decided_on": decided_on, **ends, **acts}


_REPAIR = ("severity", "decided_on", "repaired_on")


def _refuse_early_repair(row: Row) -> Facts:
    """Before the least publication of its severity nothing is repaired, by the rule in force on that day."""
    severity = _readable(row.raw("severity"), lambda text: read_choice(text, Severity))
    decided_on, repaired_on = (_readable(row.raw(name), read_day) for name in _REPAIR[1:])
    if severity is not None and decided_on is not None and repaired_on is not None:
        first = first_repair_day(decided_on, severity, repaired_on)
        if first is not None and decided_on <= repaired_on < first:
            next_step = f"“{severity}”的最短公示期内不能修复，最早 {first}；请核对日期和违法程度。"
            row.fail("repaired_on", "REPAIR_TOO_EARLY", "早于最短公示期届满", next_step)
    return {}


def _readable(text: str, read: Callable[[str], Value]) -> Value | None:
    """A cell that another rule has read already and told about."""
    try:
        return read(text) if text else None
    except CellError:
        return None


def _states(row: Row) -> Facts:
    legal_state = row.read("legal_state", lambda text: read_choice(text, LegalState), LegalState.EFFECTIVE)
    secrecy = row.read("secrecy", lambda text: read_choice(text, Secrecy), Secrecy.NONE)
    severity = row.read("severity", lambda text: read_choice(text, Severity), None)
    return {
        "published": row.read("published", read_yes_no, True),
        "legal_state": legal_state.value,
        "secrecy": secrecy.value,
        "under_objection": row.read("under_objection", read_yes_no, False),
        "severity": None if severity is None else severity.value,
        "from_province": row.read("from_province", read_yes_no, False),
    }


def _identity_rule(whose: str, today: date) -> RowRule:
    document, number = f"{whose}_document", f"{whose}_number"

    def check(row: Row) -> Facts:
        if "身份证" in row.raw(document):
            row.read(number, lambda text: check_identity(text, today), None)
        return {}

    return RowRule((document, number), (), check)


def _refuse_reversed_term(row: Row) -> Facts:
    begin, end = row.read("valid_from", read_day, None), row.read("valid_until", read_end, None)
    if begin is not None and end is not None and end < begin:
        row.fail("valid_until", "BEFORE_BEGINNING", "早于有效期起", "请核对两个日期。")
    return {}


_PERMIT_RULES = (RowRule(("valid_from", "valid_until"), (), _refuse_reversed_term),)
