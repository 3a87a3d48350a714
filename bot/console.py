"""What the command line prints: one JSON document or readable lines on stdout, messages for people on stderr."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def print_json(document: object) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def line(text: str = "") -> None:
    """One line, at once: a story piped through ``tee`` is told as it goes too."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A message for people."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def progress(items: Iterable[Item], *, label: str, total: int | None = None) -> Iterator[Item]:
    """Shows progress on stderr when it is a terminal; otherwise stays silent."""
    from tqdm import tqdm

    yield from tqdm(items, desc=label, total=total, file=sys.stderr, disable=None, leave=False)
