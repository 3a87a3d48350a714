"""One ``[[app]]`` of ``channels.toml``, read strictly: every field is asked for by name, and none is left over.

* Secrets stand in the file itself, which only its owner may read (``bot.channels.configuring`` refuses others), or in
  an environment variable: ``secret = "env:WECOM_SECRET"``. They are never shown: not in errors, not in ``repr``.
* Addresses are https, but for this machine (tests).
"""

import os
import re
from collections.abc import Mapping

from bot.errors import UsageError

_FROM_ENVIRONMENT = "env:"
_ADDRESS = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")


def unset_variables(values: Mapping[str, object]) -> tuple[str, ...]:
    """The environment variables that ``values`` name and that are not set."""
    named = (value.strip() for value in values.values() if isinstance(value, str))
    variables = (value.removeprefix(_FROM_ENVIRONMENT) for value in named if value.startswith(_FROM_ENVIRONMENT))
    return tuple(each for each in variables if not os.environ.get(each))


def is_address(text: str) -> bool:
    """Scheme and host, https but for this machine."""
    return _ADDRESS.fullmatch(text) is not None


class AppSettings:
    def __init__(self, name: str, values: Mapping[str, object]) -> None:
        self.name = name
        self._values = dict(values)

    def __repr__(self) -> str:
        return f"AppSettings({self.name})"

    def text(self, field: str, default: str | None = None) -> str:
        """Raises UsageError when it is missing and has no default."""
        value = self._values.pop(field, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, "没有填写" if value is None or value == "" else "应是一段文字")
        return value.strip()

    def secret(self, field: str) -> str:
        value = self.text(field)
        if not value.startswith(_FROM_ENVIRONMENT):
            return value
        found = os.environ.get(value.removeprefix(_FROM_ENVIRONMENT), "")
        if not found:
            raise self.wrong(field, f"环境变量 {value.removeprefix(_FROM_ENVIRONMENT)} 没有设置")
        return found

    def address(self, field: str, default: str | None = None) -> str:
        """Scheme and host, without trailing slash."""
        value = self.text(field, default).rstrip("/")
        if not is_address(value):
            raise self.wrong(field, "应是 https 地址，不含路径")
        return value

    def texts(self, field: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._values.pop(field, list(default))
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(field, "应是一组文字")
        return tuple(value)

    def choice(self, field: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(field, default)
        if value not in allowed:
            raise self.wrong(field, f"只能是 {'、'.join(allowed)}")
        return value

    def done(self) -> None:
        """Raises UsageError when a field is left that nobody asked for."""
        for field in self._values:
            raise self.wrong(field, "不认识这一项")

    def wrong(self, field: str, what: str) -> UsageError:
        return UsageError(
            f"channels.toml 中应用 {self.name} 的 {field} {what}。",
            next_step="请对照 docs/channels/ 中该平台的说明修改后重新启动。",
            code="CHANNEL_SETTINGS",
        )
