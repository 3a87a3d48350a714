"""``desk``: a fresh office with one company, its record, and no report. Migrated once, copied for every test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.index.cases.desk import Desk
from tests.index.records.samples import record


@pytest.fixture(scope="session")
def prepared_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("desk")
    desk = Desk(home)
    desk.prepare(record())
    desk.engine.dispose()
    return home


@pytest.fixture
def new_desk(prepared_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Desk]]:
    """Makes fresh offices, also several in one test."""
    made: list[Desk] = []

    def make() -> Desk:
        home = tmp_path_factory.mktemp("office") / "home"
        shutil.copytree(prepared_desk, home)
        made.append(Desk(home))
        return made[-1]

    yield make
    for desk in made:
        desk.engine.dispose()


@pytest.fixture
def desk(new_desk: Callable[[], Desk]) -> Desk:
    return new_desk()
