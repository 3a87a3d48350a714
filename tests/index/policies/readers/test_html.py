"""Saved web pages: the text is found, the site dropped, nothing of the text lost."""

from pathlib import Path

import pytest

from index.policies.readers.html import read_web_page
from tests.index.policies.readers.pages import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_gives_its_text_line_by_line_and_none_of_its_site(name: str) -> None:
    page = PAGES[name]
    raw = read_web_page(Path("页.html"), page.html.encode())
    lines = [line.strip("\u00a0") for line in raw.text.split("\n")]
    assert lines == list(page.lines)
    assert [word for word in page.chrome if word in raw.text] == []
