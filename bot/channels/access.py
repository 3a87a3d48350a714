"""A channel that can ask its platform whether it knows the app: what ``chenghe channels check --online`` asks.

Asking changes nothing that a running service uses: tokens stay good, no long connection is taken over.
"""

from typing import Protocol, runtime_checkable


@runtime_checkable
class HasAccess(Protocol):
    async def check_access(self) -> str:
        """Fetches a token; what the platform calls the app, "" where it does not say. Raises SendFailed."""
