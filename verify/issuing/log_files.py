"""The transparency log as files for verifiers: tiles, the leaves of each report, and last the checkpoint.

    public/log/tile/…, public/log/tile/entries/…    hashes and leaves, 256 in a file
    public/registered/<2 hex>/<ref in hex>          the leaves of one report
    public/log/checkpoint                           the tree, signed

Rules kept:
* Everything follows from the rows (``registering``), which committed before; each file is written whole, the checkpoint
  last: whoever reads a folder that is being written or copied never sees a tree without its tiles.
* Only what was added is written; full tiles are written once. Partial tiles stay until two newer tiles have begun, for
  readers who still have an earlier checkpoint.
* A tree that does not begin with the published one is never signed: it would be a fork.
* Cosignatures of listed witnesses stay as long as the tree is the same. A checkpoint is signed anew every hour.
* What keeps the log from being published undoes no act: the leaves are stored, and ``problem`` says what is waited for.

Sources: docs/credential.md §10; c2sp.org/tlog-tiles, c2sp.org/tlog-checkpoint. Decisions: 0178, 0179.
"""

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from verify.encoding import dumps
from verify.errors import IssuingError, TrustError, VerifyError
from verify.issuing.files import sweep, write_whole
from verify.issuing.keys import KeyStore
from verify.issuing.registering import Leaves
from verify.keylist import LogKey
from verify.status import CLOCK_TOLERANCE
from verify.transparency.merkle import leaf_hash, root_of
from verify.transparency.notes import COSIGNED, Checkpoint, key_id, open_checkpoint, read_checkpoint, sign_checkpoint
from verify.transparency.tiles import WIDTH, entries_path, tile_path, tiles_for
from verify.transparency.tree import LEVEL_BITS, TileTree, edge_root

RENEWED = timedelta(minutes=30)
"""Half of the hour after which the service publishes anew, so that no hour is left out."""


