"""Signing keys in a cryptographic device (密码机, USB token), spoken to through PKCS#11.

* The private key is made in the device, marked as not extractable, and never leaves it. The keys folder keeps a
  reference: token and label.
* Where the device is comes from the environment: the vendor's module, the token's label, and the PIN, which is neither
  kept nor shown. A PIN file must be readable by its owner alone.
* Ed25519 (CKM_EDDSA) and ES256 (CKM_ECDSA over our SHA-256). SM2 has no mechanism in the standard and is refused.
* Each signature is verified before it is used: a device that errs must not spoil a report.

Source: OASIS PKCS#11 v3.0 §2.3. Tested with SoftHSM 2.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from verify import ecdsa
from verify.errors import KeyringError
from verify.issuing.passphrase import secret_in
from verify.keyring import ALGORITHMS, ED25519, ES256, kid, verifying_key

if TYPE_CHECKING:
    from pkcs11 import Session

MODULE_VARIABLE = "CHENGHE_PKCS11_MODULE"
TOKEN_VARIABLE = "CHENGHE_PKCS11_TOKEN"  # noqa: S105 - a name, not a secret
PIN_VARIABLE = "CHENGHE_PKCS11_PIN"
PIN_FILE_VARIABLE = "CHENGHE_PKCS11_PIN_FILE"
_CURVES: Mapping[int, bytes] = MappingProxyType(
    {ES256: bytes.fromhex("06082a8648ce3d030107"), ED25519: bytes.fromhex("130c") + b"edwards25519"}
)
"""CKA_EC_PARAMS: the curve's OID (RFC 3279); for Ed25519 its name (PKCS#11 v3.0 §2.3.10)."""
_OCTETS = 0x04


@dataclass(frozen=True, slots=True)
class Device:
    """A token behind a vendor's module, and what opens it."""

    module: Path
    token: str
    pin: str = field(repr=False)


def device_from_environment() -> Device:
    """Raises KeyringError (DEVICE_NOT_SET) unless module, token and PIN are set."""
    module, token = os.environ.get(MODULE_VARIABLE), os.environ.get(TOKEN_VARIABLE)
    file = os.environ.get(PIN_FILE_VARIABLE)
    pin = secret_in(Path(file)) if file else os.environ.get(PIN_VARIABLE)
    if not (module and token and pin):
        raise KeyringError(
            "没有写明密码设备在哪里。",
            next_step=f"请设置环境变量 {MODULE_VARIABLE}（厂商的 PKCS#11 库）、{TOKEN_VARIABLE}（令牌标签）和 "
            f"{PIN_FILE_VARIABLE}（PIN 文件，权限 600）或 {PIN_VARIABLE}。",
            code="DEVICE_NOT_SET",
        )
    return Device(Path(module), token, pin)


class DeviceSigner:
    """Signs with a key that stays in the device. One signature at a time."""

    def __init__(self, device: Device, label: str, algorithm: int) -> None:
        self._device = device
        self._label = label
        self._algorithm = algorithm
        self._turn = Lock()
        self._key: Any = None
        with _spoken_to(device):
            session = _session(device)
            self._public_key = _public_key(session, label, algorithm)
            self._key = _private_key(session, label, algorithm)
        self._holds = verifying_key(algorithm, self._public_key)

    @property
    def algorithm(self) -> int:
        return self._algorithm

    @property
    def public_key(self) -> bytes:
        return self._public_key

    @property
    def kid(self) -> bytes:
        return kid(self._public_key)

    def sign(self, message: bytes) -> bytes:
        """Raises KeyringError when the device does not answer, or wrongly."""
        with self._turn:
            signature = self._signed(message)
        if not self._holds(message, signature):
            raise _failed("给出的签名不成立")
        return signature

    def _signed(self, message: bytes) -> bytes:
        with _spoken_to(self._device, self._forget):
            if self._key is None:
                self._key = _private_key(_session(self._device), self._label, self._algorithm)
            return _signature(self._key, self._algorithm, message)

    def _forget(self) -> None:
        """After an error: the device may have been unplugged and be back by the next time."""
        self._key = None

    def __repr__(self) -> str:
        return f"DeviceSigner(kid={self.kid.hex()}, label={self._label!r})"


def ensure_key(device: Device, label: str, algorithm: int) -> DeviceSigner:
    """The key of this label, made in the device when it has none. Raises KeyringError."""
    if algorithm not in _CURVES:
        raise KeyringError(
            f"PKCS#11 没有 {ALGORITHMS[algorithm].name} 的标准机制，不能这样使用密码设备。",
            next_step="请改用 ES256 或 Ed25519，或改用密钥文件。",
            code="DEVICE_ALGORITHM",
        )
    with _spoken_to(device):
        session = _session(device, writing=True)
        try:
            if not _has(session, label):
                _generate(session, label, algorithm)
            _refuse_extractable(_private_key(session, label, algorithm))
        finally:
            session.close()
    return DeviceSigner(device, label, algorithm)


