"""Importing a list of staff: the whole list or nothing, and every bad cell named.

Reads a CSV or a workbook. Writes ``staff``, ``staff_accounts`` and an audit line for each member changed.

The steps:
1. open the file and know its columns (``list_cells``), read every row into a ``Listed`` or errors;
2. under the write lock: what the directory would be (``planned``), or errors; errors of both steps land nothing;
3. write the difference (``changing``).

Rules kept:
* The same list again changes nothing.
* A number stands in one row, an account with one member. An account passes on from a member who has left, and from one
  whom a platform's contacts brought (``syncing``): the list says whose it really is; who has no account left ends.
* Who looks records up, issues or takes cases does so for a unit the office knows.
* Members missing from the list stay; only a list that is said to be full ends them, and only those that came by lists.

Source: issue 6 §3.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from index.access import plain
from index.directory.accounts import Platform, written
from index.directory.changing import Changes, Deed, State, differences, state, write
from index.directory.list_cells import READERS, Columns, Field, columns, read_accounts, recognised
from index.directory.model import Account, Role, Staff
from index.errors import DirectoryError
from index.records.cells import CellError, visible
from index.records.import_report import RowError
from index.records.sheet import open_sheet
from index.rules.model import Office
from index.rules.units import canonical_unit
from index.store.engine import writing
from index.store.tables import staff

MAX_ROWS = 50_000
MAX_ERRORS = 1_000
FOR_A_UNIT = frozenset({Role.RECORDS, Role.ISSUE, Role.CASES})
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Listed:
    """One row. What the list has no column for is None."""

    row: int
    id: str
    name: str
    unit: str
    roles: frozenset[Role] | None = None
    matters: tuple[str, ...] | None = None
    active: bool | None = None
    accounts: Mapping[tuple[Platform, str], tuple[Account, ...]] = field(default_factory=dict)
    """By platform and company: all accounts the member has there."""


@dataclass(frozen=True, slots=True)
class StaffReport:
    """What an import did, or would do; with ``errors`` it did nothing. ``error_count`` counts those left out too."""

    file: str
    rows: int
    changes: Changes
    errors: tuple[RowError, ...] = ()
    error_count: int = 0
    ignored_columns: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        told = {"file": self.file, "rows": self.rows, "imported": not self.errors}
        names = ("added", "changed", "disabled", "enabled")
        return told | {
            **{name: list(getattr(self.changes, name)) for name in names},
            "errors": [error.to_json() for error in self.errors],
            "error_count": self.error_count,
            "ignored_columns": list(self.ignored_columns),
            "notices": list(self.notices),
        }


def import_staff(
    engine: Engine, path: Path, office: Office, deed: Deed, *, full: bool = False, only_check: bool = False
) -> StaffReport:
    """``full``: who is not in the list has left. Raises UnreadableImport, DirectoryError, AccessDenied."""
    with open_sheet(path, recognised) as sheet:
        reading = _Reading(columns(sheet.headings), office)
        for number, cells in sheet.rows:
            reading.read(number, cells, sheet.faults.pop(number, {}))
    report = StaffReport(sheet.name, len(reading.listed), Changes(), ignored_columns=reading.columns.ignored)
    report = replace(report, notices=sheet.notices)
    if full and not reading.listed and not reading.errors:
        raise DirectoryError(
            "名册里一个人也没有，没有导入：按全部人员导入会停用所有人。",
            next_step="请核对文件；确实要停用的，用 chenghe staff disable 逐个停用。",
            code="STAFF_NOBODY",
        )
    with writing(engine) as connection:
        before, listed = state(connection), _by_list(connection)
        after = _Planning(reading, before, listed).planned(full=full)
        if reading.errors:
            return replace(report, errors=tuple(reading.errors[:MAX_ERRORS]), error_count=len(reading.errors))
        if only_check:
            return replace(report, changes=differences(before, after))
        return replace(report, changes=write(connection, before, after, deed))


def _by_list(connection: Connection) -> frozenset[str]:
    """The members that came by lists."""
    return frozenset(connection.scalars(select(staff.c.id).where(staff.c.source == "")))


class _Reading:
    """Step 1: rows as facts, cells as errors."""

    def __init__(self, found: Columns, office: Office) -> None:
        self.columns, self.listed = found, list[Listed]()
        self.errors = list[RowError]()
        self._office = office
        self._cells: dict[int, list[str]] = {}
        self._units: dict[str, str | None] = {}

    def read(self, number: int, cells: list[str], faults: Mapping[int, CellError]) -> None:
        if not any(cell.strip() for cell in cells):
            return
        if len(self._cells) >= MAX_ROWS:
            raise DirectoryError(f"名册超过 {MAX_ROWS} 人。", next_step="请分成几个文件导入。", code="STAFF_TOO_MANY")
        self._cells[number] = cells
        facts = dict(self._facts(number, cells, faults))
        if len(facts) == len(self.columns.places):
            named = {name: fact for name, fact in facts.items() if isinstance(name, str)}
            accounts = {place: fact for place, fact in facts.items() if not isinstance(place, str)}
            self.listed.append(Listed(row=number, accounts=accounts, **named))

    def known_unit(self, unit: str) -> str | None:
        """The unit as the office names it; None for one it does not know."""
        if unit not in self._units:
            of_office = plain(unit) == plain(self._office.issuer_name)
            self._units[unit] = self._office.issuer_name if of_office else canonical_unit(unit, self._office)
        return self._units[unit]

    def refuse(self, number: int, field: Field, error: CellError) -> None:
        place = self.columns.places[field]
        row = self._cells[number]
        value = visible(row[place][:_SHOWN]) if place < len(row) else ""
        heading = self.columns.headings[place]
        self.errors.append(RowError(number, heading, value, error.code, error.message, error.next_step, place))

    def _facts(self, number: int, cells: list[str], faults: Mapping[int, CellError]) -> Iterator[tuple[Field, Any]]:
        for each, place in self.columns.places.items():
            try:
                if place in faults:
                    raise faults[place]
                yield each, self._fact(each, cells[place] if place < len(cells) else "")
            except CellError as error:
                self.refuse(number, each, error)

    def _fact(self, each: Field, text: str) -> Any:
        if not isinstance(each, str):
            return read_accounts(text, *each)
        fact = READERS[each](text)
        return self.known_unit(fact) or fact if each == "unit" else fact


class _Planning:
    """Step 2: the directory as it would be."""

    def __init__(self, reading: _Reading, before: State, by_list: frozenset[str]) -> None:
        self._reading, self._before, self._by_list = reading, before, by_list
        self._rows = dict[str, int]()
        self._members, self._accounts = dict(before.members), dict(before.accounts)

    def planned(self, *, full: bool) -> State:
        for listed in self._reading.listed:
            self._take(listed)
        if full:
            self._end(self._by_list - self._rows.keys())
        self._pass_accounts()
        robbed = set(self._before.accounts.values()) - set(self._accounts.values())
        self._end(robbed - self._by_list - self._rows.keys())
        return State(self._members, self._accounts)

    def _end(self, members: Iterable[str]) -> None:
        for member in members:
            self._members[member] = replace(self._members[member], active=False)

    def _take(self, listed: Listed) -> None:
        first = self._rows.setdefault(listed.id, listed.row)
        if first != listed.row:
            error = CellError("STAFF_TWICE", f"与第 {first} 行的工号相同", "一个人只写一行；两个人不能用同一个工号。")
            self._reading.refuse(listed.row, "id", error)
            return
        member = _merged(self._members.get(listed.id), listed)
        self._members[listed.id] = member
        if member.active and member.roles & FOR_A_UNIT and self._reading.known_unit(member.unit) is None:
            self._reading.refuse(listed.row, "unit", _UNKNOWN_UNIT)

    def _pass_accounts(self) -> None:
        """First what the list takes from its members, then what it gives them."""
        columns = {listed.id: set(listed.accounts) for listed in self._reading.listed}
        for account, holder in self._before.accounts.items():
            if (account.platform, account.tenant) in columns.get(holder, set()):
                del self._accounts[account]
        for listed in self._reading.listed:
            if self._rows[listed.id] == listed.row:
                self._give(listed)

    def _give(self, listed: Listed) -> None:
        for place, accounts in listed.accounts.items():
            for account in accounts:
                holder = self._accounts.get(account, listed.id)
                if holder != listed.id and self._keeps(holder):
                    self._reading.refuse(listed.row, place, self._taken(account, holder))
                else:
                    self._accounts[account] = listed.id

    def _keeps(self, holder: str) -> bool:
        return holder in self._rows or (self._members[holder].active and holder in self._by_list)

    def _taken(self, account: Account, holder: str) -> CellError:
        where = f"（第 {self._rows[holder]} 行）" if holder in self._rows else ""
        return CellError(
            "ACCOUNT_TAKEN",
            f"账号 {written(account)} 已登记在工号 {holder}{where}名下",
            "一个账号只属于一个人；换人的，请先停用原来的人员或取消其账号登记。",
        )


_UNKNOWN_UNIT = CellError(
    "UNIT_UNKNOWN",
    "有查询、代开或受理角色，但单位不是本市登记的单位",
    "请填写 domains.csv 中的责任单位名称或信用办名称；只问政策的人员不必有角色。",
)


def _merged(stored: Staff | None, listed: Listed) -> Staff:
    base = stored or Staff(listed.id, listed.name, listed.unit)
    return Staff(
        listed.id,
        listed.name,
        listed.unit,
        base.roles if listed.roles is None else listed.roles,
        base.matters if listed.matters is None else listed.matters,
        base.active if listed.active is None else listed.active,
    )
