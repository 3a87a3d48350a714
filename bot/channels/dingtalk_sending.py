"""How a DingTalk robot says something: by the conversation's own web hook while it lasts, else by the platform's API.

A route names the ways that its channel found safe:

* ``webhook`` and ``until``: the temporary address of the conversation (about 90 minutes; it may end earlier), with the
  member to be addressed in a group (``at``). Its host is checked again before each call.
* ``member``: a member's own conversation with the robot. ``group``: a group. Both by API, with the app's token.

What the web hook refuses for good goes by API. Files go by API only, and only of kinds that DingTalk shows; another
kind is packed in a zip. DingTalk recognises no repetition: ``key`` is not used.

Source: open.dingtalk.com 机器人回复/发送消息, chatbots-send-one-on-one-chat-messages-in-batches,
the-robot-sends-a-group-message (msgParam ≤ 15,000 bytes), robot-message-type, upload-media-files, call-frequency-limit;
developerpedia, develop/best-practices/retry.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

import aiohttp
import orjson

from bot.channels.access_token import AccessToken, Fetched
from bot.channels.addresses import Hosts, hosts_in
from bot.channels.app_settings import AppSettings
from bot.channels.calling import CallRefused, Calls
from bot.channels.contacts import Contacts
from bot.channels.dingtalk_contacts import contacts_of
from bot.channels.dingtalk_robot import Robot
from bot.channels.messages import Attachment, Limits, OutFile, SendFailed

LIMITS = Limits(text_bytes=5000, per_member=((20, 60.0),), per_app=((20, 1.0),), knows_keys=False)
"""5,000: what every page of the platform's documentation allows, however it counts. 20 a minute: web hooks.
20 a second: API of the standard edition."""
SHOWN = frozenset({"doc", "docx", "pdf", "rar", "xlsx", "zip"})
SLOW_DOWN_SECONDS = 60.0
LATER_SECONDS = 0.0
"""When the post office thinks."""
_AUTHORISING = "x-acs-dingtalk-access-token"
_HOOK_TOO_FAST = frozenset({130101, 410100})
_HOOK_BUSY = frozenset({-1, 15, 88, 90002, 90018, 90019})
_TOKEN_ENDED = frozenset({40014, 42001, 88})
_TOLD_BELOW = 88
_WORD = re.compile(r"[A-Za-z_]{1,40}(\.[A-Za-z_]{1,40}){0,4}|[0-9]{1,9}")
_ZIP_MOMENT = (2026, 1, 1, 0, 0, 0)


class DingTalkSender:
    """``wall``: the wall clock; ``seconds``: a monotonic one."""

    def __init__(
        self, settings: AppSettings, robot: Robot, wall: Callable[[], datetime], seconds: Callable[[], float]
    ) -> None:
        self._robot = robot
        self._wall = wall
        self._calls = Calls(settings.address("api", "https://api.dingtalk.com"))
        self._old_calls = Calls(settings.address("old_api", "https://oapi.dingtalk.com"))
        self.webhooks: Hosts = hosts_in(settings, "webhook_hosts", ("oapi.dingtalk.com", "api.dingtalk.com"))
        self._files: Hosts = hosts_in(settings, "file_hosts", (".dingtalk.com", ".aliyuncs.com"))
        self._token = AccessToken(self._fetch_token, seconds)

    async def send(self, route: Mapping[str, str], text: str) -> None:
        """Raises SendFailed."""
        if not self._has_webhook(route):
            await self._send_by_api(route, "sampleText", {"content": text})
            return
        try:
            await self._send_by_webhook(route, text)
        except SendFailed as failed:
            if failed.after_seconds is not None or not _by_api(route):
                raise
            await self._send_by_api(route, "sampleText", {"content": text})

    async def send_file(self, route: Mapping[str, str], file: OutFile) -> None:
        """Raises SendFailed."""
        if not _by_api(route):
            raise SendFailed("a stranger is sent no file", None)
        shown = as_shown(file)
        media = await self._upload(shown)
        kind = PurePath(shown.name).suffix.removeprefix(".").lower()
        await self._send_by_api(route, "sampleFile", {"mediaId": media, "fileName": shown.name, "fileType": kind})

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        """Raises SendFailed."""
        code = attachment.place["code"]
        body = {"downloadCode": code, "robotCode": self._robot.code}
        address = (await self._api("/v1.0/robot/messageFiles/download", body)).get("downloadUrl")
        if not isinstance(address, str) or address not in self._files:
            raise SendFailed("the file lies on a host that is not listed", None)
        return await self._calls.download(address, limit_bytes)

    async def contacts(self) -> Contacts:
        """Raises SendFailed."""
        return await contacts_of(self._old_api, self._robot.corp)

    async def check_access(self) -> str:
        """Raises SendFailed."""
        await self._token.get()
        return ""

    async def close(self) -> None:
        await self._calls.close()
        await self._old_calls.close()

    def _has_webhook(self, route: Mapping[str, str]) -> bool:
        until = route.get("until")
        return until is not None and datetime.fromisoformat(until) > self._wall() and route["webhook"] in self.webhooks

    async def _send_by_webhook(self, route: Mapping[str, str], text: str) -> None:
        body: dict[str, object] = {"msgtype": "text", "text": {"content": text}}
        if route.get("at"):
            body["at"] = {"atUserIds": [route["at"]]}
        answer = await self._old_calls.json("POST", route["webhook"], body=body)
        code = _old_code(answer)
        if code in _HOOK_TOO_FAST:
            raise SendFailed(f"the web hook answered {code}", SLOW_DOWN_SECONDS)
        if code in _HOOK_BUSY:
            raise SendFailed(f"the web hook answered {code}", LATER_SECONDS)
        if code != 0:
            raise SendFailed(f"the web hook answered {code}", None)

    async def _send_by_api(self, route: Mapping[str, str], kind: str, content: Mapping[str, str]) -> None:
        message = {"robotCode": self._robot.code, "msgKey": kind, "msgParam": orjson.dumps(content).decode()}
        if "member" in route:
            sent = await self._api("/v1.0/robot/oToMessages/batchSend", {**message, "userIds": [route["member"]]})
            _judge_delivery(sent)
        elif "group" in route:
            await self._api("/v1.0/robot/groupMessages/send", {**message, "openConversationId": route["group"]})
        else:
            raise SendFailed("the conversation can no longer be answered", None)

    async def _upload(self, file: OutFile) -> str:
        fields = aiohttp.FormData()
        plain = f"file{PurePath(file.name).suffix.lower()}"  # the name that is shown goes with the message
        fields.add_field("media", file.content, filename=plain, content_type="application/octet-stream")
        token = await self._token.get()
        answer = await self._old_calls.form("/media/upload", fields, {"access_token": token, "type": "file"})
        self._judge_old(answer, token)
        media = answer.get("media_id")
        if not isinstance(media, str):
            raise SendFailed("the upload was given no media id", None)
        return media

    async def _old_api(self, method: str, path: str, body: Mapping[str, object] | None) -> Mapping[str, Any]:
        token = await self._token.get()
        answer = await self._old_calls.json(method, path, params={"access_token": token}, body=body)
        self._judge_old(answer, token)
        return answer

    def _judge_old(self, answer: Mapping[str, Any], token: str) -> None:
        code = _old_code(answer)
        if code in _TOKEN_ENDED:
            self._token.refused(token)
        if code != 0:
            later = code in _TOKEN_ENDED or code in _HOOK_BUSY
            raise SendFailed(f"the platform answered {code}", LATER_SECONDS if later else None)

    async def _api(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        token = await self._token.get()
        try:
            return await self._calls.json("POST", path, body=body, headers={_AUTHORISING: token})
        except CallRefused as refused:
            code = _code(refused)
            if refused.status == 401 or code == "InvalidAuthentication":
                self._token.refused(token)
                raise SendFailed("the platform no longer takes the token", LATER_SECONDS) from refused
            if "QpsLimit" in code or "Throttling" in code:
                raise SendFailed(f"the platform answered {code}", LATER_SECONDS) from refused
            what = f"the platform answered {refused.status} {code}"
            raise SendFailed(what, refused.after_seconds, perhaps_taken=refused.perhaps_taken) from refused

    async def _fetch_token(self) -> Fetched:
        body = {"appKey": self._robot.key, "appSecret": self._robot.secret}
        try:
            answer = await self._calls.json("POST", "/v1.0/oauth2/accessToken", body=body)
        except SendFailed as refused:  # says nothing of the message: too many calls, or a secret to be mended
            code = f" {_code(refused)}" if isinstance(refused, CallRefused) else ""
            raise SendFailed(f"no token: {refused}{code}", refused.after_seconds or LATER_SECONDS) from refused
        token, lasting = answer.get("accessToken"), answer.get("expireIn")
        if not isinstance(token, str) or not isinstance(lasting, int):
            raise SendFailed("the platform gave no token", LATER_SECONDS)
        return token, float(lasting)


def as_shown(file: OutFile) -> OutFile:
    """The file, packed in a zip if DingTalk shows none of its kind."""
    if PurePath(file.name).suffix.removeprefix(".").lower() in SHOWN:
        return file
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(file.name, _ZIP_MOMENT), file.content, zipfile.ZIP_DEFLATED)
    return OutFile(f"{file.name}.zip", packed.getvalue())


def _by_api(route: Mapping[str, str]) -> bool:
    return "member" in route or "group" in route


def _judge_delivery(sent: Mapping[str, Any]) -> None:
    if sent.get("flowControlledStaffIdList"):
        raise SendFailed("the member is sent too much", SLOW_DOWN_SECONDS)
    if sent.get("invalidStaffIdList") or sent.get("filteredStaffIdList"):
        raise SendFailed("the member cannot be reached", None)


def _old_code(answer: Mapping[str, Any]) -> int:
    """88 says that ``sub_code`` says it. An answer without one did not come from DingTalk's application: busy."""
    code, told = answer.get("errcode"), answer.get("sub_code")
    if code == _TOLD_BELOW and isinstance(told, str) and told.isascii() and told.isdecimal():
        return int(told)
    return code if isinstance(code, int) else -1


def _code(refused: CallRefused) -> str:
    """The platform's own word: no other text, which may be what we have sent."""
    try:
        value = orjson.loads(refused.content)
    except orjson.JSONDecodeError:
        return ""
    code = value.get("code") if isinstance(value, dict) else None
    return code if isinstance(code, str) and _WORD.fullmatch(code) else ""
