"""The trust files of the vectors, by name: the plain office, and what may be different about one."""

from dataclasses import replace
from datetime import timedelta

from tests.verify.sample import (
    ENTRY,
    FACTS,
    ISSUED,
    KEYS,
    NOTICES,
    NOW,
    STATUSES,
    TRUST,
    Office,
    moment,
    with_change,
    with_status,
)
from verify.notices import Changed
from verify.status import Status

LAST = moment("2026-09-20T23:59:59")
SECOND = timedelta(seconds=1)

FIRST = "a file of the first format"
TRUSTS = {
    FIRST: Office(changes=None).trust(),
    "plain": TRUST,
    "revoked": with_status(Status.REVOKED),
    "suspended": with_status(Status.SUSPENDED),
    "superseded": with_status(Status.SUPERSEDED),
    "neighbour revoked": with_status(Status.REVOKED, FACTS.status_index + 1),
    "no status list": Office(statuses=None).trust(),
    "stale status list": Office(statuses=replace(STATUSES, expires_at=NOW)).trust(),
    "short status list": Office(statuses=replace(STATUSES, packed=bytes(8))).trust(),
    "status list from the future": Office(statuses=replace(STATUSES, issued_at=NOW + 600 * SECOND)).trust(),
    "expired key list": Office(keys=replace(KEYS, expires_at=NOW)).trust(),
    "key later": Office(entry=replace(ENTRY, not_before=ISSUED + SECOND)).trust(),
    "key earlier": Office(entry=replace(ENTRY, not_after=ISSUED - SECOND)).trust(),
    "key too short": Office(entry=replace(ENTRY, not_after=LAST - SECOND)).trust(),
    "key revoked before": Office(entry=replace(ENTRY, revoked_at=ISSUED)).trust(),
    "key revoked after": Office(entry=replace(ENTRY, revoked_at=ISSUED + SECOND)).trust(),
    "key of another type": Office(entry=replace(ENTRY, report_types=(2,))).trust(),
    "corrected": with_change(Changed.CORRECTED),
    "repaired": with_change(Changed.REPAIRED),
    "corrected and repaired": with_change(Changed.CORRECTED | Changed.REPAIRED),
    "neighbour corrected": with_change(Changed.CORRECTED, FACTS.status_index + 1),
    "corrected and revoked": Office(
        statuses=with_status(Status.REVOKED).statuses, changes=with_change(Changed.CORRECTED).changes
    ).trust(),
    "no notice list": Office(changes=None).trust(),
    "no list at all": Office(statuses=None, changes=None).trust(),
    "stale notice list": with_change(Changed(0), expires_at=NOW),
    "corrected, stale notice list": with_change(Changed.CORRECTED, expires_at=NOW),
    "short notice list": Office(changes=replace(NOTICES, packed=bytes(8))).trust(),
    "notice list from the future": with_change(Changed(0), issued_at=NOW + 600 * SECOND),
    "key since January": Office(entry=replace(ENTRY, not_before=moment("2026-01-01T00:00:00"))).trust(),
}
