"""What a member said, and what an action makes of it.

* An action is one thing a member can have done in chat: one module, one ``answers``. It answers None to what is not
  its own; ``bot.answering`` asks the actions in order, and the assistant when no action took it.
* What an action still waits for (a purpose, a yes) is ``Pending``: kept with the conversation, given back with the next
  message, forgotten after ``PENDING_MINUTES``.
* Who asks is known, or nobody in particular: ``Caller.staff`` None gets policy answers at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.channels.messages import OutFile
from index.directory.model import Staff

PENDING_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Caller:
    """``channel``: where it was asked, as the question log and the audit name it. ``group``: others read along."""

    staff: Staff | None
    channel: str
    conversation: str
    group: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """``action``: who waits; ``kept``: plain words."""

    action: str
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SentFile:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """One message, at ``now`` (aware)."""

    text: str
    caller: Caller
    now: datetime
    files: tuple[SentFile, ...] = ()
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """``blocks`` are sent whole where they fit (a citation, a table row); ``pending``: what is waited for now."""

    text: str
    blocks: tuple[str, ...] = ()
    file: OutFile | None = None
    pending: Pending | None = None
    suggestions: tuple[str, ...] = field(default=())


class Action(Protocol):
    @property
    def name(self) -> str: ...

    def answers(self, said: Said) -> Reply | None:
        """None: not mine. Reads and writes what it must, in the thread of the answering; raises OfficeError only."""
