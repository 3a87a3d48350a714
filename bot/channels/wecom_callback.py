"""What the callbacks of WeCom's apps and smart robots have in common: signed parameters, the envelope, the check of the
address.

Source: developer.work.weixin.qq.com 接收消息 (90238), 回调和回复的加解密方案 (101033).
"""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.channels.app_settings import AppSettings
from bot.channels.callback import check_fresh, moment, parameter
from bot.channels.envelope import Envelope, Sealed


@dataclass(frozen=True, slots=True)
class Opened:
    """``at``: when it was sent; signed."""

    text: str
    at: datetime


def envelope_of(settings: AppSettings, token: str, aes_key: str, receive_id: str) -> Envelope:
    """Raises UsageError."""
    try:
        return Envelope(token, aes_key, receive_id)
    except ValueError as cause:
        raise settings.wrong("aes_key", "应是后台生成的 43 个字符") from cause


def opened(request: web.Request, encrypted: str, envelope: Envelope, now: datetime) -> Opened:
    """What ``msg_signature``, ``timestamp`` and ``nonce`` of the address sign, if it is fresh. Raises Refused."""
    timestamp, nonce = parameter(request, "timestamp"), parameter(request, "nonce")
    text = envelope.open(Sealed(encrypted, parameter(request, "msg_signature"), timestamp, nonce))
    at = moment(timestamp)
    check_fresh(at, now)
    return Opened(text, at)


def verified(request: web.Request, envelope: Envelope, now: datetime) -> web.Response:
    """``echostr`` opened, as the bare text: no quotes, no line. Raises Refused.

    It is base64: a space in it was a plus that did not come as ``%2B``.
    """
    encrypted = parameter(request, "echostr").replace(" ", "+")
    return web.Response(text=opened(request, encrypted, envelope, now).text)
