"""The facts of the staff directory: a member of a unit, what they may ask, and the accounts they are known by.

* A role is a duty the administrator has given; without one a member gets answers from policy texts.
* ``matters``: what the member decides (行政审批, 招标投标 …): records are looked up for one of them.
* An account belongs to one member; a member may have several.

Source: issue 6 §3; 个人信息保护法 arts. 34–35 (within the duty).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a member may have done, beside asking for policy."""

    RECORDS = "records"
    ISSUE = "issue"
    CASES = "cases"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return {"records": "查询记录", "issue": "代开报告", "cases": "受理异议和修复", "admin": "管理"}[self.value]


@dataclass(frozen=True, slots=True)
class Staff:
    """``unit``: as the office names it. Not ``active``: has left, is nobody.

    ``changed_at``: the last change in the directory, of the facts or of the accounts; None: not from there. Two who
    differ in nothing else are the same.
    """

    id: str
    name: str
    unit: str
    roles: frozenset[Role] = frozenset()
    matters: tuple[str, ...] = ()
    active: bool = True
    changed_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Account:
    """``platform``: wecom, wechat, dingtalk, feishu, or oidc; ``tenant``: the company or issuer it belongs to."""

    platform: str
    tenant: str
    account: str
