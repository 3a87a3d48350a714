"""How Feishu proves and encrypts what it sends to us.

* Key: SHA-256 of the Encrypt Key. ``encrypt`` = base64(IV + AES-256-CBC), IV = the first 16 bytes, PKCS#7 to 16.
* ``X-Lark-Signature`` = hex SHA-256 of timestamp + nonce + Encrypt Key + the raw body; compared in constant time.
* What does not decrypt is one failure, however it fails.

Source: ../shared/channels.md; open.feishu.cn, 事件订阅 > 步骤三：接收事件.
"""

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK = 16


class Undecryptable(Exception):
    """It was not encrypted with this key."""


class FeishuEnvelope:
    def __init__(self, encrypt_key: str) -> None:
        self._encrypt_key = encrypt_key.encode()
        self._key = hashlib.sha256(self._encrypt_key).digest()

    def signed(self, body: bytes, timestamp: str, nonce: str, signature: str) -> bool:
        """The three are header values: any bytes, as aiohttp decodes them."""
        said = (timestamp + nonce).encode("utf-8", "surrogateescape")
        expected = hashlib.sha256(said + self._encrypt_key + body).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape"))

    def opened(self, encrypted: str) -> bytes:
        """Raises Undecryptable."""
        try:
            sealed = base64.b64decode(encrypted.encode("ascii"), validate=True)
            decryptor = Cipher(algorithms.AES256(self._key), modes.CBC(sealed[:_BLOCK])).decryptor()
            padded = decryptor.update(sealed[_BLOCK:]) + decryptor.finalize()
            unpadder = PKCS7(8 * _BLOCK).unpadder()
            return unpadder.update(padded) + unpadder.finalize()
        except (binascii.Error, ValueError) as cause:
            raise Undecryptable from cause
