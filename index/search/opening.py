"""The one place that chooses a search backend: the embedded index, or the one on a PostgreSQL server.

``CHENGHE_SEARCH_DATABASE`` names the server's database (a libpq URI or key=value string); unset or empty, the index is
in the home's folder ``search``. What is in either can be rebuilt from the library, so changing over needs no moving.

Whoever opens an index brings it in line with his own library. So that a second home with the same setting cannot empty
the first one's index, the database keeps the name of its owner, which stands in the home's file ``search/owner``.
"""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import SearchError

if TYPE_CHECKING:
    from index.search.postgres_backend import PostgresBackend
    from index.search.whoosh_backend import WhooshBackend

DATABASE_VARIABLE = "CHENGHE_SEARCH_DATABASE"
OWNER_FILE = "owner"


def open_backend(folder: Path, database: str | None) -> "WhooshBackend | PostgresBackend":
    """The index in ``database`` if one is named, else in ``folder``; to be closed, or used as a context manager."""
    if database:
        from index.search.postgres_backend import PostgresBackend

        return PostgresBackend(database, owner_of(folder))
    from index.search.whoosh_backend import WhooshBackend

    return WhooshBackend(folder)


def owner_of(folder: Path) -> str:
    """The name under which this home owns an index on a server: chosen at random once, the same from then on."""
    file = folder / OWNER_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("x", encoding="ascii") as new:
                new.write(secrets.token_hex(16))
        except FileExistsError:
            pass
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise SearchError(
            f"读写不了检索索引的归属文件：{file}。",
            next_step="请查看该位置是否可以写入、是否被别的文件占用，然后重试。",
            code="SEARCH_FOLDER",
        ) from error
