"""What another bureau's cosignature changes in the published log.

    public/log/checkpoint    gets the line, when it is on the tree that is published now
    public/log/cosigned      the largest cosigned checkpoint, whole: what everybody can hold later trees against

* Only lines of witnesses in our key list are taken, and only on a tree with which our published one begins.
* Under the issuing lock, and with an audit line. Files are written whole, ``cosigned`` first.

Source: docs/log.md; c2sp.org/tlog-cosignature. Decision: docs/decisions/0174.
"""

from pathlib import Path

from sqlalchemy import Engine

from index.audit import append, require_duty
from index.store.engine import writing
from verify.errors import TrustError
from verify.issuing.delivery import Places
from verify.issuing.files import locked, write_whole
from verify.issuing.ledger import Doer
from verify.keylist import LogKey
from verify.transparency.notes import Checkpoint, open_checkpoint
from verify.transparency.witnessing import cosigned_by, merged, open_grown, without_strangers

PURPOSE = "登记日志共签"
CHECKPOINT, COSIGNED = "log/checkpoint", "log/cosigned"


def take(engine: Engine, places: Places, log: LogKey, brought: bytes, doer: Doer) -> Checkpoint:
    """Publishes the cosignatures on ``brought``, a checkpoint of ours. Raises TrustError."""
    require_duty(doer.actor, PURPOSE)
    witnesses = cosigned_by(brought, log)
    with locked(places.reports):
        _publish(places.public, log, brought)
        with writing(engine) as connection:
            append(
                connection,
                at=doer.now,
                actor=doer.actor,
                purpose=PURPOSE,
                action="log.cosigned",
                target=log.origin,
                detail="、".join(witnesses),
            )
    return open_checkpoint(brought, log)


def _publish(public: Path, log: LogKey, brought: bytes) -> None:
    brought = without_strangers(brought, log)
    published = _read(public, CHECKPOINT)
    if published is None:
        raise TrustError("本机构还没有公布登记日志。", next_step="请先执行 chenghe keys export。", code="LOG_MISSING")
    open_grown(published, log, lambda path: _read(public, f"log/{path}"), brought)
    write_whole(public / COSIGNED, _largest(_read(public, COSIGNED), brought, log))
    grown = merged(published, brought, log)
    if grown != published:
        write_whole(public / CHECKPOINT, grown)


def _largest(kept: bytes | None, brought: bytes, log: LogKey) -> bytes:
    """Of two cosigned checkpoints the larger; of the same tree both cosignatures."""
    if kept is None:
        return brought
    try:
        before = open_checkpoint(kept, log)
    except TrustError:  # of a witness or log that is no longer listed as it was
        return brought
    return merged(kept, brought, log) if before.size >= open_checkpoint(brought, log).size else brought


def _read(public: Path, path: str) -> bytes | None:
    try:
        return (public / path).read_bytes()
    except FileNotFoundError:
        return None
