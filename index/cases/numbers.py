"""Running numbers of cases: prefix, day and a count that starts at 1 each day and is never given out twice.

Reads and writes ``case_numbers`` in the caller's transaction: a number that is rolled back was never given out.
"""

from datetime import date

from sqlalchemy import Connection, insert, select, update

from index.store.tables import case_numbers


def next_number(connection: Connection, prefix: str, day: date) -> str:
    """The next number of a kind and day, e.g. YY202611220001. Call it inside ``index.store.engine.writing``."""
    table = case_numbers
    row = (table.c.prefix == prefix) & (table.c.day == day)
    last = connection.execute(select(table.c.last).where(row)).scalar()
    if last is None:
        connection.execute(insert(table).values(prefix=prefix, day=day, last=1))
    else:
        connection.execute(update(table).where(row).values(last=last + 1))
    return f"{prefix}{day:%Y%m%d}{(last or 0) + 1:04d}"
