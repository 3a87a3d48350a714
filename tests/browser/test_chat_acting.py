"""What members have done at the page in a real browser, on a phone and a desk; strangers; keyboard; without script."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest
from playwright.sync_api import Page, expect

from bot import clock
from bot.demo.story import COMPANY
from bot.settings import Home
from index.directory.changing import Deed, change
from index.directory.model import Role, Staff
from index.policies.library import Library
from index.store.engine import open_store
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served, painted, serving
from tests.browser.test_chat_checking import fits
from tests.browser.test_chat_members import MEMBER, QUESTION, set_up_chat, sign_in
from tests.provider import MockProvider
from tests.provider import mock as mock

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
CLERK = Staff(
    MEMBER.id,
    MEMBER.name,
    "市生态环境局",
    frozenset({Role.RECORDS, Role.ISSUE, Role.CASES}),
    ("招标投标", "行政审批"),
)
PLAN = """云汀市示例信用工作方案（虚构）
一、加强示例归集
每月归集一次示例数据。（责任单位：市生态环境局，2099年12月底前完成）
"""
PURPOSE = "核实示例项目投标资格"


def set_up_desk(home: Home, provider: MockProvider, folder: Path) -> int:
    """A member with every role but the administrator's, and a text that names the unit; the port to serve on."""
    port = set_up_chat(home, provider)
    engine = open_store(home.database)
    change(engine, lambda before: before.with_member(CLERK), Deed("管理员", "测试", clock.now()))
    engine.dispose()
    plan = folder / "云汀市示例信用工作方案.txt"
    plan.write_text(PLAN, encoding="utf-8")
    Library(home.library).add(plan)
    return port


@pytest.fixture(scope="module")
def desk(demo_home: Home, mock: MockProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("desk")
    home = Home(folder / "home")
    shutil.copytree(demo_home.root, home.root)
    with serving(home, set_up_desk(home, mock, folder)) as served:
        yield served


def say(page: Page, text: str) -> None:
    """Until what came of it stands on the page whole."""
    shown = page.locator(".exchange:not(.waiting)")
    before = shown.count()
    painted(page)
    page.get_by_label("问题").fill(text)
    page.get_by_label("问题").press("Enter")
    came(page, before + 1)


def choose(page: Page, name: str) -> None:
    before = page.locator(".exchange:not(.waiting)").count()
    page.get_by_role("group", name="可以这样回答").get_by_role("button", name=name, exact=True).click()
    came(page, before + 1)


def came(page: Page, count: int) -> None:
    expect(page.locator(".exchange:not(.waiting)")).to_have_count(count)
    expect(page.locator(".exchange[aria-busy]")).to_have_count(0)


@BOTH
def test_records_are_looked_up_for_a_matter_and_a_purpose(
    desk: Served, opened: Opener, viewport: dict[str, int]
) -> None:
    page = opened(viewport)
    sign_in(page, desk)
    expect(page.get_by_text("查询记录：说“查一下”")).to_be_visible()
    say(page, f"查一下{COMPANY}")
    choose(page, "招标投标")
    expect(page.locator(".exchange").last).to_contain_text("请说明用途")
    say(page, PURPOSE)
    last = page.locator(".exchange").last
    expect(last.locator(".blocks li").first).to_contain_text("行政处罚")
    expect(last).to_contain_text(f"事项：招标投标；用途：{PURPOSE}")
    expect(page.locator(".choices")).to_have_count(0)
    assert fits(page)
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])")
    assert kept == "[{},{},null]"
    carried = page.eval_on_selector_all("input[type=hidden]", "all => all.map(one => one.value).join(' ')")
    assert "行政处罚" not in carried


def test_words_not_sent_are_not_there_for_whoever_comes_next(desk: Served, opened: Opener) -> None:
    page = opened(DESKTOP)
    sign_in(page, desk)
    say(page, QUESTION)
    painted(page)
    page.get_by_label("问题").fill("还没有发出的话")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/signed-out")
    page.go_back()
    expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()
    expect(page.get_by_label("问题")).to_have_value("")
    expect(page.locator(".exchange")).to_have_count(0)


def test_a_page_left_open_overnight_asks_for_the_day_it_is(desk: Served, opened: Opener) -> None:
    page, now = opened(DESKTOP), clock.now()
    noon = now.replace(hour=12)
    today, tomorrow = noon.date(), (noon + timedelta(days=1)).date()
    desk.ahead = noon - now
    try:
        page.goto(desk.origin)
        desk.ahead += timedelta(days=1)
        say(page, QUESTION)
        expect(page.locator(".as-of").last).to_contain_text(f"{tomorrow.year}年{tomorrow.month}月{tomorrow.day}日")
        expect(page.locator("#ask [name=as_of]")).to_have_value(tomorrow.isoformat())
        expect(page.locator("#today")).to_be_hidden()
        page.locator("#ask [name=as_of]").fill(today.isoformat())
        say(page, QUESTION)
        expect(page.locator(".as-of").last).to_contain_text(f"{today.year}年{today.month}月{today.day}日")
    finally:
        desk.ahead = timedelta()


def test_a_long_name_takes_no_line_of_its_own_on_a_phone(desk: Served, opened: Opener) -> None:
    page = opened(PHONE)
    sign_in(page, desk)
    page.evaluate("document.querySelector('.leave .who').textContent = '欧阳示例买买提·阿不都热合曼'")
    one_line = "nav => nav.offsetHeight < 1.5 * nav.querySelector('button').offsetHeight"
    assert page.eval_on_selector("nav.elsewhere", one_line)
    assert fits(page)


