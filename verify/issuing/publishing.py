"""What the office publishes for verifiers: trust.json with root, key list, and the latest status list and notice list.

Rules kept:
* A list says nothing after 24 hours: a verifier that cannot renew it answers "cannot know". Both are renewed together,
  hourly by the service, at each issue, each revocation, and whenever a notice was added. docs/decisions/0052, 0140.
* A list covers the whole index space, so that neither its length nor an index tells how many reports there are.
* Signed by a signing key in force now, never by the root, so that the root can be kept offline.
* The key list is renewed when the office's name or address changed, or its last month begins.

Source: design §5; draft-ietf-oauth-status-list §12 (index from a large space, at random).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from verify.issuing.files import write_whole
from verify.issuing.keys import KeyStore
from verify.issuing.ledger import Ledger
from verify.status import CHANGES, WITHDRAWALS, ListKind, StatusList, pack, sign_status_list
from verify.trust import Trust, dump, open_trust

INDEX_BITS = 20
INDEX_SPACE = 1 << INDEX_BITS
LIFETIME = timedelta(hours=24)
TTL_SECONDS = 3600


def publish(keys: KeyStore, ledger: Ledger, target: Path, now: datetime) -> Trust:
    """Writes ``target`` (trust.json) whole. Raises KeyringError when no key may sign now."""
    signer = keys.signer_for(now, now=now)
    if not keys.is_current(now):
        keys.renew(now)
    verify_url = keys.key_list().issuer.verify_url
    trust = open_trust(
        keys.root(),
        keys.key_list_bytes(),
        sign_status_list(_list(WITHDRAWALS, ledger.withdrawn(), verify_url, now), signer),
        sign_status_list(_list(CHANGES, ledger.changed(), verify_url, now), signer),
    )
    write_whole(target, dump(trust).encode())
    return trust


def _list(kind: ListKind, values: Mapping[int, int], verify_url: str, now: datetime) -> StatusList:
    return StatusList(kind.uri(verify_url), now, now + LIFETIME, TTL_SECONDS, pack(values, INDEX_SPACE))
