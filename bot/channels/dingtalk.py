"""DingTalk robot by HTTP (消息接收模式：HTTP 模式): DingTalk calls us for each message.

1. ``sign`` = base64(HMAC-SHA256(secret, timestamp + "\\n" + secret)) is ours, compared in constant time; ``timestamp``
   (milliseconds) is not more than an hour away.
2. The signature covers the moment only. The body is bound to nothing: it is read as coming from anybody who has seen
   one signed request within the hour, so
   * its web hook must lie on a host of DingTalk's, or the message is refused (it would make us call anything);
   * what a member asks in his own conversation is answered to that member by API, never to the web hook: whoever
     forged the name of a member does not get the member's answer;
   * ``msgId`` is known for days (``bot.post``), so the message itself is answered once.
3. The callback is answered at once and empty; the answer is sent.

Source: open.dingtalk.com 接收消息 (receive-message); ../shared/channels.md; docs/decisions/0221.
"""

import base64
import functools
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime

import orjson
from aiohttp import web

from bot.channels.addresses import Hosts
from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refusal, Refused, body, check_fresh, guarded, moment
from bot.channels.dingtalk_app import DingTalkApp
from bot.channels.dingtalk_messages import RobotMessage, incoming, read_message
from bot.channels.dingtalk_robot import Robot, robot_of
from bot.channels.dingtalk_sending import DingTalkSender
from bot.channels.messages import Receive

FRESH_SECONDS = 3600.0
_TIMESTAMP = re.compile(r"[0-9]{13}")
_NOTHING_TO_SAY = b'{"msgtype":"empty"}'


def make(settings: AppSettings, clock: Callable[[], datetime], seconds: Callable[[], float]) -> DingTalkApp:
    """Raises UsageError."""
    robot = robot_of(settings)
    sender = DingTalkSender(settings, robot, clock, seconds)
    return DingTalkApp(robot.app, sender, Callbacks(robot, sender.webhooks, clock))


class Callbacks:
    """``webhooks``: the hosts on which conversations may be answered."""

    def __init__(self, robot: Robot, webhooks: Hosts, clock: Callable[[], datetime]) -> None:
        self._robot = robot
        self._webhooks = webhooks
        self._clock = clock

    def mount(self, app: web.Application, receive: Receive) -> None:
        app.router.add_post(f"/channels/{self._robot.app}", guarded(functools.partial(self._answer, receive)))

    async def run(self, receive: Receive) -> None:
        """DingTalk calls us."""

    async def close(self) -> None:
        """Nothing is open between two calls."""

    async def _answer(self, receive: Receive, request: web.Request) -> web.StreamResponse:
        check_sign(request.headers, self._robot.secret, self._clock())
        message = read_message(await _json(request), self._robot)
        if message.webhook and message.webhook not in self._webhooks:
            raise Refused(Refusal.FORGED)
        if message.addressed:
            await receive(incoming(message, self._robot, unbound_route(message)))
        return web.Response(body=_NOTHING_TO_SAY, content_type="application/json")


def check_sign(headers: Mapping[str, str], secret: str, now: datetime) -> None:
    """Raises Refused: MALFORMED, FORGED or STALE."""
    timestamp, sign = headers.get("timestamp", ""), headers.get("sign", "")
    if not hmac.compare_digest(signature(timestamp, secret).encode(), sign.encode("utf-8", "replace")):
        raise Refused(Refusal.FORGED)
    if _TIMESTAMP.fullmatch(timestamp) is None:
        raise Refused(Refusal.MALFORMED)
    check_fresh(moment(timestamp[:-3]), now, FRESH_SECONDS)


def signature(timestamp: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode("utf-8", "replace"), hashlib.sha256)
    return base64.b64encode(digest).decode("ascii")


def unbound_route(message: RobotMessage) -> dict[str, str]:
    """Where a message is answered that anybody may have written: a member by name, others where they say they are."""
    if not message.group and message.staff:
        return {"member": message.staff}
    return webhook_route(message)


def webhook_route(message: RobotMessage) -> dict[str, str]:
    """The conversation's web hook, and what remains when it has ended."""
    route = {"group": message.conversation} if message.group else {"member": message.staff} if message.staff else {}
    if message.webhook:
        route |= {"webhook": message.webhook, "until": message.webhook_until.isoformat()}
        if message.group and message.staff:
            route["at"] = message.staff
    return route


async def _json(request: web.Request) -> object:
    content = await body(request)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as cause:
        raise Refused(Refusal.MALFORMED) from cause
