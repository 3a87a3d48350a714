"""A list of staff as it is written: its headings, and its cells as facts or as errors that say what to write instead.

Rules kept:
* Columns: 工号, 姓名, 单位 (all three required), 角色, 办理事项, 状态, and one column of accounts per platform and
  company, whose heading names the company: 企业微信账号（ww0123456789abcdef）.
* Nothing is guessed: a role, a state, an account is one of the accepted spellings or refused.
* What the list does not say stays as it is: a column that is missing changes nothing, an empty cell empties
  (but for 状态: nobody is neither).

Source: issue 6 §3; docs/staff.md.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from index.directory.accounts import Platform, given
from index.directory.model import Account, Role
from index.errors import DirectoryError
from index.records.cells import CellError, read_line, visible

NAMES = {
    "id": ("工号", "人员编号", "ID"),
    "name": ("姓名", "NAME"),
    "unit": ("单位", "所在单位", "工作单位", "UNIT"),
    "roles": ("角色", "权限", "ROLES"),
    "matters": ("办理事项", "事项", "MATTERS"),
    "active": ("状态", "在职状态", "ACTIVE"),
}
REQUIRED = ("id", "name", "unit")
STATES = {"在职": True, "启用": True, "离职": False, "停用": False}
ID_MAX, NAME_MAX, UNIT_MAX, MATTER_MAX, MATTERS_MAX = 64, 40, 100, 40, 50
CELL_MAX, ACCOUNTS_MAX = 4_000, 20
_SHOWN = 30

_PLATFORMS = {
    "企业微信": Platform.WECOM,
    "微信": Platform.WECHAT,
    "微信公众号": Platform.WECHAT,
    "钉钉": Platform.DINGTALK,
    "飞书": Platform.FEISHU,
    "统一登录": Platform.OIDC,
    **{platform.value: platform for platform in Platform},
}
_ACCOUNTS = re.compile(
    rf"({'|'.join(sorted(_PLATFORMS, key=len, reverse=True))})(?:账号|帐号)?(?:\(([!-~]{{1,200}})\))?"
)
_PARTED = re.compile(r"[、，,;；\s]+")
_MATTERS_PARTED = re.compile(r"[、；;\n]+")
_ID = re.compile(r"[\w.@-]+")

Field = str | tuple[Platform, str]
"""A name of ``NAMES``, or the platform and company of a column of accounts."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands. ``ignored``: headings of which nothing is kept."""

    places: Mapping[Field, int]
    headings: tuple[str, ...]
    ignored: tuple[str, ...]

    def heading(self, field: Field) -> str:
        return self.headings[self.places[field]]


def recognised(headings: list[str]) -> int:
    """How many cells of a row are headings of a list of staff."""
    return sum(_field(heading) is not None for heading in headings)


def columns(headings: list[str]) -> Columns:
    """Raises DirectoryError naming what is wrong with the heading row."""
    shown = tuple(visible(" ".join(heading.split())[:200]) for heading in headings)
    _refuse_nameless(shown)
    found = [(_field(heading), place) for place, heading in enumerate(headings)]
    fields = [field for field, _ in found if field is not None]
    twice = [shown[place] for field, place in found if field is not None and fields.count(field) > 1]
    if twice:
        raise _wrong(f"表头有重复的列：{'、'.join(twice)}。", "每种内容只留一列。")
    missing = [NAMES[name][0] for name in REQUIRED if name not in fields]
    if missing:
        raise _wrong(f"表头缺少必需的列：{'、'.join(missing)}。", "列名见 docs/staff.md。")
    ignored = tuple(shown[place] for field, place in found if field is None and shown[place])
    return Columns({field: place for field, place in found if field is not None}, shown, ignored)


def _field(heading: str) -> Field | None:
    plain = _plain(heading)
    named = next((name for name, spellings in NAMES.items() if plain.upper() in spellings), None)
    found = _ACCOUNTS.fullmatch(plain)
    return named if found is None or found[2] is None else (_PLATFORMS[found[1]], found[2])


