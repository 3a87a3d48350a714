"""The keys of an office as its configuration wants them: issuer, algorithm, and whether it is a sample."""

from pathlib import Path

from index.rules.model import Office
from verify.issuing.drafting import issuer_of
from verify.issuing.keys import KeyStore
from verify.keyring import ALGORITHMS


def open_keys(folder: Path, office: Office, published: Path, *, root: Path | None = None) -> KeyStore:
    """``published``: the trust file of this office. ``root``: the folder of the root key, when it is kept elsewhere."""
    issuer, algorithm = issuer_of(office), algorithm_of(office)
    return KeyStore(folder, issuer, provisions=office.sample, algorithm=algorithm, root=root, published=published)


def algorithm_of(office: Office) -> int:
    """The COSE number of the algorithm of new keys (office.toml, ``signing_algorithm``)."""
    return next(each.number for each in ALGORITHMS.values() if each.name == office.signing_algorithm)
