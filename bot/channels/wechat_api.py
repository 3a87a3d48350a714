"""The server API of a WeChat official account: its token, customer-service messages, pictures that members sent.

* The token is the stable one: another program of the same account that fetches its own does not end ours.
* ``errcode`` decides: what may pass, and what an administrator can mend, is tried again later; the rest is given up.
  For each message of a member five may be sent (45047 after that): then it waits for the member's next message.
* Errors name the code only; docs/channels/wechat.md says what to do for each.

Source: developers.weixin.qq.com getStableAccessToken, 客服消息 (message/custom/send), 获取临时素材 (media/get),
全局返回码说明.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import orjson

from bot.channels.access_token import AccessToken, Fetched
from bot.channels.calling import Calls
from bot.channels.messages import SendFailed

LATER_SECONDS = 0.0
TOO_OFTEN_SECONDS = 60.0
SETTINGS_SECONDS = 300.0
QUOTA_SECONDS = 600.0
TOKEN_ENDED = frozenset({40001, 40014, 41001, 42001})
AGAIN_SECONDS: Mapping[int, float] = MappingProxyType(
    {
        -1: LATER_SECONDS,  # busy
        45011: TOO_OFTEN_SECONDS,  # too many calls a minute
        45009: QUOTA_SECONDS,  # all calls of the day are used up
        45047: QUOTA_SECONDS,  # as many messages as one message of the member allows
        40001: SETTINGS_SECONDS,  # wrong AppSecret
        40013: SETTINGS_SECONDS,  # wrong AppID
        40125: SETTINGS_SECONDS,  # AppSecret was reset
        40164: SETTINGS_SECONDS,  # our address is not on the white list
        40243: SETTINGS_SECONDS,  # AppSecret is frozen
        50007: SETTINGS_SECONDS,  # the account is frozen
    }
)
"""Codes after which a call is made again, and when; every other code is for good."""
_REFUSAL_BYTES = 4096
_TAKEN: dict[str, Any] = {"errcode": 0}


class WechatApi:
    """``base``: scheme and host. ``seconds``: a monotonic clock."""

    def __init__(self, base: str, app_id: str, secret: str, seconds: Callable[[], float]) -> None:
        self._calls = Calls(base)
        self._key = {"grant_type": "client_credential", "appid": app_id, "secret": secret}
        self._token = AccessToken(self._fetched, seconds)

    async def send_text(self, member: str, text: str) -> None:
        """Raises SendFailed."""
        body = {"touser": member, "msgtype": "text", "text": {"content": text}}
        await self._with_token(
            lambda token: self._calls.json("POST", "/cgi-bin/message/custom/send", params=token, body=body)
        )

    async def download(self, media_id: str, limit_bytes: int) -> bytes:
        """Raises SendFailed."""
        content = b""

        async def got(token: Mapping[str, str]) -> dict[str, Any]:
            nonlocal content
            params = {**token, "media_id": media_id}
            content = await self._calls.download("/cgi-bin/media/get", limit_bytes, params=params)
            return _refusal_in(content)

        await self._with_token(got)
        return content

    async def check_access(self) -> str:
        """Raises SendFailed."""
        await self._token.get()
        return ""

    async def close(self) -> None:
        await self._calls.close()

    async def _with_token(self, call: Callable[[Mapping[str, str]], Awaitable[dict[str, Any]]]) -> None:
        token = await self._token.get()
        answer = await call({"access_token": token})
        if _code(answer) in TOKEN_ENDED:
            self._token.refused(token)
            answer = await call({"access_token": await self._token.get()})
        _judge(answer)

    async def _fetched(self) -> Fetched:
        try:
            answer = await self._calls.json("POST", "/cgi-bin/stable_token", body=self._key)
            _judge({**_TAKEN, **answer})
        except SendFailed as failed:  # it says nothing of the message that waits for the token
            after = SETTINGS_SECONDS if failed.after_seconds is None else failed.after_seconds
            raise SendFailed(str(failed), after) from failed
        token, lasting = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lasting, int):
            raise SendFailed("WeChat gave no access token", LATER_SECONDS)
        return token, float(lasting)


def _code(answer: Mapping[str, object]) -> int:
    """An answer without one did not come from WeChat's application: busy."""
    code = answer.get("errcode")
    return code if isinstance(code, int) else -1


def _judge(answer: Mapping[str, object]) -> None:
    code = _code(answer)
    if code == 0:
        return
    after = AGAIN_SECONDS.get(code)
    if code in TOKEN_ENDED and after is None:
        after = LATER_SECONDS
    raise SendFailed(f"WeChat answered {code}", after)


def _refusal_in(content: bytes) -> dict[str, Any]:
    """What ``media/get`` answers instead of a picture: a small JSON object with ``errcode``."""
    if len(content) > _REFUSAL_BYTES or not content.startswith(b"{"):
        return _TAKEN
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return _TAKEN
    return value if "errcode" in value else _TAKEN
