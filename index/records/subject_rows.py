"""From one row of a register extract to the facts of a subject.

Reads a row. Writes nothing.

Rules kept:
* The kind is the 主体类型 column; without it, the registration class in the first two characters of the code.
* A name has at most 120 UTF-16 units: what a credential can sign (verify.subject).
* Kinds the office does not serve (natural persons, agencies, public institutions, social organizations) are refused
  with the reason (B04, ``subject_kinds.csv``); a kind that contradicts the code is refused too.
* A branch names the code of the subject it belongs to, which is not its own; who names one and no kind is a branch.
  No other kind belongs to another subject: a subsidiary is a legal person of its own, and its parent may not read about
  it as about itself (民法典 arts. 57, 74).
* A file that states neither kinds nor parents leaves the kinds that are stored.

Source: GB 32100-2015 (first character: registering department, second: class of organization); scheme of 2024,
二（二）, 三（六）.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType

from index.records.cells import CellError, read_choice, read_code, read_day, read_line
from index.records.columns import Layout
from index.records.model import SubjectKind
from index.records.row import Row
from index.records.row_rules import Facts, RowRule
from index.rules.subject_kinds import KindRule, SubjectKinds

NAME_UNITS = 120
NATURAL_PERSON = "自然人"
BRANCHES = frozenset({SubjectKind.BRANCH, SubjectKind.FOREIGN_BRANCH})
OPTIONAL = (
    "type_name",
    "legal_representative",
    "established_on",
    "address",
    "registration_state",
    "registration_authority",
    "parent_code",
)

LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "type_name": 100,
        "legal_representative": 100,
        "address": 300,
        "registration_state": 40,
        "registration_authority": 100,
    }
)


def kept_fields(layout: Layout) -> tuple[str, ...]:
    """The fields this file says nothing about: their stored values stay."""
    silent = tuple(name for name in OPTIONAL if not layout.has(name))
    return silent if layout.has("kind") or layout.has("parent_code") else ("kind", *silent)


def subject_rules(today: date, kinds: SubjectKinds) -> tuple[RowRule, ...]:
    """The rules of a register extract, in the order in which a clerk is told. ``kinds``: those the office serves."""
    return (
        RowRule(("subject_class",), (), partial(_refuse_natural_person, kinds=kinds), alone=True),
        RowRule(("code", "kind", "parent_code"), ("code", "kind"), partial(_code_and_kind, kinds=kinds)),
        RowRule(("name",), ("name",), lambda row: {"name": row.read("name", _name, "")}),
        RowRule(("established_on",), ("established_on",), partial(_established, today=today)),
        *(RowRule((name,), (name,), partial(_line, name=name, limit=limit)) for name, limit in LIMITS.items()),
        RowRule(("code", "parent_code"), ("parent_code",), _parent),
    )


def _refuse_natural_person(row: Row, kinds: SubjectKinds) -> Facts:
    if row.raw("subject_class") == NATURAL_PERSON:
        row.fail("subject_class", "SUBJECT_KIND_REFUSED", *_refusal(kinds.rules[SubjectKind.NATURAL_PERSON]))
    return {}


def _code_and_kind(row: Row, kinds: SubjectKinds) -> Facts:
    code = row.read("code", read_code, "")
    kind = _kind(row, code, kinds)
    if row.raw("parent_code") and kind is not None and kind not in BRANCHES:
        row.fail(
            "parent_code",
            "PARENT_OF_NO_BRANCH",
            f"只有分支机构才有隶属主体，而主体类型是“{kind.value}”",
            "是分支机构的，主体类型填“分支机构”；子公司是独立的法人，隶属主体代码留空。",
        )
    return {"code": code, "kind": kind.value if kind else ""}


def _parent(row: Row) -> Facts:
    parent = row.read("parent_code", read_code, None)
    if parent is not None and parent == _code_of(row):
        row.fail("parent_code", "PARENT_IS_ITSELF", "与本主体的代码相同", "请填写它所隶属的主体的代码；没有的留空。")
    return {"parent_code": parent}


def _code_of(row: Row) -> str | None:
    try:
        return read_code(row.raw("code"))
    except CellError:  # said by the rule of the code
        return None


def _name(text: str) -> str:
    name = read_line(text, NAME_UNITS)
    units = len(name.encode("utf-16-be")) // 2
    if units > NAME_UNITS:
        raise CellError("TOO_LONG", f"相当于 {units} 个字（生僻字按两个计），最多 {NAME_UNITS} 个字", "请核对名称。")
    return name


def _kind(row: Row, code: str, kinds: SubjectKinds) -> SubjectKind | None:
    derived = kinds.of_code(code)
    kind = row.read("kind", lambda text: read_choice(text, SubjectKind), _unless_branch(row, code, derived, kinds))
    if not code or kind is None:
        if code and not row.raw("kind"):
            row.fail("code", "KIND_UNKNOWN", f"以 {code[:2]} 开头，不能由此判断主体类型", "请增加“主体类型”列并填写。")
        return None
    refused = next((each for each in (kind, derived) if each is not None and not kinds.serves(each)), None)
    if refused is not None:
        row.fail("kind" if row.layout.has("kind") else "code", "SUBJECT_KIND_REFUSED", *_refusal(kinds.rules[refused]))
    elif not kinds.fits(kind, code):
        row.fail("kind", "KIND_CONTRADICTS", f"“{kind.value}”与代码（{code[:2]} 开头）不符", "请核对主体类型和代码。")
    return kind


def _unless_branch(row: Row, code: str, derived: SubjectKind | None, kinds: SubjectKinds) -> SubjectKind | None:
    """The kind of a row that states none: a branch, if it belongs to another subject and its code allows that."""
    of_another = bool(row.raw("parent_code")) and derived is not None and kinds.serves(derived)
    return SubjectKind.BRANCH if of_another and kinds.fits(SubjectKind.BRANCH, code) else derived


def _refusal(rule: KindRule) -> tuple[str, str]:
    return f"表明该主体是{rule.kind.value}，{rule.reason}", f"请从文件中删去该行；范围见{rule.source}。"


def _established(row: Row, today: date) -> Facts:
    established_on = row.read("established_on", read_day, None)
    if established_on is not None and established_on > today:
        row.fail("established_on", "FUTURE", "晚于今天", "请核对日期。")
    return {"established_on": established_on}


def _line(row: Row, name: str, limit: int) -> Facts:
    return {name: row.line(name, limit) or None}
