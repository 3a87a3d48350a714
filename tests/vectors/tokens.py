"""Cases of one token under one trust file: carrier, encoding, keys, time, status, notices."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.vectors.form import case
from tests.vectors.trusts import FIRST, LAST, SECOND
from tests.verify.sample import FACTS, ISSUED, KEY, NOW, QR, STATUSES, STRANGER, TOKEN, TRUST, URL, moment
from tests.verify.test_cose import WRONG_FRAMES
from tests.verify.test_credential import CLAIMS, WRONG_CLAIMS, token_of
from tests.verify.test_encoding import CASES
from verify.check import check
from verify.cose import sign1
from verify.credential import sign
from verify.encoding import dumps
from verify.keyring import Ed25519Signer
from verify.notices import Notice
from verify.reasons import Reason, Verdict
from verify.scanned import digits, qr_text

TEST_KEY = Ed25519Signer.from_seed(b"chenghe fictional key for tests!")


def reason_of(flipped: str) -> Reason:
    """What is said of a token with one bit changed, which is written down here; never that it is valid."""
    answer = check(flipped, trust=TRUST, at=NOW, now=NOW)
    assert answer.verdict in (Verdict.UNREADABLE, Verdict.FORGED), answer
    return answer.reason


def carrier() -> Iterator[dict[str, Any]]:
    number = digits(TOKEN)
    yield case("the link", QR, Reason.OK)
    yield case("the path form", f"{URL}/v/{number}", Reason.OK)
    yield case("digits alone", number, Reason.OK)
    yield case("raw bytes", TOKEN, Reason.OK)
    yield case("wrong prefix", QR.replace("/v#", "/x#"), Reason.NOT_A_VERIFICATION_CODE, number=4)
    yield case("another program's code", "https://weixin.example/q/abc", Reason.NOT_A_VERIFICATION_CODE, number=4)
    yield case("foreign host", qr_text(TOKEN, "https://verify.example.com"), Reason.OK_FOREIGN_HOST, number=6)
    yield case("another scheme", f"http://{URL.partition('://')[2]}/v#{number}", Reason.OK_FOREIGN_HOST, number=6)
    yield case("a port that need not be said", f"{URL}:443/v#{number}", Reason.OK_FOREIGN_HOST, number=6)
    yield case("the host in capitals", f"{URL.upper()}/V#{number}", Reason.OK)
    yield case("bytes that are no text", b"\xff\xfe", Reason.NOT_A_VERIFICATION_CODE, number=4)
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
    yield case("zero", "0", Reason.LEADING_ZERO, number=12)
    yield case("oversize digits", "9" * 1235, Reason.TOO_LONG, number=13)
    yield case("oversize bytes", b"\xd2" + bytes(600), Reason.TOO_LONG, number=13)


def encoding() -> Iterator[dict[str, Any]]:
    for encoded, reason in CASES.items():
        number = _NUMBER_OF_REASON.get(reason)
        yield case(f"payload {encoded or 'empty'}", sign1(bytes.fromhex(encoded), KEY), reason, number=number)
    for name, (claims, reason) in WRONG_CLAIMS.items():
        yield case(f"claims: {name}", token_of(claims), reason, number=_NUMBER_OF_CLAIMS.get(name))
    yield from expiries()
    for name, (data, reason) in WRONG_FRAMES.items():
        yield case(f"frame: {name}", digits(data) if data else "", reason, number=_NUMBER_OF_FRAME.get(name))


def expiries() -> Iterator[dict[str, Any]]:
    """Ways to write an expiry that CBOR offers and we do not take."""
    plain = dumps(CLAIMS)
    for name, written, reason in (
        ("float", "fa4eca560c", Reason.FLOAT),
        ("NaN", "f97e00", Reason.FLOAT),
        ("infinite", "f97c00", Reason.FLOAT),
        ("bignum", "c2446ab00300", Reason.TAG_INSIDE),
        ("eight bytes", "1b0000018f00000000", Reason.CLAIM_RANGE),
    ):
        payload = plain.replace(plain[1:7], b"\x04" + bytes.fromhex(written), 1)
        yield case(f"claims: expiry {name}", token_of(payload), reason, number=50)


_NUMBER_OF_REASON = {
    Reason.TRUNCATED: 7,
    Reason.TRAILING_BYTES: 8,
    Reason.DUPLICATE_KEY: 16,
    Reason.NOT_MINIMAL: 18,
    Reason.INDEFINITE_LENGTH: 19,
    Reason.TOO_DEEP: 20,
    Reason.LENGTH_BEYOND_END: 21,
    Reason.TAG_INSIDE: 22,
}
_NUMBER_OF_CLAIMS = {
    "no map": 24,
    "facts as text": 25,
    "code as text": 25,
    "version as text": 25,
    "an unknown claim": 26,
    "another version": 5,
    "expiry before issue": 49,
    "no expiry": 50,
    "expiry as text": 50,
    "expiry null": 50,
    "expiry in milliseconds": 50,
    "expiry negative": 50,
    "a second longer": 51,
    "a second shorter": 51,
    "a year": 51,
}
_NUMBER_OF_FRAME = {
    "a duplicate label": 17,
    "no tag": 23,
    "another tag": 23,
    "the tag twice": 23,
    "the tag in two bytes": 23,
    "a CWT tag around it": 23,
    "crit": 27,
    "algorithm 0": 28,
    "algorithm none": 28,
    "algorithm only unprotected": 30,
    "no kid": 31,
    "kid twice, in disagreement": 34,
    "an embedded key": 35,
    "a certificate chain": 35,
    "a DER signature": 41,
    "a signature of 63 bytes": 42,
    "no signature": 42,
    "two signatures": 47,
    "nothing": 7,
    "trailing bytes": 8,
}


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
    yield case("a key for tests, in the place of the real one", sign(FACTS, TEST_KEY), Reason.KEY_UNKNOWN, number=37)
    for at in range(len(TOKEN)):
        flipped = digits(TOKEN[:at] + bytes([TOKEN[at] ^ 1]) + TOKEN[at + 1 :])
        yield case(f"a flipped bit in byte {at}", flipped, reason_of(flipped), number=40)
    renamed = TOKEN.replace("禾苗".encode("utf-16-be"), "禾田".encode("utf-16-be"))
    yield case("another name", renamed, Reason.SIGNATURE_INVALID, number=40)
    yield case("a signature of zeros", TOKEN[:-64] + bytes(64), Reason.SIGNATURE_INVALID, number=43)
    order = (2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little")
    yield case("S not below the order", TOKEN[:-32] + order, Reason.SIGNATURE_INVALID, number=43)


def time() -> Iterator[dict[str, Any]]:
    yield case("a second before issue", QR, Reason.ISSUED_LATER, number=48, at=ISSUED - SECOND)
    yield case("the second of issue", QR, Reason.OK, number=48, at=ISSUED)
    yield case("last second", QR, Reason.OK, number=52, at=LAST, notices=(Notice.ASKED_AHEAD,))
    yield case("five minutes ahead", QR, Reason.OK, at=NOW + timedelta(minutes=5))
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
