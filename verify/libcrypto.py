"""OpenSSL 3 through its C API: the few functions that SM2 needs and ``cryptography`` does not offer.

* The library is the one that Python's own ``_hashlib`` is linked to; where that has none, the system's libcrypto.
* It is looked for when the first SM2 key is used, never at import; without it KeyringError (SM2_UNAVAILABLE) says so.
* Keys are opaque handles, freed with their object. A failed call leaves nothing in OpenSSL's error queue: Python's ssl
  module reads the same queue.
* ``verify`` and ``sign`` take the 32-byte digest e; ``verify.sm2`` makes it, always with a signer id.

Sources: OpenSSL 3 manual pages EVP_PKEY_verify(3), EVP_PKEY_sign(3), d2i_PUBKEY(3), d2i_AutoPrivateKey(3),
PEM_read_bio_PrivateKey(3), EVP_PKEY_get1_encoded_public_key(3).
"""

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ubyte, c_ulong, c_void_p
from functools import cache
from types import MappingProxyType
from typing import Any
from weakref import finalize

from verify.errors import KeyringError

_OLDEST = 0x30000000
_SIGNATURE_MAX_BYTES = 128
_FUNCTIONS = MappingProxyType(
    {
        "OpenSSL_version_num": (c_ulong, ()),
        "ERR_clear_error": (None, ()),
        "d2i_PUBKEY": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
        "d2i_AutoPrivateKey": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
        "BIO_new_mem_buf": (c_void_p, (c_char_p, c_int)),
        "BIO_free": (c_int, (c_void_p,)),
        "PEM_read_bio_PrivateKey": (c_void_p, (c_void_p, c_void_p, c_void_p, c_char_p)),
        "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
        "EVP_PKEY_get1_encoded_public_key": (c_size_t, (c_void_p, POINTER(POINTER(c_ubyte)))),
        "CRYPTO_free": (None, (c_void_p, c_char_p, c_int)),
        "EVP_PKEY_free": (None, (c_void_p,)),
        "EVP_PKEY_CTX_new": (c_void_p, (c_void_p, c_void_p)),
        "EVP_PKEY_CTX_free": (None, (c_void_p,)),
        "EVP_PKEY_verify_init": (c_int, (c_void_p,)),
        "EVP_PKEY_verify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
        "EVP_PKEY_sign_init": (c_int, (c_void_p,)),
        "EVP_PKEY_sign": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    }
)
"""Name → (what it returns, what it takes)."""


class Key:
    """An SM2 key of OpenSSL, public or private. It never shows what it holds."""

    def __init__(self, library: Any, handle: int) -> None:
        self._library = library
        self._handle = handle
        finalize(self, library.EVP_PKEY_free, handle)

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """Whether the DER signature of ``digest`` holds."""
        library = self._library
        with self._context() as context:
            if library.EVP_PKEY_verify_init(context) != 1:
                library.ERR_clear_error()
                raise _failed()
            holds: bool = library.EVP_PKEY_verify(context, signature, len(signature), digest, len(digest)) == 1
        if not holds:
            library.ERR_clear_error()
        return holds

    def sign(self, digest: bytes) -> bytes:
        """A DER signature of ``digest``. Raises KeyringError when this is no private key."""
        library = self._library
        size, signature = c_size_t(_SIGNATURE_MAX_BYTES), ctypes.create_string_buffer(_SIGNATURE_MAX_BYTES)
        with self._context() as context:
            ready = library.EVP_PKEY_sign_init(context) == 1
            if not ready or library.EVP_PKEY_sign(context, signature, byref(size), digest, len(digest)) != 1:
                library.ERR_clear_error()
                raise _failed()
        return signature.raw[: size.value]

    def public_point(self) -> bytes:
        """The public key as a point: 04 ‖ x ‖ y."""
        found = POINTER(c_ubyte)()
        size = self._library.EVP_PKEY_get1_encoded_public_key(self._handle, byref(found))
        if not size:
            self._library.ERR_clear_error()
            raise _failed()
        try:
            return ctypes.string_at(found, size)
        finally:
            self._library.CRYPTO_free(found, None, 0)

    @contextmanager
    def _context(self) -> Iterator[int]:
        context = self._library.EVP_PKEY_CTX_new(self._handle, None)
        if not context:
            self._library.ERR_clear_error()
            raise _failed()
        try:
            yield context
        finally:
            self._library.EVP_PKEY_CTX_free(context)


def public_key(subject_public_key_info: bytes) -> Key | None:
    """The SM2 key of a SubjectPublicKeyInfo; None when it is none."""
    library = libcrypto()
    start = c_char_p(subject_public_key_info)
    return _key(library, library.d2i_PUBKEY(None, byref(start), len(subject_public_key_info)))


def private_key(pkcs8: bytes) -> Key | None:
    """The SM2 key of an unencrypted PKCS#8 structure; None when it is none."""
    library = libcrypto()
    start = c_char_p(pkcs8)
    return _key(library, library.d2i_AutoPrivateKey(None, byref(start), len(pkcs8)))


def private_key_of_pem(pem: bytes, passphrase: bytes) -> Key | None:
    """The SM2 key of a PKCS#8 PEM; None when it is none or the passphrase is wrong.

    The passphrase is always given, be it empty: OpenSSL would ask the terminal for one.
    """
    library = libcrypto()
    source = library.BIO_new_mem_buf(pem, len(pem))
    if not source:
        library.ERR_clear_error()
        raise _failed()
    try:
        return _key(library, library.PEM_read_bio_PrivateKey(source, None, None, passphrase))
    finally:
        library.BIO_free(source)


def _key(library: Any, handle: int | None) -> Key | None:
    library.ERR_clear_error()
    if not handle:
        return None
    key = Key(library, handle)
    return key if library.EVP_PKEY_is_a(handle, b"SM2") == 1 else None


@cache
def libcrypto() -> Any:
    """The library with every function we use declared. Raises KeyringError (SM2_UNAVAILABLE)."""
    for open_candidate in (_linked_to_python, _of_the_system):
        try:
            return _declared(open_candidate())
        except (OSError, AttributeError, ImportError):  # no such file, or an OpenSSL without these functions
            continue
    raise KeyringError(
        "本机没有可用的 OpenSSL 3（libcrypto），不能使用 SM2。",
        next_step="请安装 OpenSSL 3.0 以上版本（Debian 为软件包 libssl3），或改用其他签名算法。",
        code="SM2_UNAVAILABLE",
    )


def _linked_to_python() -> ctypes.CDLL:
    """A module's handle finds the functions of the libraries it is linked to."""
    import _hashlib

    return ctypes.CDLL(_hashlib.__file__)


def _of_the_system() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")


def _declared(library: Any) -> Any:
    for name, (returns, takes) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = returns, takes
    if library.OpenSSL_version_num() < _OLDEST:
        raise OSError("OpenSSL is older than 3.0")
    return library


def _failed() -> KeyringError:
    return KeyringError(
        "OpenSSL 没有完成 SM2 运算。", next_step="请检查 OpenSSL 是否启用了 SM2，再试一次。", code="SM2_FAILED"
    )
