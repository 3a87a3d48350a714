"""Bearer tokens: by which programs (Open WebUI, Dify, a Word plug-in) ask for a member, or for themselves.

* ``chk-<id>-<secret>``: 256 random bits, shown once. The file keeps the SHA-256 of the secret, nothing that lets in.
* A token is compared in constant time, and an unknown id costs what a known one does.
* It ends by itself, at the latest after ``DAYS_MAX`` days, and at once when it is revoked: every check looks whether
  the file was replaced.
* The file is replaced whole, under a lock: two who add a token at once both have theirs. Nobody else may read it.

Source: issue 6 §1 (HTTP API); docs/decisions/0238.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

import orjson

from bot.errors import UsageError
from verify.whole_files import replace_whole

DAYS, DAYS_MAX = 365, 1095
TOKENS_MAX = 1_000
NAME_MAX = 60
LIMIT_BYTES = 1024 * 1024
_FORM = re.compile(r"chk-([0-9a-f]{12})-([A-Za-z0-9_-]{43})")
_NOBODY = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Token:
    """``staff``: the member for whom it asks; None: the app asks for itself. ``digest``: of the secret, in hex."""

    id: str
    name: str
    staff: str | None
    digest: str
    made_at: datetime
    made_by: str
    until: datetime
    revoked_at: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        return self.made_at <= now < self.until and self.revoked_at is None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "staff": self.staff,
            "digest": self.digest,
            "made_at": self.made_at.isoformat(),
            "made_by": self.made_by,
            "until": self.until.isoformat(),
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Token":
        revoked = value["revoked_at"]
        return cls(
            value["id"],
            value["name"],
            value["staff"],
            value["digest"],
            datetime.fromisoformat(value["made_at"]),
            value["made_by"],
            datetime.fromisoformat(value["until"]),
            datetime.fromisoformat(revoked) if revoked else None,
        )


class TokenBook:
    """The tokens of one office, in one file; without the file there are none, and nobody is let in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._tokens: dict[str, Token] = {}

    def check(self, sent: str, now: datetime) -> Token | None:
        """Who sent this; None for nobody we know, or no longer. Raises UsageError when the file cannot be read."""
        form = _FORM.fullmatch(sent)
        known = self._current()
        token = known.get(form[1]) if form else None
        digest = sha256((form[2] if form else "").encode("ascii")).hexdigest()
        right = compare_digest(digest, token.digest if token else _NOBODY)
        return token if token and right and token.holds_at(now) else None

    def listed(self) -> tuple[Token, ...]:
        return tuple(self._current().values())

    def add(self, name: str, staff: str | None, *, days: int, by: str, now: datetime) -> tuple[Token, str]:
        """The token, and what its holder must send; it cannot be shown again. Raises UsageError."""
        if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
            raise _wrong(f"令牌的名称应为 1 到 {NAME_MAX} 个字", "请写明给谁或给哪个程序用。")
        if not 1 <= days <= DAYS_MAX:
            raise _wrong(f"有效天数应在 1 到 {DAYS_MAX} 之间", "请用 --days 给出天数。")
        secret = secrets.token_urlsafe(32)
        digest = sha256(secret.encode("ascii")).hexdigest()
        token = Token(secrets.token_hex(6), name, staff, digest, now, by, now + timedelta(days=days))
        with self._changing() as tokens:
            if len(tokens) >= TOKENS_MAX:
                raise _wrong("令牌太多了", "请先停用不再使用的令牌。")
            tokens[token.id] = token
        return token, f"chk-{token.id}-{secret}"

    def revoke(self, token_id: str, now: datetime) -> Token:
        """Raises UsageError for one that is not there. Revoking again changes nothing."""
        with self._changing() as tokens:
            found = tokens.get(token_id)
            if found is None:
                raise _wrong("没有这个令牌", "请用 chenghe api-token list 查看编号。")
            tokens[token_id] = replace(found, revoked_at=found.revoked_at or now)
            return tokens[token_id]

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Token]]:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self._path.with_suffix(".lock"), "ab", opener=_private) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                tokens = dict(self._current())
                yield tokens
                content = {"tokens": [token.to_json() for token in tokens.values()]}
                replace_whole(self._path, orjson.dumps(content, option=orjson.OPT_INDENT_2), 0o600)
        except OSError as cause:
            raise _wrong("令牌文件写不进去", f"请检查 {self._path} 的读写权限和磁盘。") from cause

    def _current(self) -> dict[str, Token]:
        try:
            state = self._path.stat()
            seen = (state.st_ino, state.st_mtime_ns, state.st_size)
            if seen != self._seen:
                self._tokens = _read(self._path)
                self._seen = seen
        except FileNotFoundError:
            self._seen, self._tokens = None, {}
        except OSError as cause:
            raise _wrong("令牌文件读不出来", f"请检查 {self._path} 的读写权限。") from cause
        return self._tokens


def _read(path: Path) -> dict[str, Token]:
    with path.open("rb") as file:
        content = file.read(LIMIT_BYTES + 1)
    try:
        tokens = [Token.from_json(value) for value in orjson.loads(content)["tokens"]]
    except (ValueError, KeyError, TypeError) as cause:
        raise _wrong("令牌文件坏了", f"请用备份恢复 {path}，或者删掉它重新生成令牌。") from cause
    return {token.id: token for token in tokens}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _wrong(what: str, next_step: str) -> UsageError:
    return UsageError(f"{what}。", next_step=next_step, code="API_TOKEN")
