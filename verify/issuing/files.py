"""Files of the issuing room: written whole or not at all, private ones readable by their owner only.

Rules kept:
* Replaced whole (``verify.whole_files``): after a power cut the old or the new content is there, never half of one.
* A private file or folder that group or others may read is refused: who could read it may have.
* What the file system refuses (full, read-only) is said as an IssuingError; a missing private file as a KeyringError.
* One lock file per folder serialises processes that change it.
* What a killed process left of a file it was writing is swept away under that lock; nobody ever reads it.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from verify.errors import IssuingError, KeyringError
from verify.whole_files import TEMPORARY, replace_whole

PRIVATE_FILE, PRIVATE_FOLDER, PUBLIC_FILE = 0o600, 0o700, 0o644
_OTHERS = 0o077


def write_whole(path: Path, content: bytes, *, mode: int = PUBLIC_FILE) -> None:
    """Replaces ``path`` by ``content``, atomically and durably; makes its folder if need be. Raises IssuingError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, content, mode)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> IssuingError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return IssuingError(
        f"无法写入 {path}：{'磁盘空间不足' if full else error.strerror}。",
        next_step="请清理磁盘后重试。" if full else "请检查该目录是否存在、有无写入权限，或换一个位置。",
        code="CANNOT_WRITE",
    )


def sweep(folder: Path) -> None:
    """Removes what kills left half-written in ``folder``, as far as it can. The caller holds its writers' lock."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                os.unlink(entry.path)


def write_private(folder: Path, name: str, content: bytes) -> None:
    """Writes ``folder/name`` with mode 0600 in a folder of mode 0700. The caller holds the folder's lock."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    refuse_open_to_others(folder)
    sweep(folder)
    write_whole(folder / name, content, mode=PRIVATE_FILE)


def read_private(folder: Path, name: str) -> bytes:
    """Raises KeyringError when the file is missing, or folder or file may be read by others."""
    refuse_open_to_others(folder)
    if not (folder / name).is_file():
        raise KeyringError(
            f"密钥文件不可用：缺少 {name}。",
            next_step=f"请从密钥备份恢复 {folder / name}；根密钥平时移到别处保管的，请先放回。",
            code="KEY_FILE_MISSING",
        )
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
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
