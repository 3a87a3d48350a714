"""A fictional log: its key, a witness, and files kept in memory."""

from collections.abc import Sequence

from tests.verify.sample import URL, moment
from verify.keylist import LogKey, Witness
from verify.keyring import Ed25519Signer
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
