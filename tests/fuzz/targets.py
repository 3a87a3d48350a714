"""What is fuzzed, and what must hold whatever comes: only promised exceptions, nothing green that was changed.

* A target takes bytes. It either reads them as they are, or as edits of something genuine: a fuzzer that had to invent
  a zip or a signature would never get past the door.
* ``valid`` may be said only of the very token that was signed; of a document only when its lines are those issued.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType

import orjson

from tests.verify.documents.genuine import Genuine, genuine, trust
from tests.verify.documents.report import pack
from tests.verify.sample import NOW, QR, TOKEN, TRUST
from tests.verify.transparency.sample import LOG_KEY
from verify.binding import FieldPackage
from verify.check import Verification, check
from verify.credential import decode
from verify.documents.examine import examine
from verify.documents.reading import read as read_file
from verify.errors import TrustError
from verify.keylist import open_key_list
from verify.public.bodies import BodyLimits, _parts
from verify.public.express import plain_question
from verify.public.problems import Refused
from verify.reasons import Rejection, Verdict
from verify.scanned import read as read_text
from verify.status import CHANGES, WITHDRAWALS, read_status_list
from verify.transparency.leaves import read_leaf, read_registered
from verify.transparency.notes import open_checkpoint
from verify.trust import dump, load

Target = Callable[[bytes], None]
_EDIT = 5


def edited(original: bytes, edits: bytes) -> bytes:
    """``edits``: any number of (place: 3 bytes, cut: 1, insert: 1, so many bytes), each applied to the last result."""
    at = 0
    while len(edits) - at >= _EDIT:
        place = int.from_bytes(edits[at : at + 3]) % (len(original) + 1)
        cut, count = edits[at + 3] % 64, edits[at + 4] % 64
        inserted = edits[at + _EDIT : at + _EDIT + count]
        original = original[:place] + inserted + original[place + cut :]
        at += _EDIT + count
    return original


def token_bytes(data: bytes) -> None:
    """The decoder on bytes as they come, and on a genuine token changed."""
    for token in (data, edited(TOKEN, data)):
        with suppress(Rejection):
            decode(token)
        _never_green(check(token, trust=TRUST, at=NOW, now=NOW), token)


def qr_text(data: bytes) -> None:
    """Text of a QR, and a genuine one changed."""
    for text in (data.decode("utf-8", "surrogateescape"), edited(QR.encode(), data).decode("utf-8", "replace")):
        with suppress(Rejection):
            read_text(text)
        answer = check(text, trust=TRUST, at=NOW, now=NOW)
        assert answer.verdict is not Verdict.VALID or read_text(text).token == TOKEN
        orjson.dumps(answer.to_json())


def trust_file(data: bytes) -> None:
    """A trust file, and each signed list of it: nothing opens that the root did not sign."""
    text = dump(TRUST).encode()
    for file in (data, edited(text, data)):
        with suppress(TrustError):
            opened = load(file)
            assert opened.root != TRUST.root or opened.keys == TRUST.keys
    for signed, kind in ((TRUST.status_list, WITHDRAWALS), (TRUST.notice_list, CHANGES)):
        for changed in (data, edited(signed or b"", data)):
            with suppress(TrustError):
                read_status_list(changed, kind)
    for changed in (data, edited(TRUST.key_list, data)):
        with suppress(TrustError):
            open_key_list(changed, TRUST.root.algorithm, TRUST.root.public_key)


def log_files(data: bytes) -> None:
    """Notes, checkpoints, leaves, and the leaves of one report."""
    checkpoint = _checkpoint()
    for note in (data, edited(checkpoint, data)):
        with suppress(TrustError):
            opened, true = open_checkpoint(note, LOG_KEY), open_checkpoint(checkpoint, LOG_KEY)
            assert (opened.size, opened.root) == (true.size, true.root)
    for read in (read_leaf, read_registered):
        with suppress(Rejection, TrustError):
            read(data)
    with suppress(Rejection):
        FieldPackage.from_bytes(data)


def http(data: bytes) -> None:
    """The bytes of a request on the short way, and a multipart body."""
    head = b"POST /api/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
    whole = head + b'{"token":"1"}'
    for request in (data, edited(whole, data)):
        found = plain_question(request)
        assert found is None or request.endswith(b"\r\n\r\n" + found[0])
    with suppress(Refused, ValueError):
        _parts(data, "b", BodyLimits())


def docx(data: bytes) -> None:
    """One part of a genuine docx changed: the first byte says which."""
    report = genuine().docx
    names = sorted(report.parts)
    name = names[data[0] % len(names)] if data else names[0]
    changed = edited(report.parts[name], data[1:])
    file = pack({**report.parts, name: changed})
    answer = _answered(file, "报告.docx")
    if answer.verdict is Verdict.VALID:
        scanned = read_file(file, "报告.docx")
        assert scanned.document is not None
        assert [line.text for line in scanned.document.lines] == _lines()
        assert answer.credential is not None
        assert answer.credential.token == genuine().token


def pdf(data: bytes) -> None:
    """A genuine PDF changed anywhere; only its QR may still be believed, and then it is said so."""
    report: Genuine = genuine()
    file = edited(report.pdf, data)
    answer = _answered(file, "报告.pdf")
    if answer.verdict is Verdict.VALID and file != report.pdf:
        assert answer.code_alone
        assert answer.credential is not None
        assert answer.credential.token == report.token


def any_file(data: bytes) -> None:
    """Whatever somebody uploads."""
    for magic in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        _answered(magic + data, "x")


def _answered(file: bytes, name: str) -> Verification:
    answer = examine(file, name=name, trust=trust(), at=NOW, now=NOW)
    orjson.dumps(answer.to_json())
    return answer


def _never_green(answer: Verification, token: bytes) -> None:
    orjson.dumps(answer.to_json())
    assert answer.verdict is not Verdict.VALID or token == TOKEN or answer.credential is not None
    if answer.verdict is Verdict.VALID:
        assert answer.credential is not None
        assert answer.credential.token == TOKEN


@lru_cache(maxsize=1)
def _lines() -> list[str]:
    document = read_file(genuine().docx.docx(), "报告.docx").document
    assert document is not None
    return [line.text for line in document.lines]


@lru_cache(maxsize=1)
def _checkpoint() -> bytes:
    from tests.verify.transparency.sample import FictionalLog

    return FictionalLog().checkpoint(NOW).encode()


TARGETS: Mapping[str, Target] = MappingProxyType(
    {each.__name__: each for each in (token_bytes, qr_text, trust_file, log_files, http, docx, pdf, any_file)}
)


def seeds(name: str) -> Iterator[bytes]:
    """A few beginnings for the target: genuine things where it reads bytes, small edits where it edits."""
    yield b""
    yield bytes.fromhex("000010 01 01 ff")
    yield bytes.fromhex("0a0b0c 00 04 3c613e3c") + bytes.fromhex("000000 05 00")
    genuine_bytes = {
        "token_bytes": (TOKEN,),
        "qr_text": (QR.encode(), b"https://x.example/v/123"),
        "trust_file": (dump(TRUST).encode(), TRUST.key_list, TRUST.status_list or b""),
        "log_files": (_checkpoint(),),
        "http": (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n',),
    }
    yield from genuine_bytes.get(name, ())