class LogFiles:
    """The published log of one office. One process at a time may use it (the issuing lock)."""

    def __init__(self, keys: KeyStore, leaves: Leaves, public: Path) -> None:
        self._keys = keys
        self._leaves = leaves
        self._log = public / "log"
        self._registered = public / "registered"
        self.problem: VerifyError | None = None
        """Why the newest leaves are not published; None when they are."""

    def follow(self, now: datetime) -> None:
        """Publishes what was added since the last checkpoint, and a new checkpoint when the last one grows old."""
        try:
            self._publish(now)
        except VerifyError as problem:
            self.problem = problem
        else:
            self.problem = None

    def mend(self, now: datetime) -> None:
        """``follow``, after what is missing of earlier files was written again and half-written ones were removed."""
        _names_swept(self._log)
        reports = _names_swept(self._registered)
        try:
            if self._leaves.size():
                self._write_missing(self._last(self._keys.log_key()), reports)
            self._publish(now)
        except VerifyError as problem:
            self.problem = problem
        else:
            self.problem = None

    def is_ahead(self) -> bool:
        """Whether more was published than the database knows of. Believes the file: cheap enough for every report."""
        try:
            _, published = read_checkpoint(self._checkpoint())
        except (TrustError, FileNotFoundError):
            return False
        return published.size > self._leaves.size()

    def lost(self) -> tuple[int, list[bytes]]:
        """What the database lacks of the published log: from which position on, and the leaves, proven.

        Raises IssuingError (LOG_AHEAD, LOG_CONTRADICTS), KeyringError.
        """
        last, rows = self._last(self._keys.log_key()), self._leaves.since(0)
        try:
            if last is None:
                raise _ahead()
            tree = TileTree(last.size, last.root, self._read)
            if not tree.grows_from(len(rows), root_of([leaf_hash(leaf) for leaf in rows])):
                raise _forked()
            first = len(rows) // WIDTH
            found = [leaf for number in range(first, -(-last.size // WIDTH)) for leaf in tree.entries(number)]
        except TrustError as cause:
            raise _ahead() from cause
        return len(rows), found[len(rows) - first * WIDTH :]

    def _publish(self, now: datetime) -> None:
        size = self._leaves.size()
        if not size:
            return
        log = self._keys.log_key()
        last = self._last(log)
        if last is not None and last.size > size:
            raise _ahead()
        if last is not None and last.size == size and last.at <= now + CLOCK_TOLERANCE and now - last.at < RENEWED:
            return
        before = 0 if last is None else last.size
        size, root = self._write_tiles(last)
        self._write_reports(self._leaves.touched_since(before))
        self._sign(log, size, root, now if last is None else _not_before(last.at, now))
        self._forget_partial(before, size)

    def _last(self, log: LogKey) -> Checkpoint | None:
        """The published checkpoint; None when there is none of this log."""
        try:
            return open_checkpoint(self._checkpoint(), log)
        except (TrustError, FileNotFoundError):
            return None

    def _checkpoint(self) -> bytes:
        return (self._log / "checkpoint").read_bytes()

    def _write_tiles(self, last: Checkpoint | None) -> tuple[int, bytes]:
        """Writes what the published tree lacks. Size and root of the new one. Raises IssuingError (LOG_CONTRADICTS)."""
        base, rows = self._base(last)
        added = rows[base % WIDTH :]
        written = dict(tiles_for(base, added, self._read))
        for path, content in written.items():
            if self._read(path) != content:
                write_whole(self._log / path, content)
        size = base + len(added)
        edge = {}
        for bits in _edges(size):
            path = tile_path(bits // LEVEL_BITS, *divmod(size >> bits, WIDTH))
            edge[bits] = written.get(path) or (self._log / path).read_bytes()
        return size, edge_root(edge)

    def _base(self, last: Checkpoint | None) -> tuple[int, Sequence[bytes]]:
        """The size of the tree that can be built upon, and the leaves from its last partial bundle on."""
        if last is not None:
            rows = self._leaves.since(last.size // WIDTH * WIDTH)
            if self._is_whole(last, rows):
                return last.size, rows
        rows = self._leaves.since(0)
        if last is not None and root_of([leaf_hash(leaf) for leaf in rows[: last.size]]) != last.root:
            raise _forked()
        return 0, rows

    def _is_whole(self, last: Checkpoint, rows: Sequence[bytes]) -> bool:
        """Whether the edge of the published tree is there, and is that of our rows."""
        number, kept = divmod(last.size, WIDTH)
        try:
            tree = TileTree(last.size, last.root, self._read)
            return not kept or tree.entries(number) == rows[:kept]
        except TrustError:
            return False

    def _write_reports(self, refs: Collection[bytes]) -> None:
        for ref, leaves in self._leaves.of(refs).items():
            write_whole(self._report(ref), dumps([[index, leaf] for index, leaf in leaves]))

    def _report(self, ref: bytes) -> Path:
        name = ref.hex()
        return self._registered / name[:2] / name

    def _sign(self, log: LogKey, size: int, root: bytes, at: datetime) -> None:
        text = sign_checkpoint(log.origin, size, root, self._keys.log_signer(), at)
        write_whole(self._log / "checkpoint", (text + self._cosignatures(log, text)).encode())

    def _cosignatures(self, log: LogKey, text: str) -> str:
        """The lines of listed witnesses under the same tree."""
        try:
            note, _ = read_checkpoint(self._checkpoint())
        except (TrustError, FileNotFoundError):
            return ""
        if not text.startswith(note.text + "\n"):
            return ""
        known = {(each.name, key_id(each.name, COSIGNED, each.public_key)) for each in log.witnesses}
        return "".join(line.text() for line in note.lines if (line.name, line.key_id) in known)

    def _write_missing(self, last: Checkpoint | None, reports: Collection[str]) -> None:
        """What a restored or tidied folder lacks of the published tree. ``reports``: the names that are there."""
        self._write_reports([ref for ref in self._leaves.touched_since(0) if ref.hex() not in reports])
        if last is None or all((self._log / path).is_file() for path in _tiles(last.size)):
            return
        for path, content in tiles_for(0, self._leaves.since(0)[: last.size], self._read):
            if not (self._log / path).is_file():
                write_whole(self._log / path, content)

    def _forget_partial(self, before: int, size: int) -> None:
        for bits in range(LEVEL_BITS, size.bit_length() + 1, LEVEL_BITS):
            for number in range(max((before >> bits) - 1, 0), (size >> bits) - 1):
                shutil.rmtree((self._log / tile_path(bits // LEVEL_BITS - 1, number, 1)).parent, ignore_errors=True)
                if bits == LEVEL_BITS:
                    shutil.rmtree((self._log / entries_path(number, 1)).parent, ignore_errors=True)

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._log / path).read_bytes()
        except FileNotFoundError:
            return None


def _names_swept(place: Path) -> frozenset[str]:
    """The names of all files below, without those that a kill left half-written, which are removed."""
    found: set[str] = set()
    for folder, _, names in os.walk(place):
        found.update(names)
        if any(name.startswith(".") for name in names):
            sweep(Path(folder))
    return frozenset(found)


def _edges(size: int) -> Iterator[int]:
    """The levels, in bits, that have a partial tile."""
    return (bits for bits in range(0, size.bit_length(), LEVEL_BITS) if size >> bits & (WIDTH - 1))


def _tiles(size: int) -> Iterator[str]:
    """Every full tile and bundle of a tree, and the partial ones at its edge."""
    number, kept = divmod(size, WIDTH)
    if kept:
        yield entries_path(number, kept)
    for bits in _edges(size):
        yield tile_path(bits // LEVEL_BITS, *divmod(size >> bits, WIDTH))
    for number in range(size >> LEVEL_BITS):
        yield entries_path(number)
    for bits in range(LEVEL_BITS, size.bit_length(), LEVEL_BITS):
        for number in range(size >> bits):
            yield tile_path(bits // LEVEL_BITS - 1, number)


def _not_before(last: datetime, now: datetime) -> datetime:
    """A clock set back a little signs no checkpoint older than the last."""
    return max(last, now) if last <= now + CLOCK_TOLERANCE else now


def _ahead() -> IssuingError:
    return IssuingError(
        "公布的登记日志比数据库记载的长，而日志文件不完整，不能补回：数据库可能是从旧备份恢复的。",
        next_step="请把核验服务一侧的 public/log 整个复制回来再试，或恢复最新的数据库备份；不要删除 public/log。",
        code="LOG_AHEAD",
    )


def _forked() -> IssuingError:
    return IssuingError(
        "数据库里的登记日志与公布的不是同一个日志，没有公布新的检查点。",
        next_step="请停止签发，恢复与 public/ 对应的数据库备份；找不回来的，请与开发者联系，不要删除 public/log。",
        code="LOG_CONTRADICTS",
    )