@BOTH
def test_a_stranger_is_told_why_not_and_where_to_sign_in(
    desk: Served, opened: Opener, viewport: dict[str, int]
) -> None:
    page = opened(viewport)
    page.goto(desk.origin)
    expect(page.get_by_text("没有登录也可以问政策")).to_be_visible()
    say(page, f"查一下{COMPANY}")
    expect(page.locator(".exchange").last).to_contain_text("您还没有登录，不能查询记录。下一步：请先登录")
    say(page, QUESTION)
    expect(page.locator(".exchange").last).to_have_attribute("data-answered", "yes")
    assert fits(page)
    expect(page.get_by_role("link", name="登录", exact=True)).to_have_attribute("href", "/sign-in")


@BOTH
def test_a_report_for_the_desk_is_issued_and_downloaded(desk: Served, opened: Opener, viewport: dict[str, int]) -> None:
    page = opened(viewport)
    sign_in(page, desk)
    page.get_by_role("button", name="代开报告").click()
    came(page, 1)
    say(page, COMPANY)
    choose(page, "近三年")
    say(page, "营业执照、经办人身份证")
    expect(page.locator(".exchange").last).to_contain_text("请确认签发")
    assert fits(page)
    choose(page, "确认")
    link = page.get_by_role("link", name=re.compile("^下载 YTZX[0-9]{15}"))
    with page.expect_download() as download:
        link.click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    assert re.fullmatch("YTZX[0-9]{15}[.]pdf", download.value.suggested_filename)
    assert fits(page)
    stranger = opened(viewport)
    stranger.goto(f"{desk.origin}{link.get_attribute('href')}")
    expect(stranger.get_by_role("heading", name="请先登录")).to_be_visible()


@BOTH
def test_deadlines_come_as_a_calendar(desk: Served, opened: Opener, viewport: dict[str, int]) -> None:
    page = opened(viewport)
    sign_in(page, desk)
    page.get_by_role("button", name="我的任务").click()
    came(page, 1)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 任务期限.ics").click()
    events = icalendar.Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")
    assert "2099-12-31" in {event.decoded("dtstart").isoformat() for event in events}


@BOTH
def test_an_old_conversation_is_gone_on_with_and_put_away(
    desk: Served, opened: Opener, viewport: dict[str, int]
) -> None:
    page = opened(viewport)
    sign_in(page, desk)
    first = f"专用信用报告是什么？（{viewport['width']}）"
    say(page, first)
    say(page, f"查一下{COMPANY}，事项：招标投标，用途：{PURPOSE}")
    page.get_by_role("link", name="我的提问").click()
    expect(page.locator(".history-day").first).to_contain_text("年")
    page.get_by_role("link", name=first).click()
    expect(page.get_by_role("heading", name=first)).to_be_visible()
    expect(page.locator(".exchange")).to_have_count(2)
    expect(page.locator(".exchange").nth(1)).to_contain_text("当时的结果不保存")
    expect(page.locator("#conversation")).not_to_contain_text("行政处罚")
    assert fits(page)
    say(page, "那多长时间内有效？")
    expect(page.locator(".exchange").last).to_contain_text("一个月内")
    say(page, f"查一下{COMPANY}")
    expect(page.locator(".exchange").last).to_contain_text("行政处罚")
    page.get_by_role("link", name="我的提问").click()
    expect(page.locator(".history li", has_text=first)).to_contain_text("之后还说了 3 次")
    page.get_by_role("link", name=first).click()
    page.get_by_text("删除这次对话").click()
    assert fits(page)
    page.get_by_role("button", name="确认删除").click()
    page.wait_for_url(f"{desk.origin}/history")
    expect(page.locator(".history li", has_text=first)).to_have_count(0)


def test_everything_can_be_done_by_keyboard(desk: Served, opened: Opener) -> None:
    page = opened(DESKTOP)
    sign_in(page, desk)
    say(page, f"查一下{COMPANY}")
    expect(page.get_by_role("button", name="招标投标", exact=True)).to_be_visible()
    page.get_by_label("问题").press("Shift+Tab")
    expect(page.get_by_role("button", name="取消，不办")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="招标投标", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    came(page, 2)
    expect(page.get_by_label("问题")).to_be_focused()
    page.keyboard.type(PURPOSE)
    page.keyboard.press("Enter")
    came(page, 3)
    expect(page.locator(".exchange").last).to_contain_text("行政处罚")


def test_a_dialogue_goes_on_over_a_question_that_broke_off(desk: Served, opened: Opener) -> None:
    """What was chosen before the line broke is sent again as it was, and found as it was."""
    page = opened(DESKTOP)
    sign_in(page, desk)
    say(page, f"给{COMPANY}开近三年的报告")
    say(page, "营业执照、经办人身份证")
    cut = ["event: heard\ndata: {}\n\n"]
    page.route(f"{desk.origin}/", lambda route: route.fulfill(body=cut[0], content_type="text/event-stream"))
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("连接中断了")
    page.unroute(f"{desk.origin}/")
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".exchange").last).to_contain_text("已签发")


def test_without_script_everything_is_the_same(desk: Served, opened: Opener) -> None:
    page = opened(PHONE, java_script_enabled=False)
    sign_in(page, desk)

    def send(text: str) -> None:
        page.get_by_label("问题").fill(text)
        page.get_by_role("button", name="提问").click()

    send(f"查一下{COMPANY}")
    page.get_by_role("button", name="招标投标", exact=True).click()
    expect(page.locator(".exchange")).to_contain_text("请说明用途")
    send(PURPOSE)
    expect(page.locator(".exchange .blocks li").first).to_contain_text("行政处罚")
    page.get_by_label("问题").fill("我的任务")
    page.get_by_role("button", name="提问").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 任务期限.ics").click()
    assert download.value.path().read_bytes().startswith(b"BEGIN:VCALENDAR")