@contextmanager
def _spoken_to(device: Device, failed: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Translates what the module says. Its own words are codes in English and name no secret."""
    from pkcs11.exceptions import PinIncorrect, PinLocked, PKCS11Error

    try:
        yield
    except (PinIncorrect, PinLocked) as error:
        raise KeyringError(
            f"令牌 {device.token} 不接受这个 PIN{'，并且已经锁住' if isinstance(error, PinLocked) else ''}。",
            next_step="请核对 PIN；多次输错会锁住令牌，须由设备管理员解锁。",
            code="DEVICE_PIN",
        ) from error
    except PKCS11Error as error:
        failed()
        raise _failed(type(error).__name__) from error


def _session(device: Device, *, writing: bool = False) -> "Session":
    import pkcs11
    from pkcs11.exceptions import UserAlreadyLoggedIn

    try:
        token = pkcs11.lib(str(device.module)).get_token(token_label=device.token)
    except (RuntimeError, OSError) as error:
        raise KeyringError(
            f"打不开密码设备：库 {device.module}，令牌 {device.token}（{type(error).__name__}）。",
            next_step="请检查厂商的 PKCS#11 库的路径、设备是否接好、令牌标签是否写对。",
            code="DEVICE_UNAVAILABLE",
        ) from error
    try:
        return token.open(rw=writing, user_pin=device.pin)
    except UserAlreadyLoggedIn:  # by another signer of this process: the log-in is the application's
        return token.open(rw=writing)


def _has(session: "Session", label: str) -> bool:
    from pkcs11 import Attribute, ObjectClass

    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: label}))
    return bool(found)


def _private_key(session: "Session", label: str, algorithm: int) -> Any:
    return _one(session, "PRIVATE_KEY", label, algorithm)


def _one(session: "Session", kind: str, label: str, algorithm: int) -> Any:
    from pkcs11 import KeyType, ObjectClass
    from pkcs11.exceptions import MultipleObjectsReturned, NoSuchKey

    key_type = KeyType.EC if algorithm == ES256 else KeyType.EC_EDWARDS
    try:
        return session.get_key(object_class=ObjectClass[kind], key_type=key_type, label=label)
    except (NoSuchKey, MultipleObjectsReturned) as error:
        missing = isinstance(error, NoSuchKey)
        raise KeyringError(
            f"密码设备里{'没有' if missing else '不止一把'}标签为 {label} 的 {ALGORITHMS[algorithm].name} 密钥。",
            next_step="请核对标签；每把密钥用一个不同的标签，公钥和私钥标签相同。",
            code="DEVICE_KEY_MISSING",
        ) from error


def _generate(session: "Session", label: str, algorithm: int) -> None:
    from pkcs11 import Attribute, KeyType, Mechanism

    key_type = KeyType.EC if algorithm == ES256 else KeyType.EC_EDWARDS
    mechanism = Mechanism.EC_KEY_PAIR_GEN if algorithm == ES256 else Mechanism.EC_EDWARDS_KEY_PAIR_GEN
    curve = session.create_domain_parameters(key_type, {Attribute.EC_PARAMS: _CURVES[algorithm]}, local=True)
    private = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
    curve.generate_keypair(mechanism=mechanism, store=True, label=label, private_template=private)


def _refuse_extractable(key: Any) -> None:
    from pkcs11 import Attribute

    if key[Attribute.EXTRACTABLE]:
        raise KeyringError(
            "这把密钥可以从密码设备里导出，等于没有设备保护。",
            next_step="请换一个标签，由程序在设备内新建，或由设备管理员新建不可导出的密钥。",
            code="DEVICE_KEY_EXTRACTABLE",
        )


def _public_key(session: "Session", label: str, algorithm: int) -> bytes:
    """CKA_EC_POINT: the raw key in an OCTET STRING, or, from some devices, the raw key alone."""
    from pkcs11 import Attribute

    point = bytes(_one(session, "PUBLIC_KEY", label, algorithm)[Attribute.EC_POINT])
    size = ALGORITHMS[algorithm].public_key_bytes
    return point[2:] if point[:2] == bytes((_OCTETS, size)) and len(point) == size + 2 else point


def _signature(key: Any, algorithm: int, message: bytes) -> bytes:
    from pkcs11 import Mechanism

    if algorithm == ED25519:
        return bytes(key.sign(message, mechanism=Mechanism.EDDSA))
    signature = bytes(key.sign(sha256(message).digest(), mechanism=Mechanism.ECDSA))
    return ecdsa.lowered(signature) if len(signature) == ecdsa.SIGNATURE_BYTES else signature


def _failed(what: str) -> KeyringError:
    return KeyringError(
        f"密码设备没有完成签名：{what}。",
        next_step="请检查设备的状态后重试；仍不行的，请联系设备厂商。",
        code="DEVICE_FAILED",
    )
