"""Saved web pages: the text is found, the site dropped, nothing of the text lost."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadablePolicy
from index.policies.readers.html import read_web_page
from tests.index.policies.readers.pages import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_gives_its_text_line_by_line_and_none_of_its_site(name: str) -> None:
    page = PAGES[name]
    raw = read_web_page(Path("页.html"), page.html.encode())
    lines = [line.strip("\u00a0") for line in raw.text.split("\n")]
    assert lines == list(page.lines)
    assert [word for word in page.chrome if word in raw.text] == []


def lines_of(html: str, encoding: str = "utf-8") -> list[str]:
    return read_web_page(Path("页.html"), html.encode(encoding)).text.split("\n")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "iso-8859-1", "big5"])
def test_the_encoding_is_recognised_whatever_the_page_declares(encoding: str, declared: str) -> None:
    html = f"<html><head><meta charset={declared}></head><body><p>第一条 茶园应当整洁，不得荒废。</p></body></html>"
    assert lines_of(html, encoding) == ["第一条 茶园应当整洁，不得荒废。"]


def test_a_declaration_of_xml_does_not_stop_the_page() -> None:
    html = '<?xml version="1.0" encoding="gb2312"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>茶园应当整洁。</p></body></html>'
    assert lines_of(html) == ["茶园应当整洁。"]


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        (
            '<a class="sdfootnoteanc" name="f1anc" href="#f1sym"><sup>1</sup></a>',
            '<div id="sdfootnote1"><p><a class="sdfootnotesym" name="f1sym" href="#f1anc">1</a>指在册的。</p></div>',
        ),
        (
            '<sup id="fnref:1"><a href="#fn:1">1</a></sup>',
            '<section><ol><li id="fn:1"><p>指在册的。<a href="#fnref:1">↩</a></p></li></ol></section>',
        ),
        (
            '<a href="#_ftn1" name="_ftnref1"><span>[1]</span></a>',
            '<div id=ftn1><p><a href="#_ftnref1" name="_ftn1"><span>[1]</span></a> 指在册的。</p></div>',
        ),
    ],
    ids=["LibreOffice", "Markdown", "Word"],
)
def test_notes_follow_their_paragraph_marked(mark: str, note: str) -> None:
    html = f"<html><body><p>茶园{mark}应当整洁。</p><p>茶具应当干净。</p>{note}</body></html>"
    assert lines_of(html) == ["茶园应当整洁。", "注1：指在册的。", "茶具应当干净。"]


def test_what_is_hidden_leaves_the_list_around_it_as_it_was() -> None:
    hidden = '<ul style="display: none"><li>看不见的一条。</li></ul>'
    html = f"<body><ol><li>先登记茶园；{hidden}</li><li>再检查茶园；</li></ol><h2>标题{hidden}二</h2></body>"
    assert lines_of(html) == ["1.先登记茶园；", "2.再检查茶园；", "标题二"]


def test_links_inside_the_page_are_no_notes() -> None:
    html = '<body><p><a href="#a">1</a>见下文，茶园应当整洁。</p><p id="a">第一条 茶具应当干净。</p></body>'
    assert lines_of(html) == ["1见下文，茶园应当整洁。", "第一条 茶具应当干净。"]


def test_a_page_that_a_script_would_fill_is_named() -> None:
    with pytest.raises(UnreadablePolicy, match="由脚本载入"):
        lines_of("<html><body><div id=app></div><script>load('茶园')</script></body></html>")


def test_a_page_nested_without_end_is_refused_not_cut_off() -> None:
    with pytest.raises(UnreadablePolicy, match="层级过深"):
        lines_of(f"<html><body>{'<div>' * 5000}茶园应当整洁。")


def test_a_thousand_unclosed_tags_lose_nothing() -> None:
    html = "<html><body>" + "".join(f"<font><p>第{number}段，茶园应当整洁。" for number in range(900))
    assert lines_of(html) == [f"第{number}段，茶园应当整洁。" for number in range(900)]


SENTENCES = st.lists(
    st.text("茶园应当整洁不得荒废", min_size=4, max_size=40).map(lambda text: f"{text}。"), min_size=1, max_size=8
)


@given(
    SENTENCES,
    st.sampled_from(["div", "section", "td", "li", "article"]),
    st.sampled_from(["x", "top", "content", "foot"]),
)
def test_no_sentence_outside_named_chrome_is_ever_lost(sentences: list[str], tag: str, name: str) -> None:
    """Whatever the blocks are called and however the menus stand among them."""
    menu = '<ul><li><a href="/">首页</a></li><li><a href="/a">政务公开</a></li></ul>'
    blocks = "".join(f'<{tag} class="{name}"><p>{text}</p></{tag}>{menu}' for text in sentences)
    lines = lines_of(f"<html><body>{menu}{blocks}</body></html>")
    assert [line.partition(".")[2] or line for line in lines if line.endswith("。")] == sentences


def test_who_holds_a_fair_and_where_is_text_between_sentences_and_chrome_below_them() -> None:
    facts = ["主办单位：云岭市茶业局", "地址：云岭市长街1号，电话：12345"]
    lines = ["第一条 茶会每年举行一次。", *facts, "第二条 茶会应当公开。"]
    page = "".join(f"<p>{line}</p>" for line in [*lines, "相关解读", *facts])
    assert lines_of(f"<html><body><div>{page}</div></body></html>") == lines


@pytest.mark.parametrize("control", ["\x01", "\x1f", "&#1;", "&#x1F;", "\ufffe"])
def test_a_control_character_around_a_note_is_left_out(control: str) -> None:
    note = '<p><a id="n1"></a>①茶会：指茶友的聚会。</p>'
    filling = "<p>茶园应当整洁，不得荒废。</p>" * 200
    page = f'<html><body><p>茶会<sup><a href="#n1">①</a></sup>{control}每年举行一次。</p>{note}{filling}</body></html>'
    assert "茶会" in lines_of(page)[0]
    assert not any(ord(each) < 32 or each == "\ufffe" for line in lines_of(page) for each in line)
