"""What a verifier trusts: one pinned root, the key list it signed, the latest status and notice list. Nothing else.

* ``Trust`` exists only verified: root → key list → the two lists, each signature checked once, when it is opened.
* trust.json carries all of them, so that a machine without network can verify: docs/credential.md §7. Strict: exact
  keys, base64 without slack; the lists stay the signed bytes they were.
* Two formats are read and one is written. A file of the first has no notice list: what it does not say is unknown, and
  ``check`` says so (docs/decisions/0140).
* The root is pinned by whoever installed the file; a later file with another root, an older key list, status list or
  notice list is refused (``refuse_rollback``).
"""

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from verify.errors import KeyringError, TrustError
from verify.keylist import KeyList, PinnedKey, open_key_list, pinned
from verify.keyring import ALGORITHMS, kid, verifying_key
from verify.status import CHANGES, WITHDRAWALS, ListKind, StatusList, read_status_list

FORMAT = "chenghe-trust-2"
_FIRST = frozenset({"format", "issuer", "root", "key_list", "status_list"})
_CONTENTS: Mapping[object, frozenset[str]] = MappingProxyType(
    {"chenghe-trust-1": _FIRST, FORMAT: _FIRST | {"notice_list"}}
)
FILE_LIMIT_BYTES = 12 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Root:
    algorithm: int
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Trust:
    """Made by ``open_trust`` or ``load`` only. ``key_list``, ``status_list``, ``notice_list`` are the signed bytes."""

    root: Root
    keys: KeyList
    pinned: Mapping[bytes, PinnedKey]
    statuses: StatusList | None
    changes: StatusList | None
    key_list: bytes
    status_list: bytes | None
    notice_list: bytes | None
    published_at: datetime
    """The later of key list and status list: no clock in order can be much behind it."""

    @property
    def lists(self) -> tuple[StatusList | None, StatusList | None]:
        return self.statuses, self.changes


def open_trust(root: Root, key_list: bytes, status_list: bytes | None, notice_list: bytes | None = None) -> Trust:
    """Verify the chain. Raises TrustError."""
    keys = open_key_list(key_list, root.algorithm, root.public_key)
    entries = pinned(keys)
    statuses = None if status_list is None else _open_list(status_list, WITHDRAWALS, root, keys, entries)
    changes = None if notice_list is None else _open_list(notice_list, CHANGES, root, keys, entries)
    published_at = keys.issued_at if statuses is None else max(keys.issued_at, statuses.issued_at)
    return Trust(root, keys, entries, statuses, changes, key_list, status_list, notice_list, published_at)


@dataclass(frozen=True, slots=True)
class Lists:
    """Which lists a trust file carries: what a later one is held against, and what is remembered of it."""

    root: Root
    version: int
    statuses_at: datetime | None
    changes_at: datetime | None


def lists_of(trust: Trust) -> Lists:
    issued = [None if each is None else each.issued_at for each in trust.lists]
    return Lists(trust.root, trust.keys.version, *issued)


def refuse_rollback(new: Trust, seen: Trust) -> None:
    """Raises TrustError when ``new`` has another root or an older list than ``seen``."""
    refuse_older(lists_of(new), lists_of(seen))


def refuse_older(new: Lists, seen: Lists) -> None:
    """The same, of what is remembered: ``verify.remembering``."""
    if new.root != seen.root:
        raise _bad("根公钥与本机固定的不一致", "ROOT_CHANGED")
    if new.version < seen.version:
        raise _bad("公钥清单比本机已有的旧", "KEY_LIST_ROLLBACK")
    if _is_older(new.statuses_at, seen.statuses_at):
        raise _bad("状态清单比本机已有的旧", "STATUS_LIST_ROLLBACK")
    if _is_older(new.changes_at, seen.changes_at):
        raise _bad("提示清单比本机已有的旧", "NOTICE_LIST_ROLLBACK")


