"""A robot on Feishu, however its events come: which events are messages to it, and how it answers.

* An event of another app, or of a company that the office has not named, is foreign: refused.
* Answers are replies to the message itself; nothing in an answer is read as Feishu's markup, so that no answer ever
  rings ``@所有人``.
* Five messages a second to one member or group (the robots of a group share them), 50 a second and 1,000 a minute of
  the app.

Source: open.feishu.cn, 回复消息; docs/decisions/0223, 0224.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.channels.app_settings import AppSettings
from bot.channels.contacts import Contacts
from bot.channels.feishu_api import ADDRESS, FeishuApi
from bot.channels.feishu_contacts import contacts_of
from bot.channels.feishu_events import AccountId, Envelope, message
from bot.channels.messages import Attachment, Incoming, Limits, OutFile, Platform

TEXT_BYTES = 8 * 1024
LIMITS = Limits(TEXT_BYTES, per_member=((5, 1.0),), per_app=((50, 1.0), (1000, 60.0)))
_MARKUP = re.compile(r"<(?=[/A-Za-z])")


class Foreign(Exception):
    """Another app's or company's event."""


@dataclass(frozen=True, slots=True)
class FeishuRobot:
    """``tenants``: the only companies whose events are taken; none named: the app's own, as Feishu sends them."""

    app: str
    app_id: str
    api: FeishuApi
    account: AccountId
    tenants: tuple[str, ...]

    async def understood(self, read: Envelope) -> Incoming | None:
        """None: nothing to answer. Raises Foreign, Malformed, and SendFailed when the robot does not know itself."""
        if read.app_id != self.app_id or (self.tenants and read.tenant not in self.tenants):
            raise Foreign
        found = message(read, self.account)
        if found is None:
            return None
        if found.mentioned and found.addressed is None:
            robot = await self.api.robot()
            addressed = robot in found.mentioned
            found = message(read, self.account, robot) or found
        else:
            addressed = bool(found.addressed)
        if found.group and not addressed:
            return None
        return Incoming(
            self.app,
            Platform.FEISHU,
            found.id,
            found.tenant,
            found.sender,
            found.chat,
            found.group,
            found.text,
            found.sent_at,
            {"message": found.id},
            found.attachments,
        )

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        await self.api.reply(route["message"], "text", {"text": _MARKUP.sub("＜", text)}, key)

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        file_key = await self.api.upload(file)
        await self.api.reply(route["message"], "file", {"file_key": file_key}, key)

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        return await self.api.resource(attachment.place, limit_bytes)

    async def contacts(self) -> Contacts:
        return await contacts_of(self.api, self.account, self.tenants)


def robot(settings: AppSettings, seconds: Callable[[], float]) -> FeishuRobot:
    """Raises UsageError."""
    app_id = settings.text("app_id")
    if re.fullmatch(r"cli_[A-Za-z0-9]{4,60}", app_id) is None:
        raise settings.wrong("app_id", "应以 cli_ 开头，见开发者后台“凭证与基础信息”")
    api = FeishuApi(settings.address("api", ADDRESS), app_id, settings.secret("app_secret"), seconds)
    account = AccountId(settings.choice("account", tuple(each.value for each in AccountId), AccountId.USER_ID.value))
    return FeishuRobot(settings.name, app_id, api, account, settings.texts("tenants"))
