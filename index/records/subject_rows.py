"""From one row of a register extract to the facts of a subject.

Reads a row. Writes nothing.

Rules kept:
* The kind is the 主体类型 column; without it, the registration class in the first two characters of the code.
* A name has at most 120 UTF-16 units: what a credential can sign (verify.subject).
* Kinds the scheme does not serve (natural persons, agencies, public institutions, social organizations) are refused
  with the reason (B04); a kind that contradicts the code is refused too.

Source: GB 32100-2015 (first character: registering department, second: class of organization); scheme of 2024,
二（二）, 三（六）.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from index.records.cells import CellError, read_choice, read_code, read_day, read_line
from index.records.columns import Layout
from index.records.model import SubjectKind
from index.records.row import Row

Facts = dict[str, Any]

NAME_UNITS = 120
NATURAL_PERSON = "自然人"
OPTIONAL = (
    "type_name",
    "legal_representative",
    "established_on",
    "address",
    "registration_state",
    "registration_authority",
)

KIND_BY_CLASS: Mapping[str, SubjectKind] = MappingProxyType(
    {
        "11": SubjectKind.GOVERNMENT_AGENCY,
        "12": SubjectKind.PUBLIC_INSTITUTION,
        "13": SubjectKind.SOCIAL_ORGANIZATION,
        "51": SubjectKind.SOCIAL_ORGANIZATION,
        "52": SubjectKind.SOCIAL_ORGANIZATION,
        "53": SubjectKind.SOCIAL_ORGANIZATION,
        "91": SubjectKind.COMPANY,
        "92": SubjectKind.INDIVIDUAL_BUSINESS,
        "93": SubjectKind.COOPERATIVE,
    }
)
KINDS_OF_CLASS: Mapping[str, frozenset[SubjectKind]] = MappingProxyType(
    {
        "91": frozenset(
            {
                SubjectKind.COMPANY,
                SubjectKind.ENTERPRISE_LEGAL_PERSON,
                SubjectKind.SOLE_PROPRIETORSHIP,
                SubjectKind.PARTNERSHIP,
                SubjectKind.FOREIGN_BRANCH,
                SubjectKind.BRANCH,
                SubjectKind.OTHER_OPERATOR,
            }
        ),
        "92": frozenset({SubjectKind.INDIVIDUAL_BUSINESS}),
        "93": frozenset({SubjectKind.COOPERATIVE, SubjectKind.BRANCH}),
    }
)
"""Where the code's class leaves a choice, or none; for other classes the column decides alone."""


def kept_fields(layout: Layout) -> tuple[str, ...]:
    """The fields this file says nothing about: their stored values stay."""
    return tuple(name for name in OPTIONAL if not layout.has(name))


def read_subject(row: Row, today: date) -> Facts | None:
    """The facts of one row, or None; what is wrong is kept in the row."""
    if row.raw("subject_class") == NATURAL_PERSON:
        row.fail("subject_class", "SUBJECT_KIND_REFUSED", *_refusal(SubjectKind.NATURAL_PERSON))
        return None
    code = row.read("code", read_code, "")
    kind = _kind(row, code)
    facts = {
        "code": code,
        "name": row.read("name", _name, ""),
        "kind": kind.value if kind else "",
        **_details(row, today),
    }
    return None if row.errors else facts


def _name(text: str) -> str:
    name = read_line(text, NAME_UNITS)
    units = len(name.encode("utf-16-be")) // 2
    if units > NAME_UNITS:
        raise CellError("TOO_LONG", f"相当于 {units} 个字（生僻字按两个计），最多 {NAME_UNITS} 个字", "请核对名称。")
    return name


def _kind(row: Row, code: str) -> SubjectKind | None:
    derived = KIND_BY_CLASS.get(code[:2])
    kind = row.read("kind", lambda text: read_choice(text, SubjectKind), derived)
    if not code or kind is None:
        if code and not row.raw("kind"):
            row.fail("code", "KIND_UNKNOWN", f"以 {code[:2]} 开头，不能由此判断主体类型", "请增加“主体类型”列并填写。")
        return None
    refused = next((each for each in (kind, derived) if each is not None and not each.may_apply), None)
    if refused is not None:
        row.fail("kind" if row.layout.has("kind") else "code", "SUBJECT_KIND_REFUSED", *_refusal(refused))
    elif kind not in KINDS_OF_CLASS.get(code[:2], {kind}):
        row.fail("kind", "KIND_CONTRADICTS", f"“{kind.value}”与代码（{code[:2]} 开头）不符", "请核对主体类型和代码。")
    return kind


def _refusal(kind: SubjectKind) -> tuple[str, str]:
    return (
        f"表明该主体是{kind.value}，目前只为经营主体出具专用信用报告",
        "请从文件中删去该行；范围以方案二（二）、三（六）为准。",
    )


def _details(row: Row, today: date) -> Facts:
    established_on = row.read("established_on", read_day, None)
    if established_on is not None and established_on > today:
        row.fail("established_on", "FUTURE", "晚于今天", "请核对日期。")
    return {
        "type_name": row.line("type_name", 100) or None,
        "legal_representative": row.line("legal_representative", 100) or None,
        "established_on": established_on,
        "address": row.line("address", 300) or None,
        "registration_state": row.line("registration_state", 40) or None,
        "registration_authority": row.line("registration_authority", 100) or None,
    }
