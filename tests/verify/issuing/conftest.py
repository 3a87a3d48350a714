"""``office``: a fresh office with two subjects and every domain connected."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.issuing.office import TestOffice


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
