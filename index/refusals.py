"""Refusals of accounts that are in no directory: the audit has the first of each hour, and how many there were.

Rules kept:
* Anybody can make an account and ask all day; the audit is kept for good and read by people. So the first
  ``LINES_AN_HOUR`` refusals of an account in an hour have a line each; what comes after is counted.
* That it happened is not lost: the count is written down with each refusal, in its transaction, and becomes one line
  when the hour is over (``settle``). Until then it stands in ``refusals``.
* Members are never counted: who has a name has a line for each.

Source: issue 6 §3; 个人信息保护法 art. 54. Decision: docs/decisions/0245.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from index.admission import append_denial
from index.calendar import SHANGHAI
from index.store.engine import writing
from index.store.tables import refusals

LINES_AN_HOUR = 10
PURPOSE = "聊天中的请求"
MANY = "（多次）"


@dataclass(frozen=True, slots=True)
class Refusal:
    """``account``: whose; the rest as the audit line says it."""

    account: str
    purpose: str
    target: str
    detail: str


def note_refusal(engine: Engine, refusal: Refusal, now: datetime) -> None:
    """One line, or one more to be told of. Raises StoreError and AuditError: the refusal is not kept then."""
    with writing(engine) as connection:
        _settle(connection, now)
        if _counted(connection, refusal.account, _hour(now)) <= LINES_AN_HOUR:
            actor = actor_of(refusal.account)
            append_denial(connection, actor, refusal.purpose, refusal.target, refusal.detail, now)


def settle(engine: Engine, now: datetime) -> None:
    """The lines of the hours that are over. Writes nothing when there is nothing to tell."""
    over = select(refusals.c.account).where(refusals.c.hour < _hour(now)).limit(1)
    with engine.connect() as connection:
        if connection.execute(over).first() is None:
            return
    with writing(engine) as connection:
        _settle(connection, now)


def actor_of(account: str) -> str:
    return f"未登记账号（{account}）"


def _settle(connection: Connection, now: datetime) -> None:
    over = refusals.c.hour < _hour(now)
    many = select(refusals).where(over, refusals.c.count > LINES_AN_HOUR).order_by(refusals.c.hour, refusals.c.account)
    for account, hour, count in connection.execute(many).all():
        told = f"{hour:%Y-%m-%d %H} 时共被拒绝 {count} 次，逐次记录的是前 {LINES_AN_HOUR} 次"
        append_denial(connection, actor_of(account), PURPOSE, MANY, told, now)
    connection.execute(delete(refusals).where(over))


def _counted(connection: Connection, account: str, hour: datetime) -> int:
    """How often it was refused in this hour, this time too."""
    one = insert_or_update(refusals).values(account=account, hour=hour, count=1)
    more = one.on_conflict_do_update(index_elements=["account", "hour"], set_={"count": refusals.c.count + 1})
    return int(connection.execute(more.returning(refusals.c.count)).scalar_one())


def _hour(now: datetime) -> datetime:
    return now.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
