"""The private keys of an office, by file name: made, opened, and kept open.

* ``root.pem`` may lie in another folder (a stick in a safe); everything else lies in ``keys/``. Either folder is 0700,
  every file 0600; what others may read is refused, not repaired.
* A real office writes no private key in the clear (``passphrase.require``); a sample office may.
* ``<kid>.pem`` is a key of ours, ``<kid>.device.json`` says which key of a cryptographic device it is.
* Opened keys stay in memory as long as this object; their files must stay where they are, and ours alone.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

from verify.errors import KeyringError
from verify.issuing.files import read_private, refuse_open_to_others, write_private
from verify.issuing.passphrase import FILE_VARIABLE, PASSPHRASE_VARIABLE, Passphrase, require
from verify.issuing.pkcs11 import Device, DeviceSigner, ensure_key
from verify.issuing.private_keys import is_sealed, sealed, secret_for
from verify.keyring import ED25519, Ed25519Signer, Signer
from verify.signing import new_private_key, signer_of_der, signer_of_pem

ROOT, LOG = "root.pem", "log.pem"


class KeyFolder:
    """``root``: the folder of the root key. ``plain``: keys may be written in the clear (sample offices)."""

    def __init__(
        self, folder: Path, root: Path, *, plain: bool, passphrase: Passphrase, device: Callable[[], Device]
    ) -> None:
        self._folder = folder
        self._root = root
        self._plain = plain
        self._passphrase = passphrase
        self._device = device
        self._opened: dict[str, Signer] = {}

    # The root

    def root_at_hand(self) -> bool:
        return (self._root / ROOT).is_file()

    def keep_root(self, der: bytes) -> None:
        """The new root, where there is none yet: the caller has looked."""
        self._write(self._root, ROOT, der)

    def root(self, algorithm: int) -> Signer:
        """Opened anew each time: it is needed rarely, and then its stick is taken away. Raises KeyringError."""
        if not self.root_at_hand():
            raise KeyringError(
                f"需要根密钥，而 {self._root} 里没有 {ROOT}。",
                next_step="根密钥平时移到别处保管的，请接好存放它的介质，并用 --root 写明目录。",
                code="ROOT_KEY_MISSING",
            )
        return self._read(self._root, ROOT, algorithm)

    # Signing keys

    def make(self, algorithm: int) -> Signer:
        """A new signing key in a file, before it is listed."""
        der = new_private_key(algorithm)
        signer = signer_of_der(algorithm, der)
        self._write(self._folder, _file(signer.kid), der)
        return signer

    def take_from_device(self, label: str, algorithm: int) -> Signer:
        """The key of the device with this label, made there when there is none; we keep the reference."""
        device = self._device()
        signer = ensure_key(device, label, algorithm)
        reference = {"token": device.token, "label": label}
        write_private(self._folder, _reference(signer.kid), json.dumps(reference, ensure_ascii=False).encode())
        return signer

    def has(self, kid: bytes) -> bool:
        return (self._folder / _file(kid)).is_file() or self.is_in_device(kid)

    def is_in_device(self, kid: bytes) -> bool:
        return (self._folder / _reference(kid)).is_file()

    def signer(self, kid: bytes, algorithm: int) -> Signer:
        """The signing key with this kid. Raises KeyringError."""
        if not self.has(kid):
            raise KeyringError(
                f"找不到编号为 {kid.hex()} 的签名密钥。", next_step="请从密钥备份恢复该文件。", code="KEY_FILE_MISSING"
            )
        if self.is_in_device(kid):
            return self._open(_reference(kid), lambda: self._from_device(kid, algorithm))
        return self._open(_file(kid), lambda: self._from_file(kid, algorithm))

    # The log

    def has_log(self) -> bool:
        return (self._folder / LOG).is_file()

    def make_log(self) -> None:
        self._write(self._folder, LOG, new_private_key(ED25519))

    def log(self) -> Ed25519Signer:
        """Raises KeyringError."""
        signer = self._open(LOG, lambda: self._read(self._folder, LOG, ED25519))
        if not isinstance(signer, Ed25519Signer):
            raise _unreadable(LOG)
        return signer

    # At rest

    def require_secret(self) -> None:
        """Raises KeyringError where a key could not be written as it must be."""
        self._secret()

    def in_the_clear(self) -> tuple[str, ...]:
        """Names of the private keys that are not encrypted."""
        return tuple(path.name for path in self._files() if not is_sealed(read_private(path.parent, path.name)))

    def encrypt(self) -> None:
        """What an earlier program wrote in the clear. The caller holds the folder's lock."""
        secret = self._secret()
        for path in self._files():
            pem = read_private(path.parent, path.name)
            if secret is not None and not is_sealed(pem):
                write_private(path.parent, path.name, sealed(_content(pem), secret))

    def _files(self) -> list[Path]:
        found = sorted(self._folder.glob("*.pem"))
        return found if self._root == self._folder or not self.root_at_hand() else [*found, self._root / ROOT]

    def _secret(self) -> str | None:
        given = self._passphrase()
        return given if self._plain else require(given)

    def _write(self, folder: Path, name: str, der: bytes) -> None:
        write_private(folder, name, sealed(der, self._secret()))

    def _read(self, folder: Path, name: str, algorithm: int) -> Signer:
        pem = read_private(folder, name)
        try:
            return signer_of_pem(algorithm, pem, secret_for(pem, self._passphrase()))
        except ValueError as error:
            raise _unreadable(name) from error

    def _open(self, name: str, load: Callable[[], Signer]) -> Signer:
        if name in self._opened and (self._folder / name).is_file():
            refuse_open_to_others(self._folder)
            refuse_open_to_others(self._folder / name)
        else:
            self._opened[name] = load()
        return self._opened[name]

    def _from_file(self, kid: bytes, algorithm: int) -> Signer:
        signer = self._read(self._folder, _file(kid), algorithm)
        if signer.kid != kid:
            raise _unreadable(_file(kid))
        return signer

    def _from_device(self, kid: bytes, algorithm: int) -> Signer:
        name, device = _reference(kid), self._device()
        try:
            reference = json.loads(read_private(self._folder, name))
            token, label = reference["token"], str(reference["label"])
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable(name) from error
        if token != device.token:
            raise KeyringError(
                f"签名密钥 {kid.hex()} 在令牌 {token} 里，而现在设置的是 {device.token}。",
                next_step="请接上那个令牌，并改正环境变量 CHENGHE_PKCS11_TOKEN。",
                code="DEVICE_UNAVAILABLE",
            )
        signer = DeviceSigner(device, label, algorithm)
        if signer.kid != kid:
            raise _unreadable(name)
        return signer


def _file(kid: bytes) -> str:
    return f"{kid.hex()}.pem"


def _reference(kid: bytes) -> str:
    return f"{kid.hex()}.device.json"


def _content(pem: bytes) -> bytes:
    """The structure in a PEM that is not encrypted."""
    return b64decode(b"".join(line for line in pem.splitlines() if not line.startswith(b"-----")))


def _unreadable(name: str) -> KeyringError:
    return KeyringError(
        f"密钥文件不可用：打不开 {name}，或者它不是登记的那把密钥。",
        next_step=f"请核对环境变量 {PASSPHRASE_VARIABLE}（或 {FILE_VARIABLE}）中的口令，或从备份恢复 {name}。",
        code="KEY_FILE_UNREADABLE",
    )
