"""Fixtures for every room. ``shared`` is the read-only material beside the project; CI must have it."""

import os
from pathlib import Path

import pytest

from tests.postgres import postgres_server as postgres_server
from tests.postgres import search_database as search_database

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``../shared``; skips without it, fails without it under CI=true."""
    if SHARED.is_dir():
        return SHARED
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs {SHARED}")
    pytest.skip("../shared is not here")
