"""How long a violation is published at least and at most, by its severity: the numbers of the law, as dated data.

Rules kept:
* Periods count from the day of the judicial or administrative document, that day excluded, and end on the day of the
  same number (civil code arts. 201–202), clipped to the month's end.
* 轻微: as a rule not published, else three months at most, no least period; 一般: three months to one year;
  严重: one to three years. Before the first rule in ``repair_bands.csv``, and without a stated severity: no period.
* The rule in force on the day that is asked about decides, not the one of the day of the document.
* After the longest period publication stops by itself, unless obligations are open: then the sector's rules decide.
  What says so in our data: a record that is itself about an open obligation (``STANDING``), with a later end of
  publication that the unit states, and no correction. A blank cell says nothing. See docs/decisions/0135, 0158.

Source: 信用修复管理办法 (国家发展改革委令第36号, in force 2026-04-01); 国办发〔2025〕22号 (2025-06-22).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from index.errors import RuleError
from index.records.model import RecordKind, Severity
from index.rules.sheets import SheetRow, rows

STANDING = frozenset({RecordKind.ENFORCEMENT, RecordKind.SERIOUS_LIST})
"""Records that stand as long as something is not done: a judgment not carried out, a list not yet left."""
COLUMNS = ("违法程度", "最短公示月数", "最长公示月数", "施行日期", "失效日期", "来源")


@dataclass(frozen=True, slots=True)
class RepairBand:
    """The publication of one severity. ``least_months`` None: no least period; ``effective_to`` None: no end stated."""

    severity: Severity
    least_months: int | None
    most_months: int
    effective_from: date
    effective_to: date | None
    source: str

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@cache
def bands() -> tuple[RepairBand, ...]:
    """Every band of the rule data. Raises RuleError when two of one severity overlap."""
    found: list[RepairBand] = []
    for row in rows(files("index.rules").joinpath("repair_bands.csv"), COLUMNS):
        band = _band(row)
        if any(_overlap(band, other) for other in found):
            raise row.fail("施行日期", f"“{band.severity}”在同一天有两条规定", "请核对施行日期和失效日期。")
        found.append(band)
    return tuple(found)


def band_on(severity: Severity | None, day: date) -> RepairBand | None:
    """The band of a severity in force on ``day``; None without a severity or a rule."""
    return next((band for band in bands() if band.severity is severity and band.in_force(day)), None)


def last_publication_day(decided_on: date, severity: Severity | None, day: date) -> date | None:
    """The last day of the longest publication, by the rule in force on ``day``; None when no rule says one."""
    band = band_on(severity, day)
    return None if band is None else add_months(decided_on, band.most_months)


def first_repair_day(decided_on: date, severity: Severity | None, day: date) -> date | None:
    """The first day on which the least publication is over, by the rule in force on ``day``; None without a rule."""
    band = band_on(severity, day)
    if band is None:
        return None
    if band.least_months is None:
        return decided_on
    return add_months(decided_on, band.least_months) + timedelta(days=1)


def publication_end(
    *,
    kind: RecordKind,
    decided_on: date,
    severity: Severity | None,
    corrected_on: date | None,
    publication_until: date | None,
    day: date,
) -> date | None:
    """The last day of publication as of ``day``: the unit's, or the rule's longest where that is earlier.

    A later end that the unit states for what is ``STANDING`` and not corrected stands (sector's rules). None: no end
    known.
    """
    longest = last_publication_day(decided_on, severity, day)
    if longest is None or publication_until is None:
        return longest or publication_until
    corrected = corrected_on is not None and corrected_on <= day
    return publication_until if kind in STANDING and not corrected else min(longest, publication_until)


def add_months(day: date, months: int) -> date:
    """The day of the same number ``months`` later, clipped to the month's end. Raises ValueError past year 9999."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _band(row: SheetRow) -> RepairBand:
    severity, start, end = row.required("违法程度"), row.day("施行日期"), row.optional_day("失效日期")
    if severity not in set(Severity):
        raise row.fail("违法程度", f"“{severity}”不认识", f"可用：{'、'.join(Severity)}。")
    least = _months(row, "最短公示月数") if row.cells["最短公示月数"] else None
    most = _months(row, "最长公示月数")
    if most < (least or 0) or (end is not None and end < start):
        raise _contradiction(row)
    return RepairBand(Severity(severity), least, most, start, end, row.required("来源"))


def _months(row: SheetRow, column: str) -> int:
    text = row.required(column)
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 3):
        raise row.fail(column, f"“{text}”不是月数", "请填整数，例如 12。")
    return int(text)


def _contradiction(row: SheetRow) -> RuleError:
    return row.fail("最长公示月数", "最长期短于最短期，或失效早于施行", "请核对文件原文。")


def _overlap(one: RepairBand, other: RepairBand) -> bool:
    last = date.max
    return (
        one.severity is other.severity
        and one.effective_from <= (other.effective_to or last)
        and other.effective_from <= (one.effective_to or last)
    )
