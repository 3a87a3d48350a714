"""What holds when a record is sent again: who may replace it, and what the office has amended since.

Rules kept:
* A record is replaced by the unit that provided it or by the one it comes from, and by nobody else: a file of another
  unit that names the same subject, number and day would take the record over, and could take it from publication.
* What a file has no column for stays as stored; but a domain stays only with the unit that answers for it, and the
  file's category alone tells a penalty from none: only a kind it cannot tell (刑事裁判, 法院执行 …) stays.
* A field that an amendment has set is not set back by a file. Equal: nothing to decide. Different: the row is refused
  (更正过的记录), so that the department learns of it and corrects its own data (谁提供谁负责).
* The states of a record (published, repaired, …) are blank in most files; blank says nothing about an amended one.
* Nobody repairs a violation within the least publication of its severity by leaving the severity out.
* 异议处理中 stays while an objection is open or an amendment holds it up; then it is the department's again.
* All other fields of the row are the department's, as always.

Source: inventory B13 (谁提供谁负责), B15, B16; decisions: docs/decisions/0125, 0157.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from index.records.amendable import LABELS
from index.records.model import LegalState, RecordKind, Secrecy, Severity
from index.records.versions import OBJECTION
from index.rules.repair import first_repair_day

_BY_CATEGORY = (RecordKind.PENALTY.value, RecordKind.NO_PENALTY.value)
_BLANK: tuple[tuple[str, object], ...] = (
    ("published", True),
    ("legal_state", LegalState.EFFECTIVE.value),
    ("secrecy", Secrecy.NONE.value),
    ("corrected_on", None),
    ("repaired_on", None),
    ("severity", None),
    ("penalty_until", None),
    ("publication_until", None),
    ("fine_wan", None),
    ("confiscated_wan", None),
    ("licence", ""),
    ("note", ""),
)
"""What an empty cell, or a column the file does not have, is read as."""


def settled(
    stored: Mapping[str, Any], sent: Mapping[str, Any], amended: frozenset[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The facts to land for a re-sent row, and the amended fields it contradicts; any of these: refuse the row."""
    blank = dict(_BLANK)
    facts, against = dict(sent), []
    for name in sorted(amended & sent.keys()):
        if sent[name] == stored[name]:
            continue
        if name == OBJECTION:
            facts[name] = bool(stored[name] or sent[name])
        elif name in blank and sent[name] == blank[name]:
            facts[name] = stored[name]
        else:
            against.append(name)
    return facts, tuple(against)


def stays(name: str, stored: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether the stored value of a field that the file has no column for stays."""
    if name == "domain":
        return bool(stored["source_unit"] == sent["source_unit"])
    if name == "kind":
        return stored["kind"] not in _BY_CATEGORY and sent["kind"] == RecordKind.PENALTY.value
    return True


def is_of_another(stored: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether a re-sent row comes from a unit that neither provided the stored record nor is its source."""
    return sent["provider"] not in (stored["provider"], stored["source_unit"])


def refusal_of_another(stored: Mapping[str, Any]) -> tuple[str, str]:
    """What the clerk is told of a row that would replace another unit's record (RECORD_OF_ANOTHER)."""
    return (
        f"同一代码、文书号、决定日期的记录已由{stored['source_unit']}报送，其他单位不能改动。",
        "请核对代码和文书号；原来的来源单位登记错了的，请信用办更正“数据来源单位”（chenghe records amend）后再报。",
    )


def too_early(stored: Mapping[str, Any], sent: Mapping[str, Any]) -> date | None:
    """The first day on which the record may be repaired, when a row that names no severity says an earlier one.

    A row that names its severity is held to that one when it is read.
    """
    repaired_on, severity = sent["repaired_on"], sent["severity"] or stored["severity"]
    if severity is None or repaired_on is None or repaired_on == stored["repaired_on"]:
        return None
    first = first_repair_day(sent["decided_on"], Severity(severity), repaired_on)
    return first if first is not None and repaired_on < first else None


def refusal_of_early_repair(first: date) -> tuple[str, str]:
    """What the clerk is told of it (REPAIR_TOO_EARLY)."""
    return (
        "修复日期早于已登记的违法程度的最短公示期届满。",
        f"最短公示期内不能修复，最早 {first}；请核对修复日期和违法程度。",
    )


def refusal(fields: tuple[str, ...]) -> tuple[str, str]:
    """What the clerk is told of a refused row (RECORD_AMENDED): the problem, and the next step."""
    names = "、".join(LABELS[name] for name in fields)
    return (
        f"该记录的{names}已经更正，本行与更正后的内容不同。",
        "请按更正后的内容报送，并更正本单位系统中的数据；之后又有变化的，请信用办再次更正（chenghe records amend）。",
    )
