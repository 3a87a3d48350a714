"""The sealed envelope of WeCom, WeChat and DingTalk events (WXBizMsgCrypt): signature, AES-256-CBC, receive id.

1. ``signature`` = hex SHA-1 of the sorted, joined token, timestamp, nonce and cipher text; compared in constant time,
   before anything is decrypted.
2. Cipher text = base64 of AES-256-CBC; key = base64(EncodingAESKey + "="), IV = its first 16 bytes.
3. Plain bytes = 16 random bytes, length (4 bytes, big-endian), message, receive id, then 1 to 32 bytes of PKCS#7 that
   fill a block of 32.
4. The receive id is whom the message is meant for: corp id, app id, suite id, or nothing (smart robot). A message to
   another is refused, though its signature holds.

Strict: one canonical base64, whole blocks, all bytes of the filling, UTF-8.

Source: developer.work.weixin.qq.com 加解密方案说明; ../shared/channels.md; ../shared/vectors/messaging.json.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from bot.channels.callback import Refusal, Refused

RANDOM_BYTES = 16
BLOCK_BYTES = 32
_LENGTH_BYTES = 4
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True)
class Sealed:
    """One message as it travels."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


class Envelope:
    """``token``, ``aes_key``: as the platform's console shows them (43 characters)."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        """Raises ValueError when ``aes_key`` is none."""
        if _AES_KEY.fullmatch(aes_key) is None:
            raise ValueError("not 43 characters of base64")
        self._token = token
        self._receive_id = receive_id
        key = base64.b64decode(aes_key + "=")
        self._cipher = Cipher(algorithms.AES256(key), modes.CBC(key[:16]))

    def open(self, sealed: Sealed) -> str:
        """The message. Raises Refused: FORGED, MALFORMED or FOREIGN."""
        expected = self._signature(sealed.encrypted, sealed.timestamp, sealed.nonce)
        if not hmac.compare_digest(expected.encode(), sealed.signature.encode("utf-8", "replace")):
            raise Refused(Refusal.FORGED)
        message, receive_id = _parted(self._decrypted(sealed.encrypted))
        if not hmac.compare_digest(receive_id, self._receive_id.encode()):
            raise Refused(Refusal.FOREIGN)
        try:
            return message.decode("utf-8")
        except UnicodeDecodeError as cause:
            raise Refused(Refusal.MALFORMED) from cause

    def seal(self, message: str, *, timestamp: str, nonce: str, random: bytes) -> Sealed:
        """``random``: 16 bytes that nobody can guess."""
        if len(random) != RANDOM_BYTES:
            raise ValueError(f"{len(random)} random bytes")
        content = message.encode()
        plain = random + len(content).to_bytes(_LENGTH_BYTES, "big") + content + self._receive_id.encode()
        encrypted = base64.b64encode(self._encrypted(plain)).decode("ascii")
        return Sealed(encrypted, self._signature(encrypted, timestamp, nonce), timestamp, nonce)

    def _signature(self, encrypted: str, timestamp: str, nonce: str) -> str:
        joined = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(joined.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    def _encrypted(self, plain: bytes) -> bytes:
        padder, encryptor = PKCS7(BLOCK_BYTES * 8).padder(), self._cipher.encryptor()
        padded = padder.update(plain) + padder.finalize()
        return encryptor.update(padded) + encryptor.finalize()

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            blocks = base64.b64decode(encrypted.encode("ascii"), validate=True)
            if base64.b64encode(blocks).decode("ascii") != encrypted:
                raise Refused(Refusal.MALFORMED)
            decryptor, unpadder = self._cipher.decryptor(), PKCS7(BLOCK_BYTES * 8).unpadder()
            padded = decryptor.update(blocks) + decryptor.finalize()
            return unpadder.update(padded) + unpadder.finalize()
        except (ValueError, binascii.Error) as cause:
            raise Refused(Refusal.MALFORMED) from cause


def _parted(plain: bytes) -> tuple[bytes, bytes]:
    """Message and receive id."""
    start = RANDOM_BYTES + _LENGTH_BYTES
    end = start + int.from_bytes(plain[RANDOM_BYTES:start], "big")
    if len(plain) < start or end > len(plain):
        raise Refused(Refusal.MALFORMED)
    return plain[start:end], plain[end:]
