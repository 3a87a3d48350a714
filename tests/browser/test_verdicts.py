"""Every verdict on the page: in words, shape and colour, told apart by each alone; readable, named, contrasted."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from bot.demo.forging import edit_one_cell
from tests.browser.conftest import DESKTOP, PHONE, Opener, Served
from tests.browser.states import NAMED, Office, office
from tests.verify.public.published import NAME, NOW, package, token
from verify.scanned import digits
from verify.sealing import seal

pytestmark = pytest.mark.browser
CODES = ("valid", "expired", "not_yet_valid", "superseded", "revoked", "forged", "unreadable", "indeterminate")

# Relative luminance and contrast of WCAG 2.2, over every visible text; a background is the nearest opaque one, with
# translucent ones laid over it. A gradient counts by its colours.
CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const over = (top, under) => {
    const alpha = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map((at) => top[at] * alpha + under[at] * (1 - alpha));
  };
  const grounds = (element) => {
    if (element === null) return [[255, 255, 255]];
    const { backgroundColor, backgroundImage } = getComputedStyle(element);
    const own = parse(backgroundColor);
    const colours = backgroundImage === "none" ? [] : (backgroundImage.match(/rgba?\\([^)]*\\)/g) ?? []).map(parse);
    const under = own[3] === 0 || own.length > 3 ? grounds(element.parentElement) : [own.slice(0, 3)];
    const flat = own.length > 3 && own[3] > 0 ? under.map((ground) => over(own, ground)) : under;
    return colours.length > 0 ? colours.flatMap((colour) => flat.map((ground) => over(colour, ground))) : flat;
  };
  const luminance = (colour) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (text === "" || !element.checkVisibility() || element.closest(".unseen, .skip, option")) continue;
    const ink = parse(getComputedStyle(element).color);
    const worst = Math.min(...grounds(element).map((ground) => contrast(ink, ground)));
    if (worst < 4.5) poor.push(`${worst.toFixed(2)} ${text.slice(0, 30)}`);
  }
  return poor;
}"""
NAMELESS = """() => [...document.querySelectorAll("button, a, input, textarea, summary, [role=group]")]
  .filter((each) => each.checkVisibility())
  .filter((each) => !(each.textContent.trim() || each.ariaLabel || each.labels?.length))
  .filter((each) => !document.getElementById(each.getAttribute("aria-labelledby")))
  .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("states") / "public") as served:
        yield served


def at_the_moment(page: Page) -> Page:
    page.clock.set_fixed_time(NOW)
    return page


def shown(page: Page, link: str, verdict: str) -> None:
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#result .verdict")).to_have_attribute("data-verdict", verdict)


@pytest.mark.parametrize("verdict", CODES)
def test_verdict_is_told_with_the_facts_that_may_be_told(states: Office, opened: Opener, verdict: str) -> None:
    page = at_the_moment(opened(PHONE))
    shown(page, states.link(verdict), verdict)
    expect(page.locator("#result h1")).to_be_focused()
    expect(page.locator("#result h1")).to_be_in_viewport()
    expect(page.locator(".verdict-next")).to_contain_text("怎么办")
    expect(page.locator(".verdict-basis")).to_contain_text("核验时间 2026年11月21日 09:00:00")
    if verdict in NAMED:
        for told in (NAME, "91320902MA1EX0M1XB", "查询时间范围", "未查询到违法违规记录"):
            expect(page.locator(".verdict-subject")).to_contain_text(told)
        expect(page.locator(".verdict-subject")).to_be_in_viewport(ratio=1)
    else:
        expect(page.locator("main")).not_to_contain_text("禾苗")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_verdicts_differ_in_words_in_shape_and_in_colour(
    states: Office, served: Served, opened: Opener, tmp_path
) -> None:
    page = at_the_moment(opened(PHONE))
    looks = {}
    for verdict in CODES:
        shown(page, states.link(verdict), verdict)
        looks[verdict] = look_of(page)
    other = opened(PHONE)
    other.goto(f"{served.origin}/v")
    other.get_by_label("选择文件").set_input_files(edit_one_cell(served.docx, tmp_path / "a.docx"))
    other.get_by_role("button", name="上传并核验").click()
    expect(other.locator("#result .verdict")).to_have_attribute("data-verdict", "altered")
    looks["altered"] = look_of(other)
    for part in ("words", "gist", "shape"):
        assert len({look[part] for look in looks.values()}) == len(looks), part
    green = looks["valid"]["colour"]
    assert not [verdict for verdict, look in looks.items() if verdict != "valid" and look["colour"] == green]
    told_apart = {looks[verdict]["colour"] for verdict in ("valid", "expired", "altered", "forged", "indeterminate")}
    assert len(told_apart) == 5


def look_of(page: Page) -> dict[str, str]:
    """``shape``: what the icon draws. ``colour``: of ground and border."""
    return page.locator("#result .verdict").evaluate(
        """(e) => {
          const style = getComputedStyle(e);
          const symbol = document.querySelector(e.querySelector("svg use").getAttribute("href"));
          const colour = [style.backgroundColor, style.backgroundImage, style.borderTopColor].join();
          const gist = e.querySelector(".verdict-gist").textContent;
          return {words: e.querySelector("h1").textContent, gist, shape: symbol.innerHTML, colour};
        }"""
    )


@pytest.mark.parametrize(("language", "viewport"), [("zh", PHONE), ("en", PHONE), ("zh", DESKTOP)])
def test_everything_is_contrasted_named_and_fits(
    states: Office, opened: Opener, language: str, viewport: dict[str, int]
) -> None:
    page = at_the_moment(opened(viewport))
    page.goto(f"{states.origin}/v")
    if language == "en":
        page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="中文" if language == "en" else "English")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    for verdict in CODES:
        shown(page, states.link(verdict), verdict)
        for details in page.locator("details").all():
            details.evaluate("e => { e.open = true; }")
        assert page.evaluate(CONTRAST) == [], verdict
        assert page.evaluate(NAMELESS) == [], verdict
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], verdict


def test_contrast_check_finds_a_pale_text(states: Office, opened: Opener) -> None:
    page = at_the_moment(opened(DESKTOP))
    shown(page, states.link("valid"), "valid")
    page.locator(".verdict-message").evaluate("e => { e.style.color = '#5a9'; }")
    assert len(page.evaluate(CONTRAST)) == 1


def test_a_report_that_ends_while_the_page_is_open_does_not_stay_valid(states: Office, opened: Opener) -> None:
    ending = token(status_index=11, issued_at=NOW - timedelta(days=31), period_to=date(2026, 10, 20))
    content = seal(ending, package().to_bytes())
    (states.published.folder / "sealed" / content.locator).write_bytes(content.ciphertext)
    page = opened(PHONE)
    page.clock.install(time=datetime(2026, 11, 21, 23, 57, tzinfo=NOW.tzinfo))
    page.goto(f"{states.origin}/v#{digits(ending)}")
    expect(page.locator("#result h1")).to_have_text("有效")
    page.clock.fast_forward("04:00")
    expect(page.locator("#result h1")).to_have_text("已过期")


def test_structure_is_read_out_in_order(states: Office, opened: Opener) -> None:
    page = at_the_moment(opened(PHONE))
    shown(page, states.link("valid"), "valid")
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3')].filter(e => e.checkVisibility()).map(e => +e.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    live = page.locator("#result .verdict")
    assert (live.get_attribute("role"), live.get_attribute("aria-live")) == ("status", "assertive")
    expect(page.get_by_role("checkbox", name="主体名称")).to_be_visible()
    expect(page.get_by_role("table").first).to_be_visible()


def test_issued_results_of_the_domains_are_shown(states: Office, opened: Opener) -> None:
    page = at_the_moment(opened(PHONE))
    shown(page, states.link("valid"), "valid")
    expect(page.locator(".results-summary")).to_contain_text("2 个领域的查询结果")
    expect(page.locator(".domains tbody tr")).to_have_count(2)
    expect(page.locator(".domains")).to_contain_text("市税务局")


def test_page_says_everything_in_english_and_remembers_it(states: Office, opened: Opener) -> None:
    page = at_the_moment(opened(PHONE))
    shown(page, states.link("expired"), "expired")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#result h1")).to_have_text("Expired")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title(re.compile("^Expired"))
    shown(page, states.link("valid"), "valid")
    expect(page.locator("#result h1")).to_have_text("Valid")
    page.goto(f"{states.origin}/v")
    expect(page.get_by_role("heading", level=1)).to_have_text("Verify a special credit report")
    assert chinese_left(page) == []
    shown(page, states.link("revoked"), "revoked")
    assert chinese_left(page) == []


def chinese_left(page: Page) -> list[str]:
    """Chinese words that are not marked as Chinese; names of people and offices are not the page's words."""
    return page.evaluate(
        """() => {
          const left = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const { data, parentElement } = walker.currentNode;
            const words = data.replaceAll("云汀示例禾苗环保科技有限公司", "").replaceAll("云汀市信用办（示例）", "");
            const marked = parentElement.closest("[lang]").lang === "zh-CN";
            if (marked || parentElement.closest(".brand-mark, noscript") || !parentElement.checkVisibility()) continue;
            if (/[\\u4e00-\\u9fff]/.test(words)) left.push(words.trim());
          }
          return left;
        }"""
    )


def test_words_of_the_templates_are_the_words_of_the_program(states: Office, opened: Opener) -> None:
    page = opened(DESKTOP, java_script_enabled=False)
    page.goto(f"{states.origin}/v")
    served = {each.get_attribute("data-t"): each.text_content() for each in page.locator("[data-t]").all()}
    page = opened(DESKTOP)
    page.goto(f"{states.origin}/v")
    expect(page.get_by_role("button", name="English")).to_be_visible()
    translated = {each.get_attribute("data-t"): each.text_content() for each in page.locator("[data-t]").all()}
    assert len(served) > 20
    assert {key: translated[key] for key in served} == served
