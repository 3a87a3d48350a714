"""One article, item or annex of a document, whole, by its name: 第九条, 第9条, （二）适用范围, 第三章.

* An article is named by its number in any way of writing it; everything else by the beginning of its heading.
* The span reaches from the first to the last of its passages, without the blanks at its ends; nothing is left out.
"""

import re

from bot.assistant.evidence import trimmed
from index.policies.markers import number_of
from index.policies.model import Document, Passage
from index.search.analyzer import fold_query

NAME_MAX = 60
_ARTICLE = re.compile(r"第?([一二三四五六七八九十百千零〇0-9]+)条?")
_OF_A_HEADING = re.compile(r"第([一二三四五六七八九十百千零〇0-9]+)条")
Clause = tuple[tuple[str, ...], tuple[int, int]]
"""The heading path down to the clause, and its span."""


def clause(document: Document, name: str) -> Clause | None:
    """None when the document has no such clause."""
    wanted = fold_query(name).strip()
    number = _ARTICLE.fullmatch(wanted)
    for depth, passage in _headed(document):
        part = passage.heading[depth]
        if (number and _is_article(part, number_of(number[1]))) or (wanted and fold_query(part).startswith(wanted)):
            return _whole(document, passage, depth)
    return None


def names(document: Document) -> tuple[str, ...]:
    """What it has, in order."""
    return tuple(dict.fromkeys(passage.heading[depth] for depth, passage in _headed(document)))


def _headed(document: Document) -> list[tuple[int, Passage]]:
    return [
        (depth, passage)
        for passage in document.passages
        for depth, part in enumerate(passage.heading)
        if part != document.title
    ]


def _is_article(part: str, number: int | None) -> bool:
    found = _OF_A_HEADING.match(part)
    return number is not None and found is not None and number_of(found[1]) == number


def _whole(document: Document, first: Passage, depth: int) -> Clause:
    path = first.heading[: depth + 1]
    passages = [passage for passage in document.passages if passage.heading[: depth + 1] == path]
    span = trimmed(document.source, passages[0].start, passages[-1].end)
    return tuple(part for part in path if part != document.title), span
