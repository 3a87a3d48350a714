"""Writes tests/vectors/*.json: what is scanned, when, under which trust, and what the answer must be.

    python -m tests.vectors.make

Keys and facts are fixed (tests/verify/sample.py), so the files come out the same every time; a test compares. All of it
is fictional. docs/credential.md describes the bytes; each file is {"about", "trust": {name: trust.json}, "cases":
[{"id", "case" (number in verify-cases.md), "scanned" | "scanned_hex", "trust", "at", "now", "verdict", "reason",
"notices" (codes)}]}.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.verify.sample import (
    ENTRY,
    FACTS,
    ISSUED,
    KEY,
    KEYS,
    NOTICES,
    NOW,
    QR,
    STATUSES,
    STRANGER,
    TOKEN,
    TRUST,
    URL,
    Office,
    moment,
    with_change,
    with_status,
)
from tests.verify.test_cose import WRONG_FRAMES
from tests.verify.test_credential import WRONG_CLAIMS, token_of
from tests.verify.test_encoding import CASES
from verify.cose import sign1
from verify.credential import sign
from verify.notices import Changed, Notice
from verify.reasons import Reason, verdict_of
from verify.scanned import digits, qr_text
from verify.status import Status
from verify.trust import dump

FOLDER = Path(__file__).parent
LAST = moment("2026-09-20T23:59:59")
SECOND = timedelta(seconds=1)

FIRST = "a file of the first format"
TRUSTS = {
    FIRST: Office(changes=None).trust(),
    "plain": TRUST,
    "revoked": with_status(Status.REVOKED),
    "suspended": with_status(Status.SUSPENDED),
    "superseded": with_status(Status.SUPERSEDED),
    "neighbour revoked": with_status(Status.REVOKED, FACTS.status_index + 1),
    "no status list": Office(statuses=None).trust(),
    "stale status list": Office(statuses=replace(STATUSES, expires_at=NOW)).trust(),
    "short status list": Office(statuses=replace(STATUSES, packed=bytes(8))).trust(),
    "status list from the future": Office(statuses=replace(STATUSES, issued_at=NOW + 600 * SECOND)).trust(),
    "expired key list": Office(keys=replace(KEYS, expires_at=NOW)).trust(),
    "key later": Office(entry=replace(ENTRY, not_before=ISSUED + SECOND)).trust(),
    "key earlier": Office(entry=replace(ENTRY, not_after=ISSUED - SECOND)).trust(),
    "key too short": Office(entry=replace(ENTRY, not_after=LAST - SECOND)).trust(),
    "key revoked before": Office(entry=replace(ENTRY, revoked_at=ISSUED)).trust(),
    "key revoked after": Office(entry=replace(ENTRY, revoked_at=ISSUED + SECOND)).trust(),
    "key of another type": Office(entry=replace(ENTRY, report_types=(2,))).trust(),
    "corrected": with_change(Changed.CORRECTED),
    "repaired": with_change(Changed.REPAIRED),
    "corrected and repaired": with_change(Changed.CORRECTED | Changed.REPAIRED),
    "neighbour corrected": with_change(Changed.CORRECTED, FACTS.status_index + 1),
    "corrected and revoked": Office(
        statuses=with_status(Status.REVOKED).statuses, changes=with_change(Changed.CORRECTED).changes
    ).trust(),
    "no notice list": Office(changes=None).trust(),
    "no list at all": Office(statuses=None, changes=None).trust(),
    "stale notice list": with_change(Changed(0), expires_at=NOW),
    "corrected, stale notice list": with_change(Changed.CORRECTED, expires_at=NOW),
    "short notice list": Office(changes=replace(NOTICES, packed=bytes(8))).trust(),
    "notice list from the future": with_change(Changed(0), issued_at=NOW + 600 * SECOND),
    "key since January": Office(entry=replace(ENTRY, not_before=moment("2026-01-01T00:00:00"))).trust(),
}


def case(
    name: str,
    scanned: str | bytes,
    reason: Reason,
    *,
    number: int | None = None,
    trust: str = "plain",
    at: Any = NOW,
    now: Any = NOW,
    notices: tuple[Notice, ...] = (),
) -> dict[str, Any]:
    key = "scanned" if isinstance(scanned, str) else "scanned_hex"
    return {
        "id": name,
        "case": number,
        key: scanned if isinstance(scanned, str) else scanned.hex(),
        "trust": trust,
        "at": at.isoformat(),
        "now": now.isoformat(),
        "verdict": verdict_of(reason).value,
        "reason": reason.value,
        "notices": [notice.value for notice in notices],
    }


def carrier() -> Iterator[dict[str, Any]]:
    number = digits(TOKEN)
    yield case("the link", QR, Reason.OK)
    yield case("the path form", f"{URL}/v/{number}", Reason.OK)
    yield case("digits alone", number, Reason.OK)
    yield case("raw bytes", TOKEN, Reason.OK)
    yield case("wrong prefix", QR.replace("/v#", "/x#"), Reason.NOT_A_VERIFICATION_CODE, number=4)
    yield case("another program's code", "https://weixin.example/q/abc", Reason.NOT_A_VERIFICATION_CODE, number=4)
    yield case("foreign host", qr_text(TOKEN, "https://verify.example.com"), Reason.OK_FOREIGN_HOST, number=6)
    yield case("empty", "", Reason.EMPTY, number=7)
    yield case("white space only", " \r\n\ufeff", Reason.EMPTY, number=7)
    yield case("truncated token", TOKEN[:-1], Reason.LENGTH_BEYOND_END, number=7)
    yield case("trailing byte", TOKEN + b"\x00", Reason.TRAILING_BYTES, number=8)
    yield case("white space and line break", f" {QR[:60]}\r\n {QR[60:]}\t", Reason.OK, number=9)
    yield case("byte order mark", f"\ufeff{QR}", Reason.OK, number=10)
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in number)
    yield case("full-width digits", f"{URL}/v#{full_width}", Reason.OK, number=11)
    yield case("Arabic-Indic digits", "١٢٣", Reason.NOT_A_VERIFICATION_CODE, number=11)
    yield case("leading zero", f"{URL}/v#0{number}", Reason.LEADING_ZERO, number=12)
    yield case("oversize digits", "9" * 1235, Reason.TOO_LONG, number=13)
    yield case("oversize bytes", b"\xd2" + bytes(600), Reason.TOO_LONG, number=13)


def encoding() -> Iterator[dict[str, Any]]:
    for encoded, reason in CASES.items():
        yield case(f"payload {encoded or 'empty'}", sign1(bytes.fromhex(encoded), KEY), reason)
    for name, (claims, reason) in WRONG_CLAIMS.items():
        yield case(f"claims: {name}", token_of(claims), reason)
    for name, (data, reason) in WRONG_FRAMES.items():
        yield case(f"frame: {name}", digits(data) if data else "", reason)


def keys_and_signature() -> Iterator[dict[str, Any]]:
    yield case("unknown key", sign(FACTS, STRANGER), Reason.KEY_UNKNOWN, number=32)
    stale = "expired key list"
    yield case("unknown key, expired list", sign(FACTS, STRANGER), Reason.KEY_LIST_EXPIRED, number=62, trust=stale)
    yield case("expired key list", QR, Reason.KEY_LIST_EXPIRED, number=62, trust=stale)
    for trust, reason, number in (
        ("key later", Reason.KEY_NOT_YET_VALID, 36),
        ("key earlier", Reason.KEY_EXPIRED, 36),
        ("key revoked before", Reason.KEY_REVOKED, 36),
        ("key revoked after", Reason.KEY_REVOKED_LATER, 36),
        ("key too short", Reason.KEY_OUTLIVED, 38),
        ("key of another type", Reason.KEY_REPORT_TYPE, 39),
    ):
        yield case(trust, QR, reason, number=number, trust=trust)
    signature = TOKEN[:-1] + bytes([TOKEN[-1] ^ 1])
    yield case("a flipped bit in the signature", signature, Reason.SIGNATURE_INVALID, number=40)
    renamed = TOKEN.replace("禾苗".encode("utf-16-be"), "禾田".encode("utf-16-be"))
    yield case("another name", renamed, Reason.SIGNATURE_INVALID, number=40)
    yield case("a signature of zeros", TOKEN[:-64] + bytes(64), Reason.SIGNATURE_INVALID, number=43)
    order = (2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little")
    yield case("S not below the order", TOKEN[:-32] + order, Reason.SIGNATURE_INVALID, number=43)


def time() -> Iterator[dict[str, Any]]:
    yield case("a second before issue", QR, Reason.ISSUED_LATER, number=48, at=ISSUED - SECOND)
    yield case("the second of issue", QR, Reason.OK, number=48, at=ISSUED)
    yield case("last second", QR, Reason.OK, number=52, at=LAST)
    yield case("one second later", QR, Reason.PERIOD_OVER, number=52, at=LAST + SECOND)
    for issued, last in (("2026-01-31T12:00:00", "2026-02-28"), ("2024-01-31T12:00:00", "2024-02-29")):
        yield from clipped(issued, last)
    behind = STATUSES.issued_at - timedelta(days=1)
    unknown = (Notice.NOTICES_UNKNOWN,)
    yield case("clock set back", QR, Reason.CLOCK_BEHIND, number=54, now=behind, notices=unknown)


def clipped(issued: str, last: str) -> Iterator[dict[str, Any]]:
    day = moment(issued).date()
    facts = replace(FACTS, issued_at=moment(issued), period_to=day - timedelta(days=1))
    token, end = sign(facts, KEY), moment(f"{last}T23:59:59")
    reasons = (Reason.OK, Reason.PERIOD_OVER) if day.year == 2026 else (Reason.KEY_NOT_YET_VALID,) * 2
    for at, reason in zip((end, end + SECOND), reasons, strict=True):
        yield case(f"issued {day}, asked {at}", token, reason, number=53, trust="key since January", at=at)


def status() -> Iterator[dict[str, Any]]:
    yield case("revoked", QR, Reason.WITHDRAWN, number=55, trust="revoked")
    yield case("revoked and expired", QR, Reason.WITHDRAWN, number=55, trust="revoked", at=LAST + SECOND)
    yield case("superseded", QR, Reason.REPLACED, number=56, trust="superseded")
    yield case("suspended", QR, Reason.SUSPENDED, trust="suspended")
    yield case("index out of range", QR, Reason.STATUS_INDEX_UNKNOWN, number=57, trust="short status list")
    yield case("the neighbour is revoked", QR, Reason.OK, number=58, trust="neighbour revoked")
    yield case("stale list", QR, Reason.STATUS_STALE, number=59, trust="stale status list")
    yield case("no list", QR, Reason.STATUS_MISSING, trust="no status list")
    yield case("list from the future", QR, Reason.CLOCK_BEHIND, number=54, trust="status list from the future")


def notices() -> Iterator[dict[str, Any]]:
    corrected, repaired, unknown = Notice.DATA_CORRECTED, Notice.RECORD_REPAIRED, Notice.NOTICES_UNKNOWN
    forged = sign(FACTS, STRANGER)
    yield case("corrected", QR, Reason.OK, trust="corrected", notices=(corrected,))
    yield case("repaired", QR, Reason.OK, trust="repaired", notices=(repaired,))
    yield case("both", QR, Reason.OK, trust="corrected and repaired", notices=(corrected, repaired))
    yield case("the neighbour is corrected", QR, Reason.OK, trust="neighbour corrected")
    expired = LAST + SECOND
    yield case("corrected and expired", QR, Reason.PERIOD_OVER, trust="corrected", at=expired, notices=(corrected,))
    yield case("corrected and revoked", QR, Reason.WITHDRAWN, trust="corrected and revoked", notices=(corrected,))
    yield case("corrected, but not our signature", forged, Reason.KEY_UNKNOWN, trust="corrected")
    yield case("no notice list", QR, Reason.OK, trust="no notice list", notices=(unknown,))
    yield case(FIRST, QR, Reason.OK, trust=FIRST, notices=(unknown,))
    yield case("no list at all", QR, Reason.STATUS_MISSING, trust="no list at all", notices=(unknown,))
    yield case("stale notice list", QR, Reason.OK, trust="stale notice list", notices=(unknown,))
    stale = "corrected, stale notice list"
    yield case(stale, QR, Reason.OK, trust=stale, notices=(corrected, unknown))
    yield case("short notice list", QR, Reason.OK, trust="short notice list", notices=(unknown,))
    yield case("notice list from the future", QR, Reason.OK, trust="notice list from the future", notices=(unknown,))
    yield case("expired, no notice list", QR, Reason.PERIOD_OVER, trust="no notice list", at=expired)


FILES = {
    "carrier": (carrier, "How a token is scanned: verify-cases 4–13."),
    "encoding": (encoding, "CBOR, COSE and claims: verify-cases 16–30, 35, 41, 42, 49–51. All signed by the real key."),
    "keys": (keys_and_signature, "Keys and signatures: verify-cases 32, 36, 38–40, 43, 62."),
    "time": (time, "The one month: verify-cases 48, 52–54."),
    "status": (status, "Withdrawal: verify-cases 54–59."),
    "notices": (notices, "What is told beside the verdict: corrected, repaired, unknown."),
}


def written(trust: str) -> dict[str, Any]:
    """The trust file, as the office of its time wrote it."""
    file: dict[str, Any] = json.loads(dump(TRUSTS[trust]))
    if trust == FIRST:
        del file["notice_list"]
        file["format"] = "chenghe-trust-1"
    return file


def content(name: str) -> str:
    """The text of ``tests/vectors/<name>.json``."""
    make, about = FILES[name]
    cases = list(make())
    used = sorted({each["trust"] for each in cases})
    trusts = {key: written(key) for key in used}
    return json.dumps({"about": about, "trust": trusts, "cases": cases}, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    for name in FILES:
        (FOLDER / f"{name}.json").write_text(content(name), encoding="utf-8")


if __name__ == "__main__":
    main()
