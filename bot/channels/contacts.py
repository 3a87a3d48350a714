"""A channel whose platform tells it who is in the company: what the directory can follow (``chenghe staff sync``)."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.channels.messages import Platform
from index.directory.syncing import Contact


@dataclass(frozen=True, slots=True)
class Contacts:
    """Everybody of one company whom an app may see, by the account that the company's messages carry."""

    tenant: str
    members: tuple[Contact, ...]


@runtime_checkable
class HasContacts(Protocol):
    @property
    def app(self) -> str: ...

    @property
    def platform(self) -> Platform: ...

    async def contacts(self) -> Contacts:
        """All of them, or none. Raises SendFailed."""

    async def close(self) -> None: ...
