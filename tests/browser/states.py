"""An office with one report in every state, served without log, at a fixed moment of both clocks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.browser.conftest import listening
from tests.verify.public.published import NOW, STRANGER, Published, package, publish, token
from verify.public.app import build
from verify.public.settings import PublicSettings
from verify.scanned import digits
from verify.sealing import seal
from verify.status import Status

DAY = timedelta(days=1)
NAMED = {"expired", "revoked", "superseded", "not_yet_valid", "indeterminate", "valid"}


@dataclass(frozen=True)
class Office:
    """``codes``: verdict → the digits that get it."""

    published: Published
    origin: str
    codes: Mapping[str, str]

    def link(self, verdict: str) -> str:
        return f"{self.origin}/v#{self.codes[verdict]}"


@contextmanager
def office(folder: Path, port: int = 0) -> Iterator[Office]:
    published = publish(folder)
    published.publish({7: Status.REVOKED, 8: Status.SUPERSEDED, 9: Status.SUSPENDED}, version=2)
    genuine = {
        "expired": token(status_index=6, issued_at=NOW - 34 * DAY, period_to=date(2026, 10, 16)),
        "revoked": token(status_index=7),
        "superseded": token(status_index=8),
        "indeterminate": token(status_index=9),
        "not_yet_valid": token(status_index=10, issued_at=NOW + 2 * DAY),
    }
    for each in genuine.values():
        content = seal(each, package().to_bytes())
        (folder / "sealed" / content.locator).write_bytes(content.ciphertext)
    codes = {"valid": published.digits, "forged": digits(token(STRANGER)), "unreadable": "123"}
    codes |= {verdict: digits(each) for verdict, each in genuine.items()}
    with listening(build(PublicSettings(folder=folder, clock=lambda: NOW)), port) as origin:
        yield Office(published, origin, codes)
