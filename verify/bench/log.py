"""A public folder for measuring: the trust file of the fictional office and a log that holds all its credentials."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from verify.bench.office import LOG, ORIGIN, BenchOffice
from verify.credential import decode
from verify.transparency.leaves import issued, opened, ref_of, registered, registered_path
from verify.transparency.merkle import leaf_hash, root_of
from verify.transparency.notes import sign_checkpoint
from verify.transparency.tiles import tiles_for
from verify.trust import dump


def publish(folder: Path, office: BenchOffice, tokens: Sequence[bytes]) -> None:
    """Everything is registered in the second of its issue, in the order of issue."""
    claimed = sorted((decode(token) for token in tokens), key=lambda each: each.issued_at)
    leaves = [opened(claimed[0].issued_at - timedelta(days=1))]
    for each in claimed:
        leaf = issued(each.issued_at, each.token, each.issued_at, each.sequence)
        _put(folder / registered_path(ref_of(each.token)), registered([(len(leaves), leaf)]))
        leaves.append(leaf)
    for path, data in tiles_for(0, leaves, lambda _: None):
        _put(folder / "log" / path, data)
    checkpoint = sign_checkpoint(ORIGIN, len(leaves), root_of([leaf_hash(leaf) for leaf in leaves]), LOG, office.now)
    _put(folder / "log" / "checkpoint", checkpoint.encode())
    _put(folder / "trust.json", dump(office.trust).encode())


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
