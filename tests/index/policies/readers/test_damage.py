"""Damaged anywhere, a file is read or named; no other error comes out of a reader."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import UnreadablePolicy
from index.policies.readers.docx import read_docx
from index.policies.readers.html import read_web_archive, read_web_page
from index.policies.readers.kinds import kind_of
from index.policies.readers.markdown import read_markdown
from index.policies.readers.pdf import read_pdf
from index.policies.readers.raw import RawText
from tests.bad_input import GOOD
from tests.index.policies.readers import sample
from tests.index.policies.readers.pdf_files import Sheet, block, printed
from tests.index.policies.readers.word_files import rezipped

Reader = Callable[[Path, bytes], RawText]
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), st.binary(max_size=20)), min_size=1, max_size=5)
PRINTED = printed(Sheet(block("第一条茶园应当整洁，不得荒废，违反的由云岭市茶业局责令改正。", top=700)))


def damaged(content: bytes, places: list[tuple[float, int, bytes]]) -> bytes:
    """Some bytes cut out and others put in, at places given as shares of the whole."""
    for share, cut, new in places:
        at = int(share * len(content))
        content = content[:at] + new + content[at + cut :]
    return content


@pytest.mark.parametrize(
    ("reader", "content"),
    [
        (read_docx, GOOD),
        (read_web_page, sample.as_page().encode()),
        (read_web_archive, sample.as_archive()),
        (read_markdown, sample.as_markdown().encode()),
        (read_pdf, PRINTED),
    ],
    ids=["docx", "html", "mht", "md", "pdf"],
)
@given(places=DAMAGE)
@settings(max_examples=40)
def test_a_damaged_file_is_read_or_named(
    reader: Reader, content: bytes, places: list[tuple[float, int, bytes]]
) -> None:
    broken = damaged(content, places)
    assert kind_of(broken)
    with suppress(UnreadablePolicy):
        assert reader(Path("甲"), broken).text


@given(places=DAMAGE, part=st.sampled_from(["document", "numbering", "styles", "footnotes"]))
@settings(max_examples=60)
def test_a_word_file_with_a_damaged_part_is_read_or_named(places: list[tuple[float, int, bytes]], part: str) -> None:
    whole = sample.as_word_parts()[f"word/{part}.xml"]
    with suppress(UnreadablePolicy):
        content = rezipped(sample.as_word(), {f"word/{part}.xml": damaged(whole, places)})
        assert read_docx(Path("甲.docx"), content).text
