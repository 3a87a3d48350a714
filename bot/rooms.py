"""The rooms as the command line opens them: the one place where it chooses classes and hands each its own paths.

The services have their own ``build``; see ``bot.app``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from bot import clock
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.assistant.engine import Assistant
    from index.policies.library import Library
    from index.rules.model import Office
    from index.search.finding import Finder
    from verify.issuing.keys import KeyStore
    from verify.issuing.service import Issuing


def library(home: Home) -> "Library":
    from index.policies.library import Library

    return Library(home.library)


@contextmanager
def indexed(home: Home) -> "Iterator[tuple[Library, Finder]]":
    """The library, and the index brought in line with it."""
    from index.search.finding import Finder
    from index.search.sync import synchronise
    from index.search.whoosh_backend import WhooshBackend

    policies = library(home)
    with WhooshBackend(home.search) as search:
        synchronise(policies.documents(), search)
        yield policies, Finder(search)


@contextmanager
def assistant(home: Home) -> "Iterator[Assistant]":
    """The engine every channel asks."""
    from bot.assistant.engine import Assistant

    with indexed(home) as (policies, search):
        yield Assistant(policies, search)


def office(home: Home) -> "Office":
    from index.rules.offices import load_office

    return load_office(home.office)


def store(home: Home) -> "Engine":
    from index.store.engine import open_store

    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as cause:
        raise UsageError(
            f"不能建立数据目录 {home.root}：{cause.strerror}。",
            next_step="请用 --home 指定一个可以写入的目录。",
            code="HOME_NOT_WRITABLE",
        ) from cause
    return open_store(home.database)


def keys(home: Home) -> "KeyStore":
    return _keys(home, office(home))


def issuing(home: Home, wall_clock: Callable[[], datetime] = clock.now) -> "Issuing":
    from verify.issuing.delivery import Places
    from verify.issuing.service import Issuing

    ours = office(home)
    return Issuing(
        engine=store(home),
        office=ours,
        keys=_keys(home, ours),
        places=Places(home.reports, home.public),
        clock=wall_clock,
    )


def _keys(home: Home, ours: "Office") -> "KeyStore":
    from verify.issuing.drafting import issuer_of
    from verify.issuing.keys import KeyStore

    return KeyStore(home.keys, issuer_of(ours), provisions=ours.sample)
