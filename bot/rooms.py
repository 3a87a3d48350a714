"""The rooms as the command line opens them: the one place where it chooses classes and hands each its own paths.

``indexed`` is the bare search that ``evaluate`` measures; ``desk`` and ``learned`` know what experts have approved.
The services have their own ``build``; see ``bot.app``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.assistant.desk import Desk
    from index.cases.objections import Objections
    from index.cases.repairs import Repairs
    from index.errors import OfficeError
    from index.policies.library import Library
    from index.questions.book import ApprovedBook
    from index.questions.store import QuestionStore
    from index.rules.model import Office
    from index.search.finding import Finder
    from index.search.postgres_backend import PostgresBackend
    from index.search.whoosh_backend import WhooshBackend
    from verify.issuing.keys import KeyStore
    from verify.issuing.service import Issuing


def library(home: Home) -> "Library":
    from index.policies.library import Library

    return Library(home.library)


@contextmanager
def indexed(home: Home) -> "Iterator[tuple[Library, Finder]]":
    """The library, and the index brought in line with it."""
    from index.search.finding import Finder

    policies = library(home)
    with _in_line(home, policies) as search:
        yield policies, Finder(search)


@contextmanager
def learned(home: Home) -> "Iterator[tuple[Library, Finder]]":
    """The same, with what the search has learned from the questions experts confirmed."""
    from index.errors import OfficeError
    from index.search.finding import Finder

    policies = library(home)
    with _questions(home) as store, _in_line(home, policies) as search:
        book = _book(store, policies)
        try:
            book.follow()
        except OfficeError as problem:
            _say_trouble(problem)
        yield policies, Finder(search, book.confirmed)


@contextmanager
def desk(home: Home) -> "Iterator[Desk]":
    """Where every question is asked and kept."""
    import secrets

    from bot.assistant.desk import Desk
    from bot.assistant.engine import Assistant
    from index.search.finding import Finder

    policies = library(home)
    with _questions(home) as store, _in_line(home, policies) as search:
        book = _book(store, policies)
        finder = Finder(search, book.confirmed)
        assistant = Assistant(policies, finder)
        yield Desk(assistant, policies, book, store, clock.now, secrets.token_urlsafe, program(), _say_trouble)


def questions(home: Home) -> "QuestionStore":
    from index.questions.store import QuestionStore

    return QuestionStore(home.questions)


def program() -> str:
    """The program and its version, as the question log names it."""
    from importlib.metadata import version

    return f"chenghe {version('chenghe')}"


@contextmanager
def _questions(home: Home) -> "Iterator[QuestionStore]":
    store = questions(home)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _in_line(home: Home, policies: "Library") -> "Iterator[WhooshBackend | PostgresBackend]":
    from index.search.opening import open_backend
    from index.search.sync import follow

    with open_backend(home.search, home.search_database) as search:
        follow(policies, search)
        yield search


def _book(store: "QuestionStore", policies: "Library") -> "ApprovedBook":
    from index.questions.book import ApprovedBook

    return ApprovedBook(store, policies)


def _say_trouble(problem: "OfficeError") -> None:
    console.say(f"请注意：问题记录没有写成或读不出来。{problem.message}下一步：{problem.next_step}（{problem.code}）")


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


def keys(home: Home, root: str | None = None) -> "KeyStore":
    """``root``: the folder of the root key, when it is kept elsewhere."""
    return _keys(home, office(home), Path(root).expanduser().absolute() if root else None)


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


def objections(home: Home) -> "Objections":
    from index.cases.objections import Objections

    return Objections(store(home), office(home))


def repairs(home: Home) -> "Repairs":
    from index.cases.repairs import Repairs

    return Repairs(store(home), office(home))


def _keys(home: Home, ours: "Office", root: Path | None = None) -> "KeyStore":
    from verify.issuing.opening import open_keys

    return open_keys(home.keys, ours, home.published_trust, root=root)
