"""The bytes of one file, or why there are none: only regular files, never more than the limit, never blocking.

Rules: the size is looked at before a byte is read, and reading stops at the limit all the same (a file may grow); a
device, a pipe or a socket is refused unopened (/dev/zero never ends, a fifo never begins); a link
to a regular file is read as that file.
"""

import os
import stat
from pathlib import Path

from index.errors import UnreadablePolicy
from index.policies.readers.raw import MAX_FILE_BYTES, unreadable

_NON_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOTHING = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"


def content_of(path: Path) -> bytes:
    """The whole file; raises UnreadablePolicy when it is missing, no file, too large, unreadable or empty."""
    try:
        _examine(path, os.stat(path))
        handle = os.open(path, os.O_RDONLY | _NON_BLOCKING)
    except FileNotFoundError as cause:
        raise unreadable(path, "找不到这个文件", "请检查路径是否写对。", "POLICY_MISSING") from cause
    except OSError as cause:
        raise unreadable(path, "文件打不开", "请检查文件权限，或复制到本机后再添加。") from cause
    except ValueError as cause:
        raise unreadable(path, "文件名里有不能用的字符", "请改名后再添加。", "POLICY_MISSING") from cause
    with os.fdopen(handle, "rb") as file:
        _examine(path, os.fstat(handle))
        try:
            content = file.read(MAX_FILE_BYTES + 1)
        except OSError as cause:
            raise unreadable(path, "文件读到一半出错", "请把文件复制到本机后再添加。") from cause
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(path)
    if not content.strip(_NOTHING):
        raise unreadable(path, "文件是空的", "请重新下载或导出原文。", "POLICY_EMPTY")
    return content


def _examine(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _no_file(path)
    if status.st_size > MAX_FILE_BYTES:
        raise _too_large(path)


def _no_file(path: Path) -> UnreadablePolicy:
    if path.is_dir():
        next_step = "请给出文件的路径，或里面有 docx、pdf、html、txt 等文件的文件夹。"
        return unreadable(path, "是文件夹，里面没有可读取的文件", next_step, "POLICY_NO_FILE")
    return unreadable(path, "不是普通文件（是设备或管道）", "请给出文件本身的路径。", "POLICY_NO_FILE")


def _too_large(path: Path) -> UnreadablePolicy:
    limit = MAX_FILE_BYTES // 1024 // 1024
    return unreadable(
        path, f"文件超过 {limit} MB", "请确认是政策文件；如确需添加，请拆分或去掉图片。", "POLICY_TOO_LARGE"
    )
