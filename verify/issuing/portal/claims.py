"""Who signed in, from what the provider says of them. Pure.

Rules kept:
* A company's person acts only for the codes the provider names, each with a true check character, and only when
  every required claim holds (B09: whoever is not verified is refused).
* Staff act for the one unit the provider names, which must be one of this office's units, and only in the tasks
  their roles open.
* Of the claims only these are kept: the provider's name for the person, the person's name (masked for companies),
  codes, unit, tasks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from index.masking import mask_name
from index.rules.model import Office
from index.rules.units import canonical_unit
from verify.issuing.portal.oidc.errors import SignInError
from verify.issuing.portal.settings import CompanyRealm, StaffRealm, Task
from verify.reasons import Rejection
from verify.subject import encode_code

SUBJECTS_MAX = 50
NAME_MAX = 20
IDENTIFIER_MAX = 40


@dataclass(frozen=True, slots=True)
class Person:
    """A company's person. ``subjects``: the codes they may act for, at least one."""

    identifier: str
    name: str
    subjects: tuple[str, ...]

    @property
    def actor(self) -> str:
        """As audit and ledger name them."""
        return f"网上用户 {self.name}（{self.identifier}）"


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody of the office or of a unit."""

    identifier: str
    name: str
    unit: str
    tasks: frozenset[Task]

    @property
    def signature(self) -> str:
        """Name and identifier, where the unit is said beside it."""
        return f"{self.name}（{self.identifier}）"

    @property
    def actor(self) -> str:
        return f"{self.unit} {self.signature}"


def person_of(claims: Mapping[str, Any], realm: CompanyRealm) -> Person:
    """Raises SignInError for somebody who is not verified, or acts for no subject."""
    for name, values in realm.required.items():
        if not values & set(_values(claims.get(name))):
            raise SignInError(
                "您的账号还没有完成实名核验，不能办理。",
                next_step="请先在统一身份认证平台完成实名核验，再回来登录；也可以带证件到信用办窗口办理。",
                code="NOT_VERIFIED",
            )
    codes = tuple(dict.fromkeys(code for code in _values(claims.get(realm.subject_claim)) if _is_code(code)))
    if not codes:
        raise SignInError(
            "您的账号没有绑定经营主体，不能办理。",
            next_step="请先在统一身份认证平台绑定本企业的统一社会信用代码，再回来登录；也可以带证件到信用办窗口办理。",
            code="NO_SUBJECT",
        )
    if len(codes) > SUBJECTS_MAX:
        raise SignInError(f"您的账号绑定的经营主体超过 {SUBJECTS_MAX} 个，不能在网上办理。", code="TOO_MANY_SUBJECTS")
    return Person(_identifier(claims), mask_name(_name(claims, realm.name_claim)), codes)


def clerk_of(claims: Mapping[str, Any], realm: StaffRealm, office: Office) -> Clerk:
    """Raises SignInError for a unit that is not the office's, or roles that open nothing."""
    named = next(iter(_values(claims.get(realm.unit_claim))), "")
    unit = office.issuer_name if named == office.issuer_name else canonical_unit(named, office)
    if unit is None:
        raise SignInError(
            "您的账号所属单位不在本系统的单位名册中。",
            next_step="请联系信用办核对单位名称（office/unit_aliases.csv）。",
            code="UNIT_UNKNOWN",
        )
    roles = set(_values(claims.get(realm.role_claim)))
    tasks = frozenset(task for task, allowed in realm.tasks.items() if allowed & roles)
    if not tasks:
        raise SignInError(
            "您的账号没有办理权限。", next_step="请联系信用办开通“窗口签发”或“异议和修复办理”权限。", code="NO_TASK"
        )
    return Clerk(_identifier(claims), _name(claims, realm.name_claim) or "未具名", unit, tasks)


def _identifier(claims: Mapping[str, Any]) -> str:
    """The provider's name for the person; a long one by its digest, so that audit lines stay readable."""
    subject: str = claims["sub"]
    return subject if len(subject) <= IDENTIFIER_MAX else sha256(subject.encode()).hexdigest()[:IDENTIFIER_MAX]


def _values(value: object) -> tuple[str, ...]:
    """A claim as texts: a text, a number, true or false, or a list of these."""
    items = value if isinstance(value, list) else [value]
    return tuple(text for item in items if (text := _text(item)))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int) else ""


def _name(claims: Mapping[str, Any], claim: str) -> str:
    name = next(iter(_values(claims.get(claim))), "")
    return "".join(character for character in name if character.isprintable())[:NAME_MAX]


def _is_code(text: str) -> bool:
    try:
        encode_code(text)
    except Rejection:
        return False
    return True