def _refuse_nameless(headings: tuple[str, ...]) -> None:
    for heading in headings:
        found = _ACCOUNTS.fullmatch(_plain(heading))
        if found is not None and found[2] is None:
            raise _wrong(
                f"“{heading}”列没有写明是哪个企业的账号。",
                f"请把列名写成“{found[1]}账号（企业或应用的 ID）”，例如“企业微信账号（ww0123456789abcdef）”。",
            )


def _plain(heading: str) -> str:
    return "".join(unicodedata.normalize("NFKC", heading[:300]).replace("\ufeff", "").split()).strip("*")


def read_id(text: str) -> str:
    number = unicodedata.normalize("NFKC", read_line(text.strip(), ID_MAX))
    if _ID.fullmatch(number) is None:
        raise CellError("STAFF_ID", "工号只能有文字、数字和 . @ - _", "请填写人员在本机构唯一的工号。")
    return number


def read_name(text: str) -> str:
    return _filled(read_line(text.strip(), NAME_MAX), "姓名")


def read_unit(text: str) -> str:
    return _filled(read_line(text.strip(), UNIT_MAX), "单位")


def read_roles(text: str) -> frozenset[Role]:
    return frozenset(map(_role, _parts(text, _PARTED)))


def read_matters(text: str) -> tuple[str, ...]:
    matters = tuple(dict.fromkeys(read_line(part, MATTER_MAX) for part in _parts(text, _MATTERS_PARTED)))
    if len(matters) > MATTERS_MAX:
        raise CellError("TOO_MANY", f"有 {len(matters)} 项，最多 {MATTERS_MAX} 项", "请合并相近的办理事项。")
    return matters


def read_active(text: str) -> bool | None:
    """None: the list does not say."""
    plain = text.strip()
    if not plain:
        return None
    if plain not in STATES:
        raise CellError("STAFF_STATE", f"“{_short(text)}”不是状态", f"可填：{'、'.join(STATES)}。")
    return STATES[plain]


def read_accounts(text: str, platform: Platform, tenant: str) -> tuple[Account, ...]:
    found = dict.fromkeys(_account(part, platform, tenant) for part in _parts(text, _PARTED))
    if len(found) > ACCOUNTS_MAX:
        raise CellError("TOO_MANY", f"有 {len(found)} 个账号，最多 {ACCOUNTS_MAX} 个", "请只填此人自己的账号。")
    return tuple(found)


def _account(part: str, platform: Platform, tenant: str) -> Account:
    try:
        return given(platform, tenant, part)
    except DirectoryError as error:
        message, wanted = f"“{_short(part)}”不是账号", "账号由平台给出，只含英文字母、数字和符号，不是姓名或昵称。"
        raise CellError("STAFF_ACCOUNT", message, wanted) from error


def _role(part: str) -> Role:
    for role in Role:
        if part in (role.value, role.label):
            return role
    raise CellError("STAFF_ROLE", f"“{_short(part)}”不是角色", f"可填：{'、'.join(role.label for role in Role)}。")


def _parts(text: str, parted: "re.Pattern[str]") -> list[str]:
    if len(text) > CELL_MAX:
        raise CellError("TOO_LONG", f"有 {len(text)} 个字，最多 {CELL_MAX} 个字", "请缩短，或检查是否漏了列分隔。")
    return [part.strip() for part in parted.split(text) if part.strip()]


def _filled(text: str, what: str) -> str:
    if not text:
        raise CellError("EMPTY", f"没有填写{what}", f"请填写{what}。")
    return text


def _short(text: str) -> str:
    shown = visible(text[: _SHOWN + 1])
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _wrong(message: str, next_step: str) -> DirectoryError:
    return DirectoryError(message, next_step=next_step, code="STAFF_HEADING")


READERS: Mapping[str, Callable[[str], Any]] = {
    "id": read_id,
    "name": read_name,
    "unit": read_unit,
    "roles": read_roles,
    "matters": read_matters,
    "active": read_active,
}
