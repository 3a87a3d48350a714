"""The key list: which keys may sign which reports, from when to when, in the name of which issuer.

* COSE_Sign1 by the offline root, typ ``application/vnd.chenghe.key-list+cbor``; layout: docs/credential.md §5.
* Versioned and expiring; a lower version than one already seen is refused (``verify.trust.refuse_rollback``).
* ``not_after`` is the last second in which a report signed by the key may still be relied on: a key stops signing a
  month before. ``revoked_at`` withdraws it: nothing issued from then on is ours, and what was issued before can no
  longer be told from it.
* No two keys with one kid.
* It also names the transparency logs in which reports are registered, their witnesses, and the certificates under which
  PDFs are certified. A list of the first format names none of them: what it does not say is unknown, not empty.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from verify.cose import open_sign1, sign1
from verify.encoding import dumps, loads
from verify.errors import KeyringError, TrustError
from verify.keyring import ED25519, Signer, VerifyingKey, kid, verifying_key
from verify.reasons import Rejection
from verify.validity import SHANGHAI

TYP = "application/vnd.chenghe.key-list+cbor"
FORMAT = 2
_FIRST_FORMAT = 1
LIMIT_BYTES = 256 * 1024
KEYS_MAX = 1000
_PREFIX = re.compile(r"[A-Z]{4}")
_NAME = re.compile(r"[!-*,-~]{1,200}")
"""A name in a signed note (C2SP signed-note): printable ASCII without space and plus."""
_ORIGIN = re.compile(r"https?://[a-z0-9.\-]{1,253}(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who vouches. ``verify_url`` is an origin in lower case, without trailing slash."""

    name: str
    number_prefix: str
    verify_url: str


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key. Moments are aware, whole seconds, both inclusive; ``report_types`` are wire numbers."""

    algorithm: int
    public_key: bytes
    not_before: datetime
    not_after: datetime
    report_types: tuple[int, ...]
    revoked_at: datetime | None = None

    @property
    def kid(self) -> bytes:
        return kid(self.public_key)


@dataclass(frozen=True, slots=True)
class Witness:
    """Another bureau whose cosignature on a checkpoint counts; an Ed25519 key."""

    name: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class LogKey:
    """A transparency log of the issuer. ``origin``: its name in checkpoints; an Ed25519 key."""

    origin: str
    public_key: bytes
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """A certificate under which PDFs are certified. ``fingerprint``: SHA-256 of its DER; moments both inclusive."""

    fingerprint: bytes
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyList:
    """``certificates`` None: the list is of the first format and does not say."""

    version: int
    issued_at: datetime
    expires_at: datetime
    issuer: Issuer
    keys: tuple[KeyEntry, ...]
    logs: tuple[LogKey, ...] = ()
    certificates: tuple[ListedCertificate, ...] | None = ()


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """An entry with its key loaded, ready to verify."""

    entry: KeyEntry
    holds: VerifyingKey


def sign_key_list(keys: KeyList, root: Signer) -> bytes:
    """The list as signed bytes. Raises TrustError when it breaks a rule of this format."""
    data = sign1(_encode(keys), root, TYP)
    open_key_list(data, root.algorithm, root.public_key)
    return data


def open_key_list(data: bytes, root_algorithm: int, root_public_key: bytes) -> KeyList:
    """Raises TrustError for anything but a well-formed list signed by exactly this root."""
    if len(data) > LIMIT_BYTES:
        raise _bad("过大")
    try:
        signed = open_sign1(data, TYP)
        if signed.algorithm != root_algorithm or signed.kid != kid(root_public_key):
            raise _bad("不是由固定的根密钥签名", "KEY_LIST_OTHER_ROOT")
        if not signed.holds(verifying_key(root_algorithm, root_public_key)):
            raise _bad("根签名无效", "KEY_LIST_SIGNATURE")
        return _decode(loads(signed.payload))
    except Rejection as error:
        raise _bad(error.fault) from error
    except KeyringError as error:
        raise _bad(error.message.removesuffix("。")) from error


def pinned(keys: KeyList) -> Mapping[bytes, PinnedKey]:
    """kid → key, each loaded once."""
    entries = {entry.kid: PinnedKey(entry, verifying_key(entry.algorithm, entry.public_key)) for entry in keys.keys}
    return MappingProxyType(entries)


def _bad(what: str, code: str = "KEY_LIST_INVALID") -> TrustError:
    return TrustError(f"公钥清单不可用：{what}。", next_step="请重新下载信任文件后重试。", code=code)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _encode(keys: KeyList) -> bytes:
    issuer = keys.issuer
    rows = [
        [
            entry.kid,
            entry.algorithm,
            entry.public_key,
            _seconds(entry.not_before),
            _seconds(entry.not_after),
            _optional_seconds(entry.revoked_at),
            sorted(entry.report_types),
        ]
        for entry in keys.keys
    ]
    names = [issuer.name, issuer.number_prefix, issuer.verify_url]
    moments = [_seconds(keys.issued_at), _seconds(keys.expires_at)]
    return dumps([FORMAT, keys.version, *moments, names, rows, _encode_logs(keys.logs), _encode_certificates(keys)])


def _encode_logs(logs: tuple[LogKey, ...]) -> list[Any]:
    return [[log.origin, log.public_key, [[each.name, each.public_key] for each in log.witnesses]] for log in logs]


def _encode_certificates(keys: KeyList) -> list[Any]:
    return [
        [each.fingerprint, _seconds(each.not_before), _seconds(each.not_after), _optional_seconds(each.revoked_at)]
        for each in keys.certificates or ()
    ]


def _optional_seconds(moment: datetime | None) -> int | None:
    return None if moment is None else _seconds(moment)


def _decode(value: Any) -> KeyList:
    match value:
        case [int(form), int(version), issued, expires, list(names), list(rows), *more] if version >= 1:
            logs, certificates = _beside(form, more)
            moments = _moment(issued), _moment(expires)
            return KeyList(version, *moments, _issuer(names), _entries(rows), logs, certificates)
    raise _bad("结构不对")


def _beside(form: int, more: list[Any]) -> tuple[tuple[LogKey, ...], tuple[ListedCertificate, ...] | None]:
    """Logs and certificates, which the first format did not have."""
    match more:
        case [] if form == _FIRST_FORMAT:
            return (), None
        case [list(logs), list(certificates)] if form == FORMAT and len(certificates) <= KEYS_MAX:
            return tuple(_log(row) for row in logs), tuple(_certificate(row) for row in certificates)
    raise _bad("结构不对")


def _entries(rows: list[Any]) -> tuple[KeyEntry, ...]:
    if len(rows) > KEYS_MAX:
        raise _bad("密钥过多")
    entries = tuple(_entry(row) for row in rows)
    if len({entry.kid for entry in entries}) != len(entries):
        raise _bad("有重复的密钥编号", "KEY_LIST_KID_COLLISION")
    return entries


def _log(row: Any) -> LogKey:
    match row:
        case [str(origin), bytes(public_key), list(witnesses)] if _NAME.fullmatch(origin) and len(witnesses) <= 100:
            verifying_key(ED25519, public_key)
            return LogKey(origin, public_key, tuple(_witness(each) for each in witnesses))
    raise _bad("登记日志的写法不对")


def _witness(row: Any) -> Witness:
    match row:
        case [str(name), bytes(public_key)] if _NAME.fullmatch(name):
            verifying_key(ED25519, public_key)
            return Witness(name, public_key)
    raise _bad("见证机构的写法不对")


def _certificate(row: Any) -> ListedCertificate:
    match row:
        case [bytes(fingerprint), start, end, revoked] if len(fingerprint) == 32:
            withdrawn = None if revoked is None else _moment(revoked)
            return ListedCertificate(fingerprint, _moment(start), _moment(end), withdrawn)
    raise _bad("证书的写法不对")


def _issuer(names: list[Any]) -> Issuer:
    match names:
        case [str(name), str(prefix), str(url)] if 1 <= len(name) <= 120:
            if _PREFIX.fullmatch(prefix) and _ORIGIN.fullmatch(url):
                return Issuer(name, prefix, url)
    raise _bad("签发机构的写法不对")


def _entry(row: Any) -> KeyEntry:
    match row:
        case [bytes(key_id), int(algorithm), bytes(public_key), start, end, revoked, list(types)]:
            if key_id != kid(public_key):
                raise _bad("密钥编号与公钥不符")
            if any(type(number) is not int for number in types) or types != sorted(set(types)):
                raise _bad("报告类型的写法不对")
            verifying_key(algorithm, public_key)
            withdrawn = None if revoked is None else _moment(revoked)
            return KeyEntry(algorithm, public_key, _moment(start), _moment(end), tuple(types), withdrawn)
    raise _bad("密钥的写法不对")


def _moment(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise _bad("时间的写法不对")
    return datetime.fromtimestamp(value, UTC).astimezone(SHANGHAI)
