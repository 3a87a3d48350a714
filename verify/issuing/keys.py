"""The keys of an office: a root that signs the key list, and signing keys that sign reports for 90 days each.

Rules kept:
* The folder is 0700, files are 0600; a folder or key that others may read is refused, not repaired.
* Private keys are PKCS#8 PEM, encrypted when CHENGHE_KEY_PASSPHRASE is set; nothing of them is ever logged or shown.
* A key signs for 90 days and is listed for 32 more: no report outlives its key (``KeyEntry.not_after``).
* Each change gives the key list the next version. The root is needed for that only and may be kept elsewhere meanwhile.
* A sample office gets a key for any moment asked for; a real one never does. Decision: docs/decisions/0051.
* Making and rotating keys makes the certificate of the PDFs too, when the present one ends soon (``pdf.certificates``).

Source: design §5; verify.keylist; NIST SP 800-57 part 1 (short cryptoperiods for signing keys).
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from verify.credential import ReportType
from verify.errors import KeyringError
from verify.issuing.files import locked, read_private, refuse_open_to_others, write_private
from verify.issuing.pdf.certificates import DocumentCertificates
from verify.keylist import Issuer, KeyEntry, KeyList, LogKey, open_key_list, sign_key_list
from verify.keyring import ED25519, Ed25519Signer, Signer
from verify.trust import Root
from verify.validity import SHANGHAI, valid_until

PASSPHRASE_VARIABLE = "CHENGHE_KEY_PASSPHRASE"  # noqa: S105 - a name, not a secret
SIGNING_DAYS = 90
LISTED_DAYS = SIGNING_DAYS + 32
KEY_LIST_DAYS = 366
_ROOT, _ROOT_FACTS, _KEY_LIST, _LOG = "root.pem", "root.json", "key-list.cose", "log.pem"


def passphrase_from_environment() -> str | None:
    return os.environ.get(PASSPHRASE_VARIABLE) or None


@dataclass(frozen=True, slots=True)
class KeyState:
    """One signing key as people see it: what is listed, and whether its private part is here."""

    entry: KeyEntry
    has_private: bool

    @property
    def signs_until(self) -> datetime:
        """From this moment on the key signs no more, but what it signed stays verifiable."""
        return self.entry.not_before + timedelta(days=SIGNING_DAYS)

    def may_sign(self, moment: datetime) -> bool:
        in_term = self.entry.not_before <= moment < self.signs_until and valid_until(moment) <= self.entry.not_after
        return self.has_private and in_term and self.entry.revoked_at is None


class KeyStore:
    """The folder ``keys/`` of one office. ``provisions``: make a key for any moment (sample offices)."""

    def __init__(
        self,
        folder: Path,
        issuer: Issuer,
        *,
        provisions: bool,
        passphrase: Callable[[], str | None] = passphrase_from_environment,
    ) -> None:
        self._folder = folder
        self._issuer = issuer
        self._provisions = provisions
        self._passphrase = passphrase
        self.documents = DocumentCertificates(folder, issuer.name, provisions=provisions, passphrase=passphrase)
        """Who certifies the PDFs."""
        self._opened: dict[str, Ed25519Signer] = {}

    def exists(self) -> bool:
        return (self._folder / _ROOT_FACTS).is_file()

    def init(self, now: datetime) -> KeyState:
        """Makes the root, the first signing key and the key list. Raises KeyringError when there is a root already."""
        with locked(self._folder):
            if self.exists():
                raise KeyringError(
                    "密钥已经初始化过，不能重来。",
                    next_step="更换签名密钥请执行 chenghe keys rotate。",
                    code="KEYS_EXIST",
                )
            self.documents.ensure(now)
            return self._init(now)

    def rotate(self, now: datetime) -> KeyState:
        """Adds a signing key from ``now`` on; earlier keys stay listed for the reports they signed. Needs the root."""
        with locked(self._folder):
            self.documents.ensure(now)
            return self._add(now, now)

    def renew(self, now: datetime) -> None:
        """Signs the same keys again, for a new term and under the office's present name."""
        with locked(self._folder):
            self._write_list(self.key_list().keys, now, self.key_list().version + 1)

    def list(self) -> tuple[KeyState, ...]:
        """Every key, newest first."""
        entries = sorted(self.key_list().keys, key=lambda entry: entry.not_before, reverse=True)
        return tuple(KeyState(entry, self.has_private(entry.kid)) for entry in entries)

    def signer_for(self, moment: datetime, *, now: datetime) -> Signer:
        """The newest key that may sign at ``moment``. Raises KeyringError (NO_SIGNING_KEY, KEYS_MISSING)."""
        found = self._find(moment)
        if found is None and self._provisions:
            with locked(self._folder):
                found = self._find(moment) or self._provide(moment, now)
        if found is None:
            self._require()
            raise KeyringError(
                f"没有可在 {moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 签名的密钥。",
                next_step="签名密钥每 90 天更换一次，请由密钥管理员执行 chenghe keys rotate。",
                code="NO_SIGNING_KEY",
            )
        return self.signer(found.entry.kid)

    def signer(self, kid: bytes) -> Signer:
        """The signing key with this kid. Raises KeyringError."""
        if not self.has_private(kid):
            raise KeyringError(
                f"找不到编号为 {kid.hex()} 的签名密钥。", next_step="请从密钥备份恢复该文件。", code="KEY_FILE_MISSING"
            )
        return self._open(_file(kid))

    def log_signer(self) -> Ed25519Signer:
        """The key of the transparency log. Raises KeyringError (LOG_KEY_MISSING)."""
        if not (self._folder / _LOG).is_file():
            raise _no_log()
        return self._open(_LOG)

    def log_key(self) -> LogKey:
        """The log as the key list names it, with its witnesses. Raises KeyringError (LOG_KEY_MISSING)."""
        logs = self.key_list().logs
        if not logs:
            raise _no_log()
        return logs[0]

    def root_at_hand(self) -> bool:
        """Whether a new key list could be signed now."""
        return (self._folder / _ROOT).is_file()

    def has_private(self, kid: bytes) -> bool:
        return (self._folder / _file(kid)).is_file()

    def root(self) -> Root:
        """The public root, to be pinned by verifiers."""
        self._require()
        try:
            facts = json.loads(read_private(self._folder, _ROOT_FACTS))
            return Root(facts["algorithm"], bytes.fromhex(facts["public_key"]))
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable(_ROOT_FACTS, f"{_ROOT_FACTS} 已损坏") from error

    def key_list_bytes(self) -> bytes:
        self._require()
        return read_private(self._folder, _KEY_LIST)

    def key_list(self) -> KeyList:
        root = self.root()
        return open_key_list(self.key_list_bytes(), root.algorithm, root.public_key)

    def due(self, listed: KeyList, now: datetime) -> bool:
        """Whether a key list should be signed anew and can be: its last month has begun, or it says not what is."""
        return self.root_at_hand() and not self.suits(listed, now)

    def suits(self, listed: KeyList, now: datetime) -> bool:
        """Whether a key list names office, log and certificates as they are, and holds for another month at least."""
        named = listed.issuer == self._issuer and bool(listed.logs) and listed.certificates == self.documents.listed()
        return named and now + timedelta(days=31) < listed.expires_at

    def _init(self, now: datetime) -> KeyState:
        key = Ed25519PrivateKey.generate()
        self._write_private_key(_ROOT, key)
        facts = {"algorithm": ED25519, "public_key": key.public_key().public_bytes_raw().hex()}
        entry = self._new_key(now)
        self._write_list((entry,), now, 1)
        write_private(self._folder, _ROOT_FACTS, json.dumps(facts).encode())
        return KeyState(entry, has_private=True)

    def _provide(self, moment: datetime, now: datetime) -> KeyState:
        if not self.exists():
            self._init(now)
        return self._find(moment) or self._add(moment, now)

    def _find(self, moment: datetime) -> KeyState | None:
        if not self.exists():
            return None
        return next((state for state in self.list() if state.may_sign(moment)), None)

    def _add(self, starts: datetime, now: datetime) -> KeyState:
        listed = self.key_list()
        self._read_private_key(_ROOT)  # refuses before a key is written that nobody could list
        entry = self._new_key(starts)
        self._write_list((*listed.keys, entry), now, listed.version + 1)
        return KeyState(entry, has_private=True)

    def _new_key(self, starts: datetime) -> KeyEntry:
        """A key from the first second of the day of ``starts``, written before it is listed."""
        first = starts.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        last = first + timedelta(days=LISTED_DAYS) - timedelta(seconds=1)
        entry = KeyEntry(ED25519, public, first, last, (int(ReportType.SPECIAL),))
        self._write_private_key(_file(entry.kid), key)
        return entry

    def _write_list(self, entries: tuple[KeyEntry, ...], now: datetime, version: int) -> None:
        root = Ed25519Signer(self._read_private_key(_ROOT))
        issued = now.replace(microsecond=0)
        expires = issued + timedelta(days=KEY_LIST_DAYS)
        logs, certificates = (self._log(),), self.documents.listed()
        listed = KeyList(version, issued, expires, self._issuer, entries, logs, certificates)
        write_private(self._folder, _KEY_LIST, sign_key_list(listed, root))

    def _log(self) -> LogKey:
        """The log as listed; the first time with a key made for it. Its name stays, wherever the site moves."""
        if (self._folder / _KEY_LIST).is_file() and (logs := self.key_list().logs):
            return logs[0]
        if not (self._folder / _LOG).is_file():
            self._write_private_key(_LOG, Ed25519PrivateKey.generate())
        return LogKey(self._issuer.verify_url.partition("://")[2] + "/log", self.log_signer().public_key)

    def _open(self, name: str) -> Ed25519Signer:
        """A private key stays in memory as long as this object; its file must stay where it is, and ours alone."""
        if name in self._opened:
            refuse_open_to_others(self._folder)
            refuse_open_to_others(self._folder / name)
        else:
            self._opened[name] = Ed25519Signer(self._read_private_key(name))
        return self._opened[name]

    def _write_private_key(self, name: str, key: Ed25519PrivateKey) -> None:
        write_private(self._folder, name, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, self._encryption()))

    def _encryption(self) -> KeySerializationEncryption:
        secret = self._passphrase()
        return BestAvailableEncryption(secret.encode()) if secret else NoEncryption()

    def _read_private_key(self, name: str) -> Ed25519PrivateKey:
        secret = self._passphrase()
        try:
            pem = read_private(self._folder, name)
            key = load_pem_private_key(pem, secret.encode() if secret else None)
        except (ValueError, TypeError) as error:  # wrong passphrase, none given, or no PEM
            raise _unreadable(name, f"打不开 {name}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _unreadable(name, f"{name} 不是 Ed25519 密钥")
        return key

    def _require(self) -> None:
        if not self.exists():
            raise KeyringError(
                "还没有签名密钥。", next_step="请由密钥管理员执行 chenghe keys init。", code="KEYS_MISSING"
            )


def _no_log() -> KeyringError:
    return KeyringError(
        "还没有登记日志的密钥。",
        next_step="请由密钥管理员放回根密钥后执行 chenghe keys rotate。",
        code="LOG_KEY_MISSING",
    )


def _file(kid: bytes) -> str:
    return f"{kid.hex()}.pem"


def _unreadable(name: str, what: str) -> KeyringError:
    return KeyringError(
        f"密钥文件不可用：{what}。",
        next_step=f"请核对环境变量 {PASSPHRASE_VARIABLE} 中的口令，或从备份恢复 {name}。",
        code="KEY_FILE_UNREADABLE",
    )
