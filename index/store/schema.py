"""Which schema revisions this program knows, and which one a store has. Read without Alembic: opening must be cheap."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from index.errors import StoreError


@dataclass(frozen=True, slots=True)
class Schema:
    """The revisions of one kind of database, oldest first, and the folder of the steps between them.

    A test compares ``known`` with the files in ``migrations/versions``.
    """

    known: tuple[str, ...]
    migrations: Path

    @property
    def head(self) -> str:
        return self.known[-1]


OFFICE = Schema(("0001", "0002", "0003", "0004", "0005", "0006"), Path(__file__).with_name("migrations"))
"""``office.db``; ``index.questions.tables`` has the one of ``questions.db``."""


def is_current(engine: Engine, name: str, schema: Schema) -> bool:
    """True when the store is in WAL mode (a file restored from a backup may not be) and at the newest revision.

    Raises StoreError when a newer program made it.
    """
    with engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        found = _revision(connection)
    if found is not None and found not in schema.known:
        raise StoreError(
            f"数据库 {name} 的结构版本（{found}）比本程序（{schema.head}）新。",
            next_step="请升级诚核后再打开；不要用旧版本改写新数据。",
            code="STORE_NEWER",
        )
    return mode == "wal" and found == schema.head


def _revision(connection: Connection) -> str | None:
    named = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").scalar()
    if named is None:
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)
