"""Cutting the power at every write of an act: nothing half-done may be left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from tests.index.cases.desk import Desk


class PowerCut(Exception):
    """The machine stopped."""


def cut_at_every_write(desk: Desk, act: Callable[[], object]) -> int:
    """Does the act again and again, each time cut one write later, until it gets through; how many cuts it took."""
    before = desk.snapshot()
    for statement in range(1, 50):
        try:
            with _cut_after(desk, statement):
                act()
        except PowerCut:
            assert desk.snapshot() == before
        else:
            return statement - 1
    raise AssertionError("the act writes without end")


@contextmanager
def _cut_after(desk: Desk, statement: int) -> Iterator[None]:
    """The machine stops just after the ``statement``-th statement that writes."""
    ran: list[str] = []

    def count(connection: Connection, cursor: Any, sql: str, *_rest: Any) -> None:
        if sql.split(None, 1)[0] in {"INSERT", "UPDATE"}:
            ran.append(sql)
            if len(ran) == statement:
                raise PowerCut

    event.listen(desk.engine, "after_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(desk.engine, "after_cursor_execute", count)
