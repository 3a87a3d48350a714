"""The whole log, read leaf by leaf: what can be wrong in it although every signature holds.

Each leaf, proven to stand in the signed tree, is looked at once, in order:

1. It is a leaf; the first, and no other, is the opening.
2. Its moment is not before that of the leaf before, and not after the checkpoint's.
3. An issue: registered within the hour of its signing (later is backdating) and not before it; no token and no number
   twice.
4. A change: of a report that was issued, next after that report's last leaf, and possible after it.

Afterwards reports and published files can be held against what was read. Memory: some 400 bytes for a report.

Source: docs/credential.md §10; docs/log.md.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from verify.credential import Credential
from verify.reasons import Rejection
from verify.registration import MERGE_DELAY, Act
from verify.transparency.findings import Finding, Kind
from verify.transparency.leaves import MAY_FOLLOW, Leaf, read_leaf, ref_of, registered, registered_path
from verify.transparency.notes import Checkpoint
from verify.transparency.tiles import WIDTH, Read
from verify.transparency.tree import TileTree
from verify.validity import SHANGHAI


@dataclass(frozen=True, slots=True)
class Logged:
    """One report as the log has it. ``rows``: index and bytes of its leaves, oldest first."""

    number: str
    rows: tuple[tuple[int, bytes], ...]

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple(read_leaf(content).act for _, content in self.rows)


def bundles(tree: TileTree) -> range:
    """The numbers of a log's entry bundles."""
    return range((tree.size + WIDTH - 1) // WIDTH)


class Audit:
    """What was read of one log. ``prefix``: of the issuer's report numbers."""

    def __init__(self, checkpoint: Checkpoint, prefix: str) -> None:
        self.checkpoint = checkpoint
        self.reports: dict[bytes, Logged] = {}
        self.days: Counter[date] = Counter()
        """Reports issued, by the day of their issue."""
        self.changes: Counter[Act] = Counter()
        self.opened_at: datetime | None = None
        self._prefix = prefix
        self._numbers: set[str] = set()
        self._last: datetime | None = None

    def read(self, tree: TileTree) -> Iterator[Finding]:
        """1–4 for every leaf. Raises TrustError (TILE_INVALID) or TileMissing."""
        for number in bundles(tree):
            yield from self.read_bundle(tree, number)

    def read_bundle(self, tree: TileTree, number: int) -> Iterator[Finding]:
        """The same for the leaves of one bundle; they are read in order."""
        for place, content in enumerate(tree.entries(number)):
            yield from self._leaf(number * WIDTH + place, content)

    def _leaf(self, index: int, content: bytes) -> Iterator[Finding]:
        try:
            leaf = read_leaf(content)
        except Rejection:
            yield Finding(Kind.LEAF_UNREADABLE, index)
            return
        if (leaf.act is Act.OPENED) != (index == 0):
            yield Finding(Kind.OPENING_MISPLACED, index)
        yield from self._moment(index, leaf)
        if leaf.act is Act.OPENED:
            self.opened_at = self.opened_at or leaf.at
        elif leaf.act is Act.ISSUED:
            yield from self._issue(index, leaf, content)
        else:
            yield from self._change(index, leaf, content)

    def _moment(self, index: int, leaf: Leaf) -> Iterator[Finding]:
        known = self.reports.get(leaf.ref)
        number = known.number if known else None
        if self._last is not None and leaf.at < self._last:
            yield Finding(Kind.TIME_BACKWARDS, index, number, f"{_text(leaf.at)}，前一条 {_text(self._last)}")
        if leaf.at > self.checkpoint.at:
            yield Finding(Kind.AHEAD_OF_CHECKPOINT, index, number, _text(leaf.at))
        self._last = leaf.at

    def _issue(self, index: int, leaf: Leaf, content: bytes) -> Iterator[Finding]:
        if leaf.iat is None or leaf.sequence is None:
            return
        number = self.number(leaf.iat, leaf.sequence)
        moments = f"签发 {_text(leaf.iat)}，登记 {_text(leaf.at)}"
        if leaf.at > leaf.iat + MERGE_DELAY:
            yield Finding(Kind.BACKDATED, index, number, moments)
        if leaf.at < leaf.iat:
            yield Finding(Kind.AHEAD_OF_ISSUE, index, number, moments)
        if leaf.ref in self.reports:
            yield Finding(Kind.REPORT_TWICE, index, number, f"先登记在第 {self.reports[leaf.ref].rows[0][0]} 条")
            return
        if number in self._numbers:
            yield Finding(Kind.NUMBER_TWICE, index, number)
        self._numbers.add(number)
        self.days[leaf.iat.date()] += 1
        self.reports[leaf.ref] = Logged(number, ((index, content),))

    def _change(self, index: int, leaf: Leaf, content: bytes) -> Iterator[Finding]:
        report = self.reports.get(leaf.ref)
        if report is None:
            yield Finding(Kind.CHAIN_BROKEN, index, detail="日志中没有这份报告的签发")
            return
        last = report.rows[-1][0]
        if leaf.previous != last:
            yield Finding(Kind.CHAIN_BROKEN, index, report.number, f"上一条是第 {last} 条，写的是第 {leaf.previous} 条")
        if leaf.act not in MAY_FOLLOW[report.acts[-1]]:
            yield Finding(Kind.ACT_IMPOSSIBLE, index, report.number)
        self.changes[leaf.act] += 1
        self.reports[leaf.ref] = Logged(report.number, (*report.rows, (index, content)))

    def of_report(self, credential: Credential) -> Iterator[Finding]:
        """What is wrong with the registration of a report in hand whose signature holds."""
        facts = credential.facts
        logged = self.reports.get(ref_of(credential.token))
        if logged is None:
            if self._should_hold(facts.issued_at):
                yield Finding(Kind.REPORT_UNLOGGED, number=credential.number, detail=f"签发 {_text(facts.issued_at)}")
            return
        index, content = logged.rows[0]
        leaf = read_leaf(content)
        if (leaf.iat, leaf.sequence) != (facts.issued_at, facts.sequence):
            yield Finding(Kind.REPORT_DIFFERS, index, credential.number, f"登记的是 {logged.number}")

    def of_files(self, read: Read) -> Iterator[Finding]:
        """Reports whose published leaves (``registered/…``) are not those of the log."""
        for ref, report in self.reports.items():
            if read(registered_path(ref)) != registered(report.rows):
                yield Finding(Kind.REGISTERED_DIFFERS, report.rows[-1][0], report.number)

    def number(self, issued_at: datetime, sequence: int) -> str:
        """As printed."""
        return f"{self._prefix}{issued_at.astimezone(SHANGHAI):%Y%m%d}{sequence:07d}"

    def _should_hold(self, issued_at: datetime) -> bool:
        """Whether a report of that moment must stand in this tree: issued since the opening, and an hour before."""
        opened = self.opened_at
        return opened is not None and opened <= issued_at and issued_at + MERGE_DELAY <= self.checkpoint.at


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
