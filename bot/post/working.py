"""The post office at work: every message is answered once and its answer sent once, whatever ends in between.

1. ``receive``: the message is written down; only then the platform hears that we have it. A repetition is known.
2. It is answered in the order of its conversation; letters, memory and the end of its waiting are one transaction.
3. The answer goes with the platform's own call while that waits (``Receipt.passive``), else by a call of ours
   (``sending``).

* What a process leaves unfinished, the next one takes up from the books: nothing is only in memory.
* One process works on one ``messages.db`` at a time; others may receive: what they wrote down it finds within
  ``LOOK_SECONDS``. A new one waits until the old one has ended.
* A message whose answering has ended ``BEGUN_MAX`` processes is answered with a sentence; so is one that runs into a
  fault of ours.

Source: issue 6 §2; docs/decisions/0213–0216; docs/post.md.
"""

import asyncio
import fcntl
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, nullcontext, suppress
from functools import partial
from typing import TextIO
from weakref import WeakValueDictionary

from bot.actions.said import Reply
from bot.channels.messages import Channel, Incoming, Limits
from bot.post.holding import Holds
from bot.post.inbox import Begun, Line
from bot.post.insisting import surely
from bot.post.lines import Lines
from bot.post.office import Answered, PostOffice
from bot.post.remembering import Memory
from bot.post.sending import Sender
from bot.post.splitting import pieces
from index.errors import StoreError

ANSWERS_AT_ONCE = 32
"""Of one app: a platform that hangs while its files are fetched holds up no other."""
ANSWER_SECONDS = 300.0
BEGUN_MAX = 5
PURGE_SECONDS = 3600.0
LOOK_SECONDS = 60.0
TROUBLED_LOOK_SECONDS = 5.0
LOCK_LOOK_SECONDS = 0.2
LOCK_AGAIN_SECONDS = 5.0
DRAIN_SECONDS = 8.0
FAULT = "这个问题没有答成，已经记下。下一步：请换一种说法再问一次；仍然不行的，请联系本单位管理员。"
NO_FILES = "文件“{name}”不能在这里发送。下一步：请在网页问答或电脑端领取，或在能收文件的应用里再说一次。"
REST = "（还有 {count} 段，这个应用里一条消息只能答一次。下一步：请在网页问答里再问一次，看全文。）"
LOGGER = logging.getLogger("chenghe.post")

Answer = Callable[[Incoming, Memory], Awaitable[Reply]]
"""What a message is answered with, after what was said before it. A fault it raises is told in a sentence."""
Room = Callable[[Incoming], AbstractAsyncContextManager[None]]
"""What a message with files needs while it is answered. Who waits for it holds up only its own conversation."""


