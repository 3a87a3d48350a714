"""A channel whose platform tells it who is in the company: what the directory can follow (``chenghe staff sync``)."""

from typing import Protocol, runtime_checkable

from bot.channels.messages import Platform
from index.directory.syncing import Contact


@runtime_checkable
class HasContacts(Protocol):
    @property
    def app(self) -> str: ...

    @property
    def platform(self) -> Platform: ...

    @property
    def tenant(self) -> str:
        """The company whose accounts the contacts are."""

    async def contacts(self) -> tuple[Contact, ...]:
        """All of them. Raises SendFailed."""

    async def close(self) -> None: ...
