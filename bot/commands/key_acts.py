"""An act on the keys, never without its line in the audit: what is set about before it, how it ended after it.

Rules kept:
* Keys are files and the audit is a database: no transaction holds both. So the line of intent is committed before the
  first file is touched, and the outcome when all is written and published. Whenever a process is killed, what it did to
  the keys stands behind a line that names who, when, what and why.
* An act that was refused or broke off says so in its outcome, with the state of the keys it left.
* An intent without an outcome was cut off by a kill: the next act says that first, with what the keys are now.
* One act at a time: an intent that waits for its outcome elsewhere is not taken for one that was cut off.

Source: issuing does it so (``report.intend``, ``report.done``); decision: docs/decisions/0257.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot import clock, rooms
from bot.errors import BotError
from bot.settings import Home
from index.errors import OfficeError
from verify.errors import KeyringError, VerifyError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from verify.issuing.keys import KeyStore

PURPOSE = "密钥管理"
ALL, INTENT, FAILED, CUT_OFF = "keys.", "keys.intend", "keys.failed", "keys.interrupted"
KEYS = "keys"
"""What an act is about whose key has no name yet."""


@contextmanager
def entered(
    home: Home, keys: "KeyStore", action: str, target: str = KEYS, detail: str = ""
) -> Iterator[Callable[[str], None]]:
    """Holds one act on the keys. The body calls what it is given when all is done, with what the act was about."""
    from index.store.engine import writing
    from verify.issuing.files import locked

    engine = rooms.store(home)

    def write(outcome: str, about: str, words: str) -> None:
        with writing(engine) as connection:
            _append(connection, outcome, about, words)

    with locked(home.root):
        with writing(engine) as connection:
            _say_what_was_cut_off(connection, keys)
            _append(connection, INTENT, target, "；".join(filter(None, (action, detail, _standing(keys)))))
        try:
            yield lambda about: write(action, about, detail)
        except (BotError, OfficeError, VerifyError) as problem:
            write(FAILED, target, f"{action}；{problem.code}；{_standing(keys)}")
            raise


def _say_what_was_cut_off(connection: "Connection", keys: "KeyStore") -> None:
    from index.audit_lines import unanswered

    line = unanswered(connection, INTENT, ALL)
    if line is not None:
        _append(connection, CUT_OFF, KEYS, f"第 {line} 行所说的，程序中断，没有记下结果；现在{_standing(keys)}")


def _append(connection: "Connection", action: str, target: str, detail: str) -> None:
    from bot.post.inbox import storable
    from index.audit import append

    append(
        connection,
        at=clock.now(),
        actor=clock.operator(),
        purpose=PURPOSE,
        action=action,
        target=storable(target),
        detail=storable(detail),
    )


def _standing(keys: "KeyStore") -> str:
    """What an act on the keys changes, in words that differ once it is done."""
    try:
        if not keys.exists():
            return "还没有密钥"
        listed, certificates = keys.key_list(), keys.documents.entries()
    except KeyringError as problem:
        return f"密钥文件不可用（{problem.code}）"
    revoked = sum(each.revoked_at is not None for each in certificates)
    return f"公钥清单第 {listed.version} 版，文件签名证书 {len(certificates)} 份（停用 {revoked} 份）"
