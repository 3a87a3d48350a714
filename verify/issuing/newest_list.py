"""Which key list an office goes on from: the newest that its root signed, in ``keys/`` or among what it has published.

* ``keys/`` may have been restored from a backup older than the published list. Going on from that one would publish an
  older list, which verifiers refuse, and then sign another list under a version they have seen: a key revoked in
  between would be good again for all of them. So the published one counts when its version is higher.
* What was said of a certificate of PDFs stays said, likewise: it is never unlisted, its revocation never taken back.

Source: verify-case 63 (no rollback), seen from the office; docs/credential.md §5, §7.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from verify.errors import TrustError
from verify.keylist import ListedCertificate, open_key_list
from verify.trust import Root, load


class PublishedList:
    """The key list in the trust file that this office publishes. ``path`` None: it publishes none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._content: bytes | None = None

    def newest(self, own: bytes, root: Root) -> bytes:
        """``own``, or what is published when that is newer; of two of one version, ``own``."""
        published = self._read()
        if published is None or published == own or _version(published, root) <= _version(own, root):
            return own
        return published

    def _read(self) -> bytes | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
            stamp = found.st_mtime_ns, found.st_ino, found.st_size
            if stamp != self._stamp:
                self._content, self._stamp = load(self._path.read_bytes()).key_list, stamp
        except (OSError, TrustError):
            self._content, self._stamp = None, None
        return self._content


def _version(content: bytes, root: Root) -> int:
    """0 for what is no list of this root."""
    try:
        return open_key_list(content, root.algorithm, root.public_key).version
    except TrustError:
        return 0


def certificates_of(
    listed: Iterable[ListedCertificate] | None, ours: Iterable[ListedCertificate]
) -> tuple[ListedCertificate, ...]:
    """Every certificate that a list named before, then those it did not. ``listed``: None when it did not say."""
    now = {each.fingerprint: each for each in ours}
    before = {each.fingerprint: each for each in listed or ()}
    kept = (_revoked_as(now.get(name, each), each) for name, each in before.items())
    return (*kept, *(each for name, each in now.items() if name not in before))


def _revoked_as(ours: ListedCertificate, listed: ListedCertificate) -> ListedCertificate:
    return ours if listed.revoked_at is None else replace(ours, revoked_at=listed.revoked_at)
