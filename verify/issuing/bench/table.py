"""The figures of one run as tables: milliseconds and reports a second, on the wall and on one processor."""

from collections.abc import Mapping

from verify.issuing.bench.measuring import CERTIFIED, DOCX, Result
from verify.issuing.bench.stopwatch import Spent

LIMITS = {DOCX: 100, CERTIFIED: 20}
"""Reports a second and core that issue 4 asks for."""


def result_table(result: Result) -> str:
    told = f"{result.reports} reports of each kind, {result.records} records in each"
    return "\n\n".join(
        [
            told,
            _steps("The bare path: facts → sign → QR → docx → durable ledger", result.bare),
            _steps("What issuing does beside it", result.beside),
            _steps("Issuing", result.whole),
            *(
                f"{name}: {per_second(result.bare[name]):.0f} reports a second and core; asked for: {limit}"
                for name, limit in LIMITS.items()
                if name in result.bare
            ),
        ]
    )


def per_second(spent: Spent) -> float:
    """Reports a second of one processor."""
    return spent.times / spent.processor


def _steps(title: str, steps: Mapping[str, Spent]) -> str:
    lines = [
        f"| {name} | {1000 * spent.wall / spent.times:.2f} | {1000 * spent.processor / spent.times:.2f} "
        f"| {per_second(spent):.0f} |"
        for name, spent in steps.items()
    ]
    return "\n".join([f"| {title} | ms | processor ms | a second and core |", "|---|---|---|---|", *lines])
