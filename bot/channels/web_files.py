"""Files that an action made – a report, a calendar – until the member has fetched them from the page.

    GET /files/{ticket}     the file, for the member it was made for

* Only that member, in that sign-in and with the same duties (``Visitor.holder``), under a name nobody can guess; for
  ``MINUTES``, in memory: a restart forgets them.
* Bounded: ``OF_ONE`` files of one member and ``BYTES`` of all, the oldest go first. A report stays at the desk anyway.

Decision: docs/decisions/0242.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from types import MappingProxyType
from urllib.parse import quote

from aiohttp import hdrs, web

from bot.channels.messages import OutFile
from verify.public.problems import Problem, Refused

MINUTES = 15
OF_ONE = 10
BYTES = 128 * 1024 * 1024
KINDS = MappingProxyType(
    {
        ".pdf": "application/pdf",
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".ics": "text/calendar",
    }
)
GONE = Problem(
    404,
    "FILE_GONE",
    "没有这个文件",
    f"下载链接只在 {MINUTES} 分钟内有效，只有办理的本人登录后能下载。",
    "请在对话里重新说一遍；已经签发的报告也可以在窗口页面再取。",
)


@dataclass(frozen=True, slots=True)
class _Kept:
    file: OutFile
    holder: str
    until: datetime


class Files:
    """Used from the event loop. ``ticket``: a fresh random word."""

    def __init__(self, ticket: Callable[[], str]) -> None:
        self._ticket = ticket
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def put(self, file: OutFile, holder: str, now: datetime) -> str:
        """The path it can be fetched from."""
        self._forget(now)
        name = self._ticket()
        self._kept[name] = _Kept(file, holder, now + timedelta(minutes=MINUTES))
        own = [each for each, kept in self._kept.items() if kept.holder == holder]
        for oldest in own[:-OF_ONE]:
            del self._kept[oldest]
        while len(self._kept) > 1 and sum(len(kept.file.content) for kept in self._kept.values()) > BYTES:
            self._kept.popitem(last=False)
        return f"/files/{name}"

    def fetched(self, name: str, holder: str, now: datetime) -> web.Response:
        """Raises Refused, for somebody else's too."""
        self._forget(now)
        kept = self._kept.get(name)
        if kept is None or kept.holder != holder:
            raise Refused(GONE)
        return _response(kept.file)

    def _forget(self, now: datetime) -> None:
        for name in [name for name, kept in self._kept.items() if now >= kept.until]:
            del self._kept[name]


def _response(file: OutFile) -> web.Response:
    """To be saved and never shown in the page's place; kept by nobody (``set_headers``: no-store)."""
    response = web.Response(body=file.content)
    response.headers[hdrs.CONTENT_TYPE] = KINDS.get(PurePath(file.name).suffix, "application/octet-stream")
    response.headers[hdrs.CONTENT_DISPOSITION] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return response
