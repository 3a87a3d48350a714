"""The one place that chooses a search backend: the embedded index, or the one on a PostgreSQL server.

``CHENGHE_SEARCH_DATABASE`` names the server's database (a libpq URI or key=value string); unset or empty, the index is
in the home's folder ``search``. What is in either can be rebuilt from the library, so changing over needs no moving.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.search.postgres_backend import PostgresBackend
    from index.search.whoosh_backend import WhooshBackend

DATABASE_VARIABLE = "CHENGHE_SEARCH_DATABASE"


def open_backend(folder: Path, database: str | None) -> "WhooshBackend | PostgresBackend":
    """The index in ``database`` if one is named, else in ``folder``; to be closed, or used as a context manager."""
    if database:
        from index.search.postgres_backend import PostgresBackend

        return PostgresBackend(database)
    from index.search.whoosh_backend import WhooshBackend

    return WhooshBackend(folder)
