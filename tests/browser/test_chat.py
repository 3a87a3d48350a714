"""The staff chat in a real browser: ask, follow the citation, read the quote where it stands."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from index.questions.listing import askings_of, entries_of
from index.questions.model import Verdict
from index.questions.store import QuestionStore
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served, painted

pytestmark = pytest.mark.browser
QUESTION = "专用信用报告多长时间内有效？"


def ask(page: Page, question: str) -> None:
    """Until the answer has come to its end: the next question takes it along."""
    send(page, question)
    expect(page.locator(".exchange:not([aria-busy])", has_text=question)).to_be_visible()


def send(page: Page, question: str) -> None:
    painted(page)
    page.get_by_label("问题").fill(question)
    page.get_by_label("问题").press("Enter")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_citation_opens_beside_the_chat_with_the_quote_in_view(
    served: Served, opened: Opener, viewport: dict[str, int]
) -> None:
    page = opened(viewport)
    page.goto(served.origin)
    ask(page, QUESTION)
    page.locator("a.to-source").first.click()
    quote = page.locator("#panel mark#quote")
    expect(quote).to_be_in_viewport()
    expect(quote).to_contain_text("一个月内核验有效")
    assert quote.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 233, 168)"
    page.get_by_role("button", name="关闭原文").click()
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(".exchange")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_source_page_alone_jumps_to_the_quote(served: Served, opened: Opener) -> None:
    page = opened(PHONE, java_script_enabled=False)
    page.goto(served.origin)
    page.get_by_role("button", name=QUESTION).click()
    page.locator("a.to-source").first.click()
    expect(page.locator("mark#quote")).to_be_in_viewport()
    expect(page.locator("header .badge")).to_have_text("现行有效")


def test_conversation_goes_on_with_its_context(served: Served, opened: Opener) -> None:
    page = opened(DESKTOP)
    page.goto(served.origin)
    ask(page, QUESTION)
    ask(page, "收费吗？")
    expect(page.locator(".exchange")).to_have_count(2)
    turns = page.evaluate("JSON.parse(document.querySelector('[name=context]').value).map(turn => turn.role)")
    assert turns == ["user", "assistant", "user", "assistant"]


def test_refusal_is_told_apart(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    ask(page, "食堂几点开饭？")
    expect(page.locator(".refusal-head")).to_be_visible()
    expect(page.locator("a.to-source")).to_have_count(0)


def test_what_comes_close_to_a_refused_question_is_a_button_that_asks_for_it(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    ask(page, "核验不通过罚多少钱？")
    page.locator(".suggestions button").first.click()
    answer = page.locator(".exchange").nth(1)
    expect(answer.locator(".citations li").first).to_be_visible()
    expect(answer.locator(".path")).to_contain_text("第八条")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_day_asked_about_decides_the_status(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    page.get_by_label("按哪一天的效力").fill("2031-03-01")
    ask(page, QUESTION)
    expect(page.locator(".badge")).to_have_text("有效期已届满")
    expect(page.locator(".notice").first).to_contain_text("已届满")


def test_back_closes_the_source_and_keeps_the_conversation(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    ask(page, QUESTION)
    page.locator("a.to-source").first.click()
    expect(page.locator("#panel")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(".exchange")).to_have_count(1)


def test_a_reader_says_that_an_answer_helped_and_changes_their_mind(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    ask(page, QUESTION)
    page.get_by_role("button", name="有用", exact=True).press("Enter")
    expect(page.locator(".rating-ask")).to_contain_text("已记下“有用”，谢谢")
    expect(page.get_by_role("button", name="有用", exact=True)).to_be_focused()
    page.get_by_role("button", name="没用", exact=True).press("Enter")
    expect(page.locator(".rating-ask")).to_contain_text("已记下“没用”，谢谢")
    page.get_by_label("补充说明").fill("没有说从哪天算起")
    page.get_by_label("补充说明").press("Enter")
    expect(page.locator(".rating-ask")).to_contain_text("说明已记下")
    expect(page.locator(".rating")).to_have_attribute("data-said", "useless")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    (entry,) = [one for one in entries_of(QuestionStore(served.home.questions)) if one.question == QUESTION]
    (said, *_) = [
        asking.feedback
        for asking in askings_of(QuestionStore(served.home.questions), entry.number, 5)
        if asking.feedback
    ]
    assert [(one.verdict, one.note) for one in said] == [
        (Verdict.USEFUL, ""), (Verdict.USELESS, ""), (Verdict.USELESS, "没有说从哪天算起")
    ]  # fmt: skip


def test_rating_works_without_script_and_keeps_the_conversation(served: Served, opened: Opener) -> None:
    page = opened(DESKTOP, java_script_enabled=False)
    page.goto(served.origin)
    page.get_by_role("button", name=QUESTION).click()
    page.get_by_role("button", name="没用", exact=True).click()
    expect(page.locator(".rating-ask")).to_contain_text("已记下“没用”，谢谢")
    expect(page.locator(".asked")).to_have_text(QUESTION)
    expect(page.locator("form#ask [name=context]")).not_to_have_value("[]")


def exchange_of(page: Page) -> str:
    """The markup of the only exchange, without what differs from one asking to the next."""
    markup = page.locator("article.exchange").evaluate("article => article.outerHTML")
    markup = re.sub(r'<input type="hidden"[^>]*>|value="[^"]{43}"|note-[\w-]{43}', "", markup)
    return re.sub(r"\s+(?=<)|(?<=>)\s+", "", markup)


@pytest.mark.parametrize("question", [QUESTION, "核验不通过罚多少钱？"])
def test_an_answer_that_came_in_parts_is_the_answer_the_page_shows_at_once(
    served: Served, opened: Opener, question: str
) -> None:
    served.keep_to_noon()
    streamed = opened(DESKTOP)
    streamed.goto(served.origin)
    ask(streamed, question)
    expect(streamed.locator(".rating")).to_be_visible()
    plain = opened(DESKTOP, java_script_enabled=False)
    plain.goto(served.origin)
    plain.get_by_label("问题").fill(question)
    plain.get_by_role("button", name="提问").click()
    expect(plain.locator(".rating")).to_be_visible()
    plain.wait_for_load_state()
    assert exchange_of(streamed) == exchange_of(plain)
    assert len(exchange_of(plain)) > 500


def test_a_question_that_did_not_arrive_is_said_and_tried_again(served: Served, opened: Opener) -> None:
    page = opened(DESKTOP, may_complain=True)  # the line is cut
    page.goto(served.origin)
    page.route(f"{served.origin}/", lambda route: route.abort())
    send(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("没有连上服务，问题没有送出")
    expect(page.get_by_label("问题")).to_have_value(QUESTION)
    page.unroute(f"{served.origin}/")
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".citations li").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".exchange")).to_have_count(1)


def test_an_answer_that_broke_off_is_not_taken_for_whole(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    part = {"into": "", "html": '<article class="exchange"><div class="body"><div class="said"></div></div></article>'}
    body = f"event: heard\ndata: {{}}\n\nevent: piece\ndata: {json.dumps(part)}\n\n"
    page.route(f"{served.origin}/", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    send(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("回答没有传完，上面的内容不完整")


def test_without_a_network_the_page_says_so_and_keeps_what_is_there(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    ask(page, QUESTION)
    page.context.set_offline(True)
    expect(page.get_by_text("网络已断开")).to_be_visible()
    expect(page.get_by_role("button", name="提问")).to_be_disabled()
    expect(page.locator(".exchange")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("网络已断开")).to_be_hidden()
    expect(page.get_by_role("button", name="提问")).to_be_enabled()


def test_a_sheet_on_the_phone_holds_the_keyboard_until_it_is_closed(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(served.origin)
    ask(page, QUESTION)
    page.locator("a.to-source").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("#panel-state .badge")).to_have_text("现行有效")
    expect(sheet.locator("#panel-state .badge")).to_be_in_viewport()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#panel')")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("a.to-source").first).to_be_focused()


def test_at_900_pixels_the_source_stands_beside_the_conversation(served: Served, opened: Opener) -> None:
    page = opened({"width": 900, "height": 700})
    page.goto(served.origin)
    ask(page, QUESTION)
    page.locator("a.to-source").first.click()
    expect(page.locator("#panel mark#quote")).to_be_in_viewport()
    panel, talk = page.locator("#panel").bounding_box(), page.locator(".talk").bounding_box()
    assert panel
    assert talk
    assert panel["x"] >= talk["x"] + talk["width"] - 1
    expect(page.get_by_role("complementary", name="专用信用报告管理办法")).to_be_visible()
    page.locator(".said").click()  # the conversation stays in reach


def test_the_day_is_taken_back_to_today_with_one_click(served: Served, opened: Opener) -> None:
    served.keep_to_noon()
    page = opened(PHONE)
    page.goto(served.origin)
    expect(page.get_by_role("button", name="回到今天")).to_be_hidden()
    page.get_by_label("按哪一天的效力").fill("2031-03-01")
    page.get_by_role("button", name="回到今天").click()
    expect(page.get_by_label("按哪一天的效力")).to_have_value(served.now().date().isoformat())
