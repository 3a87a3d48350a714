"""What is told beside the verdict, as whoever scans sees it: at once, without scrolling, on a phone too."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, listening
from tests.browser.test_verification import assert_fits, verdict
from tests.verify.public.published import NOW, Published, publish
from verify.notices import Changed
from verify.public.app import PublicSettings, build

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    published = publish(tmp_path_factory.mktemp("noticed") / "public")
    published.publish(changes={5: Changed.CORRECTED | Changed.REPAIRED})
    return published


@pytest.fixture(scope="module")
def origin(published: Published) -> Iterator[str]:
    with listening(build(PublicSettings(folder=published.folder, clock=lambda: NOW))) as origin:
        yield origin


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_corrected_data_are_seen_with_the_verdict_without_scrolling(
    origin: str, published: Published, opened: Opener, viewport: dict[str, int]
) -> None:
    page = opened(viewport)
    page.clock.set_fixed_time(NOW)
    page.goto(f"{origin}/v#{published.digits}")
    corrected, repaired = page.locator(".notice").first, page.locator(".notice").last
    expect(corrected).to_contain_text("数据已更正，请重新获取。")
    expect(repaired).to_contain_text("签发后有记录完成修复。")
    assert verdict(page) == "valid"
    expect(page.locator(".verdict-gist")).to_have_text("真实，在有效期内；但签发后数据已更正")
    for notice in (corrected, repaired):
        expect(notice).to_be_in_viewport(ratio=1)
        expect(notice.locator("svg")).to_be_visible()
    assert_fits(page)


def test_the_notices_look_like_no_part_of_the_verdict_and_unlike_each_other(
    origin: str, published: Published, opened: Opener
) -> None:
    page = opened(PHONE, java_script_enabled=False)
    page.goto(f"{origin}/v/{published.digits}")
    ground = "e => getComputedStyle(e).backgroundColor"
    assert page.locator(".notice").first.evaluate(ground) != page.locator(".verdict").evaluate(ground)
    first, second = (notice.locator("svg").inner_html() for notice in page.locator(".notice").all())
    assert first != second
