"""Answers verify/issuing/keys.py: killed before any durable act of the key administrator, the keys can be used, or the
same command makes them so."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.verify.issuing.crashing import left_before_every_act
from tests.verify.issuing.test_keys import NOW, TODAY, store
from verify.issuing.keys import KeyStore

LATER = NOW + timedelta(days=300)
"""The certificate of the PDFs is due as well."""


def init(keys: KeyStore) -> None:
    keys.init(NOW)


def rotate(keys: KeyStore) -> None:
    keys.rotate(LATER)


def revoke(keys: KeyStore) -> None:
    keys.revoke(keys.list()[0].entry.kid, NOW)


def left_everywhere(home: Path, folder: Path, work: Callable[[KeyStore], None]) -> list[Path]:
    """The home as it stood before every file that ``work`` put in place."""
    (folder / work.__name__).mkdir()
    homes = left_before_every_act(home, folder / work.__name__, lambda: work(reopened(home)))
    assert len(homes) > 1, "each of them writes two files at least"
    return homes


def reopened(home: Path) -> KeyStore:
    return store(home, root=home / "stick")


def test_a_beginning_killed_anywhere_is_begun_again_or_finished(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for home in left_everywhere(tmp_path / "empty", tmp_path, init):
        keys = reopened(home)
        assert not keys.exists()
        keys.init(NOW)
        assert keys.key_list().version == 1
        assert keys.signer_for(NOW, now=NOW).kid == keys.list()[0].entry.kid
        assert keys.log_signer().public_key == keys.log_key().public_key
        assert keys.suits(keys.key_list(), NOW)
        keys.rotate(NOW, starts=TODAY)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    home = tmp_path / "begun"
    reopened(home).init(NOW)
    return home


def test_a_rotation_killed_anywhere_leaves_the_old_list_and_can_be_repeated(begun: Path, tmp_path: Path) -> None:
    before = reopened(begun).key_list()
    for home in left_everywhere(begun, tmp_path, rotate):
        keys = reopened(home)
        assert keys.key_list() == before
        keys.rotate(LATER)
        assert keys.signer_for(LATER, now=LATER).kid == keys.list()[0].entry.kid
        assert len(keys.list()) == 2
        assert keys.suits(keys.key_list(), LATER)


def test_a_revocation_killed_anywhere_leaves_the_key_as_it_was_never_an_office_without_one(
    begun: Path, tmp_path: Path
) -> None:
    before = reopened(begun).key_list()
    for home in left_everywhere(begun, tmp_path, revoke):
        keys = reopened(home)
        assert keys.key_list() == before
        revoke(keys)
        assert [state.entry.revoked_at is None for state in keys.list()] == [True, False]
        assert keys.signer_for(NOW, now=NOW).kid == keys.list()[0].entry.kid
