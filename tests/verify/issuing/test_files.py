"""Answers verify/issuing/files.py."""

import os
from pathlib import Path

import pytest

from verify.errors import KeyringError
from verify.issuing.files import read_private, write_private, write_whole


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trust.json"
    write_whole(path, b"old")

    def fail(source: object, target: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_private_files_are_for_their_owner_and_refused_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    write_private(folder, "root.pem", b"secret")
    assert read_private(folder, "root.pem") == b"secret"
    assert (folder / "root.pem").stat().st_mode & 0o777 == 0o600
    (folder / "root.pem").chmod(0o604)
    with pytest.raises(KeyringError):
        read_private(folder, "root.pem")
