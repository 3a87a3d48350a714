"""What keeps the post office from its work: said in the service log when it begins and when it is over, once each.

A full disk refuses every act of every conversation, again and again; the administrator needs one line of it, and one
when it is over. Meanwhile ``now`` tells it (``GET /health/messages``).
"""

import logging

LOGGER = logging.getLogger("chenghe.post")


class Trouble:
    """Of one kind. ``now``: '' while there is none."""

    def __init__(self) -> None:
        self.now = ""

    def begins(self, what: str) -> None:
        if not self.now:
            LOGGER.error("the post office stands still: %s", what)
        self.now = what

    def ends(self) -> None:
        if self.now:
            LOGGER.warning("the post office goes on")
        self.now = ""
