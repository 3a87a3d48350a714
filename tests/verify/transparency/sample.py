"""A fictional log: its key, a witness, and files kept in memory."""

from collections.abc import Sequence
from datetime import datetime

from tests.verify.sample import FACTS, ISSUED, TOKEN, URL, moment
from verify.keylist import LogKey, Witness
from verify.keyring import Ed25519Signer
from verify.registration import Act
from verify.transparency.leaves import changed, issued, opened, ref_of, registered, registered_path
from verify.transparency.merkle import leaf_hash, root_of
from verify.transparency.notes import sign_checkpoint
from verify.transparency.tiles import tiles_for

LOG = Ed25519Signer.from_seed(b"chenghe fictional log key 000001")
WITNESS = Ed25519Signer.from_seed(b"chenghe fictional witness key 01")
ORIGIN = f"{URL.removeprefix('https://')}/log"
WITNESS_NAME = "neighbour.example.gov.cn/witness"
LOG_KEY = LogKey(ORIGIN, LOG.public_key, (Witness(WITNESS_NAME, WITNESS.public_key),))
OPENED = moment("2026-08-01T08:00:00")


class Files(dict[str, bytes]):
    """A folder in memory; ``get`` reads."""


def grown(leaves: Sequence[bytes]) -> Files:
    """The files of a log with these leaves."""
    return Files(tiles_for(0, leaves, lambda _: None))


class FictionalLog:
    """A log that grows in memory: leaves are added, ``publish`` writes its files as the office does."""

    def __init__(self, opened_at: datetime = OPENED, signer: Ed25519Signer = LOG) -> None:
        self.leaves = [opened(opened_at)]
        self.files = Files()
        self._signer = signer
        self._reports: dict[bytes, list[tuple[int, bytes]]] = {}

    def issue(self, at: datetime, token: bytes = TOKEN, iat: datetime = ISSUED, sequence: int = FACTS.sequence) -> int:
        return self.add(ref_of(token), issued(at, token, iat, sequence))

    def change(self, act: Act, at: datetime, token: bytes = TOKEN) -> int:
        ref = ref_of(token)
        return self.add(ref, changed(act, at, ref, self._reports[ref][-1][0]))

    def others(self, count: int, at: datetime) -> None:
        """Leaves of other reports."""
        for number in range(len(self.leaves), len(self.leaves) + count):
            self.issue(at, b"another token %d" % number, at, 1 + number)

    def add(self, ref: bytes, leaf: bytes) -> int:
        self.leaves.append(leaf)
        self._reports.setdefault(ref, []).append((len(self.leaves) - 1, leaf))
        return len(self.leaves) - 1

    def publish(self, at: datetime) -> Files:
        self.files.update({f"log/{path}": data for path, data in grown(self.leaves).items()})
        self.files.update({registered_path(ref): registered(rows) for ref, rows in self._reports.items()})
        self.files["log/checkpoint"] = self.checkpoint(at).encode()
        return self.files

    def checkpoint(self, at: datetime) -> str:
        root = root_of([leaf_hash(leaf) for leaf in self.leaves])
        return sign_checkpoint(ORIGIN, len(self.leaves), root, self._signer, at)
