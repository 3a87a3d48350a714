"""The signed facts in the QR: what they are, and how they become bytes and come back.

* Layout: docs/credential.md §2. COSE_Sign1 over the map {4: exp, 6: iat, -24: [12 facts]}, deterministic CBOR.
* Strict by construction: exact key set, exact types and ranges, one encoding for one set of facts.
* A token of the one usual layout is read in one pass (``verify.layout``); every other one item by item, here.
* ``exp`` (CWT: from this second on, no longer valid) must be 24:00 of ``valid_until(iat)``: signed and re-derived.
* A ``ClaimedCredential`` is decoded but unverified; only ``verify.check`` makes a ``Credential`` of it.

Sources: RFC 9052, RFC 8392, GB 32100-2015 (统一社会信用代码), design §3.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from verify import layout
from verify.cose import Signed, open_sign1, sign1
from verify.encoding import dumps, loads
from verify.keylist import Issuer
from verify.keyring import Signer
from verify.reasons import Reason, Rejection
from verify.subject import decode_code, decode_name, encode_code, encode_name
from verify.validity import SHANGHAI, expires_at, valid_until

VERSION = 1
EXP, IAT, FACTS = 4, 6, -24
TOKEN_LIMIT_BYTES = 512
ROOT_BYTES = 32
SEQUENCE_MAX = 9_999_999
STATUS_INDEX_MAX = (1 << 24) - 1
COUNT_MAX = 65_535
_FACT_COUNT = 12
_EPOCH = date(1970, 1, 1)
_DAYS_MAX = 65_535
_SECONDS_MAX = (1 << 32) - 1


class ReportType(IntEnum):
    """The wire number; ``slug`` stands in JSON, ``label`` is for people."""

    SPECIAL = 1

    @property
    def slug(self) -> str:
        return {ReportType.SPECIAL: "special_credit_report"}[self]

    @property
    def label(self) -> str:
        return {ReportType.SPECIAL: "经营主体专用信用报告"}[self]


_SPECIAL = int(ReportType.SPECIAL)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the office vouches for. Moments are whole seconds; days are calendar days in Shanghai, both inclusive."""

    report_type: ReportType
    sequence: int
    issued_at: datetime
    status_index: int
    subject_code: str
    subject_name: str
    period_from: date
    period_to: date
    domains: int
    records: int
    domains_without_data: int
    content_root: bytes

    @property
    def valid_until(self) -> datetime:
        return valid_until(self.issued_at)

    def number(self, prefix: str) -> str:
        """The printed report number: prefix of the issuer, issue day, seven digits."""
        return f"{prefix}{_digits_of(self.issued_at.astimezone(SHANGHAI).date())}{self.sequence:07}"


