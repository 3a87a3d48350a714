"""Questions about a document itself: is it in force, since when, until when, what does it repeal.

Rules:

* The document must be named: by its title, or by words its title (with place and year) covers.
* The dates come from the document's own final clause, which is quoted; the state from the library for the day asked.
* A text that gives no end date is not given one.
* A text known only from the clause that repeals it is answered from that clause.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.assistant.evidence import units_of
from bot.assistant.lexicon import Kind
from bot.assistant.pieces import Piece
from bot.assistant.question import Question
from index.policies.model import Document, Passage
from index.search.analyzer import fold

_STANDING = re.compile(
    r"过期|失效|到期|届满|作废|(?:还|仍然?|是否|现在|目前|继续)有?效|有效(?:吗|么|不|性)|现行|(?:还|仍|现在|目前)(?:能|可以?|管|有|好)(?:不能|以)?(?:用|使)|有效期|施行|生效|终止|作数|算数|管用|最后一天|照着?(?:用|办|执行)|用得[了上]"
    r"|(?:什么时候|何时|哪天|哪一天)(?:起|开始)?(?:实施|执行|截止)|废止了?(?:没有|没|吗|么)"
)
_REPEAL = re.compile(
    r"(?:替换|废止|废了|废掉|取代|废除|替代|作废).{0,12}(?:哪|什么|谁|啥)|(?:哪|什么|啥).{0,14}(?:替换|废止|废了|废掉|取代|废除|替代|作废)"
)
_FINAL = re.compile(r"自.{0,24}(?:施行|实施|执行|生效)|有效期(?:至|为|到|限)|施行之?日")
_REPEALS = re.compile(r"(?:同时)?(?:予以)?废止")
_TITLES = re.compile(r"《([^《》]+)》")
_ENDS = r"过期|失效|到期|作废|(?:有|无)效|管用|作数|算数|废止"
MIN_TITLE = 5
_ANY_DOCUMENT = frozenset({"文件", "政策", "制度", "标准"})
_NOT_TITLE = re.compile(
    r"过期|失效|到期|有效期?|作废|废止?|废了|替换掉?|取代|施行|生效|实施|开始|截止|老|旧|新|文号|名字|名称|哪天|执行|继续|终止|届满|能用|还能|管用|有用|好使|作数|算数|最后一天|照着?用"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """The document asked about and the spans that say it: (passage, start, end)."""

    document: Document
    spans: tuple[tuple[Passage, int, int], ...]
    quotes_only: bool
    """The quote answers by itself (what is repealed, what a text rests on); nothing is said about today."""
    asks_end: bool


def asks_standing(question: Question) -> bool:
    return bool(_STANDING.search(question.folded) or _REPEAL.search(question.folded))


def standing(question: Question, documents: Sequence[Document], nouns: Sequence[str]) -> Standing | None:
    """The document whose standing is asked and the clause that gives it; None when something else is asked."""
    if any(ask.kind is Kind.WHY for ask in question.asks):
        return None
    if not asks_standing(question) or _inside(question.folded, nouns):
        return None
    document = named_document(question, documents, nouns)
    if document is None:
        return _repealed_elsewhere(question, documents)
    repeal = bool(_REPEAL.search(question.folded))
    pattern = _REPEALS if repeal else _FINAL
    spans = tuple(
        (unit.passage, unit.start, unit.end)
        for passage in document.passages
        if len(document.source[passage.start : passage.end]) < 400
        for unit in units_of(document, passage)
        if pattern.search(unit.text) and not unit.row and _own(unit.text)
    )
    asks_end = bool(re.search(r"到期|失效|过期|截止|届满|作废|终止|有效期|有效", question.folded))
    return Standing(document, spans[-2:], repeal, asks_end)


def of_unknown(question: Question, nouns: Sequence[str]) -> bool:
    """Whether the standing of a document is asked (…办法过期了吗): if ``standing`` finds none, the library lacks it."""
    names = "|".join(sorted((noun for noun in nouns if noun not in _ANY_DOCUMENT), key=len, reverse=True))
    asked = re.search(rf"(?:{names})》?(?:现在|目前|今天|如今|还|是不是|是否|已经?)*(?:{_ENDS})", question.folded)
    return bool(asked)


def _repealed_elsewhere(question: Question, documents: Sequence[Document]) -> Standing | None:
    """A text that is not in the library, but is repealed by one that is: the clause that says so."""
    for document in documents:
        spans = tuple(
            (unit.passage, unit.start, unit.end)
            for passage in document.passages
            for unit in units_of(document, passage)
            if not unit.row and _REPEALS.search(unit.text) and _repeals(question, unit.text)
        )
        if spans:
            return Standing(document, spans[-1:], quotes_only=True, asks_end=True)
    return None


def _repeals(question: Question, clause: str) -> bool:
    """Whether a repealing clause names the text asked about: by its number, or by its title with or without 《》."""
    if any(name in clause for name in (*question.titles, *question.numbers)):
        return True
    names = (re.sub(r"^[一-鿿]{2,3}[省市县区]|\((?:试行|暂行)\)$", "", name) for name in _TITLES.findall(clause))
    return any(len(name) >= MIN_TITLE and name in question.folded for name in names)


def _inside(folded: str, nouns: Sequence[str]) -> bool:
    """方案里…, 办法规定的…: the question is about a clause, not about the document."""
    names = "|".join(noun for noun in nouns if len(noun) > 1)
    return bool(re.search(rf"(?:{names})(?:里|中|内|规定|明确|要求|提到|说的)", folded))


def _own(text: str) -> bool:
    """A final clause speaks of this text itself."""
    return bool(re.search(r"本[一-鿿]{1,6}(?:自|于|从|有效期|试行期|由)|^有效期|废止", text))


def named_document(question: Question, documents: Sequence[Document], nouns: Sequence[str]) -> Document | None:
    """The one document the question names, or None."""
    for title in question.titles:
        exact = [document for document in documents if _same_title(title, document.title)]
        if exact:
            return min(exact, key=lambda document: len(document.title))
        return None
    numbered = [d for d in documents if d.document_number and fold(d.document_number) in question.numbers]
    if numbered:
        return numbered[0]
    if question.numbers:
        return None
    short = [document for document in documents if _short_title(document) in question.folded]
    if short:
        return max(short, key=lambda document: len(_short_title(document)))
    if not any(noun in question.folded for noun in nouns if len(noun) > 1):
        return None
    pieces = [piece for piece in title_pieces(question) if piece.text not in nouns]
    fitting = [document for document in documents if _covers(document, pieces, question.places)]
    fitting = [document for document in fitting if noun_fits(document, question.folded, nouns)]
    if not fitting:
        return None
    best = min(fitting, key=lambda document: len(document.title))
    content = [piece for piece in pieces if piece.content]
    rivals = [d for d in fitting if d is not best and best.title not in d.title]
    return best if content or question.places or not rivals else None


def _short_title(document: Document) -> str:
    """The title as people say it: without the name of the state and without 试行."""
    return re.sub(r"^中华人民共和国|\((?:试行|暂行)\)", "", fold(document.title))


def title_pieces(question: Question) -> list[Piece]:
    pieces = {piece.text: piece for ask in question.asks for piece in ask.pieces}
    return [piece for piece in pieces.values() if not _NOT_TITLE.search(piece.text)]


def _same_title(asked: str, title: str) -> bool:
    left, right = (re.sub(r"[《》()\s]|试行", "", fold(text)) for text in (asked, title))
    return left == right or (len(left) >= 6 and left in right)


def _covers(document: Document, pieces: Sequence[Piece], places: Sequence[str]) -> bool:
    text = own_words(document)
    if any(place not in text for place in places):
        return False
    required = [piece for piece in pieces if piece.content]
    return all(in_title(piece, text) for piece in required)


def own_words(document: Document) -> str:
    """What a question may name the document by."""
    year = " ".join(f"{day.year}年" for day in (document.issued_on, document.validity.effective_from) if day)
    number = document.document_number or ""
    return fold(f"{document.title} {document.place or ''} {document.issuing_body or ''} {year} {number}")


def in_title(piece: Piece, text: str) -> bool:
    if any(form in text for form in piece.forms):
        return True
    pairs = [piece.text[i : i + 2] for i in range(len(piece.text) - 1)]
    return len(pairs) >= 3 and sum(pair in text for pair in pairs) / len(pairs) >= 0.7


def noun_fits(document: Document, folded: str, nouns: Sequence[str]) -> bool:
    """办法 asked, 办法 in the title; 文件 and 政策 fit every document."""
    asked = [
        noun for noun in nouns if len(noun) > 1 and noun in folded and noun not in ("文件", "政策", "制度", "标准")
    ]
    return not asked or any(noun in document.title for noun in asked)
