"""Saved web pages (html, htm, mht): the text a reader came for, without the site around it.

| module | what it knows |
|---|---|
| tree | bytes → elements; what is never shown |
| lines | elements → lines as a browser breaks them, lists numbered |
| tables | data tables → rows, merged cells filled |
| notes | footnotes by their links to and fro |
| main_text | which lines are the text, which the site |
| archive | the page inside an mht file |

Rules: nothing is ever fetched; a line is dropped only for a reason (docs/decisions/0072): a kept menu is a nuisance, a
dropped article a lie.
"""

from pathlib import Path

from index.policies.readers.html.archive import page_of
from index.policies.readers.html.lines import PageLine, page_lines
from index.policies.readers.html.main_text import main_lines
from index.policies.readers.html.notes import place_notes
from index.policies.readers.html.tree import page_tree
from index.policies.readers.raw import RawText, bounded, unreadable

_COPY = "请在浏览器里打开网页，把正文复制到 Word 或记事本，另存后再添加。"


def read_web_page(path: Path, content: bytes) -> RawText:
    """Main text and headings of a page; raises UnreadablePolicy when it holds none or is hostile."""
    tree = page_tree(path, content)
    place_notes(tree)
    lines = main_lines(tree, page_lines(path, tree))
    text = bounded(path, "\n".join(line.text for line in lines))
    if not any("\u4e00" <= char <= "\u9fff" for char in text):
        raise unreadable(path, "网页里没有中文正文（可能由脚本载入）", _COPY, "POLICY_EMPTY")
    return RawText(text, _headings(lines))


def read_web_archive(path: Path, content: bytes) -> RawText:
    """The page saved in one file with its pictures (mht)."""
    page = page_of(content)
    if page is None:
        raise unreadable(path, "网页存档里没有找到正文", _COPY, "POLICY_BROKEN")
    return read_web_page(path, page)


def _headings(lines: list[PageLine]) -> tuple[tuple[str, int], ...]:
    """A single h1 is the title, level 0; otherwise h1 is the first level."""
    only_one = sum(line.level == 1 for line in lines) == 1
    return tuple((line.text, line.level - only_one) for line in lines if line.level is not None)
