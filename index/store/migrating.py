"""Bringing a store to the newest schema. Loaded only when a store is new or behind.

Rules kept:
* One process at a time: a lock file beside the store; the second one finds the work done.
* All steps in one transaction: a store is at its old revision or at the newest, never between.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from index.store.engine import writing
from index.store.schema import Schema, is_current


def migrate(engine: Engine, path: Path, schema: Schema) -> None:
    """Runs the missing steps on the store at ``path``; does nothing when another process was faster."""
    with _alone(path.with_name(path.name + ".lock")):
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA journal_mode=WAL")
        if is_current(engine, path.name, schema):
            return
        with writing(engine) as connection:
            settings = config(schema)
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")


def config(schema: Schema) -> Config:
    """Alembic's settings without a file: the steps lie inside the installed package."""
    settings = Config()
    settings.set_main_option("script_location", schema.migrations.as_posix().replace("%", "%%"))
    return settings


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
