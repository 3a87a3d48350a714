"""What holds when a department sends a record again that the office has amended since: the decision of the office.

Rules kept:
* A field that an amendment has set is not set back by a file. Equal: nothing to decide. Different: the row is refused
  (更正过的记录), so that the department learns of it and corrects its own data (谁提供谁负责).
* The states of a record (published, repaired, …) are blank in most files; blank says nothing about an amended one.
* 异议处理中 stays while an objection is open or an amendment holds it up; then it is the department's again.
* All other fields of the row are the department's, as always.

Source: inventory B13, B15, B16; decision: docs/decisions/0125.
"""

from collections.abc import Mapping
from typing import Any

from index.records.amendable import LABELS
from index.records.model import LegalState, Secrecy
from index.records.versions import OBJECTION

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


def refusal(fields: tuple[str, ...]) -> tuple[str, str]:
    """What the clerk is told of a refused row (RECORD_AMENDED): the problem, and the next step."""
    names = "、".join(LABELS[name] for name in fields)
    return (
        f"该记录的{names}已经更正，本行与更正后的内容不同。",
        "请按更正后的内容报送，并更正本单位系统中的数据；之后又有变化的，请信用办再次更正（chenghe records amend）。",
    )
