"""Sealed contents: kept by the public service, opened only by whoever holds the QR or the typed code.

* Content: AES-256-GCM; key, nonce key and locator are separate HKDF-SHA256 outputs of the credential's own bytes.
  Those contain a signature over a salted root, so nobody can guess them; the service stores what it cannot read.
* The nonce is HMAC of the content, so sealing twice gives the same bytes and never one nonce for two contents.
* Contents are padded to ``PADDING`` bytes: the length does not tell how many records a company has.
* Typed code: 60 random bits in 12 characters (digits and capitals without I L O U). With the report number it goes
  through scrypt (N=2^14, r=8: 16 MiB, some 50 ms), which gives the locator and the key of the sealed credential:
  knowing all report numbers does not help to enumerate.

Sources: RFC 5869, RFC 7914, NIST SP 800-38D; design §5.
"""

import re
from dataclasses import dataclass
from hashlib import scrypt
from hmac import digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from verify.reasons import Reason, Rejection

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_CHARACTERS = 12
ENTROPY_BYTES = 8
PADDING = 4096
SEALED_LIMIT_BYTES = 9 * 1024 * 1024
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_FULL_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_DASHES = re.compile(r"[\s\u2010-\u2015\u2212\ufeff]+")
_LOCATOR = re.compile(r"[0-9a-f]{32}")
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """``locator``: 32 hex digits, the file name under which ``ciphertext`` is stored."""

    locator: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class _Keys:
    locator: str
    content: bytes
    nonce: bytes


def is_locator(name: str) -> bool:
    """Whether ``name`` has the shape of a locator: the only names a service may look up."""
    return _LOCATOR.fullmatch(name) is not None


def locator(token: bytes) -> str:
    """Where the sealed content of the report with this credential lies."""
    return _token_keys(token).locator


def seal(token: bytes, package_bytes: bytes) -> Sealed:
    """The field package under keys of the credential's bytes. The same input gives the same output."""
    return _seal(_token_keys(token), package_bytes)


def open_sealed(token: bytes, ciphertext: bytes) -> bytes:
    """The field package's bytes. Raises Rejection when the ciphertext is not of this credential."""
    return _open(_token_keys(token), ciphertext, Reason.PACKAGE_DAMAGED)


def typed_code(entropy: bytes) -> str:
    """A printed code, e.g. 7K3M-9Q2D-XW4T, from 8 random bytes (60 bits are used)."""
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"a typed code takes {ENTROPY_BYTES} random bytes")
    number = int.from_bytes(entropy) >> 4
    characters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CODE_CHARACTERS)))
    return "-".join(characters[start : start + 4] for start in range(0, CODE_CHARACTERS, 4))


@dataclass(frozen=True, slots=True)
class TypedOpening:
    """What a typed number and code lead to: where their sealed credential would lie, and the key that opens it."""

    keys: _Keys

    @property
    def locator(self) -> str:
        return self.keys.locator

    def open(self, ciphertext: bytes) -> bytes:
        """The credential's bytes. Raises Rejection when number and code do not open it."""
        return _open(self.keys, ciphertext, Reason.TYPED_CODE_UNKNOWN)


def typed_opening(number: str, code: str) -> TypedOpening:
    """Some 50 ms, whatever was typed: what cannot be a number or a code costs the same work and leads nowhere."""
    try:
        return TypedOpening(_typed_keys(number, code))
    except Rejection:
        return TypedOpening(_split(_typed_material("malformed", "malformed")))


def seal_typed(number: str, code: str, token: bytes) -> Sealed:
    """The credential under keys of report number and typed code."""
    return _seal(_typed_keys(number, code), token)


def normal_code(code: str) -> str:
    """The 12 characters of a code as typed: any case, dashes and spaces, O for 0, I and L for 1, full-width letters."""
    plain = _DASHES.sub("", code[:100]).translate(_FULL_WIDTH).upper().translate(_LOOK_ALIKES)
    if len(plain) != CODE_CHARACTERS or any(character not in ALPHABET for character in plain):
        raise Rejection(Reason.TYPED_CODE_UNKNOWN)
    return plain


def normal_number(number: str) -> str:
    """A report number as typed: white space, dashes and full-width characters forgiven, letters made capitals."""
    plain = plain_number(number)
    if not re.fullmatch(r"[A-Z]{4}[0-9]{15}", plain):
        raise Rejection(Reason.TYPED_CODE_UNKNOWN)
    return plain


def plain_number(number: str) -> str:
    """What is typed as a number in its one spelling, whether it is one or not."""
    return _DASHES.sub("", number[:100]).translate(_FULL_WIDTH).upper().replace("-", "")


def _token_keys(token: bytes) -> _Keys:
    return _split(HKDF(SHA256(), 80, b"", b"chenghe sealed content 1").derive(token))


def _typed_keys(number: str, code: str) -> _Keys:
    return _split(_typed_material(normal_number(number), normal_code(code)))


def _typed_material(number: str, code: str) -> bytes:
    salt = b"chenghe typed code 1 " + number.encode()
    return scrypt(code.encode(), salt=salt, n=1 << 14, r=8, p=1, maxmem=64 << 20, dklen=80)


def _split(material: bytes) -> _Keys:
    return _Keys(material[:16].hex(), material[16:48], material[48:])


def _seal(keys: _Keys, plain: bytes) -> Sealed:
    padded = plain + b"\x80" + bytes(-(len(plain) + 1) % PADDING)
    nonce = digest(keys.nonce, padded, "sha256")[:_NONCE_BYTES]
    return Sealed(keys.locator, nonce + AESGCM(keys.content).encrypt(nonce, padded, keys.locator.encode()))


def _open(keys: _Keys, ciphertext: bytes, reason: Reason) -> bytes:
    if not _NONCE_BYTES < len(ciphertext) <= SEALED_LIMIT_BYTES:
        raise Rejection(reason)
    nonce, body = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
    try:
        padded = AESGCM(keys.content).decrypt(nonce, body, keys.locator.encode())
    except InvalidTag as error:
        raise Rejection(reason) from error
    plain, mark, padding = padded.rpartition(b"\x80")
    if not mark or padding.strip(b"\x00"):
        raise Rejection(reason)
    return plain
