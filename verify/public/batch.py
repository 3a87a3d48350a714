"""Many reports at once over HTTP: one upload, one answer that grows row by row.

    GET  /v/batch           the page
    POST /api/verify/batch  files, zips, a list of bidders → rows as they are done, then the whole

* NDJSON: ``{"type": "start", "files"}``, ``{"type": "row", "done", "total", "row"}`` …, ``{"type": "end", …}`` with
  counts, marks, the list of
  bidders, and the workbook and the CSV in base64. JSON, CSV and XLSX give the end alone.
* Only so many batches at once (503) and of one client (429), bounded bytes, files and seconds (413, 408). Who does not
  take what is answered, or asks for more than can be read in time, is cut off: an answer without its end is none. A
  batch has workers of its own: single questions do not wait behind it.
* Nothing is kept: the upload lives in a file without a name until the answer is given.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import orjson
from aiohttp import hdrs, web

from verify.batch.bidders import BidderList, bidders_in
from verify.batch.inputs import Item
from verify.batch.results import Collecting, Row
from verify.batch.running import answered
from verify.documents.examine import Answer, Evidence, Means
from verify.documents.workers import Readers
from verify.errors import DocumentError, TrustError
from verify.public.admission import BUSY_SECONDS, Admission, Kind
from verify.public.batch_answer import document_of, end_of, file_of
from verify.public.batch_asking import Batch, Form, batch_of, preferred, refused_as
from verify.public.metrics import Metrics
from verify.public.problems import PROBLEMS, Problem, Refused
from verify.public.published_log import PublishedLog
from verify.public.settings import BatchLimits
from verify.public.shelf import Shelf
from verify.public.spooling import spooled
from verify.public.trust_file import TrustFile
from verify.reasons import Rejection
from verify.trust import Trust

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class BatchRoom:
    """What a batch is answered from: the same as single questions."""

    trust: TrustFile
    shelf: Shelf
    log: PublishedLog
    clock: Callable[[], datetime]


class BatchService:
    """``page``: renders the page by its template's name."""

    def __init__(
        self,
        room: BatchRoom,
        admission: Admission,
        metrics: Metrics,
        limits: BatchLimits,
        page: Callable[..., web.Response],
    ) -> None:
        self._room = room
        self._admission = admission
        self._metrics = metrics
        self._limits = limits
        self._page = page
        self._readers = Readers(limits.readers)
        self._running = 0

    def mount(self, app: web.Application) -> None:
        """Before any route with a variable below ``/v/``."""
        app.add_routes([web.get("/v/batch", self.page), web.post("/api/verify/batch", self.verify)])
        app.on_cleanup.append(self._close)

    async def page(self, request: web.Request) -> web.Response:
        limits = self._limits
        return self._page("batch.html", batch_mb=limits.body_bytes // (1024 * 1024), batch_files=limits.files)

    async def verify(self, request: web.Request) -> web.StreamResponse:
        limits = self._limits
        with self._admitted(request), ThreadPoolExecutor(1, thread_name_prefix="batch-steps") as thread:
            parts = limits.files + 8
            async with spooled(request, limit_bytes=limits.body_bytes, seconds=limits.seconds, parts=parts) as sent:
                batch = await _in(thread, lambda: batch_of(sent, files=limits.files))
                async with _in_time(request, limits.answering_seconds):
                    return await self._answered(request, batch, thread)

    async def _answered(self, request: web.Request, batch: Batch, thread: ThreadPoolExecutor) -> web.StreamResponse:
        means = self._means(batch)
        collecting = Collecting(await _in(thread, lambda: self._bidders(batch.bidders)))
        form = batch.form or preferred(request)
        async with _stepping(batch, means, self._limits.readers, thread) as steps:
            if form is Form.NDJSON:
                return await self._streamed(request, batch, steps, collecting, means, thread)
            async for item, answers in steps:
                self._rows(collecting, item, answers)
        if form is Form.JSON:
            return web.json_response(body=await _in(thread, lambda: document_of(collecting.table(), means)))
        content, name = await _in(thread, lambda: file_of(form, collecting.table(), means))
        headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'}
        charset = "utf-8" if form is Form.CSV else None
        return web.Response(body=content, content_type=form.value, charset=charset, headers=headers)

    async def _streamed(
        self,
        request: web.Request,
        batch: Batch,
        steps: AsyncIterator[tuple[Item, tuple[Answer, ...]]],
        collecting: Collecting,
        means: Means,
        thread: ThreadPoolExecutor,
    ) -> web.StreamResponse:
        headers = {hdrs.CONTENT_TYPE: Form.NDJSON.value, "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        total, done = len(batch.items), 0
        write = self._writing(request, response)
        await write(_line({"type": "start", "files": total}))
        async for item, answers in steps:
            done += 1
            for row in self._rows(collecting, item, answers):
                await write(_line({"type": "row", "done": done, "total": total, "row": row.to_json()}))
        await write(await _in(thread, lambda: end_of(collecting.table(), means)) + b"\n")
        await response.write_eof()
        return response

    def _writing(self, request: web.Request, response: web.StreamResponse) -> Callable[[bytes], Awaitable[None]]:
        async def write(line: bytes) -> None:
            async with _in_time(request, self._limits.taking_seconds):
                await response.write(line)

        return write

    def _rows(self, collecting: Collecting, item: Item, answers: tuple[Answer, ...]) -> list[Row]:
        for answer in answers:
            self._metrics.verdict(answer.verification)
        return collecting.add(item.name, answers)

    def _means(self, batch: Batch) -> Means:
        room, now = self._room, self._room.clock()
        try:
            trust = room.trust.current()
        except TrustError as error:
            raise Refused(Problem(503, error.code, "暂时不可用", error.message, error.next_step)) from error
        return Means(trust, batch.at or now, now, room.shelf, _evidence(room.log, trust), self._readers.read)

    def _bidders(self, data: bytes | None) -> BidderList | None:
        if data is None:
            return None
        try:
            return bidders_in(self._readers.rows(data))
        except Rejection as rejection:
            raise _bad_list(rejection) from rejection
        except DocumentError as error:
            raise refused_as(error, 400) from error

    @contextmanager
    def _admitted(self, request: web.Request) -> Iterator[None]:
        self._admission.count(request, Kind.BATCH)
        if self._running >= self._limits.batches:
            raise Refused(replace(PROBLEMS[503], retry_after_seconds=BUSY_SECONDS))
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    async def _close(self, app: web.Application) -> None:
        await asyncio.to_thread(self._readers.close)


@asynccontextmanager
async def _in_time(request: web.Request, seconds: float) -> AsyncIterator[None]:
    """Cuts the connection when the time is over; 408 for who has not got anything yet."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        if request.transport is not None and request.writer is not None and request.writer.output_size > 0:
            request.transport.abort()
        raise Refused(PROBLEMS[408]) from error


@asynccontextmanager
async def _stepping(
    batch: Batch, means: Means, readers: int, thread: ThreadPoolExecutor
) -> AsyncIterator[AsyncIterator[tuple[Item, tuple[Answer, ...]]]]:
    """The answers one by one. Whatever ends the block ends the reading too, before the upload goes away."""
    rows = answered(batch.items, means, readers=readers)

    async def steps() -> AsyncIterator[tuple[Item, tuple[Answer, ...]]]:
        while (step := await _in(thread, lambda: next(rows, None))) is not None:
            yield step

    try:
        yield steps()
    finally:
        await asyncio.shield(_in(thread, rows.close))


def _evidence(log: PublishedLog, trust: Trust) -> Evidence:
    return lambda credential: log.evidence(credential, trust)


async def _in(thread: ThreadPoolExecutor, work: Callable[[], Given]) -> Given:
    return await asyncio.get_running_loop().run_in_executor(thread, work)


def _line(document: object) -> bytes:
    return orjson.dumps(document) + b"\n"


def _bad_list(rejection: Rejection) -> Refused:
    message = f"投标人名单读不出来：{rejection.message}"
    step = "请用 CSV 或 XLSX，第一行写“名称”和“统一社会信用代码”。"
    return Refused(Problem(400, "BIDDERS_UNREADABLE", "没有核验", message, step))
