"""What the office publishes for verifiers: trust.json with root, key list and the latest status list.

Rules kept:
* A status list says nothing after 24 hours: a verifier that cannot renew it answers "cannot know". Renewed hourly by
  the service, and at each issue and each revocation. Decision: docs/decisions/0052.
* The list covers the whole index space, so that neither its length nor an index tells how many reports there are.
* Signed by a signing key in force now, never by the root, so that the root can be kept offline.
* The key list is renewed when the office's name or address changed, or its last month begins.

Source: design §5; draft-ietf-oauth-status-list §12 (index from a large space, at random).
"""

from datetime import datetime, timedelta
from pathlib import Path

from verify.issuing.files import write_whole
from verify.issuing.keys import KeyStore
from verify.issuing.ledger import Ledger
from verify.status import StatusList, pack, sign_status_list, status_uri
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
    listed = keys.key_list()
    statuses = StatusList(
        uri=status_uri(listed.issuer.verify_url),
        issued_at=now,
        expires_at=now + LIFETIME,
        ttl_seconds=TTL_SECONDS,
        packed=pack(ledger.withdrawn(), INDEX_SPACE),
    )
    trust = open_trust(keys.root(), keys.key_list_bytes(), sign_status_list(statuses, signer))
    write_whole(target, dump(trust).encode())
    return trust
