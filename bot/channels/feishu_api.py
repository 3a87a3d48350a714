"""Feishu's server API as far as a robot needs it: replies, files, who the robot is, where its long connection goes; and
what is read of the company.

* ``tenant_access_token``: one for all calls, asked for once; when Feishu refuses it, a new one is tried once.
* Feishu says why in ``code``, with HTTP 200 or 400: too fast is tried again later; another refusal is for good.
* ``uuid`` is made from the key of the outbox, so that Feishu sends a repetition within an hour only once.

Source: open.feishu.cn, 回复消息, 上传文件, 获取消息中的资源文件, 频控策略, 通用错误码.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
import orjson

from bot.channels.access_token import AccessToken, Fetched
from bot.channels.calling import LATER_SECONDS, CallRefused, Calls, code_of
from bot.channels.messages import OutFile, SendFailed

ADDRESS = "https://open.feishu.cn"
MENDED_SECONDS = 60.0
"""After which a wrong secret is tried again: an administrator may have mended it."""
FILE_BYTES = 30 * 1024 * 1024
_TOKEN_REFUSED = frozenset({99991661, 99991663, 99991664, 99991668, 99991671})
_TOO_FAST = frozenset({99991400, 230020, 230049, 11232})
"""Of the app; to one member or group; the same message is just being sent; Feishu itself is overloaded."""
_FILE_TYPES = {".pdf": "pdf", ".doc": "doc", ".docx": "doc", ".xls": "xls", ".xlsx": "xls"}

Headers = Mapping[str, str]
T = TypeVar("T")


class _TokenRefused(Exception):
    pass


class FeishuApi:
    """``seconds``: a monotonic clock."""

    def __init__(self, address: str, app_id: str, app_secret: str, seconds: Callable[[], float]) -> None:
        self._calls = Calls(address)
        self._app_id = app_id
        self._app_secret = app_secret
        self._token = AccessToken(self._fetch_token, seconds)
        self._robot = ""

    async def reply(self, message: str, kind: str, content: Mapping[str, str], key: str) -> None:
        """Raises SendFailed."""
        body = {"msg_type": kind, "content": orjson.dumps(content).decode(), "uuid": self._uuid(key)}
        path = f"/open-apis/im/v1/messages/{message}/reply"
        await self._authorised(lambda headers: self._calls.json("POST", path, body=body, headers=headers))

    async def upload(self, file: OutFile) -> str:
        """Its ``file_key``. Raises SendFailed."""
        if not 0 < len(file.content) <= FILE_BYTES:
            raise SendFailed("Feishu takes files of 1 byte to 30 MB", None)
        answer = await self._authorised(lambda headers: self._calls.form(_FILES, _form(file), {}, headers))
        return _word(answer.get("data"), "file_key")

    async def resource(self, place: Mapping[str, str], limit_bytes: int) -> bytes:
        """A picture or file of a message. Raises SendFailed."""
        path = f"/open-apis/im/v1/messages/{place['message']}/resources/{place['key']}"
        params = {"type": place["type"]}
        return await self._with_token(
            lambda headers: self._calls.download(path, limit_bytes, params=params, headers=headers)
        )

    async def robot(self) -> str:
        """The robot's own ``open_id``. Raises SendFailed."""
        if not self._robot:
            answer = await self._authorised(
                lambda headers: self._calls.json("GET", "/open-apis/bot/v3/info", headers=headers)
            )
            self._robot = _word(answer.get("bot"), "open_id")
        return self._robot

    async def check_access(self) -> str:
        """The name of the robot; there is none before the app has the ability. Raises SendFailed."""
        answer = await self._authorised(
            lambda headers: self._calls.json("GET", "/open-apis/bot/v3/info", headers=headers)
        )
        return _word(answer.get("bot"), "app_name")

    async def company(self) -> str:
        """The tenant key of the company that the app belongs to. Raises SendFailed."""
        return _word((await self.get("/open-apis/tenant/v2/tenant/query", ())).get("tenant"), "tenant_key")

    async def get(self, path: str, query: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """``data`` of the answer; a name may come several times in ``query``. Raises SendFailed."""
        address = f"{path}?{urlencode(query)}" if query else path
        answer = await self._authorised(lambda headers: self._calls.json("GET", address, headers=headers))
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    async def endpoint(self) -> dict[str, Any]:
        """``data`` of the address of a long connection. Raises SendFailed."""
        body = {"AppID": self._app_id, "AppSecret": self._app_secret}
        answer = await self._calls.json("POST", "/callback/ws/endpoint", body=body, headers={"locale": "zh"})
        data = answer.get("data")
        if answer.get("code") != 0 or not isinstance(data, dict):
            raise SendFailed(f"Feishu gives no long connection: code {code_of(answer.get('code'))}", MENDED_SECONDS)
        return data

    async def close(self) -> None:
        await self._calls.close()

    async def _authorised(self, call: Callable[[Headers], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        async def judged(headers: Headers) -> dict[str, Any]:
            answer = await call(headers)
            code = answer.get("code")
            if not isinstance(code, int):  # it did not come from Feishu's application
                raise SendFailed("Feishu answered no code", LATER_SECONDS)
            _judge(code, None)
            return answer

        return await self._with_token(judged)

    async def _with_token(self, call: Callable[[Headers], Awaitable[T]]) -> T:
        for _ in range(2):
            token = await self._token.get()
            try:
                return await _told(call({"Authorization": f"Bearer {token}"}))
            except _TokenRefused:
                self._token.refused(token)
        raise SendFailed("Feishu refuses a new token", LATER_SECONDS)

    async def _fetch_token(self) -> Fetched:
        body = {"app_id": self._app_id, "app_secret": self._app_secret}
        try:
            answer = await self._calls.json("POST", "/open-apis/auth/v3/tenant_access_token/internal", body=body)
        except SendFailed as refused:
            later = MENDED_SECONDS if refused.after_seconds is None else refused.after_seconds
            raise SendFailed(str(refused), later) from refused
        token, lasting = answer.get("tenant_access_token"), answer.get("expire")
        if answer.get("code") != 0 or not isinstance(token, str) or not isinstance(lasting, int):
            raise SendFailed(f"Feishu gives no token: code {code_of(answer.get('code'))}", MENDED_SECONDS)
        return token, float(lasting)

    def _uuid(self, key: str) -> str:
        """At most 50 characters are allowed."""
        return hashlib.sha256(f"{self._app_id}\n{key}".encode()).hexdigest()[:40]


_FILES = "/open-apis/im/v1/files"


def _form(file: OutFile) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    suffix = "." + file.name.rpartition(".")[2].lower()
    form.add_field("file_type", _FILE_TYPES.get(suffix, "stream"))
    form.add_field("file_name", file.name)
    form.add_field("file", file.content, filename="file", content_type="application/octet-stream")
    return form


async def _told(answering: Awaitable[T]) -> T:
    """``answering``, with Feishu's own code judged where HTTP only says that it was refused."""
    try:
        return await answering
    except CallRefused as refused:
        if refused.after_seconds is None:
            _judge(_code(refused.content), refused.asked_seconds)
        raise


def _judge(code: int | None, asked_seconds: float | None) -> None:
    if code == 0:
        return
    if code in _TOKEN_REFUSED:
        raise _TokenRefused
    later = (asked_seconds or LATER_SECONDS) if code in _TOO_FAST else None
    raise SendFailed(f"Feishu answered code {code}", later)


def _code(content: bytes) -> int | None:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    code = value.get("code") if isinstance(value, dict) else None
    return code if isinstance(code, int) else None


def _word(found: object, field: str) -> str:
    value = found.get(field) if isinstance(found, dict) else None
    if not isinstance(value, str) or not value:
        raise SendFailed(f"Feishu's answer has no {field}", LATER_SECONDS)
    return value
