"""What a verifier has seen stays seen: the newest lists and the newest tree of each log, beyond the end of a process.

* Of each root: version of the key list, moments of the status and notice list, the last checkpoint of each log. What is
  older is refused with the codes of ``verify.trust.refuse_older``, so that nobody brings a revoked key or report back
  by handing out an old file (verify-case 63).
* Not remembered is what says it was issued later than now: whoever stole a key could post-date one list, and every true
  one would be refused from then on, for ever. It is judged like any other (CLOCK_BEHIND); docs/decisions/0183.
* One small JSON file, written whole: temporary file, fsync, rename, with its folder locked. What other processes wrote
  meanwhile is taken in; a memory only grows newer.
* Where nothing can be written, the memory lasts as long as the process, and says so (``durable``).
* A damaged memory is no memory to go on with: everything is refused until a person has seen to it (SEEN_DAMAGED).
"""

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from verify.errors import TrustError
from verify.keyring import ALGORITHMS
from verify.status import CLOCK_TOLERANCE
from verify.transparency.merkle import SIZE_MAX
from verify.transparency.notes import Checkpoint
from verify.trust import Lists, Root, Trust, lists_of, refuse_older
from verify.validity import SHANGHAI
from verify.whole_files import replace_whole

FORMAT = "chenghe-seen-1"
FILE_LIMIT_BYTES = 1024 * 1024
_MODE = 0o600
_TREE_BYTES = 32
_SECONDS_MAX, _VERSION_MAX = (1 << 32) - 1, (1 << 64) - 1
"""With ``SIZE_MAX``: whatever a list or a checkpoint can say. What is written here is read again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one root. ``lists``: None before any trust file of it was believed."""

    lists: Lists | None = None
    logs: tuple[Checkpoint, ...] = ()


Remembered = Mapping[Root, Seen]


