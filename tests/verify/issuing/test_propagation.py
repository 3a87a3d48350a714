"""From the office to whoever verifies: the real public service over a copy of ``public/``, copied file by file.

A change is published at once; whoever copies the folder and renews within the ttl of the list learns of it within that
time. No state of a half-copied folder makes a report look forged, forked or withdrawn, or one that was withdrawn valid
again.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.verify.issuing.office import ACTOR, ISSUED, TestOffice
from verify.issuing.publishing import LIFETIME, RENEWED
from verify.public.app import build
from verify.public.settings import PublicSettings

HOUR = timedelta(hours=1)


class Copy:
    """``public/`` on the internet side. ``copied``: file by file, in the order given."""

    def __init__(self, office: TestOffice) -> None:
        self.source, self.folder = office.places.public, office.home / "internet side"
        self.folder.mkdir()

    def files(self) -> list[Path]:
        return sorted(path.relative_to(self.source) for path in self.source.rglob("*") if path.is_file())

    def copied(self, names: list[Path]) -> Iterator[Path]:
        """After each file that had to be copied."""
        for name in names:
            content = (self.source / name).read_bytes()
            target = self.folder / name
            if target.is_file() and target.read_bytes() == content:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f".{target.name}")
            temporary.write_bytes(content)
            os.replace(temporary, target)
            yield name

    def whole(self) -> None:
        for _ in self.copied(self.files()):
            pass


@pytest.fixture
def copy(office: TestOffice) -> Copy:
    office.wall = ISSUED
    return Copy(office)


@pytest.fixture
async def verifier(office: TestOffice, copy: Copy) -> AsyncIterator[TestClient[Any, Any]]:
    settings = PublicSettings(copy.folder, lambda: office.wall)
    async with TestClient(TestServer(build(settings))) as client:
        yield client


async def asked(verifier: TestClient[Any, Any], token: str, at: datetime | None = None) -> dict[str, Any]:
    question = {"token": token} if at is None else {"token": token, "at": at.isoformat()}
    answer = await verifier.post("/api/verify", json=question)
    assert answer.status == 200, await answer.text()
    entry: dict[str, Any] = await answer.json()
    return entry


async def test_every_change_reaches_the_verifier_with_the_next_copy(
    office: TestOffice, copy: Copy, verifier: TestClient[Any, Any]
) -> None:
    report, newer = office.issue(), office.issue()
    copy.whole()
    answer = await asked(verifier, report.qr_text)
    assert (answer["reason"], answer["log"]["logged_at"]) == ("OK", "2026-08-20T10:00:00+08:00")
    for minutes, step, reason, changes in (
        (10, lambda now: office.issuing.suspend(report.number, "复核", ACTOR, now), "SUSPENDED", ["suspended"]),
        (20, lambda now: office.issuing.resume(report.number, "无误", ACTOR, now), "OK", ["suspended", "valid"]),
        (
            30,
            lambda now: office.issuing.supersede(report.number, newer.number, "重开", ACTOR, now),
            "REPLACED",
            ["suspended", "valid", "superseded"],
        ),
    ):
        before = (await asked(verifier, report.qr_text))["reason"]
        office.wall = ISSUED + timedelta(minutes=minutes)
        step(office.wall)
        assert (await asked(verifier, report.qr_text))["reason"] == before, "nothing was copied yet"
        copy.whole()
        answer = await asked(verifier, report.qr_text)
        assert answer["reason"] == reason
        assert [change["status"] for change in answer["log"]["changes"]] == changes
    then = [(await asked(verifier, report.qr_text, ISSUED + timedelta(minutes=m)))["reason"] for m in (5, 15, 25, 30)]
    assert then == ["OK_THEN", "SUSPENDED", "OK_THEN", "REPLACED"]
    assert (await asked(verifier, newer.qr_text))["reason"] == "OK"


async def test_a_verifier_that_renews_within_the_ttl_is_never_further_behind_than_that(
    office: TestOffice, copy: Copy, verifier: TestClient[Any, Any]
) -> None:
    """Copied every ttl: at the latest one ttl after the change the verifier says so, whenever the change was."""
    reports = [office.issue() for _ in range(3)]
    statuses = office.trust.statuses
    assert statuses is not None
    ttl = timedelta(seconds=statuses.ttl_seconds)
    assert (ttl, statuses.expires_at - statuses.issued_at) == (RENEWED, LIFETIME)
    copy.whole()
    for report, minutes in zip(reports, (1, 30, 59), strict=True):
        start = office.wall
        office.wall = start + timedelta(minutes=minutes)
        office.issuing.revoke(report.number, "数据有误", ACTOR, office.wall)
        office.wall = start + ttl
        copy.whole()
        assert (await asked(verifier, report.qr_text))["reason"] == "WITHDRAWN"
    for place in ("/trust.json", "/status"):
        kept = (await verifier.get(place)).headers["Cache-Control"]
        assert kept in ("no-cache", "no-store"), "no cache on the way holds a list longer than its ttl"


async def test_a_copy_that_is_not_renewed_says_so_after_a_day_and_never_confirms(
    office: TestOffice, copy: Copy, verifier: TestClient[Any, Any]
) -> None:
    report, withdrawn = office.issue(), office.issue()
    office.issuing.revoke(withdrawn.number, "数据有误", ACTOR, office.wall)
    copy.whole()
    office.wall = ISSUED + LIFETIME - timedelta(seconds=1)
    assert (await asked(verifier, report.qr_text))["reason"] == "OK"
    office.wall += timedelta(seconds=1)
    assert (await asked(verifier, report.qr_text))["reason"] == "STATUS_STALE"
    assert (await asked(verifier, withdrawn.qr_text))["reason"] == "WITHDRAWN"
    office.issuing.publish(office.wall)
    copy.whole()
    assert (await asked(verifier, report.qr_text))["reason"] == "OK"


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_half_copied_folder_says_what_was_or_what_is_and_nothing_else(
    office: TestOffice, copy: Copy, verifier: TestClient[Any, Any], backwards: bool
) -> None:
    report, other = office.issue(), office.issue()
    copy.whole()
    later = ISSUED + HOUR
    office.wall = later
    office.issuing.revoke(report.number, "数据有误", ACTOR, later)
    office.issue()
    office.issuing.publish(later)
    seen, names = [], sorted(copy.files(), reverse=backwards)
    for _ in copy.copied(names):
        seen.append((await asked(verifier, report.qr_text))["reason"])
        assert (await asked(verifier, other.qr_text))["reason"] == "OK"
    assert set(seen) <= {"OK", "WITHDRAWN"}
    assert seen == sorted(seen), "withdrawn is never valid again"
    assert seen[-1] == "WITHDRAWN"


async def test_a_copy_that_went_back_to_an_older_state_is_noticed(
    office: TestOffice, copy: Copy, verifier: TestClient[Any, Any]
) -> None:
    """Somebody restores an old copy to hide a withdrawal: the list is refused, and so is the shorter log."""
    report = office.issue()
    copy.whole()
    older = copy.folder.with_name("older")
    shutil.copytree(copy.folder, older)
    office.wall = ISSUED + HOUR
    office.issuing.revoke(report.number, "数据有误", ACTOR, office.wall)
    copy.whole()
    assert (await asked(verifier, report.qr_text))["reason"] == "WITHDRAWN"
    shutil.copytree(older, copy.folder, dirs_exist_ok=True)
    answer = await asked(verifier, report.qr_text)
    assert (answer["verdict"], answer["reason"]) == ("indeterminate", "TRUST_UNUSABLE")
