"""What the office publishes for verifiers: trust.json with root, key list, and the latest status list and notice list.

Rules kept:
* A list says nothing after 24 hours: a verifier that cannot renew it answers "cannot know". Both are renewed together,
  hourly by the service, at each revocation, and whenever a notice was added. docs/decisions/0052, 0140.
* A list covers the whole index space, so that neither its length nor an index tells how many reports there are.
* A report that was just issued changes neither list: ``Publication`` writes only when something else changed, or an
  hour is over.
* Signed by a signing key in force now, never by the root, so that the root can be kept offline.
* The key list is renewed when the office's name or address, its log or its certificates changed, or its last month
  begins, provided that the root is at hand.

Source: design §5; draft-ietf-oauth-status-list §12 (index from a large space, at random).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from verify.errors import TrustError
from verify.issuing.files import write_whole
from verify.issuing.keys import KeyStore
from verify.issuing.standing import Standing
from verify.status import CHANGES, CLOCK_TOLERANCE, WITHDRAWALS, ListKind, StatusList, pack, sign_status_list
from verify.trust import Trust, dump, load, open_trust

INDEX_BITS = 20
INDEX_SPACE = 1 << INDEX_BITS
LIFETIME = timedelta(hours=24)
RENEWED = timedelta(hours=1)
TTL_SECONDS = int(RENEWED.total_seconds())


def publish(keys: KeyStore, standing: Standing, target: Path, now: datetime) -> Trust:
    """Writes ``target`` (trust.json) whole. Raises KeyringError when no key may sign now."""
    signer = keys.signer_for(now, now=now)
    if keys.due(keys.key_list(), now):
        keys.renew(now)
    verify_url = keys.key_list().issuer.verify_url
    trust = open_trust(
        keys.root(),
        keys.key_list_bytes(),
        sign_status_list(_list(WITHDRAWALS, standing.withdrawn(), verify_url, now), signer),
        sign_status_list(_list(CHANGES, standing.changed(), verify_url, now), signer),
    )
    write_whole(target, dump(trust).encode())
    return trust


class Publication:
    """What is published, kept open: asking for it again costs a few look-ups while nothing has changed.

    One process at a time may use it (the issuing lock). What another process published is noticed by the file's stamp;
    what a crash left unpublished, by the ledger's rows.
    """

    def __init__(self, keys: KeyStore, standing: Standing, target: Path) -> None:
        self._keys = keys
        self._standing = standing
        self._target = target
        self._trust: Trust | None = None
        self._seen: tuple[object, object] = (None, None)

    def renew(self, now: datetime) -> Trust:
        """Publishes now. Raises KeyringError when no key may sign now."""
        rows = self._standing.mark()
        return self._keep(publish(self._keys, self._standing, self._target, self._not_before_last(now)), rows)

    def current(self, now: datetime) -> Trust:
        """What verifiers get, published anew only if it must be. Raises KeyringError when no key may sign now."""
        rows = self._standing.mark()
        if self._trust is not None and self._seen == (_stamp(self._target), rows) and self._suits(self._trust, now):
            return self._trust
        trust = self._published(now)
        return self.renew(now) if trust is None else self._keep(trust, rows)

    def _keep(self, trust: Trust, rows: object) -> Trust:
        self._trust, self._seen = trust, (_stamp(self._target), rows)
        return trust

    def _not_before_last(self, now: datetime) -> datetime:
        """A clock set back a little must not make lists older than the last: whoever has seen those refuses them."""
        last = self._in_file() or self._trust
        seen = [each.issued_at for each in last.lists if each is not None] if last else []
        return max([now, *(moment for moment in seen if moment <= now + CLOCK_TOLERANCE)])

    def _in_file(self) -> Trust | None:
        try:
            return load(self._target.read_bytes())
        except (OSError, TrustError):
            return None

    def _published(self, now: datetime) -> Trust | None:
        """The file of another process or an earlier one, if it says what we would say."""
        trust = self._in_file()
        if trust is None or trust.statuses is None or trust.changes is None or not self._suits(trust, now):
            return None
        as_rows = (pack(self._standing.withdrawn(), INDEX_SPACE), pack(self._standing.changed(), INDEX_SPACE))
        return trust if (trust.statuses.packed, trust.changes.packed) == as_rows else None

    def _suits(self, trust: Trust, now: datetime) -> bool:
        """Lists of this hour under the key list of today."""
        young = all(each is not None and -CLOCK_TOLERANCE <= now - each.issued_at < RENEWED for each in trust.lists)
        return young and trust.key_list == self._keys.key_list_bytes() and not self._keys.due(trust.keys, now)


def _stamp(target: Path) -> tuple[int, int, int] | None:
    try:
        status = target.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _list(kind: ListKind, values: Mapping[int, int], verify_url: str, now: datetime) -> StatusList:
    return StatusList(kind.uri(verify_url), now, now + LIFETIME, TTL_SECONDS, pack(values, INDEX_SPACE))
