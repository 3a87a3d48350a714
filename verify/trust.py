"""What a verifier trusts: one pinned root, the key list it signed, and the latest status list. Nothing else.

* ``Trust`` exists only verified: root → key list → status list, each signature checked once, when it is opened.
* trust.json carries all three, so that a machine without network can verify: docs/credential.md §7. Strict: exact keys,
  base64 without slack; the lists stay the signed bytes they were.
* The root is pinned by whoever installed the file; a later file with another root, an older key list or an older
  status list is refused (``refuse_rollback``).
"""

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verify.errors import KeyringError, TrustError
from verify.keylist import KeyList, PinnedKey, open_key_list, pinned
from verify.keyring import ALGORITHMS, kid, verifying_key
from verify.status import StatusList, read_status_list, status_uri, unusable

FORMAT = "chenghe-trust-1"
FILE_LIMIT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Root:
    algorithm: int
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Trust:
    """Made by ``open_trust`` or ``load`` only. ``key_list`` and ``status_list`` are the signed bytes."""

    root: Root
    keys: KeyList
    pinned: Mapping[bytes, PinnedKey]
    statuses: StatusList | None
    key_list: bytes
    status_list: bytes | None


def open_trust(root: Root, key_list: bytes, status_list: bytes | None) -> Trust:
    """Verify the chain. Raises TrustError."""
    keys = open_key_list(key_list, root.algorithm, root.public_key)
    entries = pinned(keys)
    statuses = None if status_list is None else _open_status(status_list, root, keys, entries)
    return Trust(root, keys, entries, statuses, key_list, status_list)


def refuse_rollback(new: Trust, seen: Trust) -> None:
    """Raises TrustError when ``new`` has another root or an older list than ``seen``."""
    if new.root != seen.root:
        raise _bad("根公钥与本机固定的不一致", "ROOT_CHANGED")
    if new.keys.version < seen.keys.version:
        raise _bad("公钥清单比本机已有的旧", "KEY_LIST_ROLLBACK")
    if seen.statuses and (new.statuses is None or new.statuses.issued_at < seen.statuses.issued_at):
        raise _bad("状态清单比本机已有的旧", "STATUS_LIST_ROLLBACK")


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
        "status_list": None if trust.status_list is None else b64encode(trust.status_list).decode(),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def load(text: str | bytes) -> Trust:
    """Raises TrustError for anything but a trust file whose chain holds."""
    if len(text) > FILE_LIMIT_BYTES:
        raise _bad("文件过大")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad("不是 JSON") from error
    if not isinstance(content, dict) or set(content) != {"format", "issuer", "root", "key_list", "status_list"}:
        raise _bad("项目不对")
    if content["format"] != FORMAT:
        raise _bad("格式版本不认识")
    status_list = None if content["status_list"] is None else _bytes(content["status_list"])
    trust = open_trust(_root(content["root"]), _bytes(content["key_list"]), status_list)
    if content["issuer"] != trust.keys.issuer.name:
        raise _bad("签发机构名称与公钥清单不一致")
    return trust


def _open_status(data: bytes, root: Root, keys: KeyList, entries: Mapping[bytes, PinnedKey]) -> StatusList:
    statuses, signed = read_status_list(data)
    if statuses.uri != status_uri(keys.issuer.verify_url):
        raise unusable("属于另一个签发机构", "STATUS_LIST_OTHER_ISSUER")
    if signed.kid == kid(root.public_key):
        algorithm, holds = root.algorithm, verifying_key(root.algorithm, root.public_key)
    else:
        key = entries.get(signed.kid)
        if key is None or key.entry.revoked_at is not None:
            raise unusable("签名密钥不在公钥清单中或已撤销", "STATUS_LIST_SIGNATURE")
        if not key.entry.not_before <= statuses.issued_at <= key.entry.not_after:
            raise unusable("签名密钥当时不在有效期内", "STATUS_LIST_SIGNATURE")
        algorithm, holds = key.entry.algorithm, key.holds
    if signed.algorithm != algorithm or not signed.holds(holds):
        raise unusable("签名无效", "STATUS_LIST_SIGNATURE")
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


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise _bad("应为 base64 文字")
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("base64 有错误") from error


def _bad(what: str, code: str = "TRUST_FILE_INVALID") -> TrustError:
    return TrustError(f"信任文件不可用：{what}。", next_step="请从签发机构重新获取信任文件。", code=code)
