"""Headers and footers: kept once, after the body, if they say something the body does not say.

Rules: a page number says nothing, nor does a line the body has (a running title); the line is marked 页眉： or 页脚：,
so that it is never taken for a sentence of the text (docs/decisions/0070).
"""

import re
from collections.abc import Iterator

from index.policies.readers.docx.story import Line, Story

_LABELS = {"header": "页眉", "footer": "页脚"}
_PAGE_WORDS = re.compile(r"[第共页頁次总計计/\s\d\-—–―·•.．|｜~～_]|page|of", re.IGNORECASE)


def margin_lines(kind: str, story: Story, said: list[str]) -> Iterator[Line]:
    """The lines of one header or footer that say something new; ``said`` are the lines so far and grows."""
    known = frozenset(_squeezed(line) for line in said)
    for line, _ in story.lines():
        words = _squeezed(line)
        marked = f"{_LABELS[kind]}：{line.strip()}"
        if _PAGE_WORDS.sub("", line) and words not in known and _squeezed(marked) not in known:
            said.append(marked)
            yield marked, None


def _squeezed(line: str) -> str:
    return "".join(line.split())
