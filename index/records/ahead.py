"""Reading ahead: a second process reads and checks the next rows while this one lands those before.

Rules kept:
* What comes out is what the iterator gives, in its order; an UnreadableImport of the other process is raised here.
* The other process is a copy of this one (fork) and touches nothing but the file it reads: no database, no output.
* It never outlives the reading, and when it dies, the import says so and lands nothing.
* Without fork, or beside other threads, the iterator runs here: slower, the same.

Why: docs/decisions/0124.
"""

import multiprocessing
import signal
import threading
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection
from typing import TypeVar, cast

from index.errors import UnreadableImport

Item = TypeVar("Item")
_ITEM, _END, _REFUSED = range(3)
_SECONDS_TO_END = 5


def read_ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The items of ``items``, which must not be used otherwise. Raises UnreadableImport."""
    if "fork" not in multiprocessing.get_all_start_methods() or threading.active_count() > 1:
        yield from items
        return
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(items, sender, receiver), daemon=True)
    process.start()
    sender.close()
    try:
        yield from _received(receiver)
    finally:
        receiver.close()
        process.terminate()
        process.join(_SECONDS_TO_END)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _received(receiver: "Connection[object, tuple[int, Item]]") -> Iterator[Item]:
    while True:
        try:
            kind, item = receiver.recv()
        except EOFError as error:
            raise UnreadableImport(
                "读取文件的进程中途停止（可能是内存不足）。",
                next_step="一行也没有导入。请关闭其他程序，或分成几个文件后重试。",
                code="IMPORT_STOPPED",
            ) from error
        if kind == _END:
            return
        if kind == _REFUSED:
            message, next_step, code = cast(tuple[str, str, str], item)
            raise UnreadableImport(message, next_step=next_step, code=code)
        yield item


def _send(
    items: Iterator[object],
    sender: "Connection[tuple[int, object], object]",
    receiver: "Connection[object, tuple[int, object]]",
) -> None:
    """In the other process; an interruption is the business of this one.

    ``receiver`` is closed first: holding it too, this process would wait forever for a reader that was killed.
    """
    receiver.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for item in items:
            sender.send((_ITEM, item))
    except UnreadableImport as error:
        sender.send((_REFUSED, (error.message, error.next_step, error.code)))
    except (BrokenPipeError, MemoryError):  # the import has ended before the file; or it must, and says so itself
        return
    else:
        sender.send((_END, None))
    sender.close()
