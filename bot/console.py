"""What the command line prints: one JSON document or readable lines on stdout, messages for people on stderr.

Rule kept: nothing that comes from a file or a request steers the terminal: control and text-reversing characters show
as \ufffd, in JSON as their escapes.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from bot.errors import BotError
    from index.errors import OfficeError
    from verify.errors import VerifyError

Item = TypeVar("Item")


_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Line ends and tabs are ours."""


def print_json(document: object) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    sys.stdout.write(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def line(text: str = "") -> None:
    """One line, at once: a story piped through ``tee`` is told as it goes too."""
    sys.stdout.write(harmless(text) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A message for people."""
    sys.stderr.write(harmless(text) + "\n")
    sys.stderr.flush()


def harmless(text: str) -> str:
    """``text`` without what steers a terminal."""
    return _STEERING.sub("\ufffd", text)


def described(problem: "BotError | OfficeError | VerifyError") -> dict[str, str]:
    """An error as JSON."""
    return {"code": problem.code, "message": problem.message, "next_step": problem.next_step}


@contextmanager
def counting(*, label: str, unit: str) -> Iterator[Callable[..., None]]:
    """Shows a running count on stderr when it is a terminal; the function handed out takes the count so far.

    Told which share of the whole that is (0 to 1), it shows a bar.
    """
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own: beside one, an import does not read ahead
    with tqdm(desc=harmless(label), unit=unit, file=sys.stderr, disable=None, leave=False) as bar:

        def show(so_far: int, share: float = 0) -> None:
            bar.total = max(so_far, round(so_far / share)) if share else None
            bar.update(so_far - bar.n)

        yield show


def progress(items: Iterable[Item], *, label: str, total: int | None = None) -> Iterator[Item]:
    """Shows progress on stderr when it is a terminal; otherwise stays silent."""
    from tqdm import tqdm

    yield from tqdm(items, desc=label, total=total, file=sys.stderr, disable=None, leave=False)
