"""What comes in from a platform and what goes out to it: the values and the one Protocol that every channel keeps.

* ``Incoming`` is one message of one member, proven to come from the platform; ``app`` and ``id`` name it for good: the
  platform may send it again, we answer it once.
* ``Route`` is how the platform is told whom to answer: plain words that survive a restart. It holds no secret.
* A channel knows its platform's cryptography, addresses and limits, and nothing else: what to answer is decided in
  ``bot.answering``, that nothing is lost or sent twice in ``bot.post``.

Source: issue 6 §1–§2; ../shared/channels.md.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from aiohttp import web


class Platform(StrEnum):
    """Whose accounts the senders have. Accounts of one platform and tenant are one kind of account."""

    WECOM = "wecom"
    WECHAT = "wechat"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or file somewhere on the platform: ``place`` is what ``Channel.fetch`` needs to get it."""

    name: str
    place: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "place": dict(self.place)}


@dataclass(frozen=True, slots=True)
class Incoming:
    """``tenant``: the company (corp id, app id, tenant key) whose account ``sender`` is. ``sent_at``: aware."""

    app: str
    platform: Platform
    id: str
    tenant: str
    sender: str
    conversation: str
    group: bool
    text: str
    sent_at: datetime
    route: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "app": self.app,
            "platform": self.platform.value,
            "id": self.id,
            "tenant": self.tenant,
            "sender": self.sender,
            "conversation": self.conversation,
            "group": self.group,
            "text": self.text,
            "sent_at": self.sent_at.isoformat(),
            "route": dict(self.route),
            "attachments": [each.to_json() for each in self.attachments],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Incoming":
        return cls(
            value["app"],
            Platform(value["platform"]),
            value["id"],
            value["tenant"],
            value["sender"],
            value["conversation"],
            value["group"],
            value["text"],
            datetime.fromisoformat(value["sent_at"]),
            value["route"],
            tuple(Attachment(each["name"], each["place"]) for each in value["attachments"]),
        )


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file to be sent: a report, a calendar."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform takes. ``per_member``, ``per_app``: so many messages in so many seconds, all kept."""

    text_bytes: int
    per_member: tuple[tuple[int, float], ...] = ()
    per_app: tuple[tuple[int, float], ...] = ()
    files: bool = True
    """Whether it takes files from us at all."""
    one_answer: bool = False
    """Whether it takes one answer to a message, and nothing after it."""
    knows_keys: bool = True
    """Whether it recognises a repetition by ``key``; else what it may have taken unseen may arrive twice."""
    passive_seconds: float | None = None
    """Within which an answer may be the answer to the callback itself; None: the channel always sends actively."""


class SendFailed(Exception):
    """The platform did not take a message. ``after_seconds`` None: it never will, whatever we do.

    ``perhaps_taken``: it may have, and we did not hear of it.
    """

    def __init__(self, what: str, after_seconds: float | None, *, perhaps_taken: bool = False) -> None:
        super().__init__(what)
        self.after_seconds = after_seconds
        self.perhaps_taken = perhaps_taken


class Receipt(Protocol):
    """An incoming message that lies in the post office: it is durable, and will be answered once."""

    known: bool
    """Whether it had come before."""

    async def passive(self, seconds: float) -> str | None:
        """The whole answer, if it is ready in time and short enough, for the callback's own answer; it is then sent.

        The same answer again when the platform repeats a message that was answered in this way.
        """


Receive = Callable[[Incoming], Awaitable[Receipt]]


class Channel(Protocol):
    """One app of one tenant on one platform. One file per platform; chosen by ``bot.channels.configuring``."""

    @property
    def app(self) -> str:
        """Its name in ``channels.toml``; its HTTP address is ``/channels/<app>``."""

    @property
    def platform(self) -> Platform: ...

    @property
    def limits(self) -> Limits: ...

    def mount(self, app: web.Application, receive: Receive) -> None:
        """Adds its callback address, if the platform calls us."""

    async def run(self, receive: Receive) -> None:
        """Keeps its long connection, if it has one, until cancelled; returns at once if it has none."""

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        """Sends one text within the limits. ``key``: the same for a repetition, for platforms that recognise one.

        Raises SendFailed.
        """

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        """Raises SendFailed."""

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        """Raises SendFailed when the platform does not give it, or it is larger."""

    async def close(self) -> None: ...