@lru_cache(maxsize=4096)
def _digits_of(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


class ClaimedCredential(NamedTuple):
    """Decoded, unverified. Nothing in it may be shown as true.

    What a verdict needs is here; the other facts are worked out of ``source`` when somebody asks for them.
    """

    signed: Signed
    token: bytes
    issued_at: datetime
    valid_until: datetime
    expires_at: datetime
    report_type: int
    status_index: int
    subject_name: str
    source: Facts | tuple[bytes, ...]
    """All facts, or the items of a token of the usual layout."""

    @property
    def sequence(self) -> int:
        return self.source.sequence if isinstance(self.source, Facts) else layout.remaining(self.source)[0]

    @property
    def facts(self) -> Facts:
        return self.source if isinstance(self.source, Facts) else _facts_of_items(self, self.source)


class Credential:
    """Signature verified with a pinned key of ``issuer``. Only ``verify.check`` makes one; nothing in it changes."""

    __slots__ = ("_facts", "claimed", "issuer")

    def __init__(self, claimed: ClaimedCredential, issuer: Issuer) -> None:
        self.claimed = claimed
        self.issuer = issuer
        self._facts: Facts | None = None

    @property
    def facts(self) -> Facts:
        """Worked out once (``cached_property`` would take a lock each time)."""
        if self._facts is None:
            self._facts = self.claimed.facts
        return self._facts

    @property
    def number(self) -> str:
        """As printed."""
        return self.facts.number(self.issuer.number_prefix)

    @property
    def kid(self) -> bytes:
        return self.claimed.signed.kid

    @property
    def token(self) -> bytes:
        return self.claimed.token


def sign(facts: Facts, signer: Signer) -> bytes:
    """The credential's bytes. Raises Rejection when ``facts`` break a rule: what we sign, we can read."""
    payload = encode_facts(facts)
    decode_facts(payload)
    return sign1(payload, signer)


def decode(token: bytes) -> ClaimedCredential:
    """Raises Rejection, and nothing else, for anything but one well-formed credential."""
    laid = layout.read(token)
    if laid is None:
        return _item_by_item(token)
    signed, issued, month, index, name, items = laid
    issued_at = datetime.fromtimestamp(issued, SHANGHAI)
    _, _, until, end = month
    return ClaimedCredential(signed, token, issued_at, until, end, _SPECIAL, index, decode_name(name), items)


def _item_by_item(token: bytes) -> ClaimedCredential:
    if len(token) > TOKEN_LIMIT_BYTES:
        raise Rejection(Reason.TOO_LONG, f"{len(token)} 字节")
    signed = open_sign1(token)
    facts = decode_facts(signed.payload)
    issued_at, kind = facts.issued_at, int(facts.report_type)
    end = expires_at(issued_at)
    index, name = facts.status_index, facts.subject_name
    return ClaimedCredential(signed, token, issued_at, facts.valid_until, end, kind, index, name, facts)


def _facts_of_items(claimed: ClaimedCredential, items: tuple[bytes, ...]) -> Facts:
    """The facts of a token of the usual layout: each is in its range."""
    sequence, code, first, last, domains, records, without, root = layout.remaining(items)
    return Facts(
        ReportType.SPECIAL,
        sequence,
        claimed.issued_at,
        claimed.status_index,
        decode_code(code),
        claimed.subject_name,
        first,
        last,
        domains,
        records,
        without,
        root,
    )


def encode_facts(facts: Facts) -> bytes:
    """The payload. ``facts.issued_at`` must be aware and whole seconds (ValueError otherwise)."""
    if facts.issued_at.tzinfo is None or facts.issued_at.microsecond:
        raise ValueError("issued_at must be aware and in whole seconds")
    values = [
        VERSION,
        int(facts.report_type),
        facts.sequence,
        facts.status_index,
        encode_code(facts.subject_code),
        encode_name(facts.subject_name),
        (facts.period_from - _EPOCH).days,
        (facts.period_to - _EPOCH).days,
        facts.domains,
        facts.records,
        facts.domains_without_data,
        facts.content_root,
    ]
    return dumps({EXP: _expires(facts.issued_at), IAT: int(facts.issued_at.timestamp()), FACTS: values})


def decode_facts(payload: bytes) -> Facts:
    """Raises Rejection, and nothing else."""
    claims = loads(payload)
    if not isinstance(claims, dict):
        _refuse(Reason.PAYLOAD_NOT_MAP)
    issued_at = _times(claims)
    values = claims[FACTS]
    if not isinstance(values, list) or not values or type(values[0]) is not int:
        _refuse(Reason.CLAIM_TYPE, "事实数组")
    if values[0] != VERSION:
        _refuse(Reason.VERSION_UNKNOWN, str(values[0]))
    if len(values) != _FACT_COUNT:
        _refuse(Reason.CLAIM_TYPE, "事实数组")
    return _facts(issued_at, values[1:])


def _expires(issued_at: datetime) -> int:
    return int(expires_at(issued_at).timestamp())


def _refuse(reason: Reason, detail: str = "") -> NoReturn:
    raise Rejection(reason, detail)


def _times(claims: dict[Any, Any]) -> datetime:
    missing = {EXP, IAT, FACTS} - set(claims)
    if missing:
        _refuse(Reason.CLAIM_MISSING, str(sorted(missing)))
    if len(claims) != 3:
        _refuse(Reason.CLAIM_UNKNOWN)
    expires = _number(claims[EXP], 0, _SECONDS_MAX, "exp")
    issued = _number(claims[IAT], 0, _SECONDS_MAX, "iat")
    issued_at = datetime.fromtimestamp(issued, UTC).astimezone(SHANGHAI)
    if expires <= issued:
        _refuse(Reason.EXPIRES_BEFORE_ISSUED)
    if expires != _expires(issued_at):
        _refuse(Reason.NOT_ONE_MONTH)
    return issued_at


def _facts(issued_at: datetime, values: list[Any]) -> Facts:
    kind, sequence, index, code, name, first, last, domains, records, without, root = values
    facts = Facts(
        _report_type(kind),
        _number(sequence, 1, SEQUENCE_MAX, "报告序号"),
        issued_at,
        _number(index, 0, STATUS_INDEX_MAX, "状态序号"),
        decode_code(_bytes(code, "代码")),
        decode_name(_bytes(name, "名称")),
        _day(first, "查询起日"),
        _day(last, "查询止日"),
        _number(domains, 1, COUNT_MAX, "领域数"),
        _number(records, 0, COUNT_MAX, "记录数"),
        _number(without, 0, COUNT_MAX, "无数据领域数"),
        _bytes(root, "内容根"),
    )
    _related(facts)
    return facts


def _related(facts: Facts) -> None:
    """Facts that contradict each other: a window after the issue day, more gaps than domains, a short root."""
    if not facts.period_from <= facts.period_to < facts.issued_at.date():
        _refuse(Reason.CLAIM_RANGE, "查询时间范围")
    if facts.domains_without_data > facts.domains:
        _refuse(Reason.CLAIM_RANGE, "无数据领域数")
    if len(facts.content_root) != ROOT_BYTES:
        _refuse(Reason.CLAIM_RANGE, "内容根")


def _report_type(value: Any) -> ReportType:
    number = _number(value, 0, _SECONDS_MAX, "报告类型")
    known = {kind.value: kind for kind in ReportType}
    if number not in known:
        _refuse(Reason.REPORT_TYPE_UNKNOWN, str(number))
    return known[number]


def _number(value: Any, least: int, most: int, what: str) -> int:
    if type(value) is not int:
        _refuse(Reason.CLAIM_TYPE, what)
    if not least <= value <= most:
        _refuse(Reason.CLAIM_RANGE, what)
    return value


def _bytes(value: Any, what: str) -> bytes:
    if type(value) is not bytes:
        _refuse(Reason.CLAIM_TYPE, what)
    return value


def _day(value: Any, what: str) -> date:
    return _EPOCH + timedelta(days=_number(value, 0, _DAYS_MAX, what))
