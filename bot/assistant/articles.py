"""Questions for an article by its number: 第十四条怎么说. The whole article is quoted, from after its number.

Rules:

* Nothing else may be asked for: with any other content the article is only the place of an ordinary question.
* When several documents have such an article and none is named, each is quoted under its own title.
* 第14条 is 第十四条; an article no document has is no answer.
"""

import re
from collections.abc import Sequence

from bot.assistant.evidence import ARTICLE, trimmed
from bot.assistant.lexicon import Kind
from bot.assistant.question import Question
from bot.assistant.standing import in_title, own_words
from index.policies.markers import number_of
from index.policies.model import Document, Passage, PassageKind

_ASKED = re.compile(r"第([一二三四五六七八九十百千零〇0-9]+)条")
_KINDS = (Kind.STATEMENT, Kind.WHAT, Kind.LIST, Kind.DEFINITION, Kind.HOW)
MAX_DOCUMENTS = 3
Quoted = tuple[Document, Passage, tuple[int, int]]


def articles(question: Question, documents: Sequence[Document]) -> tuple[Quoted, ...]:
    """The articles asked for: document, first passage, span of the whole; empty when something else is asked."""
    numbers = [number_of(digits) for digits in _ASKED.findall(question.folded)]
    if len(numbers) != 1 or any(ask.kind not in _KINDS for ask in question.asks):
        return ()
    content = [piece for ask in question.asks for piece in ask.content if not _ASKED.fullmatch(piece.text)]
    named = [document for document in documents if all(in_title(piece, own_words(document)) for piece in content)]
    found = [quoted for document in named if (quoted := _article(document, numbers[0]))]
    return tuple(found) if len(found) <= MAX_DOCUMENTS else ()


def _article(document: Document, number: int) -> Quoted | None:
    passages = [passage for passage in document.passages if _is(passage, number)]
    if not passages:
        return None
    start, end = trimmed(document.source, passages[0].start, passages[-1].end)
    mark = ARTICLE.match(document.source, start, end)
    return document, passages[0], (mark.end() if mark else start, end)


def _is(passage: Passage, number: int) -> bool:
    if passage.kind is not PassageKind.PARAGRAPH:
        return False
    return any((match := _ASKED.match(part)) and number_of(match.group(1)) == number for part in passage.heading)
