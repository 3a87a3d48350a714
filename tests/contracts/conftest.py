"""Every search backend, empty, as a place that can be opened more than once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.search.postgres_backend import PostgresBackend
from index.search.whoosh_backend import WhooshBackend

Backend = WhooshBackend | PostgresBackend
Open = Callable[[], Backend]


@pytest.fixture(params=["whoosh", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens one and the same index of one kind, again and again."""
    if request.param == "whoosh":
        return lambda: WhooshBackend(tmp_path / "search")
    database = request.getfixturevalue("search_database")
    return lambda: PostgresBackend(database, "office")


@pytest.fixture
def backend(opened: Open) -> Iterator[Backend]:
    with opened() as backend:
        yield backend
