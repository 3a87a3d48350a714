"""``office``: a fresh office with two subjects and every domain connected."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.verify.issuing.office import TestOffice


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are encrypted as always, only not as slowly."""
    monkeypatch.setattr("verify.issuing.private_keys.COST", 16)


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Power is not cut in tests: what a killed process wrote is there without waiting for the disk."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrating and importing once; every test gets a copy."""
    home = tmp_path_factory.mktemp("prepared")
    office = TestOffice(home)
    office.add_subjects()
    office.connect_all()
    office.engine.dispose()
    return home


@pytest.fixture
def office(prepared: Path, tmp_path: Path) -> Iterator[TestOffice]:
    home = tmp_path / "home"
    shutil.copytree(prepared, home)
    office = TestOffice(home)
    yield office
    office.engine.dispose()


@pytest.fixture
def new_office(prepared: Path, tmp_path: Path) -> Iterator[Callable[[], TestOffice]]:
    """As many offices as a test needs."""
    with ExitStack() as open_offices:
        made = iter(range(1_000_000))

        def make() -> TestOffice:
            home = tmp_path / f"office {next(made)}"
            shutil.copytree(prepared, home)
            office = TestOffice(home)
            open_offices.callback(office.engine.dispose)
            return office

        yield make
