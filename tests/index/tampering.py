"""An audit that somebody tampers with who may write the database: triggers away, the deed, triggers back."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from index.audit import append
from index.audit_chain import FIELDS, ChainedLine, line_hash
from index.store.audit_guards import GUARDS
from index.store.engine import open_store, writing
from tests.index.records.samples import NOW

COLUMNS = ("id", *FIELDS, "hash")
Deed = Callable[[sqlite3.Connection], object]


def audited(path: Path, lines: int) -> Path:
    """A store with so many lines of audit, closed: one file."""
    engine = open_store(path)
    with writing(engine) as connection:
        for number in range(1, lines + 1):
            said = {"actor": f"王五{number}", "purpose": "窗口核对", "action": "records.read", "target": f"T{number}"}
            append(connection, at=NOW, **said, detail="" if number % 2 else "一\x00二\n😀")
    engine.dispose()
    return path


def tampered(source: Path, path: Path, deed: Deed) -> Path:
    """A copy of the store in which somebody did something, and the guards stand as before."""
    shutil.copy(source, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as driver:
        for name in GUARDS:
            driver.execute(f"DROP TRIGGER {name}")
        deed(driver)
        for statement in GUARDS.values():
            driver.execute(statement)
    return path


def chain_of(texts: list[tuple[str, ...]]) -> list[ChainedLine]:
    """Lines 1, 2, … with these fields, chained."""
    lines, previous = list[ChainedLine](), bytes(32)
    for number, fields in enumerate(texts, start=1):
        stored = tuple(field.encode() for field in fields)
        previous = line_hash(previous, number, stored)
        lines.append(ChainedLine(number, stored, previous))
    return lines
