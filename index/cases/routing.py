"""Which unit answers for an objection (B07, B15: routed to the 责任单位).

Rules kept:
* A domain with one responsible unit: that unit, whoever sent the record.
* Several units, or none named: the unit the record comes from (谁生成谁提供、谁提供谁负责).
* No record either, or a domain that the office has dropped from ``domains.csv`` since: the credit office itself, which
  assigns it (转办). See docs/decisions/0136, 0160.
"""

from index.errors import CaseError
from index.rules.model import Domain, Office
from index.rules.units import canonical_unit, is_of_the_city


def responsible_unit(number: int, source_unit: str | None, office: Office) -> str:
    """The unit an objection on the domain ``number`` goes to. ``source_unit``: of the record, None = a whole domain."""
    domain = _listed(number, office)
    if domain is None:
        return office.issuer_name
    if len(domain.units) == 1:
        return domain.units[0]
    return source_unit or office.issuer_name


def domain_of(number: int, office: Office) -> Domain:
    """The domain with a number. Raises CaseError (DOMAIN_UNKNOWN)."""
    found = _listed(number, office)
    if found is None:
        raise CaseError(
            f"没有序号为 {number} 的领域。", next_step="请填写报告上领域一览表中的序号。", code="DOMAIN_UNKNOWN"
        )
    return found


def _listed(number: int, office: Office) -> Domain | None:
    return next((domain for domain in office.domains if domain.number == number), None)


def unit_named(name: str, office: Office) -> str:
    """The responsible unit a name means, the credit office included. Raises CaseError (UNIT_UNKNOWN)."""
    if name.strip() == office.issuer_name:
        return office.issuer_name
    found = canonical_unit(name, office)
    if found is None:
        raise _unknown(name)
    return found


def acting_for(unit: str | None, office: Office) -> str | None:
    """For whom somebody acts, as cases name it; None = the credit office. Raises CaseError (UNIT_UNKNOWN).

    Beside the responsible units any unit of the city: a domain without named units takes records from all of them.
    """
    return None if unit is None or unit.strip() == office.issuer_name else source_unit_of(unit, office)


def source_unit_of(name: str, office: Office) -> str:
    """The unit a record may come from that a name means. Raises CaseError (UNIT_UNKNOWN)."""
    found = canonical_unit(name, office) or (name.strip() if is_of_the_city(name, office) else None)
    if found is None:
        raise _unknown(name)
    return found


def _unknown(name: str) -> CaseError:
    return CaseError(
        f"本市没有名为“{name[:60]}”的责任单位。",
        next_step="请使用 domains.csv 中的责任单位名称，或在 unit_aliases.csv 中登记这个写法。",
        code="UNIT_UNKNOWN",
    )
