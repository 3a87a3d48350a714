"""Part A of the inventory on real components: import → store → issue → verify → read back. All of it is fictional.

``office``: the sample profile of Yancheng on a day in the term of its basis, every domain connected; each test has its
own copy. ``portal``: its pages today, under a fictional basis, with a provider process to sign in at. ``ask``: the
assistant over the real texts of ../shared.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.assistant.answer import Answer
from bot.assistant.engine import Assistant
from index.policies.library import Library
from index.search.finding import Finder
from index.search.sync import synchronise
from index.search.whoosh_backend import WhooshBackend
from tests.provider import mock as mock
from tests.verify.issuing.office import ISSUED, TestOffice
from tests.verify.issuing.portal.conftest import city as city
from tests.verify.issuing.portal.conftest import portal as portal

Ask = Callable[[str], Answer]
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("inventory")
    office = TestOffice(home, wall=ISSUED)
    office.add_subjects()
    office.connect_all()
    office.issuing.publish(office.wall)
    office.engine.dispose()
    return home


@pytest.fixture
def office(prepared_home: Path, tmp_path: Path) -> Iterator[TestOffice]:
    home = tmp_path / "home"
    shutil.copytree(prepared_home, home)
    office = TestOffice(home, wall=ISSUED)
    yield office
    office.engine.dispose()


@pytest.fixture(scope="session")
def ask(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("texts")
    library = Library(folder / "library")
    for path in sorted((shared / "corpus" / "raw").glob("*.txt")):
        library.add(path)
    with WhooshBackend(folder / "search") as backend:
        synchronise(library.documents(), backend)
        assistant = Assistant(library, Finder(backend))
        yield lambda question: assistant.ask(question, as_of=TODAY)
