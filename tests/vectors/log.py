"""Cases of the transparency log: registered, backdated, unlogged, forged, forked, and the status of an earlier day."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.vectors.form import case
from tests.verify.sample import FACTS, ISSUED, KEYS, NOW, QR, STATUSES, STRANGER, TOKEN, Office, moment
from tests.verify.transparency.sample import LOG, LOG_KEY, OPENED, ORIGIN, WITNESS, WITNESS_NAME
from verify.encoding import dumps
from verify.keyring import Signer
from verify.notices import Notice
from verify.reasons import Reason
from verify.registration import Act
from verify.status import Status, pack
from verify.transparency import leaves as leaf
from verify.transparency.merkle import leaf_hash, root_of
from verify.transparency.notes import checkpoint_text, cosignature, sign_checkpoint
from verify.transparency.tiles import WIDTH, entries_path, join_entries, tiles_for
from verify.trust import Trust

REF = leaf.ref_of(TOKEN)
SIGNED_AT = moment("2026-09-01T08:00:00")
LOGGED = ISSUED + timedelta(seconds=2)
REVOKED, SUSPENDED, RESUMED = (moment(f"2026-08-{day}T09:00:00") for day in ("27", "24", "25"))
AHEAD = SIGNED_AT + timedelta(seconds=1)
_OTHERS = (b"another report's token", b"a third report's token")
_BEFORE = [leaf.opened(OPENED), *(leaf.issued(ISSUED, token, ISSUED, n) for n, token in enumerate(_OTHERS, 30))]
PLACE = len(_BEFORE)
ISSUE = leaf.issued(LOGGED, TOKEN, ISSUED, FACTS.sequence)
LATE = leaf.issued(ISSUED + timedelta(days=2), TOKEN, ISSUED, FACTS.sequence)
_KEYS = replace(KEYS, logs=(LOG_KEY,))
PLAIN, WITHDRAWN, HELD = "an office with a log", "an office with a log, revoked", "an office with a log, suspended"


def _with(status: Status) -> Trust:
    listed = replace(STATUSES, packed=pack({FACTS.status_index: status}, 1 << 14))
    return Office(keys=_KEYS, statuses=listed).trust()


TRUSTS = {PLAIN: _with(Status.VALID), WITHDRAWN: _with(Status.REVOKED), HELD: _with(Status.SUSPENDED)}


@dataclass(frozen=True, slots=True)
class State:
    """A log as it is published. ``ours``: the report's leaves by index; ``shown``: what its file says instead."""

    ours: tuple[tuple[int, bytes], ...] = ()
    shown: tuple[tuple[int, bytes], ...] | None = None
    signer: Signer = LOG
    witnessed: bool = False
    spoilt: str = ""
    at: datetime = SIGNED_AT
    empty: bool = False
    overfull: bool = False

    @property
    def leaves(self) -> list[bytes]:
        return [] if self.empty else [*_BEFORE, *(data for _, data in self.ours)]

    def files(self) -> dict[str, bytes]:
        """Path below the public folder → content."""
        leaves = self.leaves
        files = {f"log/{path}": data for path, data in tiles_for(0, leaves, lambda _: None)}
        if self.overfull:
            files[f"log/{entries_path(0, len(leaves))}"] = join_entries([*leaves, *_BEFORE[:1] * (WIDTH - len(leaves))])
        if self.spoilt:
            path = next(path for path in files if path.startswith(f"log/tile/{self.spoilt}"))
            files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])
        files["log/checkpoint"] = self._checkpoint(leaves).encode()
        shown = self.ours if self.shown is None else self.shown
        if shown:
            name = REF.hex()
            files[f"registered/{name[:2]}/{name}"] = dumps([list(each) for each in shown])
        return files

    def _checkpoint(self, leaves: Sequence[bytes]) -> str:
        root = root_of([leaf_hash(data) for data in leaves])
        text = sign_checkpoint(ORIGIN, len(leaves), root, self.signer, self.at)
        if not self.witnessed:
            return text
        line = cosignature(checkpoint_text(ORIGIN, len(leaves), root), WITNESS_NAME, WITNESS, self.at)
        return text + line.text() + "\n" * (not line.text().endswith("\n"))


def _chain(*acts: tuple[Act, datetime], first: bytes = ISSUE) -> tuple[tuple[int, bytes], ...]:
    rows = [(PLACE, first)]
    for act, at in acts:
        rows.append((rows[-1][0] + 1, leaf.changed(act, at, REF, rows[-1][0])))
    return tuple(rows)


ONLY = _chain()
STATES = {
    "registered": State(ONLY),
    "registered and witnessed": State(ONLY, witnessed=True),
    "revoked": State(_chain((Act.REVOKED, REVOKED))),
    "suspended": State(_chain((Act.SUSPENDED, SUSPENDED))),
    "suspended and resumed": State(_chain((Act.SUSPENDED, SUSPENDED), (Act.RESUMED, RESUMED))),
    "registered two days later": State(_chain(first=LATE)),
    "never registered": State(),
    "never registered, signed within the hour": State(at=ISSUED + timedelta(minutes=59)),
    "a leaf that is not in the tree": State(shown=((PLACE - 1, ISSUE),)),
    "another report's leaf": State(ONLY, shown=((1, _BEFORE[1]),)),
    "a revocation of a day to come": State(_chain((Act.REVOKED, AHEAD))),
    "a withheld revocation": State(_chain((Act.REVOKED, REVOKED)), shown=ONLY),
    "a broken chain": State(((PLACE, ISSUE), (PLACE + 1, leaf.changed(Act.REVOKED, REVOKED, REF, 1)))),
    "times that go back": State(_chain((Act.REVOKED, ISSUED - timedelta(days=1)))),
    "a tile of other hashes": State(ONLY, spoilt="0"),
    "signed by a stranger": State(ONLY, signer=STRANGER),
    "an empty tree": State(empty=True),
    "more leaves than the tree has": State(ONLY, overfull=True),
    "no leaf behind the tree's": State(ONLY, shown=(*ONLY, (PLACE + 1, bytes(128)))),
    "a fork": State(_chain((Act.SUSPENDED, SUSPENDED), (Act.REVOKED, REVOKED))),
    "no log": State(),
}