def dump(trust: Trust) -> str:
    """trust.json."""
    content = {
        "format": FORMAT,
        "issuer": trust.keys.issuer.name,
        "root": {
            "algorithm": ALGORITHMS[trust.root.algorithm].name,
            "public_key": b64encode(trust.root.public_key).decode(),
        },
        "key_list": b64encode(trust.key_list).decode(),
        "status_list": _text(trust.status_list),
        "notice_list": _text(trust.notice_list),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def load(text: str | bytes) -> Trust:
    """Raises TrustError for anything but a trust file whose chain holds."""
    if len(text) > FILE_LIMIT_BYTES:
        raise _bad("文件过大")
    try:
        content = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _bad("不是 JSON") from error
    if not isinstance(content, dict) or set(content) != _contents(content.get("format")):
        raise _bad("项目不对")
    status_list, notice_list = _signed(content["status_list"]), _signed(content.get("notice_list"))
    trust = open_trust(_root(content["root"]), _bytes(content["key_list"]), status_list, notice_list)
    if content["issuer"] != trust.keys.issuer.name:
        raise _bad("签发机构名称与公钥清单不一致")
    return trust


def _no_number(word: str) -> None:
    """NaN and the like are no JSON (RFC 8259 §6), though Python reads them."""
    raise ValueError(word)


def _contents(form: object) -> frozenset[str]:
    """The keys of a file of this format. Raises TrustError for a format that came after this program."""
    known = _CONTENTS.get(form) if isinstance(form, str) else None
    if known is None:
        message = "信任文件不可用：格式版本不认识。"
        raise TrustError(message, next_step="请升级核验程序后重试。", code="TRUST_FORMAT_UNKNOWN")
    return known


def _is_older(new: datetime | None, seen: datetime | None) -> bool:
    return seen is not None and (new is None or new < seen)


def _open_list(
    data: bytes, kind: ListKind, root: Root, keys: KeyList, entries: Mapping[bytes, PinnedKey]
) -> StatusList:
    statuses, signed = read_status_list(data, kind)
    if statuses.uri != kind.uri(keys.issuer.verify_url):
        raise kind.unusable("属于另一个签发机构，或是另一种清单", "OTHER_ISSUER")
    if signed.kid == kid(root.public_key):
        algorithm, holds = root.algorithm, verifying_key(root.algorithm, root.public_key)
    else:
        key = entries.get(signed.kid)
        if key is None or key.entry.revoked_at is not None:
            raise kind.unusable("签名密钥不在公钥清单中或已撤销", "SIGNATURE")
        if not key.entry.not_before <= statuses.issued_at <= key.entry.not_after:
            raise kind.unusable("签名密钥当时不在有效期内", "SIGNATURE")
        algorithm, holds = key.entry.algorithm, key.holds
    if signed.algorithm != algorithm or not signed.holds(holds):
        raise kind.unusable("签名无效", "SIGNATURE")
    return statuses


def _root(value: Any) -> Root:
    if not isinstance(value, dict) or set(value) != {"algorithm", "public_key"}:
        raise _bad("根公钥的写法不对")
    numbers = {algorithm.name: algorithm.number for algorithm in ALGORITHMS.values()}
    name = value["algorithm"]
    if not isinstance(name, str) or name not in numbers:
        raise _bad("根密钥算法不认识")
    root = Root(numbers[name], _bytes(value["public_key"]))
    try:
        verifying_key(root.algorithm, root.public_key)
    except KeyringError as error:
        raise _bad("根公钥的写法不对") from error
    return root


def _text(signed: bytes | None) -> str | None:
    return None if signed is None else b64encode(signed).decode()


def _signed(value: Any) -> bytes | None:
    return None if value is None else _bytes(value)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise _bad("应为 base64 文字")
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("base64 有错误") from error


def _bad(what: str, code: str = "TRUST_FILE_INVALID") -> TrustError:
    return TrustError(f"信任文件不可用：{what}。", next_step="请从签发机构重新获取信任文件。", code=code)
