"""Files in, answers out, several at a time and in order.

* As many files are under way as there are readers, and a few more are at hand: memory does not grow with the batch.
* Who stops asking ends the work: what has not begun is never read.
"""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from verify.batch.inputs import Item
from verify.documents.examine import Answer, Means, examine_codes
from verify.reasons import Rejection
from verify.verification import refused

AT_HAND = 2
"""Files per reader that wait with their answers, or are read ahead."""


def answered(
    items: Iterable[Item], means: Means, *, readers: int
) -> Generator[tuple[Item, tuple[Answer, ...]], None, None]:
    """Each item with its answers, in the order of ``items``."""
    with ThreadPoolExecutor(readers, thread_name_prefix="batch") as threads:
        waiting: deque[tuple[Item, Future[tuple[Answer, ...]]]] = deque()
        try:
            for item in items:
                waiting.append((item, threads.submit(_answers, item, means)))
                if len(waiting) > readers * AT_HAND:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _first(
    waiting: deque[tuple[Item, Future[tuple[Answer, ...]]]],
) -> tuple[Item, tuple[Answer, ...]]:
    item, future = waiting.popleft()
    return item, future.result()


def _answers(item: Item, means: Means) -> tuple[Answer, ...]:
    try:
        data = item.content()
    except Rejection as rejection:
        return (Answer(1, 1, refused(rejection, means.at)),)
    return examine_codes(data, item.name, means)
