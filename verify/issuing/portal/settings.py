"""``portal.toml``: at which provider companies and staff sign in, and which of its claims say who they are.

``[chat]`` is for the page of the policy chat (``bot.channels``): who somebody is there, the directory of staff says.

Rules kept:
* No file: nobody can sign in; the guides are still shown. A file that is half right is refused, never guessed.
* Addresses are https; plain http only to this machine itself (tests, a provider beside us).
* A secret stands in a file of its own (readable by its owner only) or in the environment, never in ``portal.toml``.

Source: OpenID Connect Core 1.0 §2, §3.1; RFC 9700 (OAuth 2.0 security) §2. Described in docs/serving.md.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from verify.errors import VerifyError
from verify.issuing.files import read_private

SETTINGS_MAX_BYTES = 64 * 1024
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class Realm(StrEnum):
    """Who signs in: at ``/apply`` a company's person, at ``/desk`` somebody of the office or of a unit."""

    COMPANY = "apply"
    STAFF = "desk"


class Task(StrEnum):
    """What staff may be allowed to do."""

    ISSUE = "issue"
    CASES = "cases"


class PortalError(VerifyError):
    """``portal.toml`` cannot be used, or the portal cannot be used with it."""

    code = "PORTAL_SETTINGS"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One registration at one provider. ``client_secret`` None: a public client, PKCE alone."""

    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CompanyRealm:
    """``required``: claim → the values that will do; all must hold, e.g. that the real name was checked (B09)."""

    provider: ProviderSettings
    subject_claim: str
    name_claim: str
    required: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class StaffRealm:
    """``tasks``: task → the role values that may do it."""

    provider: ProviderSettings
    unit_claim: str
    name_claim: str
    role_claim: str
    tasks: Mapping[Task, frozenset[str]]


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """``base_url``: origin under which browsers reach the portal, without trailing slash; empty without settings."""

    base_url: str = ""
    company: CompanyRealm | None = None
    staff: StaffRealm | None = None
    chat: ProviderSettings | None = None

    def provider(self, realm: Realm) -> ProviderSettings | None:
        chosen = self.company if realm is Realm.COMPANY else self.staff
        return None if chosen is None else chosen.provider


def load_portal(path: Path) -> PortalSettings:
    """The settings at ``path``; without the file those of a portal nobody can sign in to. Raises PortalError."""
    if not path.is_file():
        return PortalSettings()
    try:
        with path.open("rb") as file:
            values = tomllib.loads(file.read(SETTINGS_MAX_BYTES).decode("utf-8"))
    except (OSError, ValueError) as cause:
        raise _refused("文件读不出来或不是 TOML") from cause
    _known(values, {"base_url", "company", "staff", "chat"}, "")
    base_url = _address(values, "base_url")
    if urlsplit(base_url).path:
        raise _refused("base_url 只写到主机和端口，后面不带路径")
    company, staff = _table(values, "company"), _table(values, "staff")
    return PortalSettings(
        base_url,
        _company(company, path.parent) if company else None,
        _staff(staff, path.parent) if staff else None,
        _chat(chat, path.parent) if (chat := _table(values, "chat")) else None,
    )


def is_secure(address: str) -> bool:
    """https, or http to this machine; a host, and nothing that hides another (user, fragment)."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    scheme = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    return scheme and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment and address.isprintable()


_PROVIDER = {"issuer", "client_id", "client_secret_file", "client_secret_env", "scopes", "name_claim"}


def _company(values: Mapping[str, Any], folder: Path) -> CompanyRealm:
    _known(values, _PROVIDER | {"subject_claim", "required"}, "company.")
    required = {name: _texts(values["required"], name) for name in _table(values, "required")}
    return CompanyRealm(
        provider=_provider(values, folder),
        subject_claim=_text(values, "subject_claim"),
        name_claim=_text(values, "name_claim"),
        required=MappingProxyType(required),
    )


def _staff(values: Mapping[str, Any], folder: Path) -> StaffRealm:
    _known(values, _PROVIDER | {"unit_claim", "role_claim", "tasks"}, "staff.")
    tasks = _table(values, "tasks")
    _known(tasks, set(Task), "staff.tasks.")
    if not tasks:
        raise _refused("staff.tasks 没有写明哪些角色可以办什么")
    return StaffRealm(
        provider=_provider(values, folder),
        unit_claim=_text(values, "unit_claim"),
        name_claim=_text(values, "name_claim"),
        role_claim=_text(values, "role_claim"),
        tasks=MappingProxyType({Task(name): _texts(tasks, name) for name in tasks}),
    )


def _chat(values: Mapping[str, Any], folder: Path) -> ProviderSettings:
    _known(values, _PROVIDER - {"name_claim"}, "chat.")
    return _provider(values, folder)


def _provider(values: Mapping[str, Any], folder: Path) -> ProviderSettings:
    scopes = _texts(values, "scopes") if "scopes" in values else frozenset({"profile"})
    return ProviderSettings(
        issuer=_issuer(values),
        client_id=_text(values, "client_id"),
        scopes=("openid", *sorted(scopes - {"openid"})),
        client_secret=_secret(values, folder),
    )


def _secret(values: Mapping[str, Any], folder: Path) -> str | None:
    """From a file (relative to the home), or from the environment. Raises PortalError, KeyringError."""
    if "client_secret_file" in values and "client_secret_env" in values:
        raise _refused("client_secret_file 和 client_secret_env 只能写一个")
    if "client_secret_file" in values:
        place = folder / _text(values, "client_secret_file")
        return _plain(read_private(place.parent, place.name))
    if "client_secret_env" in values:
        secret = os.environ.get(name := _text(values, "client_secret_env"), "")
        if not secret:
            raise _refused(f"环境变量 {name} 没有设置")
        return secret
    return None


def _plain(content: bytes) -> str:
    try:
        secret = content.decode("ascii").strip()
    except UnicodeDecodeError as cause:
        raise _refused("client_secret_file 里不是文字") from cause
    if not secret:
        raise _refused("client_secret_file 是空的")
    return secret


def _issuer(values: Mapping[str, Any]) -> str:
    """Letter for letter as the provider names itself, which may end in a slash."""
    issuer = _text(values, "issuer")
    _address({"issuer": issuer.removesuffix("/")}, "issuer")
    return issuer


def _address(values: Mapping[str, Any], name: str) -> str:
    address = _text(values, name)
    if not is_secure(address) or urlsplit(address).query or address.endswith("/"):
        raise _refused(f"{name} 应为 https 地址，末尾不带斜线（只有连本机时可以用 http）")
    return address


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _refused(f"缺少 {name}，或者它不是文字")
    return value


def _texts(values: Mapping[str, Any], name: str) -> frozenset[str]:
    value = values.get(name)
    if not _is_texts(value):
        raise _refused(f'{name} 应为一组文字，例如 ["甲", "乙"]')
    return frozenset(value)


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and item for item in value)


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name, {})
    if not isinstance(value, dict):
        raise _refused(f"{name} 应为一节（[{name}]）")
    return value


def _known(values: Mapping[str, Any], names: set[str], place: str) -> None:
    if unknown := sorted(set(values) - {str(name) for name in names}):
        raise _refused(f"不认识的设置 {place}{unknown[0][:60]}")


def _refused(what: str) -> PortalError:
    return PortalError(
        f"网上办理的设置 portal.toml 不能使用：{what}。",
        next_step="请按 docs/serving.md 的样例检查 portal.toml 后重启签发服务。",
    )
