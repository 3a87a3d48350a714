"""Members at the chat in a real browser: sign in at a provider, ask, find the question again, leave."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot import clock
from bot.settings import Home
from index.directory.changing import Deed, State, change
from index.directory.model import Account, Role, Staff
from index.store.engine import open_store
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served, painted, serving
from tests.ports import free_port
from tests.provider import MockProvider
from tests.provider import mock as mock

pytestmark = pytest.mark.browser
QUESTION = "专用信用报告多长时间内有效？"
MEMBER = Staff("E001", "王示例", "市发展改革委", frozenset({Role.RECORDS}))


def set_up_chat(home: Home, provider: MockProvider) -> int:
    """Registers the chat at the provider and a member in the directory; the port it must be served on."""
    port = free_port()
    client = provider.client(f"http://127.0.0.1:{port}/signed-in")
    home.chat.mkdir(mode=0o700, exist_ok=True)
    secret = home.chat / "client.secret"
    secret.touch(mode=0o600)
    secret.write_text(client.secret)
    home.portal.write_text(
        f'base_url = "http://127.0.0.1:{port}"\n[chat]\nissuer = "{provider.issuer}"\nclient_id = "{client.id}"\n'
        'client_secret_file = "chat/client.secret"\n'
    )
    engine = open_store(home.database)
    accounts = {Account("oidc", provider.issuer, "wang"): MEMBER.id}
    change(engine, lambda before: State({MEMBER.id: MEMBER}, accounts), Deed("管理员", "测试", clock.now()))
    engine.dispose()
    provider.person("wang")
    return port


def sign_in(page: Page, served: Served, person: str = "wang") -> None:
    """As a person does; what the provider's own page loads from elsewhere is not ours."""
    page.route(lambda url: not url.startswith("http://127.0.0.1"), lambda route: route.fulfill(body=""))
    page.goto(served.origin)
    page.get_by_role("link", name="登录", exact=True).click()
    page.locator("input[name=sub]").first.fill(person)
    page.locator("button[type=submit], input[type=submit]").first.click()
    page.wait_for_url(f"{served.origin}/")


@pytest.fixture(scope="module")
def office(demo_home: Home, mock: MockProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Home(tmp_path_factory.mktemp("members") / "home")
    shutil.copytree(demo_home.root, home.root)
    port = set_up_chat(home, mock)
    with serving(home, port) as served:
        yield served


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_member_signs_in_asks_finds_it_again_and_leaves(
    office: Served, opened: Opener, viewport: dict[str, int]
) -> None:
    page = opened(viewport)
    sign_in(page, office)
    expect(page.get_by_text("王示例")).to_be_visible()
    painted(page)
    page.get_by_label("问题").fill(QUESTION)
    page.get_by_label("问题").press("Enter")
    expect(page.locator(".rating")).to_be_visible()
    page.get_by_role("button", name="有用", exact=True).click()
    expect(page.locator(".rating-ask")).to_contain_text("已记下“有用”")
    page.get_by_role("link", name="我的提问").click()
    page.get_by_role("link", name=QUESTION).first.click()
    expect(page.locator(".citations li").first).to_contain_text("现行有效")
    expect(page.get_by_role("button", name="有用", exact=True)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="按今天再问一次").click()
    expect(page.locator("article.exchange")).to_have_count(1)
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="已经退出")).to_be_visible()
    page.goto(f"{office.origin}/history")
    expect(page.get_by_role("heading", name="请先登录")).to_be_visible()


def test_a_question_typed_after_the_session_ended_is_not_lost(office: Served, opened: Opener) -> None:
    page = opened(DESKTOP, may_complain=True)  # the question is refused
    sign_in(page, office)
    page.context.clear_cookies()
    painted(page)
    page.get_by_label("问题").fill(QUESTION)
    page.get_by_label("问题").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("登录已经超时")
    expect(page.get_by_role("link", name="重新登录（新窗口）")).to_have_attribute("href", "/sign-in")
    expect(page.get_by_label("问题")).to_have_value(QUESTION)
