"""Checkpoints of a log as signed notes: what a log says its tree is, and who cosigned it.

* A note: text ending in a newline, an empty line, then signature lines ``— name base64(key id ‖ signature)``. UTF-8, no
  control characters; the last empty line parts text and signatures. (C2SP signed-note)
* Key id = first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key); type 1: Ed25519 over the text; type 4:
  cosignature/v1, a timestamp and Ed25519 over ``cosignature/v1``, ``time …`` and the text. (C2SP tlog-cosignature)
* Text of a checkpoint: origin, size, root in base64, perhaps more lines that mean nothing to us. (C2SP tlog-checkpoint)
* A checkpoint counts with both signatures of its log; the timestamp of the second is its moment. Lines of unknown keys
  are ignored, a line of a known key that does not hold makes the whole note worthless.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature (v1.0.0).
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from verify.errors import KeyringError, TrustError
from verify.keylist import LogKey, Witness
from verify.keyring import ED25519, Signer, VerifyingKey, verifying_key
from verify.transparency.merkle import HASH_BYTES, SIZE_MAX
from verify.validity import SHANGHAI

NOTE_LIMIT_BYTES = 128 * 1024
SIGNATURES_MAX = 256
SIGNED, COSIGNED = 0x01, 0x04
_DASH = "— "
_ID_BYTES, _TIME_BYTES, _SIGNATURE_BYTES = 4, 8, 64
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]{1,200}")
_WITNESS_NAME = re.compile(r"[!-*,-~]{1,200}")
"""As the key list has them: printable ASCII."""
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_SECONDS_MAX = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line below a note: unverified. ``blob``: what follows the key id."""

    name: str
    key_id: bytes
    blob: bytes

    def text(self) -> str:
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.blob).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A well-formed note: its text with the last newline, and its lines. Nothing in it is verified."""

    text: str
    lines: tuple[SignatureLine, ...]

    def whole(self) -> str:
        return f"{self.text}\n{''.join(line.text() for line in self.lines)}"


@dataclass(frozen=True, slots=True)
class ClaimedTree:
    """What the text of a checkpoint says; unverified."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree that a log of the key list vouches for. ``witnesses``: who of its listed ones cosigned it, by name."""

    origin: str
    size: int
    root: bytes
    at: datetime
    witnesses: tuple[str, ...] = ()


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """The four bytes by which a line names its key."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:_ID_BYTES]


def verifier_key(witness: Witness) -> str:
    """A witness as one word, ``name+key id+base64(type ‖ key)``: how its public key is handed over (C2SP vkey)."""
    encoded = b64encode(bytes([COSIGNED]) + witness.public_key).decode()
    return f"{witness.name}+{key_id(witness.name, COSIGNED, witness.public_key).hex()}+{encoded}"


def read_verifier_key(text: str) -> Witness:
    """Raises TrustError (WITNESS_KEY_INVALID) for anything but a witness of cosignature/v1."""
    name, _, rest = text.strip().partition("+")
    claimed, _, encoded = rest.partition("+")
    try:
        key = _base64(encoded)
        verifying_key(ED25519, key[1:])
    except (TrustError, KeyringError) as error:
        raise _no_witness() from error
    witness = Witness(name, key[1:])
    if key[0] != COSIGNED or not _WITNESS_NAME.fullmatch(name) or key_id(name, COSIGNED, key[1:]).hex() != claimed:
        raise _no_witness()
    return witness


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text that is signed."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def sign_checkpoint(origin: str, size: int, root: bytes, signer: Signer, at: datetime) -> str:
    """The checkpoint of a tree, signed by its log at ``at`` (its moment). ``signer`` has an Ed25519 key."""
    text = checkpoint_text(origin, size, root)
    line = SignatureLine(origin, key_id(origin, SIGNED, signer.public_key), signer.sign(text.encode()))
    return Note(text, (line, cosignature(text, origin, signer, at))).whole()


def cosignature(text: str, name: str, signer: Signer, at: datetime) -> SignatureLine:
    """The cosignature/v1 of ``name`` on a checkpoint: "at this moment I know of no larger tree of this log"."""
    if signer.algorithm != ED25519:
        raise ValueError("cosignature/v1 is Ed25519")
    seconds = int(at.timestamp())
    blob = seconds.to_bytes(_TIME_BYTES) + signer.sign(_cosigned(text, seconds))
    return SignatureLine(name, key_id(name, COSIGNED, signer.public_key), blob)


def read_note(data: bytes) -> Note:
    """Raises TrustError (CHECKPOINT_INVALID), and nothing else, for bytes that are no note."""
    if len(data) > NOTE_LIMIT_BYTES:
        raise _bad("过大")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad("不是 UTF-8 文字") from error
    text, gap, below = whole.rpartition("\n\n")
    if not gap or not below.endswith("\n") or _CONTROL.search(whole):
        raise _bad("不是签名的文本")
    lines = below[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise _bad("签名过多")
    return Note(text + "\n", tuple(_line(line) for line in lines))


def read_checkpoint(data: bytes) -> tuple[Note, ClaimedTree]:
    """The note and what it claims, unverified: to find out whose it is. Raises TrustError (CHECKPOINT_INVALID)."""
    note = read_note(data)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or not _DECIMAL.fullmatch(lines[1]):
        raise _bad("缺少日志名称、大小或根")
    size, root = int(lines[1]), _base64(lines[2])
    if size > SIZE_MAX or len(root) != HASH_BYTES:
        raise _bad("大小或根的写法不对")
    return note, ClaimedTree(lines[0], size, root)


def open_checkpoint(data: bytes | str, log: LogKey) -> Checkpoint:
    """The tree that ``log`` vouches for.

    Raises TrustError: CHECKPOINT_INVALID, CHECKPOINT_OTHER_LOG, CHECKPOINT_SIGNATURE.
    """
    note, tree = read_checkpoint(data.encode() if isinstance(data, str) else data)
    if tree.origin != log.origin:
        raise _bad("属于另一个日志", "CHECKPOINT_OTHER_LOG")
    key, mine = verifying_key(ED25519, log.public_key), _of(note, log.origin, SIGNED, log.public_key)
    if not mine:
        raise _bad("没有本日志的签名", "CHECKPOINT_SIGNATURE")
    for line in mine:
        _require(key, note.text.encode(), line.blob)
    at = cosigned_at(note, log.origin, log.public_key)
    if at is None:
        raise _bad("没有本日志的签名时间", "CHECKPOINT_SIGNATURE")
    names = tuple(each.name for each in log.witnesses if cosigned_at(note, each.name, each.public_key) is not None)
    return Checkpoint(tree.origin, tree.size, tree.root, at, names)


def cosigned_at(note: Note, name: str, public_key: bytes) -> datetime | None:
    """When the owner of this key cosigned the note, by its word; None if not. Raises TrustError for a false line."""
    key = verifying_key(ED25519, public_key)
    moments = [_cosigned_moment(line, key, note.text) for line in _of(note, name, COSIGNED, public_key)]
    return max(moments, default=None)


def _of(note: Note, name: str, kind: int, public_key: bytes) -> list[SignatureLine]:
    expected = key_id(name, kind, public_key)
    return [line for line in note.lines if line.name == name and line.key_id == expected]


def _cosigned_moment(line: SignatureLine, key: VerifyingKey, text: str) -> datetime:
    seconds = int.from_bytes(line.blob[:_TIME_BYTES])
    if seconds > _SECONDS_MAX:
        raise _bad("签名时间的写法不对", "CHECKPOINT_SIGNATURE")
    _require(key, _cosigned(text, seconds), line.blob[_TIME_BYTES:])
    return datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)


def _require(key: VerifyingKey, message: bytes, signature: bytes) -> None:
    """A line that names a known key must hold."""
    if len(signature) != _SIGNATURE_BYTES or not key(message, signature):
        raise _bad("签名无效", "CHECKPOINT_SIGNATURE")


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _line(line: str) -> SignatureLine:
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not gap or not _NAME.fullmatch(name):
        raise _bad("签名行的写法不对")
    blob = _base64(encoded)
    if len(blob) <= _ID_BYTES:
        raise _bad("签名行的写法不对")
    return SignatureLine(name, blob[:_ID_BYTES], blob[_ID_BYTES:])


def _base64(text: str) -> bytes:
    """Standard alphabet, padded, and the only spelling of its bytes."""
    try:
        value = b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        raise _bad("base64 有错误") from error
    if b64encode(value).decode() != text:
        raise _bad("base64 有错误")
    return value


def _no_witness() -> TrustError:
    return TrustError(
        "这不是见证机构的公钥。",
        next_step="请向见证机构索取 chenghe log witness-key 给出的一行文字，完整复制。",
        code="WITNESS_KEY_INVALID",
    )


def _bad(what: str, code: str = "CHECKPOINT_INVALID") -> TrustError:
    return TrustError(f"登记日志的检查点不可用：{what}。", next_step="请从签发机构重新获取检查点。", code=code)
