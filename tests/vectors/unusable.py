"""Cases of trust that cannot be used: a list that is broken, somebody else's, or older than one seen before."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.vectors.form import case
from tests.verify.sample import ENTRY, ISSUED, KEYS, QR, ROOT, STATUSES, STRANGER, TRUST, Office
from verify.cose import sign1
from verify.encoding import dumps, loads
from verify.keylist import TYP, sign_key_list
from verify.keyring import ES256, kid
from verify.reasons import Reason
from verify.status import EXP, IAT, STATUS_LIST, SUB, TTL, StatusList, sign_status_list
from verify.status import TYP as STATUS_TYP
from verify.trust import Root, Trust, dump, open_trust

NEWER = "a newer key list, which revokes the key"
NEWER_STATUS = "a newer status list"


def _file(**changes: Any) -> dict[str, Any]:
    """The plain trust file with other contents; bytes in base64."""
    written = {key: b64encode(value).decode() if isinstance(value, bytes) else value for key, value in changes.items()}
    return {**json.loads(dump(TRUST)), **written}


def _keys_payload() -> list[Any]:
    payload: list[Any] = loads(_payload(TRUST.key_list))
    return payload


def _payload(signed: bytes) -> bytes:
    parts: list[Any] = loads(signed[1:])
    payload: bytes = parts[2]
    return payload


def _keys(**places: Any) -> bytes:
    """The key list with other contents at these places of its array, signed by the root."""
    payload = _keys_payload()
    for place, value in places.items():
        payload[int(place.removeprefix("at"))] = value
    return sign1(dumps(payload), ROOT, TYP)


def _off_curve() -> bytes:
    point = b"\x04" + bytes(31) + b"\x01" + bytes(31) + b"\x01"
    row = [kid(point), ES256, point, *_keys_payload()[5][0][3:]]
    return _keys(at5=[row])


def _statuses(statuses: StatusList, packed: bytes) -> bytes:
    """A status list whose compressed bytes are ``packed``."""
    claims = {
        SUB: statuses.uri,
        EXP: int(statuses.expires_at.timestamp()),
        IAT: int(statuses.issued_at.timestamp()),
        TTL: statuses.ttl_seconds,
        STATUS_LIST: {"bits": 2, "lst": packed},
    }
    return sign1(dumps(claims), ROOT, STATUS_TYP)


def _other_root() -> Trust:
    """The same office under another root."""
    keys = sign_key_list(KEYS, STRANGER)
    return open_trust(Root(STRANGER.algorithm, STRANGER.public_key), keys, sign_status_list(STATUSES, STRANGER))


_ROWS = _keys_payload()[5]
_ELSEWHERE = replace(STATUSES, uri="https://elsewhere.example.gov.cn/status")
_CODES: dict[str, tuple[int | None, str, dict[str, Any]]] = {
    "two keys of one kid": (33, "KEY_LIST_KID_COLLISION", _file(key_list=_keys(at5=[*_ROWS, *_ROWS]))),
    "a key that is not on its curve": (44, "KEY_LIST_INVALID", _file(key_list=_off_curve())),
    "another office's status list": (
        60,
        "STATUS_LIST_OTHER_ISSUER",
        _file(status_list=sign_status_list(_ELSEWHERE, ROOT)),
    ),
    "the notice list in the status list's place": (
        60,
        "STATUS_LIST_OTHER_ISSUER",
        _file(status_list=json.loads(dump(TRUST))["notice_list"]),
    ),
    "a status list that unpacks to 64 MiB": (
        61,
        "STATUS_LIST_TOO_LARGE",
        _file(status_list=_statuses(STATUSES, zlib.compress(bytes(64 << 20), 9))),
    ),
    "a status list that ends early": (
        61,
        "STATUS_LIST_INVALID",
        _file(status_list=_statuses(STATUSES, zlib.compress(STATUSES.packed)[:-3])),
    ),
    "a status list by a stranger": (
        None,
        "STATUS_LIST_SIGNATURE",
        _file(status_list=sign_status_list(STATUSES, STRANGER)),
    ),
    "no trust file": (62, "TRUST_FORMAT_UNKNOWN", {}),
    "a format to come": (62, "TRUST_FORMAT_UNKNOWN", _file(format="chenghe-trust-9")),
    "a key too many": (None, "TRUST_FILE_INVALID", _file(more=1)),
    "a key list by a stranger": (None, "KEY_LIST_OTHER_ROOT", _file(key_list=sign_key_list(KEYS, STRANGER))),
    "a key list changed after signing": (
        None,
        "KEY_LIST_SIGNATURE",
        _file(key_list=TRUST.key_list[:-1] + bytes([TRUST.key_list[-1] ^ 1])),
    ),
}
_SEEN: dict[str, tuple[int, str, str, Trust]] = {
    "an older status list than one seen": (
        59,
        "STATUS_LIST_ROLLBACK",
        NEWER_STATUS,
        Office(statuses=replace(STATUSES, issued_at=STATUSES.issued_at.replace(day=30))).trust(),
    ),
    "an older key list, which knows of no revocation": (63, "KEY_LIST_ROLLBACK", NEWER, Office().trust()),
    "another root": (63, "ROOT_CHANGED", "plain", _other_root()),
}
TRUSTS: dict[str, Trust | dict[str, Any]] = {
    NEWER: Office(entry=replace(ENTRY, revoked_at=ISSUED), keys=replace(KEYS, version=KEYS.version + 1)).trust(),
    NEWER_STATUS: Office().trust(),
    **{name: file for name, (_, _, file) in _CODES.items()},
    **{name: trust for name, (_, _, _, trust) in _SEEN.items()},
}


def cases() -> Iterator[dict[str, Any]]:
    for name, (number, code, _) in _CODES.items():
        yield case(name, QR, Reason.TRUST_UNUSABLE, number=number, trust=name, code=code)
    for name, (number, code, seen, _) in _SEEN.items():
        yield case(name, QR, Reason.TRUST_UNUSABLE, number=number, trust=name, seen=seen, code=code)
    yield case("the newer key list", QR, Reason.KEY_REVOKED, number=63, trust=NEWER)
