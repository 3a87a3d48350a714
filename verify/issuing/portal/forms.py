"""What a page's form sends, bounded, and only from a page of ours.

Rules kept:
* A form is taken only from our own origin (Origin, or Sec-Fetch-Site where a browser sends no Origin) and with the
  token of the session it was made for.
* Everything is bounded: bytes, fields, files, seconds. Files that were left empty are no files.
* A text keeps what was typed but for control characters and the ends; it is escaped where it is shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from secrets import compare_digest

from aiohttp import web

from verify.issuing.portal.sessions import Session
from verify.public.bodies import BodyLimits, SentFile, form, form_with_file, is_multipart
from verify.public.problems import Problem, Refused

LIMITS = BodyLimits(file_bytes=16 * 1024 * 1024, small_bytes=64 * 1024, fields=1100)
FILES_MAX = 3
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200b\ufeff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of somebody signed in. ``fields``: what the form sent; empty for a page that was only opened."""

    request: web.Request
    session: Session
    fields: Mapping[str, str | SentFile]

    def text(self, name: str, most: int = 200) -> str:
        """A field, or of an address its query; cut at ``most`` + 1, so that a reader can see that it is too long."""
        value = self.fields.get(name) if self.fields else self.request.query.get(name)
        return _CONTROL.sub("", value).strip()[: most + 1] if isinstance(value, str) else ""

    def texts(self, prefix: str) -> dict[str, str]:
        """Fields whose names begin with ``prefix``, without it: ``branch-9132…`` → ``9132…``."""
        return {name.removeprefix(prefix): self.text(name) for name in self.fields if name.startswith(prefix)}

    def day(self, name: str) -> date | None:
        """A date field; None when it holds none."""
        try:
            return date.fromisoformat(self.text(name, 10))
        except ValueError:
            return None

    def files(self) -> tuple[SentFile, ...]:
        """The fields ``file1`` … ``file3`` that hold something."""
        sent = [self.fields.get(f"file{number}") for number in range(1, FILES_MAX + 1)]
        return tuple(file for file in sent if isinstance(file, SentFile) and file.content)


def refuse_elsewhere(request: web.Request, origin: str) -> None:
    """Raises Refused for a form that another site's page sent."""
    sent = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if (sent is not None and sent != origin) or site != "same-origin":
        raise Refused(_ELSEWHERE)


async def read_form(request: web.Request, session: Session) -> Mapping[str, str | SentFile]:
    """The fields. Raises Refused when the token is not the session's."""
    fields: Mapping[str, str | SentFile] = await (form_with_file if is_multipart(request) else form)(request, LIMITS)
    token = fields.get("token")
    if not isinstance(token, str) or not compare_digest(token.encode(), session.token.encode()):
        raise Refused(_OLD_FORM)
    return fields


_ELSEWHERE = Problem(
    403, "FORM_FROM_ELSEWHERE", "没有受理", "这份表单不是从本站页面提交的。", "请回到本站首页重新办理。"
)
_OLD_FORM = Problem(
    403,
    "FORM_OUTDATED",
    "没有受理",
    "这份表单已经失效，没有办理。",
    "请返回上一页，刷新后重新提交；填写的内容请先复制保存。",
)
