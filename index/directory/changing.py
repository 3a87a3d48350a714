"""Changing the directory: from one state to another in one transaction, with an audit line for each member changed.

Rules kept:
* Everything is planned as a state after; what differs is written, and nothing else: the same list again changes
  nothing.
* A member is never deleted. An account is moved or taken away, and the line of each member it touches says so.
* Nobody changes the directory without a name and a reason.

Source: issue 6 §3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, update

from index.audit import append
from index.directory.accounts import compared, written
from index.directory.model import Account, Staff
from index.directory.store import facts_of, stored_accounts, stored_members
from index.errors import DirectoryError
from index.store.engine import writing
from index.store.tables import staff, staff_accounts


@dataclass(frozen=True, slots=True)
class State:
    """All members by number, all accounts with their member's number."""

    members: Mapping[str, Staff]
    accounts: Mapping[Account, str]

    def held(self, member: str) -> frozenset[Account]:
        return frozenset(account for account, holder in self.accounts.items() if holder == member)

    def with_member(self, member: Staff) -> "State":
        return replace(self, members={**self.members, member.id: member})


@dataclass(frozen=True, slots=True)
class Deed:
    """Who changes, why, when. ``source``: what new members come from; '' is a list or a person."""

    actor: str
    purpose: str
    now: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """Numbers of the members that were new, changed in any way, and of these no longer or again active."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()


def change(engine: Engine, plan: Callable[[State], State], deed: Deed) -> Changes:
    """Writes what ``plan`` makes of the directory. Whatever it raises leaves the directory as it was."""
    with writing(engine) as connection:
        before = state(connection)
        return write(connection, before, plan(before), deed)


def state(connection: Connection) -> State:
    return State(stored_members(connection), stored_accounts(connection))


def disable(engine: Engine, member: str, deed: Deed) -> Staff:
    """The member is nobody from now on; the accounts stay known. Raises DirectoryError."""

    def plan(before: State) -> State:
        found = known(before, member)
        if not found.active:
            raise DirectoryError(f"{member} 已经停用。", next_step="不需要再停用。", code="STAFF_DISABLED")
        return before.with_member(replace(found, active=False))

    change(engine, plan, deed)
    with engine.connect() as connection:
        return stored_members(connection)[member]


def add_account(engine: Engine, member: str, account: Account, deed: Deed) -> Changes:
    """Raises DirectoryError when the member is unknown or the account is somebody else's."""
    wanted = compared(account)

    def plan(before: State) -> State:
        known(before, member)
        holder = before.accounts.get(wanted, member)
        if holder != member:
            raise DirectoryError(
                f"账号 {written(wanted)} 已登记在 {holder} 名下。",
                next_step="请先用 chenghe staff accounts remove 取消原来的登记。",
                code="ACCOUNT_TAKEN",
            )
        return replace(before, accounts={**before.accounts, wanted: member})

    return change(engine, plan, deed)


def remove_account(engine: Engine, account: Account, deed: Deed) -> Changes:
    """Raises DirectoryError when nobody has it."""
    wanted = compared(account)

    def plan(before: State) -> State:
        if wanted not in before.accounts:
            raise DirectoryError(
                f"没有登记账号 {written(wanted)}。",
                next_step="用 chenghe staff accounts list 查看已登记的账号。",
                code="ACCOUNT_UNKNOWN",
            )
        return replace(before, accounts={each: held for each, held in before.accounts.items() if each != wanted})

    return change(engine, plan, deed)


def known(before: State, member: str) -> Staff:
    """Raises DirectoryError for a number nobody has."""
    found = before.members.get(member)
    if found is None:
        raise DirectoryError(
            f"没有工号为 {member} 的人员。", next_step="用 chenghe staff list 查看全部人员。", code="STAFF_UNKNOWN"
        )
    return found


def differences(before: State, after: State) -> Changes:
    """What would be written."""
    touched = _touched(before, after)
    was = {member: before.members.get(member) for member in touched}
    added = [member for member in touched if was[member] is None]
    turned = [member for member in touched if (old := was[member]) and old.active != after.members[member].active]
    return Changes(
        tuple(added),
        tuple(member for member in touched if was[member] is not None),
        tuple(member for member in turned if not after.members[member].active),
        tuple(member for member in turned if after.members[member].active),
    )


def write(connection: Connection, before: State, after: State, deed: Deed) -> Changes:
    """Writes the difference in the caller's transaction; ``before`` is what it has read in it."""
    changes = differences(before, after)
    stamp = {"changed_at": deed.now}
    for member in changes.added:
        connection.execute(insert(staff), facts_of(after.members[member]) | stamp | {"source": deed.source})
    for member in changes.changed:
        facts = facts_of(after.members[member]) | stamp
        connection.execute(update(staff).where(staff.c.id == member), facts)
    _write_accounts(connection, before, after)
    _tell(connection, changes, _Telling(before, after), deed)
    return changes


def _tell(connection: Connection, changes: Changes, told: "_Telling", deed: Deed) -> None:
    done = (("staff.add", changes.added), ("staff.change", changes.changed))
    for action, member in ((action, member) for action, members in done for member in members):
        line = {"action": action, "target": member, "detail": told.of(member)}
        append(connection, at=deed.now, actor=deed.actor, purpose=deed.purpose, **line)


def _touched(before: State, after: State) -> list[str]:
    members = {member for member, facts in after.members.items() if before.members.get(member) != facts}
    for _, holder in set(before.accounts.items()) ^ set(after.accounts.items()):
        members.add(holder)
    return sorted(members)


def _write_accounts(connection: Connection, before: State, after: State) -> None:
    gone = [account for account, holder in before.accounts.items() if after.accounts.get(account) != holder]
    come = [(account, holder) for account, holder in after.accounts.items() if before.accounts.get(account) != holder]
    columns = staff_accounts.c
    for account in gone:
        connection.execute(
            delete(staff_accounts)
            .where(columns.platform == account.platform)
            .where(columns.tenant == account.tenant)
            .where(columns.account == account.account)
        )
    if come:
        connection.execute(insert(staff_accounts), [_row(account, holder) for account, holder in come])


def _row(account: Account, holder: str) -> dict[str, Any]:
    return {"platform": account.platform, "tenant": account.tenant, "account": account.account, "staff": holder}


class _Telling:
    """What changed of a member, in words for the audit."""

    def __init__(self, before: State, after: State) -> None:
        self._before, self._after = before, after
        self._held = (_by_member(before), _by_member(after))

    def of(self, member: str) -> str:
        old, new = self._before.members.get(member), _words(self._after.members[member])
        was = _words(old) if old else {}
        facts = [_changed(name, was.get(name), word) for name, word in new.items() if was.get(name) != word]
        lost, gained = (held.get(member, set()) for held in self._held)
        accounts = [*(f"+{each}" for each in sorted(gained - lost)), *(f"-{each}" for each in sorted(lost - gained))]
        return "；".join([*facts, *([f"账号：{'，'.join(accounts)}"] if accounts else [])])


def _changed(name: str, was: str | None, word: str) -> str:
    return f"{name}：{word}" if was is None else f"{name}：{was}→{word}"


def _by_member(state: State) -> dict[str, set[str]]:
    held: dict[str, set[str]] = {}
    for account, holder in state.accounts.items():
        held.setdefault(holder, set()).add(written(account))
    return held


def _words(member: Staff) -> dict[str, str]:
    return {
        "姓名": member.name,
        "单位": member.unit,
        "角色": "、".join(role.label for role in sorted(member.roles)) or "无",
        "办理事项": "、".join(member.matters) or "无",
        "状态": "在职" if member.active else "停用",
    }
