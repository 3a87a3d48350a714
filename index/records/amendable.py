"""Which facts of a stored record may be amended, and what each of them may be.

Rules kept:
* What makes the record this one (subject, document number, decision day) and what says where it came from is never
  amended: a record of the wrong subject is taken from publication and sent again rightly.
* A value has exactly its type; texts obey the same limits and bans as in a department's file.
* A day of correction or repair is not in the future; repair and the end of publication are not before the decision.

Source: scheme of 2024, 三（四）; docs/records.md.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from index.errors import RecordError
from index.records.cells import (
    CellError,
    read_amount,
    read_choice,
    read_day,
    read_end,
    read_line,
    read_prose,
    read_text,
    read_yes_no,
)
from index.records.model import LegalState, RecordKind, Secrecy, Severity, SourceKind
from index.records.provenance import MAX_UNIT
from index.records.record_rows import LIMITS, PENALTY_NEEDS, PRINTED

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "subject_name": "行政相对人名称",
        "kind": "记录类型",
        "domain": "所属领域",
        "source_unit": "数据来源单位",
        "source_kind": "来源类别",
        "violation": "违法行为类型",
        "facts": "违法事实",
        "legal_basis": "处罚依据",
        "category": "处罚类别",
        "content": "处罚内容",
        "licence": "暂扣或吊销证照名称及编号",
        "fine_wan": "罚款金额（万元）",
        "confiscated_wan": "没收金额（万元）",
        "decided_by": "决定机关",
        "penalty_until": "处罚有效期",
        "publication_until": "公示截止期",
        "published": "是否公示",
        "legal_state": "法律状态",
        "secrecy": "不得公开情形",
        "corrected_on": "纠正日期",
        "repaired_on": "修复日期",
        "under_objection": "异议处理中",
        "severity": "违法程度",
        "note": "备注",
    }
)
"""The amendable fields and what staff call them."""

ENUMS: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "kind": RecordKind,
        "source_kind": SourceKind,
        "legal_state": LegalState,
        "secrecy": Secrecy,
        "severity": Severity,
    }
)
DAYS = ("penalty_until", "publication_until", "corrected_on", "repaired_on")
ENDS = ("penalty_until", "publication_until")
AMOUNTS = ("fine_wan", "confiscated_wan")
FLAGS = ("published", "under_objection")
NULLABLE = frozenset({*DAYS, *AMOUNTS, "severity"})
LINES = ("subject_name", "decided_by", "source_unit")
NEVER_EMPTY = frozenset(LINES)
MAX_DOMAIN = 999
TEXT_LIMITS: Mapping[str, int] = MappingProxyType({**LIMITS, "source_unit": MAX_UNIT})


def checked(name: str, value: object) -> object:
    """``value`` as the store keeps it. Raises RecordError for a field that is not amendable or a wrong value."""
    if name not in LABELS:
        raise RecordError(
            f"记录没有可以更正的“{name}”。",
            next_step=f"可以更正：{'、'.join(LABELS.values())}。主体代码、文书号、决定日期有误的，"
            "请把本条改为不公示，由报送单位重新报送。",
            code="FIELD_UNKNOWN",
        )
    if value is None and name in NULLABLE:
        return None
    try:
        return _typed(name, value)
    except CellError as error:
        raise _wrong(name, error.message, error.next_step) from error


def read_change(name: str, text: str) -> object:
    """What a person typed for a field, as a value for ``checked``; empty means "none" where a field may be empty."""
    if name not in LABELS or (not text.strip() and name in NULLABLE):
        return checked(name, None)
    try:
        return checked(name, _reading(name)(text.strip()))
    except CellError as error:
        raise _wrong(name, error.message, error.next_step) from error


def check_together(row: Mapping[str, object], changed: Collection[str], today: date) -> None:
    """The rules between the fields of an amended row, as far as they concern a changed one. Raises RecordError."""
    decided_on = _day(row, "decided_on")
    for name in changed:
        day = _day(row, name)
        if name in ("corrected_on", "repaired_on") and day is not None and day > today:
            raise _wrong(name, "晚于今天", "请核对日期；尚未发生的不填。")
        if name in ("repaired_on", "publication_until") and day is not None and decided_on and day < decided_on:
            raise _wrong(name, "早于决定日期", "请核对两个日期。")
    if row["kind"] == RecordKind.PENALTY.value:
        concerned = PENALTY_NEEDS if "kind" in changed else [name for name in PENALTY_NEEDS if name in changed]
        for name in concerned:
            if not row[name]:
                raise _wrong(name, "不能为空", "行政处罚必须写明。")


def _typed(name: str, value: object) -> object:
    if name in ENUMS:
        return read_choice(str(value), ENUMS[name]).value
    if name in FLAGS and isinstance(value, bool):
        return value
    if name in DAYS and isinstance(value, date) and not isinstance(value, datetime):
        return read_end(value.isoformat()) if name in ENDS else read_day(value.isoformat())
    if name in AMOUNTS and isinstance(value, Decimal) and value.is_finite():
        return read_amount(format(value, "f"))
    if name == "domain" and type(value) is int and 1 <= value <= MAX_DOMAIN:
        return value
    if name in TEXT_LIMITS and isinstance(value, str):
        return _text(name, value.strip())
    raise _wrong(name, "的值不对", "请按字段的类型填写。")


def _text(name: str, value: str) -> str:
    if name in NEVER_EMPTY and not value:
        raise _wrong(name, "不能为空", "请填写更正后的内容。")
    if name in PRINTED:
        return read_prose(value, TEXT_LIMITS[name])
    return (read_line if name in LINES else read_text)(value, TEXT_LIMITS[name])


def _reading(name: str) -> Callable[[str], object]:
    if name in ENDS:
        return read_end
    if name in DAYS:
        return read_day
    if name in AMOUNTS:
        return read_amount
    if name in FLAGS:
        return read_yes_no
    return _number if name == "domain" else str


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_DOMAIN)) else text


def _day(row: Mapping[str, object], name: str) -> date | None:
    value = row[name]
    return value if isinstance(value, date) else None


def _wrong(name: str, problem: str, next_step: str) -> RecordError:
    return RecordError(f"“{LABELS[name]}”{problem}。", next_step=next_step, code="FIELD_WRONG")
