"""Without network, after the first visit: the page, its program and the last lists; never an old verdict."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Opener, listening
from tests.browser.states import Office, office
from tests.ports import free_port
from tests.verify.documents.report import qr_png
from tests.verify.public.published import NOW, trust_text
from verify.public.app import build
from verify.public.look import STATIC
from verify.public.program import Program
from verify.public.settings import PublicSettings
from verify.status import Status

pytestmark = pytest.mark.browser
# Asks for the new worker until it waits: on a busy machine one try may come to nothing.
WAITING = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/v");
  for (let tries = 0; tries < 240 && !registration.waiting; tries++) {
    await registration.update().catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return Boolean(registration.waiting);
}"""
# Waits, on a page that no worker has, until the one that waited has taken over and nothing is kept but its files.
TAKEN_OVER = """async (version) => {
  for (let tries = 0; tries < 240; tries++) {
    const { active, waiting } = await navigator.serviceWorker.getRegistration("/v");
    const kept = await caches.keys();
    if (active.state === "activated" && !waiting && kept.length === 1 && kept[0].endsWith(version)) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}"""
# Asks until the reader of pictures has come.
READER_KEPT = """async () => {
  for (let tries = 0; tries < 240; tries++) {
    const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    const names = kept.flat().map(({ url }) => url.split("/").at(-1));
    if (["index.js", "share.js", "zxing_reader.wasm"].every((name) => names.includes(name))) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}"""
RUNNING = 'document.querySelector("script[type=module]").src.split("/").at(-3)'
KEPT = """async () => {
  const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const kept = await Promise.all(stores.map((store) => store.keys()));
  return kept.flat().map((each) => each.url);
}"""


@pytest.fixture
def opened_quietly(browser: Browser) -> Iterator[Opener]:
    """Like ``opened``; but requests may fail here, and the browser writes each failure into its console."""
    contexts, faults = [], []

    def open_page(viewport: dict[str, int]) -> Page:
        context = browser.new_context(viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda message: faults.append(message.text) if "policy" in message.text else None)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("states") / "public") as served:
        yield served


def visited(opened: Opener, states: Office) -> Page:
    """A page that has been there once, with its service worker in control."""
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    page.goto(states.link("valid"))
    expect(page.locator("#result h1")).to_have_text("有效")
    expect(page.locator("#offline")).to_have_text("本页已存在这台设备上，没有网络也能核验。")
    return page


def test_codes_are_checked_without_network_and_the_age_of_the_lists_is_told(
    states: Office, opened_quietly: Opener
) -> None:
    page = visited(opened_quietly, states)
    page.context.set_offline(True)
    page.clock.set_fixed_time(NOW + timedelta(hours=3))
    for verdict in ("valid", "expired", "revoked", "forged"):
        page.goto("about:blank")
        page.goto(states.link(verdict))
        expect(page.locator("#result .verdict")).to_have_attribute("data-verdict", verdict)
    page.goto("about:blank")
    page.goto(states.link("valid"))
    expect(page.locator(".verdict-basis")).to_contain_text("离线核验：所用清单是这台设备存下的")
    expect(page.locator(".verdict-basis")).to_contain_text("3 小时前")
    expect(page.locator(".verdict-basis")).to_contain_text("登记日志：这次没有查询")
    expect(page.locator(".verdict-basis")).to_contain_text("2026年11月21日 12:00:00")


def test_a_photo_is_read_without_network_though_none_was_read_before(states: Office, opened_quietly: Opener) -> None:
    page = visited(opened_quietly, states)
    assert page.evaluate(READER_KEPT)
    page.context.set_offline(True)
    page.goto(f"{states.origin}/v")
    photo = {"name": "a.png", "mimeType": "image/png", "buffer": qr_png(states.link("valid"))}
    page.locator("#photo").set_input_files(photo)
    expect(page.locator("#result h1")).to_have_text("有效")


def test_old_lists_say_nothing_green(states: Office, opened_quietly: Opener) -> None:
    page = visited(opened_quietly, states)
    page.context.set_offline(True)
    page.clock.set_fixed_time(NOW + timedelta(days=8))
    page.goto("about:blank")
    page.goto(states.link("valid"))
    expect(page.locator("#result .verdict")).to_have_attribute("data-reason", "STATUS_STALE")
    expect(page.locator("#result h1")).to_have_text("无法确认")


def test_link_with_the_digits_in_its_path_is_checked_here_too(states: Office, opened_quietly: Opener) -> None:
    page = visited(opened_quietly, states)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(f"{states.origin}/v/{states.codes['valid']}")
    expect(page.locator(".verdict-basis")).to_contain_text("核验码没有发送")
    page.context.set_offline(True)
    page.goto(f"{states.origin}/v/{states.codes['revoked']}")
    expect(page.locator("#result h1")).to_have_text("已撤销")


def test_files_are_not_answered_without_network(states: Office, opened_quietly: Opener) -> None:
    page = visited(opened_quietly, states)
    page.goto(f"{states.origin}/v")
    page.context.set_offline(True)
    page.get_by_label("选择文件").set_input_files({"name": "a.docx", "mimeType": "", "buffer": b"x"})
    page.get_by_role("button", name="上传并核验").click()
    expect(page.locator("#progress")).to_contain_text("没有连上核验服务，还不能确认报告真伪")
    expect(page.locator("#result")).to_be_hidden()


