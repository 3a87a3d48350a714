"""What an upheld objection changes in a record: the fields, as people type them and as the store takes them.

Rules kept:
* Which fields exist and what each may be, ``index.records.amendable`` says. The flag of an open objection and the day
  of a repair have procedures of their own and are not corrected here.
* A correction changes something: repeating what is stored would be 维持 – unless the department has corrected its own
  data and sent the record again since the objection was filed (谁提供谁负责): that is the correction then.
* A record that should not be there is withdrawn: 法律状态 = 撤销 (变更, 确认违法, 无效), or 是否公示 = 否.

Source: scheme of 2024, 三（四）; 行政处罚法 art. 48; inventory B15.
"""

from collections.abc import Mapping
from typing import Any

from index.cases.routing import domain_of, source_unit_of
from index.errors import CaseError
from index.records.amendable import LABELS, checked, read_change
from index.records.columns import PENALTY
from index.rules.model import Office

OWN_PROCEDURES = frozenset({"under_objection", "repaired_on"})
CORRECTABLE = tuple(name for name in LABELS if name not in OWN_PROCEDURES)


def read_correction(typed: Mapping[str, str]) -> dict[str, object]:
    """What a person typed, by field, heading or field code of a department's file, as values.

    Raises CaseError, RecordError.
    """
    fields = {heading: column.field for column in PENALTY for heading in (column.code, *column.headings)}
    fields |= {label: name for name, label in LABELS.items()}
    return {name: read_change(name, text) for name, text in ((_field(key, fields), typed[key]) for key in typed)}


def checked_correction(
    row: Mapping[str, Any], correction: Mapping[str, object] | None, office: Office, *, sent_again: bool
) -> dict[str, object]:
    """The values to store. Raises CaseError when nothing is corrected or a field is not, RecordError for a value.

    ``sent_again``: the department's own file has changed the record since the objection was filed.
    """
    typed = {_field(name, {}): checked(name, value) for name, value in (correction or {}).items()}
    values = of_office(typed, office)
    if not sent_again and all(row[name] == value for name, value in values.items()):
        raise CaseError(
            "没有写明更正什么，或者与现有记录相同。" if values else "没有写明更正什么。",
            next_step="请填写更正后的内容，或者由报送单位重新报送后再办；记录无误的，请选“维持”。",
            code="CORRECTION_MISSING",
        )
    return values


def of_office(values: Mapping[str, object], office: Office) -> dict[str, object]:
    """The values with the source unit as the office names it. Raises CaseError for an unknown domain or unit."""
    if "domain" in values:
        domain_of(int(str(values["domain"])), office)
    if "source_unit" in values:
        return {**values, "source_unit": source_unit_of(str(values["source_unit"]), office)}
    return dict(values)


def _field(key: str, fields: Mapping[str, str]) -> str:
    name = fields.get(key.strip(), key.strip())
    if name not in CORRECTABLE:
        raise CaseError(
            f"记录没有可以更正的“{key}”。",
            next_step=f"可以更正：{'、'.join(LABELS[each] for each in CORRECTABLE)}。主体代码、文书号、决定日期有误的，"
            "请更正“是否公示”为“否”，由报送单位重新报送。",
            code="CORRECTION_UNKNOWN",
        )
    return name
