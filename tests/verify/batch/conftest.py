import pytest

from tests.verify.documents.report import Report, build


@pytest.fixture(scope="session")
def report() -> Report:
    return build()
