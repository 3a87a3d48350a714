"""Which process of ``make test`` runs which tests.

* A file stays whole: what its tests share is made once. All of tests/browser is one piece: one demonstration, and never
  two browsers that take the processor from each other.
* What takes longest comes first, so that at the end nobody waits for one process with a long test.
"""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

BROWSER = "tests/browser"
FIRST = (
    BROWSER,
    "tests/verify/public/test_isolation.py",
    "tests/journeys",
    "tests/test_readme.py",
    "tests/verify/issuing",
    "tests/verify/documents",
    "tests/bot/post",
    "tests/index/policies",
    "tests/index/cases",
    "tests/index/search",
)


class Pieces(LoadFileScheduling):  # type: ignore[misc]
    """Hands out files, and the room of the browser as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return BROWSER if file.startswith(f"{BROWSER}/") else file


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """As they were, but for what comes first."""
    return sorted(items, key=lambda item: place(item.nodeid))


def place(nodeid: str) -> int:
    return next((at for at, path in enumerate(FIRST) if nodeid.startswith(path)), len(FIRST))
