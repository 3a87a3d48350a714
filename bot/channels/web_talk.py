"""What a page of the chat brings along with every message: its conversation, its last turns, what is waited for.

* The conversation has a name nobody can guess; a page opened anew is a new one, one of the history goes on under its
  own name. It says nothing of whose it is: everything kept under it is kept by member too.
* What an action waits for (``Pending``) travels sealed in the page: nobody can read or change it, and it is good for
  ``PENDING_MINUTES``, for this conversation, and for whoever it was said to, with the duties they had then, in this
  sign-in (``Visitor.holder``). A page that is sent again after a broken line, or after a restart, goes on where it
  stood. What is no more good is said to be over: an answer to it is no question.
* Each sending has a name: the same words, sent again under it, are the same message.

Decision: docs/decisions/0242.
"""

import base64
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

from bot.actions.said import PENDING_MINUTES, Pending, key_of
from bot.assistant.answer import Turn
from bot.channels.web_room import Visitor

APP = "web"
SEALED_MAX = 16_000
_NAME = re.compile(r"[A-Za-z0-9_-]{16,43}")


@dataclass(frozen=True, slots=True)
class Talk:
    """As a message found it. ``sending``: the name of this sending; ``over``: something was waited for, no more."""

    conversation: str
    sending: str
    context: tuple[Turn, ...] = ()
    pending: Pending | None = None
    over: bool = False

    def key(self, who: Visitor, text: str) -> str:
        """The same for the same message of the same member; other words are another message."""
        return key_of(APP, json.dumps([who.actor, self.conversation, self.sending, text]))


@dataclass(frozen=True, slots=True)
class Kept:
    """The same as the forms carry it: plain words."""

    context: str
    conversation: str
    pending: str
    sending: str


class Talks:
    """``key``: of this service, for good; or of this process."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(key, b"chenghe chat: what is waited for", "sha256")))

    def read(self, sent: Mapping[str, object], context: tuple[Turn, ...], who: Visitor, now: datetime) -> Talk:
        """What is no name of ours is a new one; what is not sealed for them is nothing."""
        conversation, sending = (_name(sent.get(name)) for name in ("conversation", "sending"))
        pending = self._opened(sent.get("pending"), conversation, who, now)
        return Talk(conversation, sending, context, pending, over=pending is None and bool(sent.get("pending")))

    def new(self) -> Talk:
        return Talk(_name(None), _name(None))

    def kept(self, talk: Talk, who: Visitor, now: datetime) -> Kept:
        """For the next message: under a new name of its sending."""
        turns = [{"role": turn.role, "content": turn.content} for turn in talk.context]
        sealed = "" if talk.pending is None else self._sealed(talk.pending, talk.conversation, who, now)
        return Kept(json.dumps(turns, ensure_ascii=False), talk.conversation, sealed, _name(None))

    def _sealed(self, pending: Pending, conversation: str, who: Visitor, now: datetime) -> str:
        values = [[conversation, who.holder], pending.action, dict(pending.kept)]
        return self._fernet.encrypt_at_time(json.dumps(values).encode("ascii"), int(now.timestamp())).decode("ascii")

    def _opened(self, sealed: object, conversation: str, who: Visitor, now: datetime) -> Pending | None:
        if not isinstance(sealed, str) or not 0 < len(sealed) <= SEALED_MAX or not sealed.isascii():
            return None
        seconds = int(timedelta(minutes=PENDING_MINUTES).total_seconds())
        try:
            opened = self._fernet.decrypt_at_time(sealed, seconds, int(now.timestamp()))
        except InvalidToken:
            return None
        meant, action, kept = json.loads(opened)
        return Pending(action, kept) if meant == [conversation, who.holder] else None


def _name(sent: object) -> str:
    return sent if isinstance(sent, str) and _NAME.fullmatch(sent) else secrets.token_urlsafe(24)
