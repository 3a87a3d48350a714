"""Checking a report in the chat: a file or photo sent with the page, or a code typed as a question.

    POST /check     multipart: file, token, context, as_of → the page with a verdict card for each report in the file

* What is checked, by what, and how it is said is ``bot.actions.checking.Published`` and ``verify.public.result``, as in
  every other place; nothing of the file is kept, nothing of it goes into the question log.
* The verdict is told three times: in words, in colour, in the shape of its icon.
* ``CHECKS_MAX`` files are read or wait at a time, ``CHECKS_OF_ONE`` of one member, in threads of their own: a file that
  hangs keeps nobody's sign-in or history waiting.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiohttp import web

from bot.actions.checking import ANSWERS_MAX, Published, asks
from bot.assistant.answer import Turn
from bot.channels.asking import LIMITS as QUESTION_LIMITS
from bot.channels.asking import refused, require_own_page, turns_of
from bot.channels.web_line import Line
from bot.channels.web_room import STRANGERS, Room, Visitor
from verify.documents.reading import FILE_LIMIT_BYTES
from verify.public.bodies import BodyLimits, SentFile, form_with_file
from verify.public.result import Result, result_of

LIMITS = BodyLimits(file_bytes=FILE_LIMIT_BYTES, small_bytes=QUESTION_LIMITS.small_bytes)
CHECKS_MAX, CHECKS_OF_ONE = 8, 2


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """``what`` was sent, in words. ``more``: results not shown."""

    what: str
    results: tuple[Result, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """The file, and the page it was sent with."""

    file: SentFile
    context: tuple[Turn, ...]
    as_of: str
    fields: Mapping[str, object]


class Checking:
    def __init__(self, room: Room, published: Published) -> None:
        self._room = room
        self._published = published
        self._line = Line(CHECKS_MAX, CHECKS_OF_ONE)
        self._threads = ThreadPoolExecutor(CHECKS_MAX, thread_name_prefix="check")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def is_offered(self) -> bool:
        """Whether there is something to check by, at this moment."""
        return self._published.is_here()

    async def of_form(self, request: web.Request, who: Visitor) -> tuple[ShownCheck, Sent]:
        """The verdicts on the file of a form. Raises Refused."""
        require_own_page(request)
        nobody = STRANGERS if self._room.door else ""  # without a door everybody is one
        with self._line.place(who.actor or nobody):
            fields = await form_with_file(request, LIMITS)
            who.require(fields.get("token"))
            sent = _sent(fields)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._of_file, sent.file), sent

    async def of_text(self, text: str) -> ShownCheck | None:
        """The verdict on a code that was typed instead of a question; None for a question, and without its code."""
        asked = asks(text)
        if asked is None or not asked.text or not self.is_offered():
            return None
        found = await asyncio.to_thread(self._published.examined_text, asked.text, self._room.reception.clock())
        return ShownCheck(asked.number or "输入的核验码", (result_of(found),))

    def _of_file(self, file: SentFile) -> ShownCheck:
        answers = self._published.examined(file.content, file.name, self._room.reception.clock())
        shown = tuple(result_of(answer.verification) for answer in answers[:ANSWERS_MAX])
        return ShownCheck(file.name, shown, more=len(answers) - len(shown))


def _sent(fields: Mapping[str, str | SentFile]) -> Sent:
    file, as_of = fields.get("file"), fields.get("as_of")
    if not isinstance(file, SentFile) or not file.content:
        raise refused("FILE_MISSING", "没有收到文件。", "请选择报告文件（docx、PDF）或核验码的照片。")
    return Sent(file, turns_of(fields), as_of[:10] if isinstance(as_of, str) else "", fields)
