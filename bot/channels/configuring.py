"""``channels.toml``: the apps of this office on the platforms, and the channel of each.

    strangers = "policy"        # what accounts get that the directory does not know: policy answers, or "nothing"

    [issuing]                   # where reports for the desk are issued, if not in this process
    address = "https://…"
    token = "env:CHENGHE_ISSUING_TOKEN"

    [[app]]
    name = "credit-office"      # its address: https://…/channels/credit-office
    kind = "wecom"              # one of KINDS; the other fields: docs/channels/<kind>.md

* Without the file there are no channels. A file that others may read is refused: it holds secrets.
* Every fault is named before anything starts; no app is left out silently.
"""

import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.channels.app_settings import AppSettings, unset_variables
from bot.channels.messages import Channel
from bot.errors import UsageError

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "wecom": "bot.channels.wecom",
        "wecom-robot": "bot.channels.wecom_robot",
        "wecom-robot-socket": "bot.channels.wecom_robot_socket",
        "wechat": "bot.channels.wechat",
        "dingtalk": "bot.channels.dingtalk",
        "dingtalk-stream": "bot.channels.dingtalk_stream",
        "feishu": "bot.channels.feishu",
        "feishu-socket": "bot.channels.feishu_socket",
    }
)
"""The module of each kind: its ``make(settings, clock, seconds)`` gives the channel."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LIMIT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Configured:
    """``strangers``: unknown accounts get policy answers. ``issuing``: address and token of a room elsewhere."""

    channels: tuple[Channel, ...] = ()
    strangers: bool = True
    issuing: tuple[str, str] | None = field(default=None, repr=False)


def read_channels(path: Path, clock: Callable[[], datetime], seconds: Callable[[], float]) -> Configured:
    """What the file says; no channels when there is no file. Raises UsageError."""
    if not path.exists():
        return Configured()
    values = _values(path)
    apps = _apps(values)
    strangers, issuing = _global(values)
    channels = tuple(_channel(each, clock, seconds) for each in apps)
    _refuse_same_names(channels)
    return Configured(channels, strangers, issuing)


@dataclass(frozen=True, slots=True)
class Inspected:
    """One ``[[app]]``: its channel, or what is wrong with it. ``unset``: variables it names that are not set."""

    name: str
    kind: str
    channel: Channel | None
    fault: UsageError | None = None
    unset: tuple[str, ...] = ()


def inspect_channels(path: Path, clock: Callable[[], datetime], seconds: Callable[[], float]) -> tuple[Inspected, ...]:
    """Every app by itself, so that a fault in one hides none in another. Raises UsageError for the file as a whole."""
    values = _values(path)
    apps = _apps(values)
    _global(values)
    found: list[Inspected] = []
    for each in apps:
        inspected = _inspected(each, clock, seconds)
        if inspected.name in [other.name for other in found if other.name]:
            inspected = replace(inspected, channel=None, fault=_wrong(f"应用名称 {inspected.name} 用了两次"))
        found.append(inspected)
    return tuple(found)


def _inspected(values: Mapping[str, object], clock: Callable[[], datetime], seconds: Callable[[], float]) -> Inspected:
    name, kind = (value if isinstance(value, str) else "" for value in (values.get("name"), values.get("kind")))
    try:
        return Inspected(name, kind, _channel(values, clock, seconds))
    except UsageError as fault:
        return Inspected(name, kind, None, fault, unset_variables(values))


def _refuse_same_names(channels: tuple[Channel, ...]) -> None:
    names = [channel.app for channel in channels]
    for name in names:
        if names.count(name) > 1:
            raise _wrong(f"应用名称 {name} 用了两次")


def _apps(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Taken out of ``values``. Raises UsageError."""
    apps = values.pop("app", [])
    if not isinstance(apps, list) or not all(isinstance(each, dict) for each in apps):
        raise _wrong("中的应用应写成 [[app]]")
    return apps


def _global(values: dict[str, Any]) -> tuple[bool, tuple[str, str] | None]:
    """What is said of all apps: strangers, issuing. Raises UsageError."""
    issuing = values.pop("issuing", None)
    rest = AppSettings("（全局）", values)
    strangers = rest.choice("strangers", ("policy", "nothing"), "policy") == "policy"
    rest.done()
    return strangers, None if issuing is None else _issuing(issuing)


def _issuing(values: object) -> tuple[str, str]:
    if not isinstance(values, dict):
        raise _wrong("中的 issuing 应写成 [issuing]")
    settings = AppSettings("issuing", values)
    found = settings.address("address"), settings.secret("token")
    settings.done()
    return found


def _values(path: Path) -> dict[str, Any]:
    try:
        shared = stat.S_IMODE(path.stat().st_mode) & 0o077
        content = path.read_bytes()[: LIMIT_BYTES + 1]
        values = tomllib.loads(content.decode("utf-8"))
    except (OSError, ValueError) as cause:
        raise _wrong("读不出来，或者不是 TOML") from cause
    if shared:
        raise UsageError(
            "channels.toml 里有密钥，但其他用户也能读它。", next_step=f"请执行 chmod 600 {path}。", code="CHANNELS_OPEN"
        )
    return values


def _channel(values: Mapping[str, object], clock: Callable[[], datetime], seconds: Callable[[], float]) -> Channel:
    rest = dict(values)
    name, kind = rest.pop("name", None), rest.pop("kind", None)
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise _wrong("有一个应用的 name 不对：只用小写字母、数字和短横线")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _wrong(f"应用 {name} 的 kind 只能是 {'、'.join(KINDS)}")
    settings = AppSettings(name, rest)
    channel: Channel = import_module(KINDS[kind]).make(settings, clock, seconds)
    settings.done()
    return channel


def _wrong(what: str) -> UsageError:
    return UsageError(
        f"channels.toml {what}。", next_step="请对照 docs/channels/ 修改后重新启动。", code="CHANNEL_SETTINGS"
    )
