"""Answers verify/issuing/files.py."""

import errno
import os
from pathlib import Path

import pytest

from verify.errors import IssuingError, KeyringError
from verify.issuing.files import read_private, sweep, write_private, write_whole


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trust.json"
    write_whole(path, b"old")

    def fail(source: object, target: object) -> None:
        raise OSError(5, "disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(IssuingError, match="disk full"):
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


def test_a_full_disk_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(IssuingError, match="磁盘空间不足") as caught:
        write_whole(tmp_path / "a", b"new")
    assert caught.value.code == "CANNOT_WRITE"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_private_file_is_named(tmp_path: Path) -> None:
    write_private(tmp_path / "keys", "root.pem", b"secret")
    with pytest.raises(KeyringError, match=r"key-list\.cose") as caught:
        read_private(tmp_path / "keys", "key-list.cose")
    assert caught.value.code == "KEY_FILE_MISSING"


def test_what_a_kill_left_half_written_is_swept_and_nothing_else(tmp_path: Path) -> None:
    for name in ("report.docx", ".lock", ".report.docx.0123456789ab", ".report.docx.bak", "a.0123456789ab"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".folder.0123456789ab").mkdir()
    sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"report.docx", ".lock", ".report.docx.bak", "a.0123456789ab", ".folder.0123456789ab"}
    sweep(tmp_path / "missing")


def test_half_a_private_key_goes_with_the_next_one_written(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    write_private(folder, "root.pem", b"secret")
    (folder / ".root.pem.0123456789ab").write_bytes(b"sec")
    write_private(folder, "other.pem", b"secret")
    assert {path.name for path in folder.iterdir()} == {"root.pem", "other.pem"}
