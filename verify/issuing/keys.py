"""The keys of an office: a root that signs the key list, and signing keys that sign reports for 90 days each.

Rules kept:
* A key signs for 90 days and is listed for 32 more: no report outlives its key (``KeyEntry.not_after``).
* A new key is listed a week before it signs, so that whoever verifies with the trust file of last week knows it; when
  no other key could sign meanwhile, it signs at once.
* Each change gives the key list the next version. The root is needed for that only; all else works without it.
* The list says everything that verifiers need: signing keys of whatever algorithm, the log with its witnesses, and the
  certificates of PDFs. It is signed anew whenever that changed or its last month began, if the root is at hand.
* A revoked key is never unlisted, and signs nothing from then on. If no other could sign, a new one is made at once and
  stands in the same list: there is no moment in which only half of it is true.
* A listed key is never listed anew: its term would change under the reports it signed, its revocation be taken back.
* A list is never older than the published one, whatever backup ``keys/`` comes from (``newest_list``).
* A sample office gets a key for any moment asked for; a real one never does. Decision: docs/decisions/0051.
* Making and rotating keys makes the certificate of the PDFs too, when the present one ends soon (``pdf.certificates``).

Where private keys lie and how: ``key_folder``. Source: design §5; verify.keylist; NIST SP 800-57 part 1 (short
cryptoperiods for signing keys).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from verify.cose import open_sign1
from verify.credential import ReportType
from verify.errors import KeyringError, TrustError
from verify.issuing.files import locked, read_private, write_private
from verify.issuing.key_folder import KeyFolder
from verify.issuing.newest_list import PublishedList, certificates_of
from verify.issuing.passphrase import Passphrase, passphrase_from_environment
from verify.issuing.pdf.certificates import DocumentCertificate, DocumentCertificates
from verify.issuing.pkcs11 import Device, device_from_environment
from verify.issuing.repositories import refuse_in_repository
from verify.keylist import (
    TYP,
    Issuer,
    KeyEntry,
    KeyList,
    ListedCertificate,
    LogKey,
    Witness,
    open_key_list,
    sign_key_list,
)
from verify.keyring import ED25519, Ed25519Signer, Signer
from verify.reasons import Rejection
from verify.signing import new_private_key, signer_of_der
from verify.trust import Root
from verify.validity import SHANGHAI, valid_until

SIGNING_DAYS = 90
LISTED_DAYS = SIGNING_DAYS + 32
KEY_LIST_DAYS = 366
AHEAD = timedelta(days=7)
"""How long a new key is listed before it signs."""
LATEST_START = timedelta(days=SIGNING_DAYS)
LAST_MONTH = timedelta(days=31)
_ROOT_FACTS, _KEY_LIST = "root.json", "key-list.cose"


@dataclass(frozen=True, slots=True)
class KeyState:
    """One signing key as people see it: what is listed, and whether its private part is here."""

    entry: KeyEntry
    has_private: bool
    in_device: bool = False

    @property
    def signs_until(self) -> datetime:
        """From this moment on the key signs no more, but what it signed stays verifiable."""
        return self.entry.not_before + timedelta(days=SIGNING_DAYS)

    def may_sign(self, moment: datetime) -> bool:
        in_term = self.entry.not_before <= moment < self.signs_until and valid_until(moment) <= self.entry.not_after
        return self.has_private and in_term and self.entry.revoked_at is None


class KeyStore:
    """The folder ``keys/`` of one office.

    ``provisions``: make a key for any moment (sample offices). ``algorithm``: of the keys that are made from now on.
    ``root``: the folder of the root key, when it is kept elsewhere. ``published``: the trust file that this office
    publishes; need not exist.
    """

    def __init__(
        self,
        folder: Path,
        issuer: Issuer,
        *,
        provisions: bool,
        algorithm: int = ED25519,
        root: Path | None = None,
        published: Path | None = None,
        passphrase: Passphrase = passphrase_from_environment,
        device: Callable[[], Device] = device_from_environment,
    ) -> None:
        self._folder = folder
        self._root = root or folder
        self._published = PublishedList(published)
        self._issuer = issuer
        self._provisions = provisions
        self._algorithm = algorithm
        self._private = KeyFolder(folder, self._root, plain=provisions, passphrase=passphrase, device=device)
        self.documents = DocumentCertificates(folder, issuer.name, provisions=provisions, passphrase=passphrase)
        """Who certifies the PDFs."""

    @property
    def sample(self) -> bool:
        return self._provisions

    def exists(self) -> bool:
        return (self._folder / _ROOT_FACTS).is_file()

    # Acts. Each but ``log_signer``, ``signer_for`` and ``signer`` needs the root.

    def init(self, now: datetime, *, label: str | None = None) -> KeyState:
        """Makes the root, the first signing key and the key list. Raises KeyringError when there is a root already.

        ``label``: the signing key lies in the cryptographic device, under this label.
        """
        if not self._provisions:
            refuse_in_repository(self._folder)
        if self._root != self._folder:
            refuse_in_repository(self._root)
        self._private.require_secret()
        with locked(self._folder):
            if self.exists():
                raise KeyringError(
                    "密钥已经初始化过，不能重来。",
                    next_step="更换签名密钥请执行 chenghe keys rotate。",
                    code="KEYS_EXIST",
                )
            resumed = self._resumed()
            if resumed is not None:
                return resumed
            self.documents.ensure(now)
            return self._begin(now, label)

    def rotate(self, now: datetime, *, starts: datetime | None = None, label: str | None = None) -> KeyState:
        """Adds a signing key; earlier keys stay listed for the reports they signed.

        ``starts``: the day from which it signs; by default a week from now, or today when nothing else could sign.
        """
        with locked(self._folder):
            self._root_signer()  # refuses before a key is written that nobody could list
            self._private.encrypt()
            self.documents.ensure(now)
            return self._add(self._start(now, starts), now, label)

    def revoke(self, kid: bytes, now: datetime, *, label: str | None = None) -> KeyState | None:
        """Withdraws a signing key from ``now`` on. The key that was made in its place, if none was left to sign.

        Raises KeyringError (KEY_UNKNOWN, KEY_REVOKED_ALREADY).
        """
        with locked(self._folder):
            listed = self.key_list()
            entry = next((each for each in listed.keys if each.kid == kid), None)
            if entry is None:
                raise _no_such_key(kid.hex())
            if entry.revoked_at is not None:
                raise _revoked_already(kid.hex())
            self._root_signer()  # refuses before a key is written that nobody could list
            left = any(state.may_sign(now) for state in self.list() if state.entry.kid != kid)
            added = () if left else (self._new_key(_first_second(now), label, listed.keys),)
            withdrawn = replace(entry, revoked_at=_whole_second(now))
            self._write_list((*(withdrawn if each is entry else each for each in listed.keys), *added), now)
            return self._state(added[0]) if added else None

    def revoke_certificate(self, name: str, now: datetime) -> None:
        """Withdraws a certificate of PDFs from ``now`` on; another takes its place. Raises KeyringError."""
        with locked(self._folder):
            self._root_signer()
            self.documents.revoke(name, now)
            self.documents.ensure(now)
            self._renew(now)

    def bring_in_certificate(self, content: bytes, password: bytes | None, now: datetime) -> DocumentCertificate:
        """A certificate and its key, PKCS#12, in use and listed from ``now`` on. Raises KeyringError."""
        self._private.require_secret()
        with locked(self._folder):
            self._root_signer()
            added = self.documents.bring_in(content, password, now)
            self._renew(now)
            return added

    def renew(self, now: datetime) -> None:
        """Signs the same keys again, for a new term and under the office's present name."""
        with locked(self._folder):
            self._renew(now)

    def set_witnesses(self, change: Callable[[tuple[Witness, ...]], tuple[Witness, ...]], now: datetime) -> LogKey:
        """Lists other witnesses of the log. Raises KeyringError or TrustError."""
        with locked(self._folder):
            listed = self.key_list()
            log = self._log()
            self._write_list(listed.keys, now, replace(log, witnesses=change(log.witnesses)))
            return self.log_key()

    # Looking

    def list(self) -> tuple[KeyState, ...]:
        """Every key, the one listed last first."""
        return tuple(self._state(entry) for entry in reversed(self.key_list().keys))

    def signer_for(self, moment: datetime, *, now: datetime) -> Signer:
        """Of the keys that may sign at ``moment`` the one listed last.

        Raises KeyringError (NO_SIGNING_KEY, KEYS_MISSING).
        """
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
        return self._private.signer(found.entry.kid, found.entry.algorithm)

    def signer(self, kid: bytes) -> Signer:
        """The signing key with this kid. Raises KeyringError."""
        entry = next((each for each in self.key_list().keys if each.kid == kid), None)
        if entry is None:
            raise _no_such_key(kid.hex())
        return self._private.signer(kid, entry.algorithm)

    def has_private(self, kid: bytes) -> bool:
        return self._private.has(kid)

    def log_signer(self) -> Ed25519Signer:
        """The key of the transparency log. Raises KeyringError (LOG_KEY_MISSING, KEY_FILE_MISSING, LOG_KEY_OTHER)."""
        named, signer = self.log_key(), self._private.log()
        if signer.public_key != named.public_key:
            raise KeyringError(
                "log.pem 不是公钥清单里登记日志的那把密钥。",
                next_step="请从备份恢复 log.pem；用别的密钥签的检查点，核验方都不认。",
                code="LOG_KEY_OTHER",
            )
        return signer

    def log_key(self) -> LogKey:
        """The log as the key list names it, with its witnesses. Raises KeyringError (LOG_KEY_MISSING)."""
        logs = self.key_list().logs
        if not logs:
            raise _no_log()
        return logs[0]

    def root_at_hand(self) -> bool:
        """Whether a new key list could be signed now."""
        return self._private.root_at_hand()

    def in_the_clear(self) -> tuple[str, ...]:
        """Names of the private keys here that are not encrypted."""
        return self._private.in_the_clear()

    def root(self) -> Root:
        """The public root, to be pinned by verifiers."""
        self._require()
        try:
            facts = json.loads(read_private(self._folder, _ROOT_FACTS))
            return Root(facts["algorithm"], bytes.fromhex(facts["public_key"]))
        except (ValueError, KeyError, TypeError) as error:
            raise KeyringError(
                f"密钥文件不可用：{_ROOT_FACTS} 已损坏。",
                next_step=f"请从备份恢复 {_ROOT_FACTS}。",
                code="KEY_FILE_UNREADABLE",
            ) from error

    def key_list_bytes(self) -> bytes:
        return self._published.newest(read_private(self._folder, _KEY_LIST), self.root())

    def key_list(self) -> KeyList:
        """Raises KeyringError (KEYS_MISSING, KEY_FILE_UNREADABLE)."""
        root = self.root()
        try:
            return open_key_list(self.key_list_bytes(), root.algorithm, root.public_key)
        except TrustError as error:
            raise KeyringError(
                f"公钥清单 {_KEY_LIST} 已损坏，或者不是本机构的根密钥签的。",
                next_step=f"请从备份恢复 {_KEY_LIST}；public 目录里的 trust.json 请保留，里面较新的清单会自动取回。",
                code="KEY_FILE_UNREADABLE",
            ) from error

    def due(self, listed: KeyList, now: datetime) -> bool:
        """Whether a key list should be signed anew and can be: its last month has begun, or it says not what is."""
        return self.root_at_hand() and not self.suits(listed, now)

    def suits(self, listed: KeyList, now: datetime) -> bool:
        """Whether a key list names office, log and certificates as they are, and holds for another month at least."""
        certificates = certificates_of(listed.certificates, self.documents.listed())
        named = listed.issuer == self._issuer and bool(listed.logs) and listed.certificates == certificates
        return named and now + LAST_MONTH < listed.expires_at

    # The folder's lock is held by whoever calls the following

    def _begin(self, now: datetime, label: str | None = None) -> KeyState:
        """The first signing key, the first list, the root, and ``root.json`` last: with it there are keys."""
        secret = new_private_key(self._algorithm)
        root = signer_of_der(self._algorithm, secret)
        entry = self._new_key(_first_second(now), label)
        self._sign_list(root, 1, (entry,), now, self._new_log(), self.documents.listed())
        self._private.keep_root(secret)
        self._write_facts(root)
        return self._state(entry)

    def _resumed(self) -> KeyState | None:
        """A beginning of which ``root.json`` alone is missing: killed right before its end, or the file was lost.

        None when there is no root yet. Raises KeyringError (KEYS_EXIST) for a root that did not sign what is here.
        """
        if not self._private.root_at_hand():
            return None
        path = self._folder / _KEY_LIST
        content = read_private(self._folder, _KEY_LIST) if path.is_file() else b""
        try:
            root = self._private.root(open_sign1(content, TYP).algorithm)
            open_key_list(content, root.algorithm, root.public_key)
        except (Rejection, TrustError) as error:
            raise KeyringError(
                f"{self._root} 里已经有一把根密钥，而 {self._folder} 里没有它签的公钥清单。",
                next_step="请换一个空的位置，不要覆盖别的机构的根密钥；是本机构的，请从备份恢复 keys 目录。",
                code="KEYS_EXIST",
            ) from error
        self._write_facts(root)
        return self.list()[0]

    def _write_facts(self, root: Signer) -> None:
        facts = {"algorithm": root.algorithm, "public_key": root.public_key.hex()}
        write_private(self._folder, _ROOT_FACTS, json.dumps(facts).encode())

    def _provide(self, moment: datetime, now: datetime) -> KeyState:
        if not self.exists():
            _ = self._resumed() or self._begin(now)
        return self._find(moment) or self._add(_first_second(moment), now)

    def _find(self, moment: datetime) -> KeyState | None:
        if not self.exists():
            return None
        return next((state for state in self.list() if state.may_sign(moment)), None)

    def _state(self, entry: KeyEntry) -> KeyState:
        return KeyState(entry, self._private.has(entry.kid), self._private.is_in_device(entry.kid))

    def _start(self, now: datetime, asked: datetime | None) -> datetime:
        """The first second of the day from which a new key signs. Raises KeyringError (KEY_START)."""
        today = _first_second(now)
        if asked is not None:
            if not today <= asked <= today + LATEST_START:
                raise KeyringError(
                    "新密钥的启用日期不对。",
                    next_step=f"请写今天起 {LATEST_START.days} 天以内的日期。",
                    code="KEY_START",
                )
            return _first_second(asked)
        ahead = today + AHEAD
        covered = self._find(now) and self._find(ahead - timedelta(seconds=1))
        return ahead if covered else today

    def _add(self, starts: datetime, now: datetime, label: str | None = None) -> KeyState:
        self._root_signer()  # refuses before a key is written that nobody could list
        listed = self.key_list().keys
        entry = self._new_key(starts, label, listed)
        self._write_list((*listed, entry), now)
        return self._state(entry)

    def _new_key(self, first: datetime, label: str | None, listed: tuple[KeyEntry, ...] = ()) -> KeyEntry:
        """Written before it is listed. Raises KeyringError (KEY_LISTED) for a key of the device that is."""
        if label is None:
            signer = self._private.make(self._algorithm)
        else:
            signer = self._private.take_from_device(label, self._algorithm)
            if any(each.kid == signer.kid for each in listed):
                raise _listed_already(label)
        last = first + timedelta(days=LISTED_DAYS) - timedelta(seconds=1)
        return KeyEntry(signer.algorithm, signer.public_key, first, last, (int(ReportType.SPECIAL),))

    def _renew(self, now: datetime) -> None:
        self._write_list(self.key_list().keys, now)

    def _write_list(self, entries: tuple[KeyEntry, ...], now: datetime, log: LogKey | None = None) -> None:
        """The next version of the list."""
        root, last = self._root_signer(), self.key_list()
        certificates = certificates_of(last.certificates, self.documents.listed())
        self._sign_list(root, last.version + 1, entries, now, log or self._log(), certificates)

    def _sign_list(
        self,
        root: Signer,
        version: int,
        entries: tuple[KeyEntry, ...],
        now: datetime,
        log: LogKey,
        certificates: tuple[ListedCertificate, ...],
    ) -> None:
        issued = _whole_second(now)
        expires = issued + timedelta(days=KEY_LIST_DAYS)
        listed = KeyList(version, issued, expires, self._issuer, entries, (log,), certificates)
        write_private(self._folder, _KEY_LIST, sign_key_list(listed, root))

    def _root_signer(self) -> Signer:
        pinned = self.root()
        signer = self._private.root(pinned.algorithm)
        if signer.public_key != pinned.public_key:
            raise KeyringError(
                "这把根密钥不是本机构的。", next_step="请换上存放本机构根密钥的介质。", code="ROOT_KEY_OTHER"
            )
        return signer

    def _log(self) -> LogKey:
        """The log as listed. Its name stays, wherever the site moves."""
        logs = self.key_list().logs
        return logs[0] if logs else self._new_log()

    def _new_log(self) -> LogKey:
        if not self._private.has_log():
            self._private.make_log()
        return LogKey(self._issuer.verify_url.partition("://")[2] + "/log", self._private.log().public_key)

    def _require(self) -> None:
        if not self.exists():
            raise KeyringError(
                "还没有签名密钥。", next_step="请由密钥管理员执行 chenghe keys init。", code="KEYS_MISSING"
            )


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _first_second(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def _no_log() -> KeyringError:
    return KeyringError(
        "还没有登记日志的密钥。",
        next_step="请由密钥管理员接好存放根密钥的介质，执行 chenghe keys export（根密钥在别处的加 --root）。",
        code="LOG_KEY_MISSING",
    )


def _no_such_key(name: str) -> KeyringError:
    return KeyringError(
        f"公钥清单里没有编号为 {name} 的密钥。", next_step="请用 chenghe keys list 核对编号。", code="KEY_UNKNOWN"
    )


def _listed_already(label: str) -> KeyringError:
    return KeyringError(
        f"密码设备里标签为 {label} 的密钥已经在公钥清单里，不能再登记一次。",
        next_step="请用 --pkcs11 写一个新的标签，由程序在设备内新建密钥。",
        code="KEY_LISTED",
    )


def _revoked_already(name: str) -> KeyringError:
    return KeyringError(
        f"{name} 已经停用过。",
        next_step="不需要再停用；上次停用时中断、不能确定是否已经公布的，请执行 chenghe keys export。",
        code="KEY_REVOKED_ALREADY",
    )
