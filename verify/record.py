"""The verification record 核验记录: who checked what, when, and what the answer was, signed by the checker's own key.

* One JSON object of exactly the keys of docs/record.md, in canonical form: sorted keys, no white space, UTF-8. A reader
  encodes again and compares, so that a record has one form.
* ES256 over the object without ``signature``. The key is the checker's; what a record proves and what not, the
  document says.
* Pure: key and moments are passed in.

Source: docs/record.md (chenghe-record-1); RFC 7518 §3.4 (R ‖ S); FIPS 186-5.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from verify.errors import VerifyError
from verify.record_form import FILE_NAME_MAX, FORMAT, NAME_MAX, ORGANISATION_MAX, PROGRAM_MAX, is_record, plain
from verify.status import StatusList
from verify.trust import Trust
from verify.validity import SHANGHAI
from verify.verification import Verification

RECORD_LIMIT_BYTES = 64 * 1024
KEY_BYTES, SIGNATURE_BYTES = 91, 64


class RecordError(VerifyError):
    """The file is no record, or its signature does not hold."""


@dataclass(frozen=True, slots=True)
class Checker:
    """As typed."""

    name: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was verified: ``kind`` is code, typed or file; of a file its name and SHA-256 in hex."""

    kind: str
    name: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record whose signature holds. ``content``: the whole object."""

    content: dict[str, Any]
    fingerprint: str


def write_record(
    answer: Verification,
    checked: Checked,
    *,
    checker: Checker,
    trust: Trust | None,
    now: datetime,
    program: str,
    key: ec.EllipticCurvePrivateKey,
) -> bytes:
    """The signed file. Raises RecordError for a name that is empty, too long or unprintable."""
    credential, registration = answer.credential, answer.registration
    content: dict[str, Any] = {
        "format": FORMAT,
        "checker": _checker(checker),
        "recorded_at": _moment(now),
        "asked_at": _moment(answer.at),
        "input": {"kind": checked.kind, "name": _short(checked.name), "sha256": checked.sha256},
        **_answer(answer),
        "token_sha256": None if credential is None else sha256(credential.token).hexdigest(),
        "log": None if registration is None else registration.to_json(),
        "trust": None if trust is None else _trust(trust),
        "checked_in": "command line",
        "program": program[:PROGRAM_MAX],
        "public_key": _base64(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    }
    return canonical({**content, "signature": _base64(_signed(canonical(content), key))})


def read_record(data: bytes) -> Record:
    """Raises RecordError."""
    content = _parsed(data)
    _refuse_other_form(content, data)
    unsigned = {name: value for name, value in content.items() if name != "signature"}
    key = _bytes(content["public_key"], KEY_BYTES)
    signature = _bytes(content["signature"], SIGNATURE_BYTES)
    if not _holds(key, signature, canonical(unsigned)):
        raise RecordError(
            "核验记录的签名不成立：内容在签名之后被改动，或者不是由这把密钥签名的。",
            next_step="请不要采信这份记录，向出具记录的人重新索取。",
            code="RECORD_SIGNATURE",
        )
    return Record(content, fingerprint_of(key))


def canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fingerprint_of(public_key: bytes) -> str:
    """SHA-256 in capitals, in groups of four."""
    digest = sha256(public_key).hexdigest().upper()
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


def _answer(answer: Verification) -> dict[str, Any]:
    return {
        "verdict": answer.verdict.value,
        "reason": answer.reason.value,
        "notices": [notice.value for notice in answer.notices],
        "differences": len(answer.differences),
        "report": answer.to_json()["report"],
    }


def _checker(checker: Checker) -> dict[str, str]:
    name, organisation = checker.name.strip(), checker.organisation.strip()
    if not 1 <= len(name) <= NAME_MAX or len(organisation) > ORGANISATION_MAX or not plain(name + organisation):
        raise RecordError(
            f"核验人姓名应有 1 至 {NAME_MAX} 个字，单位不超过 {ORGANISATION_MAX} 个字，不能有控制字符。",
            next_step="请用 --by 写明核验人姓名，例如 --by 张三。",
            code="RECORD_CHECKER",
        )
    return {"name": name, "organisation": organisation}


def _short(name: str | None) -> str | None:
    """A file name, its end if it is long; what is no text shows as �."""
    if name is None:
        return None
    text = name.encode("utf-8", "replace").decode()
    return "".join(character if plain(character) else "\ufffd" for character in text)[-FILE_NAME_MAX:]


def _trust(trust: Trust) -> dict[str, Any]:
    return {
        "issuer": trust.keys.issuer.name,
        "root_sha256": sha256(trust.root.public_key).hexdigest(),
        "key_list_version": trust.keys.version,
        "key_list_issued_at": _moment(trust.keys.issued_at),
        "status_list_issued_at": _issued(trust.statuses),
        "notice_list_issued_at": _issued(trust.changes),
    }


def _issued(statuses: StatusList | None) -> str | None:
    return None if statuses is None else _moment(statuses.issued_at)


def _moment(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _signed(data: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def _holds(public_key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        key = load_der_public_key(public_key)
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return False
        pair = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        key.verify(encode_dss_signature(*pair), data, ec.ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > RECORD_LIMIT_BYTES:
        raise _no_record("文件过大")
    try:
        content = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _no_record("不是 JSON") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _no_record(f"不是 {FORMAT} 格式")
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _refuse_other_form(content: dict[str, Any], data: bytes) -> None:
    if not is_record(content):
        raise _no_record("项目不全、多余或写法不合规范")
    if _encoded_again(content) != data.strip():
        raise _no_record("写法不是约定的唯一形式")


def _encoded_again(content: dict[str, Any]) -> bytes | None:
    try:
        return canonical(content)
    except UnicodeEncodeError:
        return None


def _bytes(value: object, size: int) -> bytes:
    try:
        data = b64decode(value, validate=True) if isinstance(value, str) else b""
    except (Base64Error, ValueError) as error:
        raise _no_record("密钥或签名的写法不合规范") from error
    if len(data) != size:
        raise _no_record("密钥或签名的长度不对")
    return data


def _no_record(what: str) -> RecordError:
    return RecordError(
        f"这不是核验记录，或者已经损坏（{what}）。",
        next_step="请核对文件；核验记录由核验页或 chenghe verify --record 出具。",
        code="RECORD_INVALID",
    )
