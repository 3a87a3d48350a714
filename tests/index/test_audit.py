"""Answers index/audit.py."""

from pathlib import Path

import pytest
from sqlalchemy import select

from index.audit import append
from index.errors import AccessDenied
from index.store.engine import open_store, writing
from index.store.tables import audit
from tests.index.records.samples import NOW


def test_line_says_who_when_why_and_what(tmp_path: Path) -> None:
    engine = open_store(tmp_path / "office.db")
    with writing(engine) as connection:
        append(connection, at=NOW, actor=" 王五 ", purpose="窗口核对", action="records.read", target="X", detail="1 条")
    with engine.connect() as connection:
        line = connection.execute(select(audit)).one()
    assert (line.at, line.actor, line.purpose, line.action, line.target, line.detail) == (
        NOW,
        "王五",
        "窗口核对",
        "records.read",
        "X",
        "1 条",
    )


@pytest.mark.parametrize(("actor", "purpose"), [("", "用途"), ("  ", "用途"), ("王五", ""), ("王五", "\t")])
def test_nobody_acts_without_name_and_purpose(tmp_path: Path, actor: str, purpose: str) -> None:
    engine = open_store(tmp_path / "office.db")
    with pytest.raises(AccessDenied), writing(engine) as connection:
        append(connection, at=NOW, actor=actor, purpose=purpose, action="a", target="t")


def test_line_of_an_undone_act_is_undone_too(tmp_path: Path) -> None:
    engine = open_store(tmp_path / "office.db")

    def fail_after_the_line() -> None:
        with writing(engine) as connection:
            append(connection, at=NOW, actor="a", purpose="b", action="c", target="t")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_the_line()
    with engine.connect() as connection:
        assert connection.execute(select(audit)).all() == []
