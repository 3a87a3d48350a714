"""WeCom's server as a smart robot by callback and its members see it.

* Callbacks: JSON sealed by wechatpy with an empty receive id, repeated up to three times when not answered with 200.
* A passive answer is opened by wechatpy: a wrong signature raises; it has the nonce of its callback, and at most
  20,480 bytes.
* ``response_url``: takes one markdown message for each message, within an hour; a used code is refused (40001).
* Pictures and files lie encrypted under the EncodingAESKey at an address that needs no token.

Source: developer.work.weixin.qq.com 100719, 101031, 101033, 101138.
"""

import base64
import json
import random
import time
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel, Platform
from bot.channels.wecom_robot import make
from tests.bot.channels.served import Served
from tests.bot.channels.simulated import Arrived, shanghai_now
from tests.bot.channels.wecom_server import AES_KEY, ATTEMPTS, CORP, TOKEN

ROBOT = "AIBOTID-of-the-test"
ROBOT_NAME = "诚核"
CONTENT_BYTES = 20480


def encrypted(content: bytes, key: str, block_bytes: int = 32) -> bytes:
    secret = base64.b64decode(key + "=" * (-len(key) % 4))
    padder = PKCS7(8 * block_bytes).padder()
    encryptor = Cipher(algorithms.AES256(secret), modes.CBC(secret[:16])).encryptor()
    return encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()


def shown(markdown: str) -> str:
    """What a member sees of a line that ends with two spaces."""
    return markdown.replace("  \n", "\n")


class WecomRobotServer:
    platform = Platform.WECOM

    def __init__(self, name: str = "wecom-robot") -> None:
        self.name = name
        self.arrived: list[Arrived] = []
        self.passive: list[dict[str, Any]] = []
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, "")
        self.files: dict[str, bytes] = {}
        self._codes: dict[str, str] = {}
        self._used: set[str] = set()
        self._answered: set[str] = set()
        self._ids = count(1)
        self._said: dict[str, str] = {}
        self._share = 0.0
        self._random = random.Random(20261122)
        self._url = ""
        app = web.Application()
        app.router.add_post("/cgi-bin/aibot/response", self._response)
        app.router.add_get("/files/{name}", self._file)
        self.served = Served(app)

    def settings(self) -> AppSettings:
        return AppSettings(
            self.name,
            {
                "corp_id": CORP,
                "robot_name": ROBOT_NAME,
                "robot_ids": [ROBOT],
                "token": TOKEN,
                "aes_key": AES_KEY,
                "api": self.served.origin,
                "media_hosts": [self.served.origin],
            },
        )

    def channel(self) -> Channel:
        return make(self.settings(), shanghai_now, time.monotonic)

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        self._url = f"{origin}/channels/{self.name}"
        await self.served.start()

    async def say(
        self, text: str, *, member: str = "zhang", group: str | None = None, id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> int:  # fmt: skip
        """In a group to the robot: it hears nothing else."""
        number = self._said.setdefault(id, f"CAIQ{next(self._ids)}=") if id else f"CAIQ{next(self._ids)}="
        message = self.message(text, member, group, number, file)
        for _ in range(ATTEMPTS):
            nonce = self._a_nonce()
            try:
                status, body = await self.deliver(json.dumps(message), nonce=nonce)
            except (aiohttp.ClientError, TimeoutError):
                status, body = 0, ""
            if status == 200:
                break
        if status == 200 and body:
            self._take(number, group or member, json.loads(body), nonce)
        return status

    def message(
        self, text: str, member: str, group: str | None, number: str, file: tuple[str, bytes] | None = None
    ) -> dict[str, Any]:
        code = f"code-{number}"
        if code not in self._used:
            self._codes[code] = group or member
        message: dict[str, Any] = {
            "msgid": number,
            "aibotid": ROBOT,
            "chattype": "group" if group else "single",
            "from": {"userid": member},
            "response_url": f"{self.served.origin}/cgi-bin/aibot/response?response_code={code.replace('=', '%3D')}",
            "msgtype": "text",
            "text": {"content": f"@{ROBOT_NAME} {text}" if group else text},
        }
        if group:
            message["chatid"] = group
        if file is not None:
            kind = "image" if file[0].endswith((".png", ".jpg")) else "file"
            message |= {"msgtype": kind, kind: {"url": self._kept(file[1])}}
            del message["text"]
        return message

    async def deliver(self, content: str, *, at: float | None = None, nonce: str = "") -> tuple[int, str]:
        import xmltodict

        timestamp, nonce = str(int(at or time.time())), nonce or self._a_nonce()
        sealed = xmltodict.parse(self.crypto.encrypt_message(content, nonce, timestamp))["xml"]
        body = json.dumps({"encrypt": sealed["Encrypt"]}).encode()
        return await self.post(body, sealed["MsgSignature"], timestamp, nonce)

    async def post(self, body: bytes, signature: str, timestamp: str, nonce: str) -> tuple[int, str]:
        params = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
        timeout = aiohttp.ClientTimeout(total=60)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._url, params=params, data=body) as got,
        ):
            return got.status, await got.text()

    def _a_nonce(self) -> str:
        return str(self._random.randrange(10**9))

    def fail(self, share: float) -> None:
        self._share = share

    async def close(self) -> None:
        await self.served.stop()

    def _take(self, number: str, conversation: str, answer: dict[str, Any], nonce: str) -> None:
        """The passive answer, as a member sees it: a stream is shown once, however often it is repeated."""
        assert answer["nonce"] == nonce
        opened = self.crypto.decrypt_message(
            {"Encrypt": answer["encrypt"]}, answer["msgsignature"], str(answer["timestamp"]), answer["nonce"]
        )
        content = json.loads(opened)
        self.passive.append(content)
        stream = content["stream"]
        assert (content["msgtype"], stream["finish"]) == ("stream", True)
        assert len(stream["content"].encode()) <= CONTENT_BYTES
        if number not in self._answered:
            self._answered.add(number)
            self.arrived.append(Arrived(conversation, shown(stream["content"])))

    async def _response(self, request: web.Request) -> web.Response:
        if self._random.random() < self._share:
            if self._random.random() < 0.5:
                return web.Response(status=500)
            return web.json_response({"errcode": -1, "errmsg": "system busy"})
        conversation = self._codes.pop(request.query.get("response_code", ""), None)
        if conversation is None:
            return web.json_response({"errcode": 40001, "errmsg": "invalid response_code"})
        message = await request.json()
        if message["msgtype"] != "markdown" or len(message["markdown"]["content"].encode()) > CONTENT_BYTES:
            return web.json_response({"errcode": 40058, "errmsg": "invalid content"})
        self._used.add(request.query["response_code"])
        self.arrived.append(Arrived(conversation, shown(message["markdown"]["content"])))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _file(self, request: web.Request) -> web.Response:
        found = self.files.get(request.match_info["name"])
        return web.Response(status=403) if found is None else web.Response(body=found)

    def _kept(self, content: bytes) -> str:
        name = f"{len(self.files) + 1}"
        self.files[name] = encrypted(content, AES_KEY)
        return f"{self.served.origin}/files/{name}?sign=x "
