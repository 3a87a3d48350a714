"""What the transparency log says of one report: when it was registered, and what status it had since.

* A ``Registration`` holds proven leaves only: ``verify.transparency`` makes one after the inclusion proofs held under a
  checkpoint signed by a log of the pinned key list. It is passed to ``verify.check`` like the document in hand.
* ``LogFault``: the log showed something that cannot be; that is said, never passed over.
* No registration at all (None) – no network, no log – is no finding: the credential stands for itself.
* A report must be registered within ``MERGE_DELAY`` of its issue; later is backdating. A report older than the log's
  opening cannot stand in it.

Specified in docs/credential.md §6 step 8, §10; design §4; RFC 6962; C2SP tlog-checkpoint, tlog-tiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Any

from verify.reasons import Reason
from verify.status import Status
from verify.validity import iso

MERGE_DELAY = timedelta(hours=1)


class Act(IntEnum):
    """What a leaf registers; the number stands in the leaf."""

    OPENED = 0
    ISSUED = 1
    REVOKED = 2
    SUPERSEDED = 3
    SUSPENDED = 4
    RESUMED = 5


STATUS_AFTER = MappingProxyType(
    {
        Act.ISSUED: Status.VALID,
        Act.REVOKED: Status.REVOKED,
        Act.SUPERSEDED: Status.SUPERSEDED,
        Act.SUSPENDED: Status.SUSPENDED,
        Act.RESUMED: Status.VALID,
    }
)


@dataclass(frozen=True, slots=True)
class Registered:
    """One proven leaf of a report: its place in the log, what was done, and when the log says so."""

    index: int
    act: Act
    at: datetime


@dataclass(frozen=True, slots=True)
class Registration:
    """All leaves of one report, oldest first (the first is ISSUED); none: the log does not hold it.

    ``opened_at``: the log's first leaf. ``checkpoint_at``: when the log signed the tree of ``tree_size`` leaves.
    ``witnesses``: listed witnesses whose cosignature on that tree holds.
    """

    origin: str
    tree_size: int
    checkpoint_at: datetime
    opened_at: datetime
    leaves: tuple[Registered, ...]
    witnesses: tuple[str, ...] = ()

    def status_at(self, moment: datetime) -> Status | None:
        """The status that the log gives the report at ``moment``; None when it was not registered yet."""
        acts = [leaf.act for leaf in self.leaves if leaf.at <= moment]
        return STATUS_AFTER[acts[-1]] if acts else None

    @property
    def status(self) -> Status | None:
        """The newest."""
        return STATUS_AFTER[self.leaves[-1].act] if self.leaves else None

    def to_json(self) -> dict[str, Any] | None:
        """``log`` of the design's JSON; null when the log holds nothing of the report."""
        if not self.leaves:
            return None
        return {
            "origin": self.origin,
            "index": self.leaves[0].index,
            "logged_at": iso(self.leaves[0].at),
            "tree_size": self.tree_size,
            "checkpoint_at": iso(self.checkpoint_at),
            "witnesses": list(self.witnesses),
            "changes": [
                {"status": STATUS_AFTER[leaf.act].name.lower(), "at": iso(leaf.at), "index": leaf.index}
                for leaf in self.leaves[1:]
            ],
        }


@dataclass(frozen=True, slots=True)
class LogFault:
    """The log contradicts itself: LOG_PROOF_INVALID or LOG_FORKED."""

    reason: Reason


LogEvidence = Registration | LogFault


def doubts(evidence: LogEvidence, issued_at: datetime) -> Sequence[Reason]:
    """8. What the log makes doubtful of a report issued at ``issued_at``."""
    if isinstance(evidence, LogFault):
        return [evidence.reason]
    if evidence.leaves:
        return [Reason.LOG_BACKDATED] if evidence.leaves[0].at > issued_at + MERGE_DELAY else []
    due = evidence.opened_at <= issued_at and evidence.checkpoint_at >= issued_at + MERGE_DELAY
    return [Reason.LOG_NOT_REGISTERED] if due else []