class Post:
    """Used from one event loop. ``run`` works until ``drain``, or until it is cancelled."""

    def __init__(
        self, office: PostOffice, channels: Sequence[Channel], answer: Answer, room: Room = lambda _: nullcontext()
    ) -> None:
        self._office = office
        self._limits = {channel.app: channel.limits for channel in channels}
        self._answer = answer
        self._room = room
        self._holds = Holds()
        self._senders = {channel.app: Sender(office, channel, self._holds) for channel in channels}
        self._lines = {channel.app: self._lines_of_an_app() for channel in channels}
        self._early: list[tuple[Line, int]] | None = []
        self._lined_up: set[int] = set()
        self._answered: WeakValueDictionary[int, asyncio.Event] = WeakValueDictionary()
        self._stopped = asyncio.Event()

    async def receive(self, incoming: Incoming) -> "_Receipt":
        """Durable when it comes back. Raises StoreError: we do not have it, the platform is to send it again."""
        return await asyncio.shield(asyncio.create_task(self._received(incoming)))

    async def run(self) -> None:
        """Takes up what was left, then answers and sends."""
        while not self._stopped.is_set():
            try:
                lock = await self._locked()
            except OSError as error:  # a full disk is emptied some day
                self._office.lock.begins(f"{self._office.lock_path.name}: {error.strerror}")
                await self._stopped_within(LOCK_AGAIN_SECONDS)
                continue
            with lock:
                self._office.lock.ends()
                await self._run()
            return

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Begins nothing more; what is under way gets so long. The rest stays in the books. ``run`` ends."""
        await self._close(seconds)
        self._stopped.set()

    async def _received(self, incoming: Incoming) -> "_Receipt":
        """Not broken off with who asked: what is written down is lined up too."""
        passive = self._limits[incoming.app].passive_seconds is not None
        received = await self._office.accept(incoming)
        if passive:
            self._holds.briefly(received.number)
        if not received.known:
            self._line_up((incoming.app, incoming.conversation), received.number)
        return _Receipt(received.known, partial(self._passive, received.number))

    async def _locked(self) -> TextIO:
        """The file that nobody else has locked, or that does not matter any more. Raises OSError."""
        with ExitStack() as closing:
            lock = closing.enter_context(self._office.lock_path.open("a"))
            while not _locked(lock.fileno()) and not self._stopped.is_set():
                await asyncio.sleep(LOCK_LOOK_SECONDS)
            closing.pop_all()
            return lock

    async def _run(self) -> None:
        try:
            if not self._stopped.is_set():
                await surely(self._take_up)
                await self._look_and_forget()
        finally:
            await self._close(0)

    async def _take_up(self) -> None:
        await self._recall()
        letters, messages = await self._office.queued(), await self._office.waiting()
        for line, number in letters:
            if line[0] in self._senders:
                self._senders[line[0]].put(line, number)
        early, self._early = self._early or [], None
        for line, number in dict.fromkeys((*messages, *early)):
            self._line_up(line, number)

    async def _recall(self) -> None:
        """What was called before counts for the limits."""
        limits = self._limits.values()
        windows = [seconds for each in limits for _, seconds in (*each.per_app, *each.per_member)]
        now = asyncio.get_running_loop().time()
        forgetful = [app for app, each in self._limits.items() if not each.knows_keys]
        for app, recipient, age in await self._office.calls(max(windows, default=0.0), forgetful):
            if app in self._senders:
                self._senders[app].recall(recipient, now - age)

    def _line_up(self, line: Line, number: int) -> None:
        """To be answered after what stands in its line; apps that are no more wait for their return."""
        if self._early is not None:
            self._early.append((line, number))
        elif line[0] in self._senders and number not in self._lined_up:
            self._lined_up.add(number)
            self._lines[line[0]].put(line, number)

    async def _look_and_forget(self) -> None:
        """What another process received, or a fault left, is lined up; what is old is deleted."""
        loop, purge_at = asyncio.get_running_loop(), 0.0
        while not self._stopped.is_set():
            try:
                if loop.time() >= purge_at:
                    await self._office.purge()
                    purge_at = loop.time() + PURGE_SECONDS
                for line, number in await self._office.waiting():
                    self._line_up(line, number)
                if self._office.trouble:
                    await self._office.probe()
            except StoreError:
                pass  # it is said, and tried again
            await self._stopped_within(TROUBLED_LOOK_SECONDS if self._office.trouble else LOOK_SECONDS)

    async def _stopped_within(self, seconds: float) -> None:
        await asyncio.wait([stopped := asyncio.ensure_future(self._stopped.wait())], timeout=seconds)
        stopped.cancel()

    async def _close(self, seconds: float) -> None:
        await asyncio.gather(*(lines.close(seconds) for lines in self._lines.values()))
        await asyncio.gather(*(sender.close(seconds) for sender in self._senders.values()))

    def _lines_of_an_app(self) -> Lines[Line]:
        return Lines(partial(self._work, asyncio.Semaphore(ANSWERS_AT_ONCE)))

    async def _work(self, slots: asyncio.Semaphore, number: int) -> None:
        try:
            async with slots:
                taken = await surely(partial(self._office.begin, number))
                if taken is not None and not taken[0].incoming.attachments:
                    await self._answer_one(*taken)
            if taken is not None and taken[0].incoming.attachments:
                async with self._room(taken[0].incoming), slots:
                    await self._answer_one(*taken)
        finally:
            self._lined_up.discard(number)
        told = self._answered.pop(number, None)
        if told is not None:
            told.set()

    async def _answer_one(self, begun: Begun, memory: Memory) -> None:
        """Should what was answered not go into the books, a sentence does."""
        reply = await self._reply(begun, memory)
        if (fault := await _fault_of(self._put(begun, memory, reply))) is not None:
            LOGGER.error("%s: message %d was not answered", begun.incoming.app, begun.number, exc_info=fault)
            await self._put(begun, memory, _unknown(memory))

    async def _put(self, begun: Begun, memory: Memory, reply: Reply) -> None:
        answer = _written(reply, self._limits[begun.incoming.app])
        line = begun.incoming.app, begun.incoming.conversation
        for letter in await surely(partial(self._office.answered, begun, memory, answer)):
            self._senders[line[0]].put(line, letter)

    async def _reply(self, begun: Begun, memory: Memory) -> Reply:
        if begun.before >= BEGUN_MAX:
            LOGGER.error("%s: message %d could not be answered", begun.incoming.app, begun.number)
            return _unknown(memory)
        answering = asyncio.ensure_future(self._answer(begun.incoming, memory))
        try:
            await asyncio.wait([answering], timeout=ANSWER_SECONDS)
        finally:
            answering.cancel()
        ended = answering.done() and not answering.cancelled()
        fault = answering.exception() if ended else None
        if ended and fault is None:
            return answering.result()
        LOGGER.error("%s: message %d was not answered", begun.incoming.app, begun.number, exc_info=fault)
        return Reply(FAULT, holder=memory.holder) if fault is not None else _unknown(memory)

    async def _passive(self, number: int, seconds: float) -> str | None:
        """After that time only what was handed over before is handed over again."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        with self._holds.holding(number):
            told = self._answered.setdefault(number, asyncio.Event())
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        if not await self._office.is_answered(number):
                            await told.wait()
                return await self._office.claim(number, lambda: loop.time() < until)
            except StoreError:
                return None


