"""What a member said, and what an action makes of it.

* An action is one thing a member can have done in chat: one module, one ``answers``. It answers None to what is not
  its own; ``bot.answering`` asks the actions in order, and the assistant when no action took it.
* What an action still waits for (a purpose, a yes) is ``Pending``: kept with the conversation, given back with the next
  message, forgotten after ``PENDING_MINUTES``.
* Who asks is known, or nobody in particular: ``Caller.staff`` None gets policy answers at most.
* Every message has a key, the same whenever it is answered again: an act made from it is done once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.channels.messages import OutFile
from index.directory.model import Staff

PENDING_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Caller:
    """``channel``: where it was asked, as the question log and the audit name it. ``group``: others read along.

    ``app``: one of ``channels.toml``, or "web"; a conversation has its name there. ``account``: as the audit names who
    is in no directory.
    """

    staff: Staff | None
    channel: str
    conversation: str
    group: bool
    app: str = field(kw_only=True)
    account: str = field(kw_only=True)


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
    """One message, at ``now`` (aware). ``key``: ``key_of`` it."""

    text: str
    caller: Caller
    now: datetime
    files: tuple[SentFile, ...] = ()
    pending: Pending | None = None
    key: str = field(kw_only=True)


def key_of(app: str, message: str) -> str:
    """Of a message by its app and the platform's id of it."""
    return hashlib.sha256(json.dumps([app, message]).encode("ascii")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Reply:
    """``blocks`` are sent whole where they fit (a citation, a table row); ``pending``: what is waited for now.

    ``holder``: to whom it is said (``standing_of``); the next holder of the account goes on with nothing of it.
    """

    text: str
    blocks: tuple[str, ...] = ()
    file: OutFile | None = None
    pending: Pending | None = None
    suggestions: tuple[str, ...] = field(default=())
    holder: str = ""


class Action(Protocol):
    @property
    def name(self) -> str: ...

    def answers(self, said: Said) -> Reply | None:
        """None: not mine. Reads and writes what it must, in the thread of the answering; raises OfficeError only."""
