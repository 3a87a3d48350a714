"""The peer: the same file parsed by ``csv`` and inserted by ``sqlite3``, in one transaction, nothing checked.

Rules kept: the same columns as the records table; the same durability and cache; prepared once, fed by a generator.
Two peers: a bare table, and one with the key and the index that ``records`` has.
"""

import csv
import sqlite3
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from index.records.bench.making import COLUMNS
from index.records.columns import Form
from index.records.landing import CACHE_KIB
from index.store import tables

BARE = "bare table"
KEYED = "table with key and index"
PEERS = (BARE, KEYED)


def insert_raw(file: Path, database: Path, peer: str) -> int:
    """Inserts every row of ``file`` into a new ``database``; returns how many."""
    names = tuple(column.name for column in tables.records.c)
    driver = sqlite3.connect(database, isolation_level=None)
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    key = " PRIMARY KEY" if peer == KEYED else ""
    driver.execute(f"CREATE TABLE records ({names[0]} TEXT{key}, {', '.join(f'{name} TEXT' for name in names[1:])})")
    if peer == KEYED:
        driver.execute("CREATE INDEX of_subject ON records (subject_code)")
    driver.execute("BEGIN IMMEDIATE")
    marks = ", ".join("?" * len(names))
    with file.open(encoding="utf-8", newline="") as text:
        reader = csv.reader(text)
        next(reader)
        cursor = driver.executemany(f"INSERT INTO records VALUES ({marks})", _as_records(reader, names))  # noqa: S608
    driver.execute("COMMIT")
    driver.close()
    return cursor.rowcount


def _as_records(reader: Iterator[list[str]], names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Cells in the order of the table; an empty cell for what a file does not hold."""
    codes = {column.field: column.code for column in Form.PENALTY.columns if column.code in COLUMNS}
    empty = COLUMNS.index("CF_XDR_GSZC")
    places = [COLUMNS.index(codes[name]) if name in codes else empty for name in names[1:]]
    cells = itemgetter(*places)
    code, number, day = (COLUMNS.index(name) for name in ("CF_XDR_SHXYM", "CF_WSH", "CF_JDRQ"))
    for row in reader:
        yield f"{row[code]}/{row[number]}/{row[day]}", *cells(row)
