"""A file replaced whole or not at all: the one way in which this house writes what must survive a power cut.

* A temporary file in the same folder, fsync, rename, fsync of the folder: what is there is the old content or the new,
  never half of one.
* What a killed process left behind has a name of its own (``TEMPORARY``), so that it can be swept away.
"""

import os
import re
import secrets
from pathlib import Path

TEMPORARY = re.compile(r"\..+\.[0-9a-f]{12}")


def replace_whole(path: Path, content: bytes, mode: int) -> None:
    """``path`` holds ``content``; a new file has ``mode``, less the umask. Raises OSError, and leaves nothing then."""
    temporary = path.parent / f".{path.name}.{secrets.token_hex(6)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