async def _fault_of(act: Coroutine[None, None, None]) -> BaseException | None:
    """What ``act`` raised, if it did; it is broken off with who waits for it."""
    task = asyncio.create_task(act)
    try:
        await asyncio.wait([task])
    finally:
        task.cancel()
    return asyncio.CancelledError() if task.cancelled() else task.exception()


def _unknown(memory: Memory) -> Reply:
    """Whether an act was done is not known: its dialogue waits for the same word again."""
    return Reply(FAULT, pending=memory.pending, holder=memory.holder)


class _Receipt:
    """``bot.channels.messages.Receipt``."""

    def __init__(self, known: bool, passive: Callable[[float], Awaitable[str | None]]) -> None:
        self.known = known
        self._passive = passive

    async def passive(self, seconds: float) -> str | None:
        return await self._passive(seconds)


def _written(reply: Reply, limits: Limits) -> Answered:
    """The answer as letters that the platform takes."""
    blocks = [*reply.blocks, *(f"可以这样问：{question}" for question in reply.suggestions)]
    if reply.file is not None and not limits.files:
        blocks.append(NO_FILES.format(name=reply.file.name))
    file = reply.file if limits.files else None
    said = "\n".join((reply.text, *reply.blocks))
    return Answered(_letters(reply.text, blocks, limits), file, said, reply.pending, reply.holder)


def _letters(text: str, blocks: Sequence[str], limits: Limits) -> list[str]:
    """Where one answer is all the platform takes, its end says what is missing and where it is read."""
    whole = pieces(text, blocks, limits.text_bytes)
    if not limits.one_answer or len(whole) <= 1:
        return whole
    first, *rest = pieces(text, blocks, limits.text_bytes - len(REST.format(count=9999).encode()) - 1)
    return [f"{first}\n{REST.format(count=len(rest))}"]


def _locked(descriptor: int) -> bool:
    """Whether no other process works on the same books, from now on."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
