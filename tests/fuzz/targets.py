"""What is fuzzed, and what must hold whatever comes: only promised exceptions, nothing green that was changed.

* A target takes bytes. It reads them as they are, or as edits of something genuine (``edits``).
* ``valid`` may be said only of the very token that was signed. Files: ``documents``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType

import orjson

from tests.fuzz.callbacks import JSON, XML, callbacks
from tests.fuzz.documents import any_file, docx, docx_rebuilt, pdf, pdf_appended, pdf_opened, whole_files
from tests.fuzz.edits import edited
from tests.verify.sample import NOW, QR, TOKEN, TRUST
from tests.verify.test_record import RECORD
from tests.verify.transparency.sample import LOG_KEY
from verify.binding import FieldPackage
from verify.check import Verification, check
from verify.credential import decode
from verify.documents.sheets import opened_rows, rows_of, written_rows
from verify.errors import TrustError
from verify.keylist import open_key_list
from verify.public.bodies import BodyLimits, _parts
from verify.public.express import plain_question
from verify.public.problems import Refused
from verify.reasons import Rejection, Verdict
from verify.record import RecordError, read_record
from verify.scanned import read as read_text
from verify.status import CHANGES, WITHDRAWALS, read_status_list
from verify.transparency.leaves import read_leaf, read_registered
from verify.transparency.notes import open_checkpoint
from verify.trust import dump, load

Target = Callable[[bytes], None]


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


def record(data: bytes) -> None:
    """A signed verification record: as it comes, and a genuine one changed; white space around it is no change."""
    for file in (data, edited(RECORD, data)):
        with suppress(RecordError):
            read_record(file)
            assert file.strip() == RECORD


def bidder_list(data: bytes) -> None:
    """A list that somebody sends beside the reports."""
    with suppress(Rejection):
        assert opened_rows(written_rows(data)) == rows_of(data)


def _never_green(answer: Verification, token: bytes) -> None:
    orjson.dumps(answer.to_json())
    if answer.verdict is Verdict.VALID:
        assert answer.credential is not None
        assert answer.credential.token == TOKEN


@lru_cache(maxsize=1)
def _checkpoint() -> bytes:
    from tests.verify.transparency.sample import FictionalLog

    return FictionalLog().checkpoint(NOW).encode()


_TARGETS = (
    *(token_bytes, qr_text, trust_file, log_files, record, bidder_list, http, callbacks),
    *(docx, docx_rebuilt, pdf, pdf_opened, pdf_appended, any_file),
)
TARGETS: Mapping[str, Target] = MappingProxyType({each.__name__: each for each in _TARGETS})


def seeds(name: str) -> Iterator[bytes]:
    """Beginnings for the target: genuine things where it reads bytes, small edits where it edits."""
    yield b""
    yield bytes.fromhex("000010 01 01 ff")
    yield bytes.fromhex("0a0b0c 00 04 3c613e3c") + bytes.fromhex("000000 05 00")
    for which in range(8):
        yield bytes((which,)) + bytes.fromhex("010203 04 02 2030")
        yield bytes((5 + which, which)) + bytes.fromhex("0123 0456") + bytes((16 * which,))
    genuine_bytes: Mapping[str, Callable[[], tuple[bytes, ...]]] = {
        "token_bytes": lambda: (TOKEN,),
        "qr_text": lambda: (QR.encode(), b"https://x.example/v/123"),
        "trust_file": lambda: (dump(TRUST).encode(), TRUST.key_list, TRUST.status_list or b""),
        "log_files": lambda: (_checkpoint(),),
        "record": lambda: (RECORD,),
        "bidder_list": lambda: ("名称,统一社会信用代码\r\n甲公司（虚构）,91320902MA1EX0M1XB\r\n".encode(),),
        "http": lambda: (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n',),
        "callbacks": lambda: (XML, JSON),
        "any_file": whole_files,
    }
    yield from genuine_bytes.get(name, tuple)()
