"""``language-model.toml``: an optional language model that may put answers into other words. Without the file, none.

    address = "https://model.example.gov.cn/v1"   # any endpoint of OpenAI's form
    model = "qwen3"
    key = "env:MODEL_KEY"                          # optional; or the key itself
    seconds = 3.0                                  # an answer waits no longer for it (0.5–20)
    channels = ["web", "terminal"]                 # where; empty = nowhere

* Every field is read strictly; a file with a key that others may read is refused.
* The model is called over https, or on this machine; no redirect is followed, no more than 1 MB is read.
"""

import os
import re
import stat
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

from bot.assistant.rephrasing import Messages, ModelFailed, Rephraser, Rules
from bot.channels.calling import Calls
from bot.channels.messages import SendFailed
from bot.errors import UsageError
from index.questions.model import Channel

SECONDS, SECONDS_LEAST, SECONDS_MOST = 3.0, 0.5, 20.0
TOKENS_MAX = 800
LIMIT_BYTES = 64 * 1024
_ADDRESS = re.compile(
    r"(?:https://[a-z0-9.-]+|http://(?:127\.0\.0\.1|localhost))(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*"
)
_ENVIRONMENT = "env:"


class Endpoint:
    """One model behind an address. Its key is in no error and no log."""

    def __init__(self, address: str, model: str, key: str, seconds: float) -> None:
        self._address = address
        self._model = model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds

    async def __call__(self, messages: Messages) -> str:
        """What it says. Raises ModelFailed."""
        body = {
            "model": self._model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": TOKENS_MAX,
            "stream": False,
        }
        calls = Calls(self._address, self._seconds)
        try:
            answer = await calls.json("POST", "/chat/completions", body=body, headers=self._headers)
        except SendFailed as failed:
            raise ModelFailed("the model did not answer") from failed
        finally:
            await calls.close()
        return _content(answer)


def _content(answer: Mapping[str, object]) -> str:
    match answer.get("choices"):
        case [{"message": {"content": str(said)}}, *_]:
            return said
    raise ModelFailed("the model's answer has no text")


def read_rephraser(path: Path) -> Rephraser | None:
    """What rephrases, if the file is there and names a channel. Raises UsageError."""
    if not path.exists():
        return None
    values = _values(path)
    address = _text(values, "address").rstrip("/")
    if _ADDRESS.fullmatch(address) is None:
        raise _wrong("address 应是 https 地址（本机可用 http）")
    model, key = _text(values, "model"), _key(values)
    rules = Rules(_channels(values.pop("channels", [])), _seconds(values.pop("seconds", SECONDS)))
    if values:
        raise _wrong(f"不认识 {'、'.join(sorted(values))}")
    if not rules.channels:
        return None
    return Rephraser(rules, Endpoint(address, model, key, rules.seconds), time.monotonic)


def _values(path: Path) -> dict[str, object]:
    try:
        shared = stat.S_IMODE(path.stat().st_mode) & 0o077
        values = tomllib.loads(path.read_bytes()[: LIMIT_BYTES + 1].decode("utf-8"))
    except (OSError, ValueError) as cause:
        raise _wrong("读不出来，或者不是 TOML") from cause
    if shared and values.get("key"):
        raise UsageError(
            "language-model.toml 里有密钥，但其他用户也能读它。",
            next_step=f"请执行 chmod 600 {path}。",
            code="MODEL_SETTINGS",
        )
    return values


def _text(values: dict[str, object], name: str) -> str:
    value = values.pop(name, None)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"{name} 没有填写")
    return value.strip()


def _key(values: dict[str, object]) -> str:
    value = values.pop("key", "")
    if not isinstance(value, str):
        raise _wrong("key 应是一段文字")
    if not value.startswith(_ENVIRONMENT):
        return value
    found = os.environ.get(value.removeprefix(_ENVIRONMENT), "")
    if not found:
        raise _wrong(f"key 说的环境变量 {value.removeprefix(_ENVIRONMENT)} 没有设置")
    return found


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and SECONDS_LEAST <= value <= SECONDS_MOST:
        return float(value)
    raise _wrong(f"seconds 应在 {SECONDS_LEAST} 到 {SECONDS_MOST} 之间")


def _channels(value: object) -> frozenset[Channel]:
    names: Mapping[str, Channel] = {channel.value: channel for channel in Channel}
    if not isinstance(value, list) or not all(isinstance(each, str) and each in names for each in value):
        raise _wrong(f"channels 只能写 {'、'.join(names)}")
    return frozenset(names[each] for each in value)


def _wrong(what: str) -> UsageError:
    return UsageError(
        f"language-model.toml 的 {what}。" if what[0].isascii() else f"language-model.toml {what}。",
        next_step="请对照 docs/rephrasing.md 修改后重新启动。",
        code="MODEL_SETTINGS",
    )
