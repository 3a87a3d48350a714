"""What a process leaves behind that is killed right before its n-th durable act: a commit, or a file put in place.

Nothing else outlives a process, so that being killed before each act, one after the other, is being killed anywhere.
Two ways to it: a process of its own that is really killed (``killed_before``), and the files as they stood at that very
moment, copied (``left_before_every_act``): that is all a killed process leaves, and takes one run instead of one for
each act.
"""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.forking import CONTEXT
from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, TestOffice
from verify.issuing.orders import BatchRequest

BATCH = BatchRequest(3, "银行贷款", ISSUED, ACTOR, parent_code=COMPANY, idempotency_key="B", identity_check="营业执照")


def killed_before(act: int, home: Path, work: Callable[..., None], *values: object) -> bool:
    """Runs ``work`` on the office in ``home`` in another process; False when it came to its end before."""
    process = CONTEXT.Process(target=_run, args=(act, home, work, values))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def left_before_every_act(
    home: Path, folder: Path, work: Callable[[], None], engine: Engine | type[Engine] | None = None
) -> list[Path]:
    """Copies of ``home`` in ``folder``: as it stands before the first durable act of ``work``, the second …

    ``engine``: whose commits count; ``Engine`` for every one that ``work`` opens itself.
    """
    copies: list[Path] = []

    def copy() -> None:
        copies.append(folder / f"{len(copies) + 1}")
        shutil.copytree(home, copies[-1])

    with before_every_act(copy, engine):
        work()
    return copies


def issue(office: TestOffice, key: str | None) -> None:
    office.issue(idempotency_key=key)


def issue_many(office: TestOffice) -> None:
    assert all(item.report for item in office.issuing.issue_many(BATCH))


def change(office: TestOffice, number: str) -> None:
    office.issuing.suspend(number, "复核", ACTOR, office.wall)
    office.issuing.resume(number, "复核无误", ACTOR, office.wall)
    office.issuing.revoke(number, "数据有误", ACTOR, office.wall)


@contextmanager
def before_every_act(step: Callable[[], None], engine: Engine | type[Engine] | None) -> Iterator[None]:
    """Takes ``step`` before each durable act of this process."""
    put = os.replace

    def replaced(source: Any, target: Any) -> None:
        step()
        put(source, target)

    def committed(*_: Any) -> None:
        step()

    os.replace = replaced
    if engine is not None:
        event.listen(engine, "commit", committed)
    try:
        yield
    finally:
        os.replace = put
        if engine is not None:
            event.remove(engine, "commit", committed)


def _run(act: int, home: Path, work: Callable[..., None], values: tuple[object, ...]) -> None:
    office = TestOffice(home)
    acts = iter(range(1, 1_000_000))

    def killed() -> None:
        if next(acts) == act:
            os.kill(os.getpid(), signal.SIGKILL)

    with before_every_act(killed, office.engine):
        work(office, *values)
    office.engine.dispose()
