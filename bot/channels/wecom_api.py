"""WeCom's server API for one app: its token, its error codes, messages and media.

* Every call carries the app's access token; a token that ended early is fetched anew, and the call made once more.
* ``errcode`` decides: what may pass (busy, too often) and what an administrator can mend (secret, trusted address) is
  tried again later; what will never be taken is given up.
* Errors name the code only; docs/channels/wecom.md says what to do for each.

Source: developer.work.weixin.qq.com 获取access_token (91039), 全局错误码 (90313), 上传临时素材 (90253),
获取临时素材 (90254).
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import aiohttp
import orjson

from bot.channels.access_token import AccessToken, Fetched
from bot.channels.calling import ANSWER_BYTES, LATER_SECONDS, Calls
from bot.channels.messages import OutFile, SendFailed

TOO_OFTEN_SECONDS = 60.0
SETTINGS_SECONDS = 300.0
TOKEN_ENDED = frozenset({40014, 41001, 42001})
BUSY: Mapping[int, float] = MappingProxyType(
    {
        -1: LATER_SECONDS,  # busy
        45009: TOO_OFTEN_SECONDS,  # called too often
        45033: LATER_SECONDS,  # too many calls at one time
    }
)
"""Codes that pass by themselves, and when to call again."""
TO_BE_MENDED: Mapping[int, float] = MappingProxyType(
    {
        40001: SETTINGS_SECONDS,  # wrong secret
        40013: SETTINGS_SECONDS,  # wrong corp id
        40056: SETTINGS_SECONDS,  # wrong agent id
        48002: SETTINGS_SECONDS,  # the app may not call this
        60020: SETTINGS_SECONDS,  # our address is not among the trusted ones
        301002: SETTINGS_SECONDS,  # the secret is that of another app
    }
)
"""Codes that pass once an administrator has mended the settings; every other code is for good."""
_TAKEN: dict[str, Any] = {"errcode": 0}
FILE_BYTES = 20 * 1024 * 1024
FILE_BYTES_LEAST = 6


class WecomApi:
    """``base``: scheme and host. ``seconds``: a monotonic clock."""

    def __init__(self, base: str, corp_id: str, secret: str, seconds: Callable[[], float]) -> None:
        self._calls = Calls(base)
        self._key = {"corpid": corp_id, "corpsecret": secret}
        self._token = AccessToken(self._fetched, seconds)

    async def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Raises SendFailed."""
        return await self._with_token(lambda token: self._calls.json("POST", path, params=token, body=dict(body)))

    async def get(self, path: str, params: Mapping[str, str], limit_bytes: int = ANSWER_BYTES) -> dict[str, Any]:
        """Raises SendFailed."""
        return await self._with_token(
            lambda token: self._calls.json("GET", path, params={**params, **token}, limit_bytes=limit_bytes)
        )

    async def upload(self, file: OutFile) -> str:
        """The media id of a file, good for three days. Raises SendFailed."""
        if not FILE_BYTES_LEAST <= len(file.content) <= FILE_BYTES:
            raise SendFailed("WeCom takes files of 6 bytes to 20 MB", None)

        def sent(token: Mapping[str, str]) -> Awaitable[dict[str, Any]]:
            return self._calls.form("/cgi-bin/media/upload", _form(file), {**token, "type": "file"})

        media_id = (await self._with_token(sent)).get("media_id")
        if not isinstance(media_id, str):
            raise SendFailed("WeCom gave no media id", LATER_SECONDS)
        return media_id

    async def download(self, media_id: str, limit_bytes: int) -> bytes:
        """Raises SendFailed."""
        content = b""

        async def got(token: Mapping[str, str]) -> dict[str, Any]:
            nonlocal content
            content = await self._calls.download(
                "/cgi-bin/media/get", limit_bytes, params={**token, "media_id": media_id}
            )
            return _refusal_in(content)

        await self._with_token(got)
        return content

    async def close(self) -> None:
        await self._calls.close()

    async def _with_token(self, call: Callable[[Mapping[str, str]], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        token = await self._token.get()
        answer = await call({"access_token": token})
        if _code(answer) in TOKEN_ENDED:
            self._token.refused(token)
            token = await self._token.get()
            answer = await call({"access_token": token})
        if _code(answer) in TOKEN_ENDED:
            self._token.refused(token)
            raise SendFailed(f"WeCom answered {_code(answer)}", LATER_SECONDS)
        _judge(answer)
        return answer

    async def _fetched(self) -> Fetched:
        """A refusal says nothing of the message that waits for the token: it is never for good."""
        try:
            answer = await self._calls.json("GET", "/cgi-bin/gettoken", params=self._key)
            _judge(answer)
        except SendFailed as refused:
            later = SETTINGS_SECONDS if refused.after_seconds is None else refused.after_seconds
            raise SendFailed(f"no access token: {refused}", later) from refused
        token, lasting = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lasting, int):
            raise SendFailed("WeCom gave no access token", LATER_SECONDS)
        return token, float(lasting)


def _code(answer: Mapping[str, object]) -> int:
    """An answer without one did not come from WeCom's application: busy."""
    code = answer.get("errcode")
    return code if isinstance(code, int) else -1


def _judge(answer: Mapping[str, object]) -> None:
    code = _code(answer)
    if code != 0:
        raise SendFailed(f"WeCom answered {code}", BUSY.get(code, TO_BE_MENDED.get(code)))


def _form(file: OutFile) -> aiohttp.FormData:
    """The name in plain UTF-8: with ``filename*`` WeCom sees no file (44001)."""
    form = aiohttp.FormData(quote_fields=False)
    name = "".join(each for each in file.name if each.isprintable() and each not in '"\\/')
    form.add_field("media", file.content, filename=name or "file", content_type="application/octet-stream")
    return form


def _refusal_in(content: bytes) -> dict[str, Any]:
    """What ``media/get`` answers instead of a file: a small JSON object with ``errcode``."""
    if not content.startswith(b"{") or len(content) > 4096:
        return _TAKEN
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return _TAKEN
    return value if isinstance(value.get("errcode"), int) and "errmsg" in value else _TAKEN
