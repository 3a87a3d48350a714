"""A process of its own that issues and is killed right before its n-th durable act: a commit, or a file put in place.

Nothing else outlives a process, so that being killed before each act, one after the other, is being killed anywhere.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, TestOffice
from verify.issuing.orders import BatchRequest

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "index.records.importing",
        "verify.issuing.service",
        "verify.issuing.pdf.certifying",
        "verify.documents.docx",
        "verify.documents.image",
    ]
)
BATCH = BatchRequest(3, "银行贷款", ISSUED, ACTOR, parent_code=COMPANY, idempotency_key="B", identity_check="营业执照")


def killed_before(act: int, home: Path, work: Callable[..., None], *values: object) -> bool:
    """Runs ``work`` on the office in ``home`` in another process; False when it came to its end before."""
    process = CONTEXT.Process(target=_run, args=(act, home, work, values))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def issue(office: TestOffice, key: str | None) -> None:
    office.issue(idempotency_key=key)


def issue_many(office: TestOffice) -> None:
    assert all(item.report for item in office.issuing.issue_many(BATCH))


def change(office: TestOffice, number: str) -> None:
    office.issuing.suspend(number, "复核", ACTOR, office.wall)
    office.issuing.resume(number, "复核无误", ACTOR, office.wall)
    office.issuing.revoke(number, "数据有误", ACTOR, office.wall)


def _run(act: int, home: Path, work: Callable[..., None], values: tuple[object, ...]) -> None:
    office = TestOffice(home)
    acts = iter(range(1, 1_000_000))

    def before(*_: Any) -> None:
        if next(acts) == act:
            os.kill(os.getpid(), signal.SIGKILL)

    put = os.replace

    def replaced(source: Any, target: Any) -> None:
        before()
        put(source, target)

    event.listen(office.engine, "commit", before)
    os.replace = replaced
    work(office, *values)
    office.engine.dispose()
