"""Private keys at rest: PKCS#8 PEM, encrypted with a key that scrypt makes of the passphrase.

* PBES2 (RFC 8018) with scrypt (RFC 7914, N = 16384, r = 8, p = 1) and AES-256-CBC: what OpenSSL and every other
  library reads. ``cryptography`` writes PBKDF2 with 2048 rounds, which is too few for what people can remember.
* Keys of earlier programs, under PBKDF2 or not encrypted, are read too.
"""

import os
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

COST, BLOCK_SIZE, PARALLEL = 2**14, 8, 1
_SALT_BYTES, _BLOCK_BYTES, _KEY_BYTES = 16, 16, 32
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES256_CBC = bytes.fromhex("060960864801650304012a")
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_PLAIN, _SEALED = "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"


def sealed(pkcs8: bytes, passphrase: str | None) -> bytes:
    """PEM of a private key; in the clear without a passphrase."""
    if passphrase is None:
        return _pem(_PLAIN, pkcs8)
    salt, start = os.urandom(_SALT_BYTES), os.urandom(_BLOCK_BYTES)
    key = Scrypt(salt=salt, length=_KEY_BYTES, n=COST, r=BLOCK_SIZE, p=PARALLEL).derive(passphrase.encode())
    padder, cipher = PKCS7(8 * _BLOCK_BYTES).padder(), Cipher(AES256(key), CBC(start)).encryptor()
    content = cipher.update(padder.update(pkcs8) + padder.finalize()) + cipher.finalize()
    return _pem(_SEALED, _element(_SEQUENCE, _scheme(salt, start), _element(_OCTETS, content)))


def is_sealed(pem: bytes) -> bool:
    return pem.startswith(f"-----BEGIN {_SEALED}-----".encode())


def secret_for(pem: bytes, passphrase: str | None) -> str | None:
    """What opens ``pem``: nothing, when it is in the clear."""
    return passphrase if is_sealed(pem) else None


def _scheme(salt: bytes, start: bytes) -> bytes:
    """AlgorithmIdentifier of PBES2."""
    numbers = [_element(_INTEGER, _unsigned(number)) for number in (COST, BLOCK_SIZE, PARALLEL)]
    derivation = _element(_SEQUENCE, _SCRYPT, _element(_SEQUENCE, _element(_OCTETS, salt), *numbers))
    encryption = _element(_SEQUENCE, _AES256_CBC, _element(_OCTETS, start))
    return _element(_SEQUENCE, _PBES2, _element(_SEQUENCE, derivation, encryption))


def _unsigned(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)


def _element(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _pem(label: str, content: bytes) -> bytes:
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label.encode(), _lines(content), label.encode())


def _lines(content: bytes) -> bytes:
    """Base64 in lines of 64 characters."""
    flat = b64encode(content)
    return b"".join(flat[start : start + 64] + b"\n" for start in range(0, len(flat), 64))