def test_nothing_of_a_verdict_is_kept(states: Office, opened_quietly: Opener) -> None:
    page = visited(opened_quietly, states)
    page.goto(f"{states.origin}/v")
    page.get_by_role("textbox", name="报告编号").fill(states.published.number)
    page.get_by_role("textbox", name="核验码").fill("7777-7777-7777")
    page.get_by_role("button", name="核验", exact=True).first.click()
    expect(page.locator("#result h1")).to_have_text("无法识别")
    kept = page.evaluate(KEPT)
    assert f"{states.origin}/v" in kept
    assert all(url == f"{states.origin}/v" or "/v/program/" in url for url in kept)
    words = page.evaluate(f"caches.match('{states.origin}/v').then((answer) => answer.text())")
    assert "data-entry" not in words


def test_revocation_is_seen_as_soon_as_there_is_a_network_again(states: Office, opened_quietly: Opener) -> None:
    page = visited(opened_quietly, states)
    page.context.set_offline(True)
    page.goto("about:blank")
    page.goto(states.link("valid"))
    expect(page.locator("#result h1")).to_have_text("有效")
    states.published.publish({5: Status.REVOKED}, version=3)
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#result h1")).to_have_text("已撤销")


def test_older_lists_than_those_seen_are_refused(states: Office, opened_quietly: Opener) -> None:
    page = opened_quietly(PHONE)
    page.clock.set_fixed_time(NOW)
    states.published.publish({5: Status.REVOKED}, version=3)
    newer = (states.published.folder / "trust.json").read_bytes()
    states.published.publish(version=2)
    older = (states.published.folder / "trust.json").read_bytes()
    page.route("**/trust.json", lambda route: route.fulfill(body=newer, content_type="application/json"))
    page.goto(states.link("valid"))
    expect(page.locator("#result h1")).to_have_text("已撤销")
    page.unroute("**/trust.json")
    page.route("**/trust.json", lambda route: route.fulfill(body=older, content_type="application/json"))
    page.reload()
    expect(page.locator("#result .verdict")).to_have_attribute("data-reason", "TRUST_UNUSABLE")
    page.get_by_text("清除这台设备存下的清单").first.click()
    page.get_by_role("button", name="清除这台设备存下的清单").click()
    page.get_by_role("button", name="重新核验").click()
    expect(page.locator("#result h1")).to_have_text("有效")


def versions(page: Page) -> set[str]:
    return {url.split("/")[5] for url in page.evaluate(KEPT) if "/v/program/" in url}


def test_postdated_lists_are_judged_and_do_not_shut_out_the_true_ones(states: Office, opened_quietly: Opener) -> None:
    page = visited(opened_quietly, states)
    states.published.publish(version=9, issued_at=NOW + timedelta(days=2))
    page.reload()
    expect(page.locator("#result .verdict")).to_have_attribute("data-reason", "CLOCK_BEHIND")
    states.published.publish({5: Status.REVOKED}, version=3)
    page.reload()
    expect(page.locator("#result h1")).to_have_text("已撤销")
    older = trust_text(version=2)
    page.route("**/trust.json", lambda route: route.fulfill(body=older, content_type="application/json"))
    page.reload()
    expect(page.locator("#result .verdict")).to_have_attribute("data-reason", "TRUST_UNUSABLE")


def opened_until(page: Page, link: str, wanted: Callable[[str], bool]) -> str:
    """The version that runs. A server that has just started may need longer than the worker waits: then it is the
    kept one, rightly."""
    for _ in range(10):
        page.goto("about:blank")
        page.goto(link, wait_until="commit")
        expect(page.locator("#result h1")).to_have_text("有效")
        version = str(page.evaluate(RUNNING))
        if wanted(version):
            return version
    raise AssertionError(f"only {version} was shown")


def test_new_program_is_taken_over_whole_when_no_old_page_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened_quietly: Opener
) -> None:
    folder = tmp_path / "public"
    first = opened_quietly(PHONE)
    with office(folder, free_port()) as states:
        first.clock.set_fixed_time(NOW)
        first.goto(states.link("valid"))
        expect(first.locator("#offline")).to_be_visible()
        (old,) = versions(first)
        port, link = int(states.origin.rpartition(":")[2]), states.link("valid")
    changed = tmp_path / "static"
    shutil.copytree(STATIC, changed)
    with (changed / "verify.css").open("a") as sheet:
        sheet.write("\n.verdict h1 { letter-spacing: 3px; }\n")
    monkeypatch.setattr("verify.public.app.Program", lambda: Program(changed))
    with listening(build(PublicSettings(folder=folder, clock=lambda: NOW)), port):
        second = first.context.new_page()
        new = opened_until(second, link, lambda version: version != old)
        expect(second.locator("#result h1")).to_have_css("letter-spacing", "3px")
        assert first.evaluate(WAITING)
        assert versions(first) == {old, new}, "as long as the first page is open"
        outside = first.context.new_page()
        outside.goto(f"{states.origin}/trust.json")
        first.close()
        second.close()
        assert outside.evaluate(TAKEN_OVER, new)
        page = first.context.new_page()
        assert opened_until(page, link, lambda version: version == new) == new
        expect(page.locator("#result h1")).to_have_css("letter-spacing", "3px")
    page.goto("about:blank")
    page.goto(link, wait_until="commit")
    expect(page.locator("#result h1")).to_have_css("letter-spacing", "3px")
