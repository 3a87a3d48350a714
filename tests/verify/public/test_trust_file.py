"""The trust file on disk: renewed when it changes, never believed when it is broken or older."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from tests.verify.public.published import ISSUER, NOW, trust_text
from verify.errors import TrustError
from verify.public.trust_file import TrustFile
from verify.status import Status
from verify.trust import Trust, load


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trust.json"


def put(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, path)


def test_new_list_is_seen_without_restart(path: Path) -> None:
    put(path, trust_text())
    trust = TrustFile(path, lambda: NOW)
    first = trust.current()
    assert first.keys.issuer == ISSUER
    assert trust.current() is first
    put(path, trust_text({5: Status.REVOKED}))
    statuses = trust.current().statuses
    assert statuses is not None
    assert statuses.status(5) is Status.REVOKED


def test_missing_broken_and_oversize_files_cannot_be_relied_on(path: Path) -> None:
    trust = TrustFile(path, lambda: NOW)
    with pytest.raises(TrustError):
        trust.current()
    for text in ("", "{}", trust_text()[:-9], " " * (9 << 20)):
        put(path, text)
        with pytest.raises(TrustError):
            trust.current()
        with pytest.raises(TrustError):
            trust.text()
    put(path, trust_text())
    assert trust.text() == path.read_bytes()


def test_folder_in_its_place_is_an_error_not_a_crash(path: Path) -> None:
    path.mkdir()
    with pytest.raises(TrustError):
        TrustFile(path, lambda: NOW).current()


def test_older_list_is_refused_and_stays_refused(path: Path) -> None:
    trust = TrustFile(path, lambda: NOW)
    put(path, trust_text(version=3))
    trust.current()
    put(path, trust_text(version=2))
    for _ in range(2):
        with pytest.raises(TrustError) as error:
            trust.current()
        assert error.value.code == "KEY_LIST_ROLLBACK"
    put(path, trust_text(version=3, issued_at=NOW))
    assert trust.current().keys.version == 3


def test_a_postdated_list_is_handed_out_as_it_is_and_then_forgotten(path: Path) -> None:
    trust = TrustFile(path, lambda: NOW)
    put(path, trust_text(version=3))
    trust.current()
    put(path, trust_text(version=9, issued_at=NOW + timedelta(days=2)))
    assert trust.current().keys.version == 9
    put(path, trust_text(version=4))
    assert trust.current().keys.version == 4
    put(path, trust_text(version=3))
    with pytest.raises(TrustError):
        trust.current()


def test_nobody_who_asks_while_another_reads_is_told_that_there_is_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and tokens are checked in several threads; a new list may come at any moment."""
    put(path, trust_text())
    trust = TrustFile(path, lambda: NOW)
    reading, go_on = Event(), Event()

    def slowly(text: bytes) -> Trust:
        reading.set()
        assert go_on.wait(60)
        return load(text)

    monkeypatch.setattr("verify.public.trust_file.load", slowly)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(trust.current)
        assert reading.wait(60)
        second = threads.submit(trust.current)
        with pytest.raises(TimeoutError):
            second.result(0.2)
        go_on.set()
        assert first.result(60) is second.result(60)


def test_what_is_handed_out_is_what_was_checked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(path, trust_text())
    trust = TrustFile(path, lambda: NOW)
    told = trust.text()
    monkeypatch.setattr(TrustFile, "_bytes", lambda _: b"written since")
    assert trust.text() == told == path.read_bytes()
