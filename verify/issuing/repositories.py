"""Private keys do not belong in a repository: whoever clones it would have them.

* A folder inside a Git work tree is refused unless Git itself says that it is ignored. Git is told nothing of our
  environment, where the passphrase is.
"""

import os
import shutil
import subprocess
from pathlib import Path

from verify.errors import KeyringError

_SECONDS = 10.0
_KNOWN_TO_GIT = ("PATH", "HOME", "XDG_CONFIG_HOME", "LANG", "LC_ALL")


def refuse_in_repository(folder: Path) -> None:
    """Raises KeyringError (KEYS_IN_REPOSITORY). The folder need not exist yet."""
    whole = folder.resolve()
    top = next((each for each in (whole, *whole.parents) if (each / ".git").exists()), None)
    if top is not None and not _is_ignored(top, whole / "root.pem"):
        raise KeyringError(
            f"{folder} 在代码仓库 {top} 里，私钥会随仓库流传。",
            next_step="请把数据目录（或根密钥的目录）放到仓库外面，或先在 .gitignore 里写明忽略它。",
            code="KEYS_IN_REPOSITORY",
        )


def _is_ignored(top: Path, file: Path) -> bool:
    git = shutil.which("git")
    if git is None:
        return False
    environment = {name: os.environ[name] for name in _KNOWN_TO_GIT if name in os.environ}
    command = [git, "-C", str(top), "check-ignore", "-q", "--", str(file)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
