"""From scanned text to the credential's bytes, and back: docs/credential.md §3.

* QR text = ``<verify_url>/v#<decimal digits>``; the digits are the token read as one big-endian number. A token starts
  with 0xD2, so no leading zero is ever lost, and a number with one is refused.
* Accepted: ``https://host/v#digits``, ``https://host/v/digits``, the digits alone, or the token's raw bytes.
* Forgiven, because it can only mean one thing: white space and line breaks anywhere, a byte order mark, full-width
  digits and letters (input methods). Nothing else is forgiven.
* The host is reported, never trusted: see ``Scan.origin``.
"""

import re
from typing import NamedTuple

from verify.cose import TAG_SIGN1
from verify.credential import TOKEN_LIMIT_BYTES
from verify.reasons import Reason, Rejection

DIGITS_LIMIT = len(str(256**TOKEN_LIMIT_BYTES))
TEXT_LIMIT = DIGITS_LIMIT + 1024
_TOKEN_START = bytes([TAG_SIGN1])
_FULL_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_IGNORED = re.compile(r"[\s\ufeff]+")
_LINK = re.compile(r"(?:(https?://[a-z0-9.\-]{1,253}(?::[0-9]{1,5})?)/v[#/])?([0-9]+)", re.IGNORECASE | re.ASCII)
"""The digits, with or without the link before them."""


class Scan(NamedTuple):
    """``token`` as scanned; ``origin`` (scheme and host) as written in the link, None when there was no link."""

    token: bytes
    origin: str | None


def qr_text(token: bytes, verify_url: str) -> str:
    """What the QR says. ``verify_url`` is an origin without trailing slash."""
    return f"{verify_url}/v#{digits(token)}"


def digits(token: bytes) -> str:
    return str(int.from_bytes(token))


def read(scanned: str | bytes) -> Scan:
    """Raises Rejection, and nothing else."""
    if isinstance(scanned, str):
        return _from_text(scanned)
    if scanned.startswith(_TOKEN_START):
        return Scan(scanned, None)
    if len(scanned) > TEXT_LIMIT:
        raise Rejection(Reason.TOO_LONG)
    return _from_text(scanned.decode("utf-8", errors="replace"))


def _from_text(text: str) -> Scan:
    if len(text) > TEXT_LIMIT:
        raise Rejection(Reason.TOO_LONG)
    link = _LINK.fullmatch(text) or _LINK.fullmatch(_forgiven(text))
    if link is None:
        raise Rejection(Reason.NOT_A_VERIFICATION_CODE if _forgiven(text) else Reason.EMPTY)
    origin, digits = link.groups()
    return Scan(_token(digits), origin and origin.lower())


def _forgiven(text: str) -> str:
    return _IGNORED.sub("", text).translate(_FULL_WIDTH)


def _token(number: str) -> bytes:
    if number.startswith("0"):
        raise Rejection(Reason.LEADING_ZERO)
    if len(number) > DIGITS_LIMIT:
        raise Rejection(Reason.TOO_LONG)
    value = int(number)
    return value.to_bytes((value.bit_length() + 7) // 8)
