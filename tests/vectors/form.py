"""One case of the vectors as JSON; tests/vectors/make.py describes the file."""

from typing import Any

from tests.verify.sample import NOW
from verify.notices import Notice
from verify.reasons import Reason, verdict_of


def case(
    name: str,
    scanned: str | bytes,
    reason: Reason,
    *,
    number: int | None = None,
    trust: str = "plain",
    at: Any = NOW,
    now: Any = NOW,
    notices: tuple[Notice, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    key = "scanned" if isinstance(scanned, str) else "scanned_hex"
    return {
        "id": name,
        "case": number,
        key: scanned if isinstance(scanned, str) else scanned.hex(),
        "trust": trust,
        "at": at.isoformat(),
        "now": now.isoformat(),
        "verdict": verdict_of(reason).value,
        "reason": reason.value,
        "notices": [notice.value for notice in notices],
        **more,
    }
