"""A second bureau looks after the log: it cosigns a checkpoint only when the tree is the one it saw before, grown.

1. The checkpoint opens under the log of the pinned key list, and is not of a moment that has not come.
2. The tiles make its tree.
3. The tree begins with the one cosigned last; that is remembered before the cosignature leaves the house.

* A fork is kept by both signed checkpoints: whoever has them can show it to anyone.
* A cosignature says nothing about single leaves: for those there is the audit.

Sources: c2sp.org/tlog-cosignature; c2sp.org/tlog-witness (what a witness promises).
"""

from datetime import datetime, timedelta

from verify.errors import TrustError
from verify.keylist import LogKey
from verify.keyring import Signer
from verify.transparency.notes import (
    COSIGNED,
    SIGNED,
    Checkpoint,
    Note,
    SignatureLine,
    cosignature,
    key_id,
    open_checkpoint,
    read_note,
)
from verify.transparency.tiles import Read
from verify.transparency.tree import TileTree

CLOCK_TOLERANCE = timedelta(minutes=5)


def open_grown(data: bytes, log: LogKey, read: Read, last: bytes | None) -> tuple[Checkpoint, TileTree]:
    """Checkpoint and tree, after 1–3. ``last``: the checkpoint believed before, as it was signed.

    Raises TrustError: CHECKPOINT_…, TILE_…, LOG_FORKED.
    """
    checkpoint = open_checkpoint(data, log)
    tree = TileTree(checkpoint.size, checkpoint.root, read)
    if last is not None:
        before = open_checkpoint(last, log)
        if not tree.grows_from(before.size, before.root):
            raise _forked(before, checkpoint)
    return checkpoint, tree


def cosign(data: bytes, log: LogKey, read: Read, last: bytes | None, witness: tuple[str, Signer], at: datetime) -> str:
    """The checkpoint with the cosignature of ``witness`` (name, key). Remember ``data`` before that goes out."""
    checkpoint, _ = open_grown(data, log, read, last)
    if checkpoint.at > at + CLOCK_TOLERANCE:
        raise TrustError(
            f"检查点的时间 {checkpoint.at:%Y-%m-%d %H:%M} 还没有到，没有共签。",
            next_step="请核对本机时钟；时钟无误的，请与签发机构核实。",
            code="CHECKPOINT_AHEAD",
        )
    note = read_note(data)
    return Note(note.text, (*note.lines, cosignature(note.text, *witness, at))).whole()


def cosigned_by(data: bytes, log: LogKey) -> tuple[str, ...]:
    """Which listed witnesses cosigned a checkpoint. Raises TrustError: CHECKPOINT_…, COSIGNATURE_MISSING for none."""
    witnesses = open_checkpoint(data, log).witnesses
    if not witnesses:
        raise TrustError(
            "这份检查点上没有公钥清单所列见证机构的共签。",
            next_step="请先用 chenghe keys witness add 登记见证机构的公钥，再请对方重新共签。",
            code="COSIGNATURE_MISSING",
        )
    return witnesses


def merged(checkpoint: bytes, brought: bytes, log: LogKey) -> bytes:
    """``checkpoint`` with the newest line of each listed witness on the same text, of both. Both have opened."""
    note, other = read_note(checkpoint), read_note(brought)
    if note.text != other.text:
        return checkpoint
    known = _keys_of_witnesses(log)
    newest: dict[tuple[str, bytes], SignatureLine] = {}
    for line in sorted((*note.lines, *other.lines), key=lambda line: line.blob):  # a cosignature begins with its time
        if (line.name, line.key_id) in known:
            newest[line.name, line.key_id] = line
    rest = [line for line in note.lines if (line.name, line.key_id) not in known]
    return Note(note.text, (*rest, *newest.values())).whole().encode()


def without_strangers(checkpoint: bytes, log: LogKey) -> bytes:
    """``checkpoint`` with the lines of its log and of listed witnesses only."""
    note = read_note(checkpoint)
    own = {(log.origin, key_id(log.origin, kind, log.public_key)) for kind in (SIGNED, COSIGNED)}
    kept = [line for line in note.lines if (line.name, line.key_id) in own | _keys_of_witnesses(log)]
    return Note(note.text, tuple(kept)).whole().encode()


def _keys_of_witnesses(log: LogKey) -> set[tuple[str, bytes]]:
    return {(each.name, key_id(each.name, COSIGNED, each.public_key)) for each in log.witnesses}


def _forked(before: Checkpoint, now: Checkpoint) -> TrustError:
    return TrustError(
        f"登记日志与先前的检查点不一致：先前 {before.size} 条（{before.at:%Y-%m-%d %H:%M}），"
        f"现在 {now.size} 条（{now.at:%Y-%m-%d %H:%M}），日志被改写、截短或者分叉。",
        next_step="请立即保存这份日志和两份检查点，停止采信，并与签发机构核实。",
        code="LOG_FORKED",
    )
