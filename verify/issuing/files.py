"""Files of the issuing room: written whole or not at all, private ones readable by their owner only.

Rules kept:
* Write to a temporary file in the same folder, fsync, rename, fsync the folder: after a power cut the old or the new
  content is there, never half of one.
* A private file or folder that group or others may read is refused: who could read it may have.
* One lock file per folder serialises processes that change it.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verify.errors import KeyringError

PRIVATE_FILE, PRIVATE_FOLDER, PUBLIC_FILE = 0o600, 0o700, 0o644
_OTHERS = 0o077


def write_whole(path: Path, content: bytes, *, mode: int = PUBLIC_FILE) -> None:
    """Replaces ``path`` by ``content``, atomically and durably; makes its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(6)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_private(folder: Path, name: str, content: bytes) -> None:
    """Writes ``folder/name`` with mode 0600 in a folder of mode 0700."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    refuse_open_to_others(folder)
    write_whole(folder / name, content, mode=PRIVATE_FILE)


def read_private(folder: Path, name: str) -> bytes:
    """Raises KeyringError when folder or file may be read by others."""
    refuse_open_to_others(folder)
    refuse_open_to_others(folder / name)
    return (folder / name).read_bytes()


def refuse_open_to_others(path: Path) -> None:
    mode = path.stat().st_mode
    if mode & _OTHERS:
        wanted = "700" if path.is_dir() else "600"
        raise KeyringError(
            f"密钥文件的权限过宽：{path}（{mode & 0o777:o}），其他用户可能已经读取。",
            next_step=f"请先确认没有泄露，再执行 chmod {wanted} {path}；不能确认的，请更换密钥。",
            code="KEYS_OPEN_TO_OTHERS",
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock file; other processes wait."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
