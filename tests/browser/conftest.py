"""The demo's home served on a local port, and a real Chromium that may not complain.

Chromium is Debian's; without it these tests are skipped, under CI=true they fail.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from bot.app import AppSettings, build
from bot.demo.story import tell
from bot.settings import Home
from verify.public.app import PublicSettings
from verify.public.app import build as public_service

CHROMIUM = Path("/usr/bin/chromium")
# Playwright's own list, because of two lists the last counts; and what pops up under the address bar, which nobody sees
# and which would cost a process for every context.
WITHOUT = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(WITHOUT)}",
)
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}


@dataclass
class Served:
    """``origin`` without trailing slash. ``ahead`` moves the services' clock."""

    home: Home
    origin: str = ""
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        from bot import clock

        return clock.now() + self.ahead

    def keep_to_noon(self) -> None:
        """So that no midnight comes between two readings."""
        now = self.now()
        self.ahead += now.replace(hour=12) - now

    @property
    def docx(self) -> Path:
        """The report of the company with one record; the other one of the story is revoked."""
        return min(self.home.reports.rglob("report.docx"))

    @property
    def qr_png(self) -> Path:
        return self.docx.with_name("qr.png")


@contextmanager
def serving(home: Home, port: int = 0) -> Iterator[Served]:
    """All three services. ``port`` 0: any."""
    served = Served(home)
    with listening(build(AppSettings(home, served.now)), port) as served.origin:
        yield served


@contextmanager
def listening(app: web.Application, port: int = 0) -> Iterator[str]:
    """``app`` in a thread of its own; gives its origin."""
    loop = asyncio.new_event_loop()
    started = threading.Event()
    runner = web.AppRunner(app, access_log=None)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        started.set()

    def run() -> None:
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(120)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(120)  # somebody may want this port next


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    from bot import clock

    home = Home(tmp_path_factory.mktemp("demo") / "home")
    # In a thread of its own: Playwright may already run its loop in this one, and reading a PDF needs one.
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(tell, home, clock.now()).result() == 0
    return home


@pytest.fixture(scope="session")
def session_served(demo_home: Home) -> Iterator[Served]:
    with serving(demo_home) as served:
        yield served


@pytest.fixture
def served(session_served: Served) -> Iterator[Served]:
    yield session_served
    session_served.ahead = timedelta()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for the room, a context of its own for every test. Never longer than the room: while Playwright runs, no
    asynchronous test can run in this thread."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs {CHROMIUM}")
        pytest.skip(f"no {CHROMIUM}")
    expect.set_options(timeout=60_000)  # a busy machine is no fault
    with chromium() as browser:
        yield browser


Opener = Callable[..., Page]


def refused(request: Request) -> list[str]:
    """A request that failed; one that a click on the next page cut short did not."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.url} failed: {request.failure}"]


def told(text: str) -> list[str]:
    """What stands in the console, but for the browser's word that somebody was quicker than its autofocus."""
    return [] if text.startswith("Autofocus processing was blocked") else [text]


def painted(page: Page) -> None:
    """Waits for the first picture: Chromium drops keys that are pressed before it."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """``opened(PHONE, java_script_enabled=False)``: a page; afterwards nothing may stand in its console, unless it may
    complain. ``by``: another browser."""
    contexts, complaints = [], []

    def open_page(
        viewport: dict[str, int], *, by: Browser = browser, may_complain: bool = False, **options: object
    ) -> Page:
        context = by.new_context(viewport=viewport, locale="zh-CN", **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        if may_complain:
            return page
        page.on("console", lambda message: complaints.extend(told(message.text)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if options.get("java_script_enabled", True):  # without script even asking for one is refused
            page.on("requestfailed", lambda request: complaints.extend(refused(request)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the real public service, with nothing published, serves the second verifier."""
    from bot import clock

    with listening(public_service(PublicSettings(tmp_path_factory.mktemp("public"), clock.now))) as origin:
        yield f"{origin}/v/static/verifier/"


@pytest.fixture(scope="module")
def module_page(browser: Browser, modules: str) -> Iterator[Page]:
    """A page that may load these modules; nothing may stand in its console."""
    complaints: list[str] = []
    context = browser.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(f"{modules}verifier.js")
    yield page
    context.close()
    assert complaints == []
