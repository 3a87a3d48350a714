"""Which unit a name means, and which domains that unit answers for (B07).

Rules kept:
* ``盐城市某某局`` is ``市某某局``; other spellings are in ``unit_aliases.csv``. A name that is neither is not guessed.
* One unit may own several domains; a domain without named units takes data from any unit of the city, and goes by
  the words the annex has in their place.
"""

import unicodedata

from index.rules.model import Domain, Office

_LONGEST_DOMAIN = 100


def canonical_unit(name: str, office: Office) -> str | None:
    """The unit of ``office.domains`` that ``name`` means; None when the name is not known in this city."""
    names = {_plain(unit): unit for domain in office.domains for unit in _units(domain)}
    names.update((_plain(alias), unit) for alias, unit in office.unit_aliases)
    return next((names[form] for form in _forms(name, office.city) if form in names), None)


def domains_of(unit: str, office: Office) -> tuple[Domain, ...]:
    """The domains a canonical unit answers for."""
    return tuple(domain for domain in office.domains if unit in _units(domain))


def main_domain(unit: str, office: Office) -> Domain | None:
    """The domain that takes a unit's records when their file names none; None when the office has not said."""
    number = dict(office.main_domains).get(unit)
    return next((domain for domain in office.domains if domain.number == number), None)


def is_of_the_city(name: str, office: Office) -> bool:
    """True for a name that says it belongs to this city: 市某某局, 盐城市某某局."""
    return any(form.startswith("市") for form in _forms(name, office.city))


def find_domain(text: str, office: Office) -> Domain | None:
    """A domain by its number or name, with or without the final 领域."""
    if len(text) > _LONGEST_DOMAIN:
        return None
    wanted = _plain(text)
    if wanted.isascii() and wanted.isdigit():
        return next((domain for domain in office.domains if domain.number == int(wanted)), None)
    names = (wanted, f"{wanted}领域")
    return next((domain for domain in office.domains if _plain(domain.name) in names), None)


def source_kind_of(unit: str, office: Office) -> str:
    """The 来源类别 of a unit: as registered in ``units.csv``, else 行政机关."""
    return dict(office.unit_kinds).get(unit, "行政机关")


def _units(domain: Domain) -> tuple[str, ...]:
    return domain.units or (domain.unit_text,)


def _forms(name: str, city: str) -> tuple[str, ...]:
    text = _plain(name)
    return (text, "市" + text.removeprefix(city)) if text.startswith(city) else (text,)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())
