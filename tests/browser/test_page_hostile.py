"""What stands between the page and its answer: networks that answer with something of their own, or not at all; forms
sent past the program; several things given at once. Nothing of it may end in green that is not.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from playwright.sync_api import Page, expect

from bot.demo.forging import edit_one_cell
from tests.browser.conftest import PHONE, Opener, Served, listening
from tests.browser.test_offline import KEPT, READER_KEPT, opened_quietly  # noqa: F401 — a fixture
from tests.verify.public.published import NOW, publish
from verify.public.app import build
from verify.public.program import READER, Program
from verify.public.settings import PublicSettings

pytestmark = pytest.mark.browser
PORTAL = "<!doctype html><title>Wi-Fi</title><h1>portal: please sign in</h1>"
# Patience as the page asks for it ends when the test says so, and never by itself.
PATIENT = """const waiting = [];
AbortSignal.timeout = () => {
  const patience = new AbortController();
  waiting.push(patience);
  return patience.signal;
};
window.runOut = () => waiting.splice(0).forEach((each) => each.abort(new DOMException("late", "TimeoutError")));"""


@dataclass
class Network:
    """What lies between: paths it answers itself (only what a program fetches, not a page's scripts), or swallows,
    until whoever asked has gone."""

    origin: str = ""
    link: str = ""
    forged: tuple[str, ...] = ()
    swallowed: tuple[str, ...] = ()
    forgeries: int = 0
    lost: int = 0

    @web.middleware
    async def between(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(self.swallowed):
            self.lost += 1
            while request.transport is not None:
                await asyncio.sleep(0.02)
        if request.path.startswith(self.forged) and request.headers.get("Sec-Fetch-Dest") == "empty":
            self.forgeries += 1
            return web.Response(text=PORTAL, content_type="text/html")
        return await handler(request)


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    published = publish(tmp_path / "public")
    network = Network()
    app = build(PublicSettings(folder=published.folder, clock=lambda: NOW))
    app.middlewares.insert(0, network.between)
    with listening(app) as network.origin:
        network.link = f"{network.origin}/v#{published.digits}"
        yield network


def until(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come about within a minute")


def run_out(page: Page, network: Network) -> None:
    """The patience with everything that is swallowed, once something is, until there is a verdict."""
    until(page, lambda: network.lost > 0)
    until(page, lambda: bool(page.evaluate("runOut() ?? document.querySelector('#result .verdict') !== null")))
    network.lost = 0


def visit(page: Page, link: str) -> None:
    page.goto("about:blank")
    page.goto(link)


def test_a_portal_that_answers_for_the_program_is_not_kept(network: Network, opened_quietly: Opener) -> None:  # noqa: F811
    page = opened_quietly(PHONE)
    page.clock.set_fixed_time(NOW)
    network.forged = ("/v/program/",)
    visit(page, network.link)
    expect(page.locator("#result h1")).to_have_text("有效")
    until(page, lambda: network.forgeries > 0)
    refused = "navigator.serviceWorker.getRegistration('/v').then((each) => !each?.installing && !each?.active)"
    until(page, lambda: bool(page.evaluate(refused)))
    assert [url for url in page.evaluate(KEPT) if not url.endswith("/v")] == []
    network.forged = ()
    visit(page, network.link)
    expect(page.locator("#offline")).to_be_visible()
    assert any("/v/program/" in url for url in page.evaluate(KEPT))


def test_a_portal_that_answered_for_the_reader_is_asked_past_next_time(
    network: Network,
    opened_quietly: Opener,  # noqa: F811
) -> None:
    """The browser's own store has the portal's answer by then, for a day: answers for the program say so."""
    page = opened_quietly(PHONE)
    page.clock.set_fixed_time(NOW)
    network.forged = (Program().url(READER),)
    visit(page, network.link)
    until(page, lambda: network.forgeries > 0)
    network.forged = ()
    visit(page, network.link)
    assert page.evaluate(READER_KEPT)


def test_a_portal_that_answers_for_the_page_is_no_network(network: Network, opened_quietly: Opener) -> None:  # noqa: F811
    page = opened_quietly(PHONE)
    page.clock.set_fixed_time(NOW)
    visit(page, network.link)
    expect(page.locator("#offline")).to_be_visible()
    network.forged = ("/",)
    visit(page, network.link)
    expect(page.locator("#result h1")).to_have_text("有效")
    expect(page.locator(".verdict-basis")).to_contain_text("离线核验")


def test_a_network_that_swallows_everything_is_as_good_as_none(network: Network, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    page.context.add_init_script(PATIENT)
    visit(page, network.link)
    expect(page.locator("#result h1")).to_have_text("有效")
    network.swallowed = ("/trust.json",)
    visit(page, network.link)
    run_out(page, network)
    expect(page.locator(".verdict-basis")).to_contain_text("离线核验")
    network.swallowed = ("/log", "/sealed", "/registered")
    visit(page, network.link)
    run_out(page, network)
    expect(page.locator(".verdict-basis")).to_contain_text("刚刚取得")
    expect(page.locator("main")).to_contain_text("签发时的内容现在取不到")


def test_an_altered_file_sent_past_the_program_stays_altered(served: Served, opened: Opener, tmp_path: Path) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    page.locator("form[data-way=file] input").set_input_files(edit_one_cell(served.docx, tmp_path / "改了.docx"))
    page.evaluate("document.querySelector('form[data-way=file]').submit()")
    expect(page.get_by_role("heading", level=1)).to_have_text("内容不一致")
    expect(page.get_by_role("button", name="English")).to_be_visible()  # the program runs
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("内容不一致")
    expect(page.locator("#served .differences tbody tr")).to_have_count(1)
    expect(page.locator("#result")).to_be_hidden()


def test_a_file_sent_past_the_program_does_not_stand_for_ever(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.install()
    page.goto(f"{served.origin}/v")
    page.locator("form[data-way=file] input").set_input_files(served.docx)
    page.evaluate("document.querySelector('form[data-way=file]').submit()")
    expect(page.get_by_role("heading", level=1)).to_have_text("有效")
    expect(page.get_by_role("button", name="English")).to_be_visible()
    page.clock.fast_forward("10:01")
    expect(page.get_by_role("heading", level=1)).to_have_text("核验一份专用信用报告")


@pytest.mark.parametrize("scripts", [False, True])
def test_a_foreign_form_that_asks_for_an_earlier_day_gets_no_plain_green(
    network: Network, opened: Opener, scripts: bool, tmp_path: Path
) -> None:
    """Somebody's own page may send the code with a day of its choice; whoever lands here sees which day it was."""
    page = opened(PHONE, java_script_enabled=scripts)
    page.clock.set_fixed_time(NOW)
    digits = network.link.partition("#")[2]
    at = (NOW - timedelta(days=1)).isoformat()
    form = f"<form method=post action={network.origin}/v><input name=token value={digits}><input name=at value={at}>"
    (tmp_path / "lure.html").write_text(f"{form}<button>go</button></form>")
    page.goto((tmp_path / "lure.html").as_uri())
    page.get_by_role("button").click()
    if scripts:
        expect(page.locator("#result h1")).to_have_text("有效")
        expect(page.locator("#result .verdict time")).to_have_attribute("datetime", NOW.isoformat())
    else:
        expect(page.locator("h1")).to_have_text("所问时刻有效")
        expect(page.locator(".verdict-asked")).to_contain_text("所问时刻 2026年11月20日 09:00:00")
        expect(page.locator(".verdict-time time")).to_have_attribute("datetime", NOW.isoformat())


DROP = """(names) => {
  const transfer = new DataTransfer();
  for (const name of names) transfer.items.add(new File(["x"], name));
  document.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""


def test_of_many_dropped_files_none_is_chosen(network: Network, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    visit(page, network.link)
    expect(page.locator("#result h1")).to_have_text("有效")
    page.evaluate(DROP, [f"{number}.docx" for number in range(200)])
    expect(page.locator("#progress")).to_contain_text("一次核验一份，没有核验")
    expect(page.locator("#result")).to_be_hidden()
    page.get_by_role("button", name="批量核验").click()
    page.wait_for_url("**/v/batch")


def test_what_was_ticked_stays_ticked_until_something_else_is_asked(network: Network, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    visit(page, network.link)
    page.get_by_role("checkbox", name="主体名称").check()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("checkbox", name="Name of the subject")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Report number")).not_to_be_checked()
    page.get_by_label("Your name").fill("A")
    page.get_by_role("button", name="Make the record").click()
    expect(page.locator(".record-ready")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Name of the subject")).to_be_checked()
    page.reload()
    expect(page.get_by_role("checkbox", name="Name of the subject")).not_to_be_checked()


LIE = """const ask = fetch;
window.fetch = async (address, options) => {
  const answer = await ask(address, options);
  if (options?.method !== "POST") return answer;
  return new Response((await answer.text()).replaceAll("禾苗", "稻穗"), {headers: answer.headers});
};"""


def test_another_subject_in_a_servers_answer_is_corrected_by_the_code(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.add_init_script(LIE)
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择文件").set_input_files(served.docx)
    page.get_by_role("button", name="上传并核验").click()
    expect(page.locator(".verdict-subject")).to_contain_text("禾苗")
    expect(page.locator("main")).not_to_contain_text("稻穗")


def test_a_clock_that_was_set_back_is_said(network: Network, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW - timedelta(hours=1))
    visit(page, network.link)
    expect(page.locator("#result .verdict")).to_have_attribute("data-reason", "CLOCK_BEHIND")
    expect(page.locator("#result h1")).to_have_text("无法确认")


def test_a_browser_that_keeps_nothing_verifies(network: Network, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    page.add_init_script(
        "for (const name of ['indexedDB', 'localStorage'])"
        " Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError'); }});"
    )
    visit(page, network.link)
    expect(page.locator("#result h1")).to_have_text("有效")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#result h1")).to_have_text("Valid")
    page.get_by_label("Your name").fill("A")
    page.get_by_role("button", name="Make the record").click()
    expect(page.locator(".record")).to_contain_text("the next record will have another fingerprint")


def test_hashes_that_are_no_code_are_said_and_elements_of_that_name_change_nothing(
    network: Network, opened: Opener
) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    for strange in ("verdict", "__proto__", "%3Cimg src=x onerror=alert(1)%3E", "1" * 5000, "：：", "0" * 30):
        visit(page, f"{network.origin}/v#{strange}")
        expect(page.locator("#result .verdict")).to_have_attribute("data-verdict", "unreadable")
