"""Following a platform's contacts: who is there becomes a member without roles, who has gone is nobody any more.

Rules kept:
* The platform says who is there, and nothing else: roles, matters and the facts of members who came by a list, or to
  whom one gave a role, are the administrator's. Who names departments on the platform must not move a role to another
  unit.
* An account that is not known becomes a member of its own, by the number ``<platform>-<account>``, who may ask for
  policy. It is never joined to a member of the same name or number: an account in a list is how that is said. Where
  another company of the platform has the same account, the number names the company too.
* Who has gone: a member that came from the platform is disabled; of a member that came by a list the account is taken.
* Nobody comes back by himself: who was disabled stays so until a list says 在职.
* A platform that shows nobody, or lets half of its members go at once, is not believed.

Source: issue 6 §3.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, select

from index.directory.accounts import given, written
from index.directory.changing import Changes, Deed, State, state, write
from index.directory.list_cells import NAME_MAX, UNIT_MAX
from index.directory.model import Account, Staff
from index.errors import DirectoryError
from index.invisible import all_seen
from index.store.engine import writing
from index.store.tables import staff

FEW = 5
"""So many may go at once, however few there are."""
NO_UNIT = "未写明部门"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody whom the platform shows. ``unit``: the department, as named there."""

    account: Account
    name: str
    unit: str


def sync(engine: Engine, platform: str, tenant: str, contacts: Iterable[Contact], deed: Deed) -> Changes:
    """Brings the directory in line with ``contacts``: all of one platform and company. Raises DirectoryError."""
    source = f"{platform}:{tenant}"
    found = {contact.account: contact for contact in map(_read, contacts)}
    with writing(engine) as connection:
        before = state(connection)
        ours = frozenset(_from(connection, source))
        held = {each: whose for each, whose in before.accounts.items() if f"{each.platform}:{each.tenant}" == source}
        gone = {account: member for account, member in held.items() if account not in found}
        _require_believable(before, found, held, gone)
        after = _without(_with(before, found, ours), gone, ours)
        return write(connection, before, after, replace(deed, source=source))


def _read(contact: Contact) -> Contact:
    """As it is kept: only what can be seen, and no more than a list may hold. Raises DirectoryError."""
    account = given(contact.account.platform, contact.account.tenant, contact.account.account)
    name = _seen(contact.name, NAME_MAX) or account.account[:NAME_MAX]
    return Contact(account, name, _seen(contact.unit, UNIT_MAX) or NO_UNIT)


def _seen(text: str, most: int) -> str:
    return "".join(each for each in text if all_seen(each))[:most].strip()


def _from(connection: Connection, source: str) -> Iterable[str]:
    return connection.scalars(select(staff.c.id).where(staff.c.source == source))


def _require_believable(
    before: State, found: Mapping[Account, Contact], held: Mapping[Account, str], gone: Mapping[Account, str]
) -> None:
    active = [account for account, member in held.items() if before.members[member].active]
    leaving = [account for account in active if account in gone]
    if not found or (len(leaving) > FEW and 2 * len(leaving) > len(active)):
        raise DirectoryError(
            f"通讯录只有 {len(found)} 人，已登记的 {len(active)} 个账号中有 {len(leaving)} 个不在其中，没有同步。",
            next_step="请在平台后台核对应用的可见范围；确实走了这么多人的，用 staff import --full 导入名册。",
            code="SYNC_TOO_MANY",
        )


def _with(before: State, found: Mapping[Account, Contact], ours: frozenset[str]) -> State:
    members, accounts = dict(before.members), dict(before.accounts)
    namesakes = {(holder, each.platform, each.account) for each, holder in accounts.items() if each not in found}
    for account, contact in found.items():
        holder = accounts.get(account)
        if holder is None:
            accounts[account] = _new(members, namesakes, contact)
        elif holder in ours and not members[holder].roles:
            members[holder] = replace(members[holder], name=contact.name, unit=contact.unit)
    return State(members, accounts)


def _new(members: dict[str, Staff], namesakes: Container[tuple[str, str, str]], contact: Contact) -> str:
    """``namesakes``: number, platform and account of those whom this company does not show."""
    account = contact.account
    number = f"{account.platform}-{account.account}"
    if (number, account.platform, account.account) in namesakes:
        number = f"{account.platform}-{account.tenant}-{account.account}"
    if number in members:
        raise DirectoryError(
            f"工号 {number} 已经有人，账号 {written(account)} 不能再用它。",
            next_step="请用 chenghe staff accounts add 把账号登记给本人后再同步。",
            code="SYNC_NUMBER",
        )
    members[number] = Staff(number, contact.name, contact.unit)
    return number


def _without(after: State, gone: Mapping[Account, str], ours: frozenset[str]) -> State:
    members = dict(after.members)
    for member in (member for member in gone.values() if member in ours):
        members[member] = replace(members[member], active=False)
    taken = {account for account, member in gone.items() if member not in ours}
    return State(members, {each: member for each, member in after.accounts.items() if each not in taken})