class Memory:
    """``path``: the file; None for a memory that ends with the process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[Root, Seen] = {}
        self._turn = Lock()
        self.durable = path is not None
        """Whether what was seen last is in the file."""

    def pin(self, root: Root) -> None:
        """For a service of one issuer. Raises TrustError (ROOT_CHANGED) when another root was believed before."""
        self._take_in()
        if self._known and root not in self._known:
            forgotten = f"删除 {self._path} 后" if self._path else ""
            raise TrustError(
                "信任文件不可用：根公钥与本机记住的不一致。",
                next_step=f"请向签发机构核实；确实更换了根密钥的，{forgotten}重新启动。",
                code="ROOT_CHANGED",
            )

    def admit(self, trust: Trust, now: datetime) -> None:
        """Believes ``trust`` and remembers it. Raises TrustError when something newer was seen, or SEEN_DAMAGED."""
        with self._changing():
            seen = self._known.get(trust.root, Seen())
            if seen.lists is not None:
                refuse_older(lists_of(trust), seen.lists)
            self._known[trust.root] = merged(seen, Seen(not_ahead(trust, now)))

    def checkpoints(self, root: Root) -> tuple[Checkpoint, ...]:
        """The last checkpoint believed of each log. Raises TrustError (SEEN_DAMAGED)."""
        self._take_in()
        return self._known.get(root, Seen()).logs

    def keep(self, root: Root, checkpoints: Iterable[Checkpoint]) -> None:
        """Remembers checkpoints that were believed. Raises TrustError (SEEN_DAMAGED)."""
        with self._changing():
            seen = self._known.get(root, Seen())
            self._known[root] = replace(seen, logs=_newest((*seen.logs, *checkpoints)))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """What others wrote is taken in before, what is new is written after; nothing when the change is refused."""
        with self._turn, self._locked():
            self._take_in()
            before = dict(self._known)
            yield
            if self._path is not None and (self._known != before or not self.durable):
                self.durable = _written(self._path, encode(self._known))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The folder, against other processes; without one there is nothing to lock."""
        if self._path is None:
            yield
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _take_in(self) -> None:
        if self._path is None:
            return
        try:
            with self._path.open("rb") as file:
                content = file.read(FILE_LIMIT_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise damaged(self._path) from error
        try:
            written = decode(content)
        except (ValueError, RecursionError) as error:
            raise damaged(self._path) from error
        for root, seen in written.items():
            self._known[root] = merged(self._known.get(root, Seen()), seen)


def not_ahead(trust: Trust, now: datetime) -> Lists | None:
    """What of ``trust`` may be remembered: nothing issued later than now, but for clocks that differ a little."""
    latest = now + CLOCK_TOLERANCE
    issued = [None if each is None or each.issued_at > latest else each.issued_at for each in trust.lists]
    version = 0 if trust.keys.issued_at > latest else trust.keys.version
    return Lists(trust.root, version, *issued) if version or any(issued) else None


def merged(one: Seen, other: Seen) -> Seen:
    """The newest of both."""
    if one.lists is None or other.lists is None:
        return Seen(one.lists or other.lists, _newest((*one.logs, *other.logs)))
    lists = Lists(
        one.lists.root,
        max(one.lists.version, other.lists.version),
        _later(one.lists.statuses_at, other.lists.statuses_at),
        _later(one.lists.changes_at, other.lists.changes_at),
    )
    return Seen(lists, _newest((*one.logs, *other.logs)))


def encode(known: Remembered) -> bytes:
    roots = {f"{ALGORITHMS[root.algorithm].name}:{root.public_key.hex()}": _entry(seen) for root, seen in known.items()}
    return (json.dumps({"format": FORMAT, "roots": roots}, indent=1) + "\n").encode()


def decode(content: bytes) -> dict[Root, Seen]:
    """Raises ValueError or RecursionError for anything that ``encode`` did not write."""
    if len(content) > FILE_LIMIT_BYTES:
        raise ValueError("too large")
    match json.loads(content):
        case {"format": str(form), "roots": dict(entries), **others} if form == FORMAT and not others:
            roots = {_root(name): entry for name, entry in entries.items()}
            return {root: _seen(root, entry) for root, entry in roots.items()}
    raise ValueError("another format")


def damaged(path: Path) -> TrustError:
    return TrustError(
        f"记录“见过的清单”的文件 {path} 损坏或读不出来，不能排除有人拿旧清单冒充新清单，已停止核验。",
        next_step="请先从签发机构取得最新的信任文件，再删除这个文件重试。",
        code="SEEN_DAMAGED",
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)


def _newest(checkpoints: Iterable[Checkpoint]) -> tuple[Checkpoint, ...]:
    """One for each log, the largest tree; its witnesses are not remembered."""
    largest: dict[str, Checkpoint] = {}
    for each in checkpoints:
        known = largest.get(each.origin)
        if known is None or (known.size, known.at) < (each.size, each.at):
            largest[each.origin] = replace(each, witnesses=())
    return tuple(largest[origin] for origin in sorted(largest))


def _entry(seen: Seen) -> dict[str, Any]:
    lists = seen.lists
    return {
        "key_list": None if lists is None else lists.version,
        "status_list": None if lists is None else _seconds(lists.statuses_at),
        "notice_list": None if lists is None else _seconds(lists.changes_at),
        "logs": {each.origin: [each.size, b64encode(each.root).decode(), _seconds(each.at)] for each in seen.logs},
    }


def _root(name: str) -> Root:
    algorithm, _, key = name.partition(":")
    number = next((each.number for each in ALGORITHMS.values() if each.name == algorithm), None)
    if number is None:
        raise ValueError("unknown algorithm")
    return Root(number, bytes.fromhex(key))


def _seen(root: Root, entry: object) -> Seen:
    match entry:
        case {"key_list": version, "status_list": statuses, "notice_list": changes, "logs": dict(trees), **others}:
            if others:
                raise ValueError("another entry")
            logs = tuple(_checkpoint(origin, tree) for origin, tree in trees.items())
            if version is None:
                return Seen(None, logs)
            return Seen(Lists(root, _whole(version, _VERSION_MAX), _moment(statuses), _moment(changes)), logs)
    raise ValueError("another entry")


def _checkpoint(origin: str, tree: object) -> Checkpoint:
    match tree:
        case [size, str(root), int(at)]:
            head = b64decode(root, validate=True)
            if len(head) == _TREE_BYTES:
                return Checkpoint(
                    origin, _whole(size, SIZE_MAX), head, datetime.fromtimestamp(_whole(at, _SECONDS_MAX), UTC)
                )
    raise ValueError("no tree")


def _whole(value: object, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError("no number")
    return value


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _moment(value: object) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(_whole(value, _SECONDS_MAX), UTC).astimezone(SHANGHAI)


def _written(path: Path, content: bytes) -> bool:
    """False where nothing can be written."""
    try:
        replace_whole(path, content, _MODE)
    except OSError:
        return False
    return True
