"""docs/cases.md answers for the code: every state, every step, every error code, every period is in it."""

import re
from pathlib import Path

import pytest

from index.cases import objection, repair
from index.rules.repair import bands

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("machine", [objection.MACHINE, repair.MACHINE], ids=["objection", "repair"])
def test_every_transition_is_a_row(machine: object) -> None:
    for row in machine.table:  # type: ignore[attr-defined]
        sources = "、".join(row.sources) or "—"
        target = row.target or "状态不变"
        shown = [cells for cells in ROWS if len(cells) == 5 and cells[0] == sources and cells[1].startswith(row.event)]
        assert any(cells[2].startswith(target) for cells in shown), (sources, row.event)
        assert any((cells[4] == "必须") is row.needs_evidence for cells in shown), (sources, row.event)


def test_every_error_code_is_explained() -> None:
    sources = [*(ROOT / "index" / "cases").glob("*.py"), ROOT / "bot" / "commands" / "casework.py"]
    codes = {code for path in sources for code in re.findall(r'code="([A-Z_]+)"', path.read_text(encoding="utf-8"))}
    assert len(codes) > 20
    assert {code for code in codes if f"`{code}`" not in TEXT} == set()


def test_the_periods_are_those_of_the_rule_data() -> None:
    words = {None: "无", 3: "3 个月", 12: "1 年", 36: "3 年"}
    for band in bands():
        (row,) = [cells for cells in ROWS if len(cells) == 3 and cells[0].startswith(band.severity)]
        assert row[1:] == [words[band.least_months], words[band.most_months]]
