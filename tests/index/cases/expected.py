"""Every notice there must be, counted from the cases and the reports alone: what the store is compared with."""

from collections.abc import Iterable, Sequence

from index.cases.notices import Closure, Kind, Notice, Shown, touches
from index.rules.model import Domain


def due(reports: Iterable[Shown], closures: Iterable[Closure], domains: Sequence[Domain]) -> frozenset[Notice]:
    """Every notice there must be. The same cases and reports always give the same notices."""
    first: dict[tuple[str, Kind], str] = {}
    ordered = sorted(closures, key=lambda closure: (closure.at, closure.case_number))
    for report in reports:
        for closure in ordered:
            if report.issued_at <= closure.at and touches(closure, report, domains):
                first.setdefault((report.number, closure.kind), closure.case_number)
    return frozenset(Notice(number, kind, case_number) for (number, kind), case_number in first.items())
