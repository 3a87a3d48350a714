"""Where a record comes from: its source unit, its domain, its source kind (B07, B13: 谁生成谁提供、谁提供谁负责).

Rules kept:
* The source unit is the row's 数据来源单位, else its deciding authority, else the unit named with the import.
* A unit this city does not know is refused, not guessed.
* The domain is the one the row names, else the unit's only one, else its main one (``main_domains.csv``; the official
  双公示 files name none), and the import says so; a unit with several and no main one must name it. No unit reports for
  another unit's domain. A domain without named units takes rows from any unit of the city that name it.
"""

from collections.abc import Mapping
from functools import lru_cache

from index.errors import RecordError
from index.masking import mask_text
from index.records.cells import read_choice, visible
from index.records.model import SourceKind
from index.records.row import Row
from index.records.row_rules import Facts
from index.rules.model import Domain, Office
from index.rules.units import canonical_unit, domains_of, find_domain, is_of_the_city, main_domain, source_kind_of

MAX_UNIT = 100
MAX_WRITTEN = 200
"""Longer names are no unit's, and are not remembered."""


class Provenance:
    """Answers for one office and one import. ``unit`` is the unit named with the import, in its canonical form."""

    READS = ("source_unit", "decided_by", "domain", "source_kind")
    GIVES = ("source_unit", "domain", "source_kind", "provider", "assumed")
    """``assumed``: the domain is the main one of a unit with several, because the row names none."""

    def __init__(self, office: Office, unit: str | None) -> None:
        self._office = office
        self.unit = None if unit is None else _known(unit, office)
        self._canonical = lru_cache(maxsize=4096)(lambda name: canonical_unit(name, office))
        self._domains = lru_cache(maxsize=4096)(lambda name: domains_of(name, office))
        self._kind = lru_cache(maxsize=4096)(lambda name: source_kind_of(name, office))

    def own_domains(self) -> tuple[Domain, ...]:
        """The domains the unit named with the import answers for."""
        return () if self.unit is None else domains_of(self.unit, self._office)

    def notices(self, assumed: Mapping[tuple[str, int], int]) -> tuple[str, ...]:
        """How many landed rows of which unit went to its main domain because they named none."""
        names = {domain.number: domain.name for domain in self._office.domains}
        return tuple(
            f"{unit}负责不止一个领域，有 {count} 行没有填所属领域，"
            f"按主领域“{names[domain]}”导入。不对的请补填后重新导入。"
            for (unit, domain), count in sorted(assumed.items())
        )

    def read(self, row: Row) -> Facts:
        """Source unit, domain, source kind and provider of a row; what is wrong is kept in the row."""
        field = next((name for name in ("source_unit", "decided_by") if row.raw(name)), None)
        written = row.raw(field) if field else (self.unit or "")
        named = self._named_domain(row)
        unit = (self._canonical(written) if len(written) <= MAX_WRITTEN else None) or self._any_unit(row, field, named)
        if unit is None:
            _refuse_unit(row, field or "source_unit", written)
            return {}
        domain = self._domain(row, unit, named)
        kind = row.read("source_kind", lambda text: read_choice(text, SourceKind), SourceKind(self._kind(unit)))
        return {
            "source_unit": unit,
            "domain": domain.number if domain else 0,
            "source_kind": kind.value,
            "provider": self.unit or unit,
            "assumed": named is None and len(self._domains(unit)) > 1,
        }

    def _named_domain(self, row: Row) -> Domain | None:
        text = row.raw("domain")
        if not text:
            return None
        found = find_domain(text, self._office)
        if found is None:
            row.fail("domain", "DOMAIN_UNKNOWN", "没有这个领域", "请填 domains.csv 中的序号或领域名称。")
        return found

    def _any_unit(self, row: Row, field: str | None, domain: Domain | None) -> str | None:
        """For a domain without named units: the name as written, when it is one of this city."""
        if field is None or domain is None or domain.units or not is_of_the_city(row.raw(field), self._office):
            return None
        return row.line(field, MAX_UNIT) or None

    def _domain(self, row: Row, unit: str, named: Domain | None) -> Domain | None:
        own = self._domains(unit)
        allowed = [own] if self.unit in (None, unit) else [own, self.own_domains()]
        if named is not None:
            if named.units and not all(named in domains for domains in allowed):
                row.fail("domain", "DOMAIN_OF_ANOTHER", f"不是{unit}负责的领域", f"{unit}负责：{_list(own)}。")
            return named
        if row.raw("domain"):
            return None
        return self._only(row, unit, own, allowed)

    def _only(self, row: Row, unit: str, own: tuple[Domain, ...], allowed: list[tuple[Domain, ...]]) -> Domain | None:
        chosen = own[0] if len(own) == 1 else main_domain(unit, self._office)
        if chosen is None:
            row.fail(
                "domain",
                "DOMAIN_NEEDED",
                f"没有填，而{unit}负责不止一个领域",
                f"请在“所属领域”列（KZ_LY）填其中一个：{_list(own)}。",
            )
            return None
        if not all(chosen in domains for domains in allowed):
            row.fail(
                "source_unit",
                "UNIT_OF_ANOTHER",
                f"{unit}的记录不能由{self.unit}报送",
                f"请由{unit}报送，或去掉 --unit。",
            )
            return None
        return chosen


def _known(unit: str, office: Office) -> str:
    found = canonical_unit(unit, office)
    if found is None:
        raise RecordError(
            f"本市没有名为“{unit}”的报送单位。",
            next_step="请使用 domains.csv 中的责任单位名称，或在 unit_aliases.csv 中登记这个写法。",
            code="UNIT_UNKNOWN",
        )
    return found


def _refuse_unit(row: Row, field: str, written: str) -> None:
    if not written:
        row.fail("source_unit", "MISSING", "没有填，也没有处罚机关和 --unit 可用", "请填写数据来源单位。")
        return
    row.fail(
        field,
        "UNIT_UNKNOWN",
        f"“{visible(mask_text(written[:200]).text)[:30]}”不是本市登记的责任单位",
        "外地单位的记录不导入；本市单位请核对名称，或在 unit_aliases.csv 中登记这个写法。",
    )


def _list(domains: tuple[Domain, ...]) -> str:
    return "、".join(f"{domain.number} {domain.name}" for domain in domains)
