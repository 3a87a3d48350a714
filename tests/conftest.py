"""Fixtures for every room. ``shared`` is the read-only material beside the project; CI must have it.

No property has a deadline and none is too slow: a busy machine is no counterexample, and speed is measured by
benchmarks. With CI in the environment Hypothesis makes the same examples every time.
"""

import gc
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.distribution import Pieces, in_order
from tests.postgres import postgres_server as postgres_server
from tests.postgres import search_database as search_database

settings.register_profile("chenghe", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chenghe")
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """While files are collected nothing becomes garbage that is worth a search."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Pieces | None:
    return Pieces(config, log) if config.option.dist == "loadfile" else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``../shared``; skips without it, fails without it under CI=true."""
    if SHARED.is_dir():
        return SHARED
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs {SHARED}")
    pytest.skip("../shared is not here")
