"""The staff directory as it is stored: who an account is, who a member is.

* Somebody who is not active is nobody: ``find`` gives None, as for an account that was never heard of.
* Looking up who asks is no reading of records and leaves no line; what is then read does.

Source: issue 6 §3.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from index.directory.accounts import compared
from index.directory.model import Account, Role, Staff
from index.store.tables import staff, staff_accounts

_FACTS = (staff.c.id, staff.c.name, staff.c.unit, staff.c.roles, staff.c.matters, staff.c.active, staff.c.changed_at)


class Directory:
    """Reads only; ``index.directory.changing`` changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, account: Account) -> Staff | None:
        """The active member of this account."""
        wanted = compared(account)
        of_account = (
            select(*_FACTS)
            .join(staff_accounts, staff_accounts.c.staff == staff.c.id)
            .where(staff_accounts.c.platform == wanted.platform)
            .where(staff_accounts.c.tenant == wanted.tenant)
            .where(staff_accounts.c.account == wanted.account)
            .where(staff.c.active)
        )
        with self._engine.connect() as connection:
            row = connection.execute(of_account).one_or_none()
        return None if row is None else _staff(row)

    def get(self, member: str) -> Staff | None:
        """A member, active or not."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*_FACTS).where(staff.c.id == member)).one_or_none()
        return None if row is None else _staff(row)

    def members(self) -> tuple[Staff, ...]:
        """Everybody, by unit and number."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(*_FACTS).order_by(staff.c.unit, staff.c.id)).all()
        return tuple(_staff(row) for row in rows)

    def accounts(self, member: str | None = None) -> tuple[tuple[Account, str], ...]:
        """Accounts with the number of their member: of one member, or of all."""
        columns = staff_accounts.c
        chosen = select(columns.platform, columns.tenant, columns.account, columns.staff)
        if member is not None:
            chosen = chosen.where(columns.staff == member)
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.order_by(columns.staff, columns.platform, columns.tenant)).all()
        return tuple((Account(*row[:3]), row[3]) for row in rows)


def stored_members(connection: Connection) -> dict[str, Staff]:
    return {row[0]: _staff(row) for row in connection.execute(select(*_FACTS))}


def stored_accounts(connection: Connection) -> dict[Account, str]:
    """Each account and whose it is."""
    columns = staff_accounts.c
    rows = connection.execute(select(columns.platform, columns.tenant, columns.account, columns.staff))
    return {Account(*row[:3]): row[3] for row in rows}


def facts_of(member: Staff) -> dict[str, Any]:
    """A member as a row of the table."""
    return {
        "id": member.id,
        "name": member.name,
        "unit": member.unit,
        "roles": " ".join(sorted(member.roles)),
        "matters": json.dumps(member.matters, ensure_ascii=False),
        "active": member.active,
    }


def _staff(row: Sequence[Any]) -> Staff:
    number, name, unit, roles, matters, active, changed_at = row
    known = frozenset(map(Role, roles.split()))
    return Staff(number, name, unit, known, tuple(json.loads(matters)), bool(active), changed_at)
