"""What an office is on one day, for the people who keep it: ``chenghe office check``.

Rules kept:
* Pure: an office and a day give the overview. What stops issuing is told apart from what only wants attention.

Source: inventory B06 (domains by day), B08, B19 and "Expired basis"; conventions, Time (years without published days).
"""

from dataclasses import dataclass
from datetime import date

from index.rules.model import Basis, Domain, Office
from index.rules.unverified import unverified

SHOWN_MOST = 8


@dataclass(frozen=True, slots=True)
class Overview:
    """``obstacles``: why no report could be issued on ``day``; ``notices``: what wants attention. Chinese sentences."""

    day: date
    in_force: tuple[Domain, ...]
    coming: tuple[Domain, ...]
    basis: Basis | None
    years: tuple[tuple[int, bool], ...]
    """(year, whether its working days are published): the year of the window's end to the year after ``day``."""
    unverified: tuple[str, ...]
    obstacles: tuple[str, ...]
    notices: tuple[str, ...]


def overview(office: Office, day: date) -> Overview:
    yesterday = office.calendar.last_working_day_before(day).day
    years = tuple((year, office.calendar.is_published(year)) for year in range(yesterday.year, day.year + 2))
    left = unverified(office)
    return Overview(
        day=day,
        in_force=office.domains_on(day),
        coming=tuple(domain for domain in office.domains if domain.effective_on > day),
        basis=office.basis_on(day),
        years=years,
        unverified=left,
        obstacles=tuple(_obstacles(office, day)),
        notices=tuple(_notices(office, years, left)),
    )


def _obstacles(office: Office, day: date) -> list[str]:
    found = []
    if office.basis_on(day) is None and not (office.allow_expired_basis and office.last_ended_basis(day)):
        found.append("没有现行有效的签发依据。请核实后填入 bases.csv，或用 chenghe bases register 登记。")
    if not office.domains_on(day):
        found.append("没有已经实施的领域。请核对 domains.csv 的实施日期。")
    return found


def _notices(office: Office, years: tuple[tuple[int, bool], ...], left: tuple[str, ...]) -> list[str]:
    found = [
        f"{year} 年的放假安排尚未录入，该年按周末规则推算。国务院办公厅公布后，请填入 calendar.csv。"
        for year, published in years
        if not published
    ]
    owners = {unit for domain in office.domains for unit in domain.units}
    strange = [unit for unit, _ in office.unit_kinds if unit not in owners]
    if strange:
        found.append(f"units.csv 的{'、'.join(strange)}不是 domains.csv 中的责任单位，请核对名称（别名不算）。")
    if left:
        more = f" 等 {len(left)} 处" if len(left) > SHOWN_MOST else ""
        found.append(f"尚待核实：{'、'.join(left[:SHOWN_MOST])}{more}。核实并改掉以后，才能填 sample = false。")
    if office.sample:
        found.append("本机构是示例（sample = true），每份报告都印“示例 · 非真实报告”。")
    return found