def published(name: str) -> dict[str, str]:
    """The files of a state, in base64."""
    files = {} if name == "no log" else STATES[name].files()
    return {path: b64encode(data).decode() for path, data in sorted(files.items())}


def told(
    size: int, *changes: tuple[str, datetime], at: datetime = LOGGED, witnesses: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The answer's ``log``."""
    rows = [{"status": name, "at": when.isoformat(), "index": PLACE + n} for n, (name, when) in enumerate(changes, 1)]
    facts = {"origin": ORIGIN, "index": PLACE, "logged_at": at.isoformat(), "tree_size": size}
    return {**facts, "checkpoint_at": SIGNED_AT.isoformat(), "witnesses": list(witnesses), "changes": rows}


def cases() -> Iterator[dict[str, Any]]:
    one = PLACE + 1
    yield case("registered", QR, Reason.OK, trust=PLAIN, log="registered", told=told(one))
    yield case("no log", QR, Reason.OK, trust=PLAIN, log="no log", told=None)
    witnessed = "registered and witnessed"
    yield case(witnessed, QR, Reason.OK, trust=PLAIN, log=witnessed, told=told(one, witnesses=(WITNESS_NAME,)))
    yield from earlier_days()
    yield from doubtful()
    yield from contradictory()


def earlier_days() -> Iterator[dict[str, Any]]:
    since, second = (Notice.STATUS_CHANGED_SINCE,), timedelta(seconds=1)
    revoked, size = ("revoked", REVOKED), PLACE + 2
    for name, at, reason, notices in (
        ("valid at bid opening, revoked since", REVOKED - second, Reason.OK_THEN, since),
        ("from the second of its revocation", REVOKED, Reason.WITHDRAWN, ()),
        ("asked for today", NOW, Reason.WITHDRAWN, ()),
    ):
        yield case(name, QR, reason, trust=WITHDRAWN, log="revoked", at=at, notices=notices, told=told(size, revoked))
    held, again = ("suspended", SUSPENDED), ("valid", RESUMED)
    both = told(PLACE + 3, held, again)
    during = SUSPENDED + second
    resumed = "suspended and resumed"
    yield case("under review then", QR, Reason.SUSPENDED, trust=PLAIN, log=resumed, at=during, notices=since, told=both)
    yield case("resumed", QR, Reason.OK, trust=PLAIN, log=resumed, told=both)
    yield case("under review", QR, Reason.SUSPENDED, trust=HELD, log="suspended", told=told(size, held))
    yield case("revoked in the log alone", QR, Reason.WITHDRAWN, trust=PLAIN, log="revoked", told=told(size, revoked))
    withheld, earlier = "a withheld revocation", REVOKED - second
    yield case(withheld, QR, Reason.WITHDRAWN, trust=WITHDRAWN, log=withheld, at=earlier, told=told(size))
    ahead, put_off = "a revocation of a day to come", told(size, ("revoked", AHEAD))
    yield case(ahead, QR, Reason.WITHDRAWN, trust=WITHDRAWN, log=ahead, at=earlier, told=put_off)


def doubtful() -> Iterator[dict[str, Any]]:
    late = "registered two days later"
    told_late = told(PLACE + 1, at=ISSUED + timedelta(days=2))
    yield case(late, QR, Reason.LOG_BACKDATED, number=81, trust=PLAIN, log=late, told=told_late)
    never = "never registered"
    yield case(never, QR, Reason.LOG_NOT_REGISTERED, number=81, trust=PLAIN, log=never, told=None)
    soon = "never registered, signed within the hour"
    yield case(soon, QR, Reason.OK, number=81, trust=PLAIN, log=soon, told=None)


def contradictory() -> Iterator[dict[str, Any]]:
    for name in (
        "a leaf that is not in the tree",
        "another report's leaf",
        "a broken chain",
        "times that go back",
        "a tile of other hashes",
        "signed by a stranger",
        "an empty tree",
        "more leaves than the tree has",
        "no leaf behind the tree's",
    ):
        yield case(name, QR, Reason.LOG_PROOF_INVALID, number=82, trust=PLAIN, log=name, told=None)
    forked = Reason.LOG_FORKED
    yield case("a fork", QR, forked, number=82, trust=PLAIN, log="a fork", log_seen="revoked", told=None)
    yield case("a shorter log", QR, forked, number=82, trust=PLAIN, log="registered", log_seen="revoked", told=None)
    emptied = "an empty tree"
    yield case("an emptied log", QR, forked, number=82, trust=PLAIN, log=emptied, log_seen="registered", told=None)
    told_now = told(PLACE + 2, ("revoked", REVOKED))
    yield case("grown", QR, Reason.WITHDRAWN, trust=PLAIN, log="revoked", log_seen="registered", told=told_now)
