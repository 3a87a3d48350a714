"""``city``: a sample office, today. ``portal``: a browser at its service, which signs in at ``mock``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from index.calendar import PUBLISHED
from index.rules.offices import copy_profile
from tests.provider import MockProvider, set_up
from tests.provider import mock as mock
from tests.verify.issuing.office import TestOffice
from tests.verify.issuing.portal.browsing import Browser
from tests.verify.issuing.test_app import settings
from verify.issuing.app import build
from verify.validity import SHANGHAI


@asynccontextmanager
async def serving(office: TestOffice, port: int) -> AsyncIterator[Browser]:
    """A service on ``port``, and a browser at it."""
    browser = Browser(f"http://127.0.0.1:{port}")
    async with TestServer(build(settings(office)), host="127.0.0.1", port=port):
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
def city(office: TestOffice) -> TestOffice:
    """The sample office with a fictional basis in force today; its clock is the real one, as the provider's is."""
    office.wall = datetime.now(SHANGHAI)
    copy_profile("yancheng", office.home / "office")
    bases = office.home / "office" / "bases.csv"
    columns = bases.read_text(encoding="utf-8").splitlines()[-1].count(",")
    day = f"{office.wall:%Y-%m-%d}"
    with bases.open("a", encoding="utf-8") as file:
        file.write(",".join(["后续实施方案（虚构）", "示例〔2026〕1号", day, "", "虚构"][: columns + 1]) + "\n")
    _publish(office.home / "office" / "calendar.csv", office.wall.year)
    return office


def _publish(calendar: Path, year: int) -> None:
    """A fictional arrangement of the year and the one before, where no real one is known yet."""
    days = ("01-01", *(f"{month}-{day:02}" for month in ("05", "10") for day in range(1, 6)))
    rows = ["date,kind"]
    for each in (year - 1, year):
        if not PUBLISHED.is_published(each):
            rows += [*(f"{each}-{day},off" for day in days), f"{each},published"]
    calendar.write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture
async def portal(city: TestOffice, mock: MockProvider) -> AsyncIterator[Browser]:
    async with serving(city, set_up(city.home, mock)) as browser:
        yield browser
