"""Questions about what a document rests on: 根据哪些文件制定. Answered from its opening sentence.

Rules:

* The document must be named: its title, place or issuer, or the sentence itself, cover what the question names.
* Of several that fit, the original goes before a reading of it; two originals that fit alike are no answer.
"""

import re
from collections.abc import Sequence

from bot.assistant.evidence import Evidence, units_of
from bot.assistant.question import Question
from bot.assistant.standing import Standing, in_title, noun_fits, own_words, title_pieces
from index.policies.model import Document, PassageKind

_ASKS = re.compile(
    r"(?:根据|依据|依照|按照)(?:的)?(?:是|了)?[一-鿿]{0,4}?(?:哪|什么|啥|何)|(?:制定|出台|起草|编制)的?(?:依据|根据)"
    r"|依据(?:是|为)?(?:什么|哪|啥)|上位(?:法|文件)"
)
_SAYS = re.compile(r"(?:根据|依据|按照|为[^。]{0,12}(?:贯彻|落实))[^。]*《[^。]*(?:制定|制订|提出|印发|出台)")
_NOT_NAMING = re.compile(r"根据|依据|依照|按照|制定|出台|起草|编制|上位|文件|政策|法规|法律")


def basis(question: Question, documents: Sequence[Document], nouns: Sequence[str]) -> Standing | None:
    """The document whose basis is asked for and the sentence that gives it; None when something else is asked."""
    if not _ASKS.search(question.folded):
        return None
    fitting = [unit for document in documents if (unit := _opening(document)) and _named(question, unit, nouns)]
    if not fitting:
        return None
    best = min(fitting, key=_rank)
    if sum(_rank(unit)[0] == _rank(best)[0] for unit in fitting) > 1:
        return None
    return Standing(best.document, ((best.passage, best.start, best.end),), quotes_only=True, asks_end=False)


def _rank(unit: Evidence) -> tuple[bool, int]:
    return unit.document.provenance is not None, len(unit.document.title)


def _opening(document: Document) -> Evidence | None:
    """The first sentence that says what the document rests on."""
    for passage in document.passages:
        if passage.kind is PassageKind.PARAGRAPH:
            for unit in units_of(document, passage):
                if _SAYS.search(unit.text):
                    return unit
    return None


def _named(question: Question, unit: Evidence, nouns: Sequence[str]) -> bool:
    if question.titles:
        return any(title in unit.document.title for title in question.titles)
    pieces = [piece for piece in title_pieces(question) if piece.content and piece.text not in nouns]
    pieces = [piece for piece in pieces if not _NOT_NAMING.search(piece.text)]
    title = own_words(unit.document)
    covered = all(in_title(piece, title) or any(form in unit.text for form in piece.forms) for piece in pieces)
    in_place = all(place in title for place in question.places)
    return covered and in_place and bool(pieces or question.places) and noun_fits(unit.document, question.folded, nouns)
