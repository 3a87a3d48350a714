"""What the private keys at rest are encrypted with: a passphrase, or the content of a key file.

* From the environment, asked for whenever a key is read or written; kept nowhere, shown nowhere.
* A key file must be readable by its owner alone. Both settings at once are a mistake and refused.
* What protects a real office has at least ``SHORTEST`` characters; none has more than ``LONGEST_BYTES``: OpenSSL reads
  no further, and would refuse every key that was written under more.
"""

import os
from collections.abc import Callable
from pathlib import Path

from verify.errors import KeyringError
from verify.issuing.files import refuse_open_to_others

PASSPHRASE_VARIABLE = "CHENGHE_KEY_PASSPHRASE"  # noqa: S105 - a name, not a secret
FILE_VARIABLE = "CHENGHE_KEY_FILE"
SHORTEST = 12
LONGEST_BYTES = 1023
_FILE_LIMIT_BYTES = LONGEST_BYTES + 2
Passphrase = Callable[[], str | None]


def passphrase_from_environment() -> str | None:
    """None when nothing is set. Raises KeyringError for a passphrase or key file that cannot be used."""
    spoken, file = os.environ.get(PASSPHRASE_VARIABLE), os.environ.get(FILE_VARIABLE)
    if spoken and file:
        raise _unusable(f"{PASSPHRASE_VARIABLE} 和 {FILE_VARIABLE} 同时设置了", "请只保留其中一个。")
    if spoken and len(os.fsencode(spoken)) > LONGEST_BYTES:
        raise _unusable(f"{PASSPHRASE_VARIABLE} 太长", f"至多 {LONGEST_BYTES} 字节。")
    return secret_in(Path(file)) if file else spoken or None


def secret_in(file: Path) -> str:
    """The one line in a file of our own. Raises KeyringError."""
    try:
        refuse_open_to_others(file)
        with file.open("rb") as stream:
            content = stream.read(_FILE_LIMIT_BYTES + 1)
        secret = content.decode().rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise _unusable(f"读不出 {file}", "请核对路径；内容应为一行文字，权限 600。") from error
    if not secret or len(secret.encode()) > LONGEST_BYTES or not secret.isprintable():
        raise _unusable(f"{file} 的内容不是一行文字", "请重新生成，例如 openssl rand -base64 32。")
    return secret


def require(passphrase: str | None) -> str:
    """Refuses to protect a real office with nothing, or with next to nothing. Raises KeyringError."""
    if passphrase is None:
        raise KeyringError(
            "正式机构的私钥必须加密保存，现在没有口令。",
            next_step=f"请设置环境变量 {FILE_VARIABLE}（口令文件，权限 600）或 {PASSPHRASE_VARIABLE} 后重试。",
            code="KEYS_UNENCRYPTED",
        )
    if len(passphrase) < SHORTEST:
        raise KeyringError(
            f"保护私钥的口令太短，至少 {SHORTEST} 个字符。",
            next_step="请换一个，或用 openssl rand -base64 32 生成口令文件。",
            code="PASSPHRASE_SHORT",
        )
    return passphrase


def _unusable(what: str, next_step: str) -> KeyringError:
    return KeyringError(f"取不到保护私钥的口令：{what}。", next_step=next_step, code="KEY_FILE_UNUSABLE")
