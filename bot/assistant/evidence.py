"""The units an answer can be quoted from: sentences, responsibility notes, list leads with their items, table rows.

Rules:

* A sentence ends at 。！？ or the end of its line; it is quoted whole, from after its article number (第九条).
* A note in brackets that names units （责任单位：…） is a unit of its own; what stands before it is its subject.
* A sentence that announces items (ends with ：) travels with the items below it; an item alone is no unit.
* A sentence that goes on from the one before (但是…) travels with it.
* Where a unit stands belongs to it: ``near`` is its own heading and column names, ``far`` the title, place, dates.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.policies.model import Document, Passage, PassageKind
from index.policies.responsibility import note_spans
from index.search.analyzer import fold

ARTICLE = re.compile(r"(?P<number>第[一二三四五六七八九十百千零〇0-9]+条(?:之[一二三四五六七八九十]+)?)\s+")
_SENTENCE_END = re.compile(r"[。！？!?]+[”’」』）)]*|\n")
_ITEM = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十0-9]+[）)、.．]|[一二三四五六七八九十]+是|——|[①-⑳])")
_BRACKETED = re.compile(r"\s*[（(][一二三四五六七八九十0-9]+[）)]")
_GOES_ON = re.compile(r"但是?，?|其中，?|上述|前款|下列")
"""A sentence that begins like this is quoted with the sentence before it: it has no subject or no rule of its own."""
_FINAL = re.compile(r"本[一-鿿]{1,4}(?:自|于|从)[^，。]{4,20}(?:起|施行|实施)|有效期[至为到]")
"""A final clause speaks of its own document only, never of what the sentence beside it names (a text it repeals)."""
_NUMBERED = re.compile(r"(?<![一-鿿])[一二三四五六七八九十]是")
_ARTICLE_NUMBER = re.compile(r"第[一二三四五六七八九十百千零〇0-9]+条(?:之[一二三四五六七八九十]+)?")
MAX_ITEMS = 40
MAX_MATTER = 2_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quotable unit. Its texts are folded; ``start``/``end`` are offsets into the document's source."""

    document: Document
    passage: Passage
    start: int
    end: int
    text: str
    near: str
    far: str
    around: str
    note: bool = False

    @property
    def row(self) -> bool:
        return self.passage.kind is PassageKind.TABLE_ROW

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end

    @property
    def heading(self) -> tuple[str, ...]:
        return headings(self.document, self.passage)


def headings(document: Document, passage: Passage) -> tuple[str, ...]:
    """The heading path without the document's title."""
    return tuple(part for part in passage.heading if part != document.title)


def units_of(document: Document, passage: Passage) -> list[Evidence]:
    """The units of one passage, in order. A title or heading alone is no evidence: it says nothing about its matter."""
    if passage.kind in (PassageKind.TITLE, PassageKind.HEADING, PassageKind.TABLE_HEADER):
        return []
    path = headings(document, passage)
    nearest = (part.replace(document.title, "") for part in path[-1:])
    near = fold(" ".join((*nearest, *(name for name, _ in passage.columns))))
    far = fold(" ".join((document.title, *path[:-1], *_origin(document))))
    whole = fold(document.source[slice(*_matter(document, passage))])
    if passage.kind is PassageKind.TABLE_ROW:
        start, end = trimmed(document.source, passage.start, passage.end)
        return [Evidence(document, passage, start, end, fold(document.source[start:end]), near, far, "")]
    units: list[Evidence] = []
    if span := _enumeration(document.source, passage.start, passage.end):
        units.append(Evidence(document, passage, *span, fold(document.source[slice(*span)]), near, far, whole))
    subject = passage.start
    if _is_item(document, passage):
        return []
    before: int | None = None
    for start, end, note in _spans(document.source, passage.start, passage.end):
        if before is not None and _GOES_ON.match(document.source, start):
            start = before
        before = None if note else start
        start = _after_number(document, passage, start, end)
        end = _with_items(document, passage, end)
        around = fold(document.source[subject:start]) if note else whole
        if _FINAL.match(document.source, start, end):
            around = ""
        units.append(Evidence(document, passage, start, end, fold(document.source[start:end]), near, far, around, note))
        subject = end if note else subject
    return units


def lead_of(document: Document, passage: Passage) -> Passage:
    """The passage that announces the items ``passage`` is one of; itself when it is none."""
    if not _is_item(document, passage):
        return passage
    earlier = reversed(document.passages[max(0, passage.number - MAX_ITEMS) : passage.number])
    return next(one for one in earlier if not _BRACKETED.match(document.source, one.start))


def _matter(document: Document, passage: Passage) -> tuple[int, int]:
    """The span that is about one matter: the whole article, however many paragraphs it has; else the passage."""
    start, end = passage.start, passage.end
    if not passage.heading or not _ARTICLE_NUMBER.fullmatch(passage.heading[-1]):
        return start, end
    for step in (-1, 1):
        place = passage.number + step
        while 0 <= place < len(document.passages) and document.passages[place].heading == passage.heading:
            if end - start > MAX_MATTER:
                break
            start, end = min(start, document.passages[place].start), max(end, document.passages[place].end)
            place += step
    return start, end


def _after_number(document: Document, passage: Passage, start: int, end: int) -> int:
    """Where the words of an article begin: its number is its heading and need not be quoted again."""
    number = ARTICLE.match(document.source, start, end)
    own = number is not None and passage.heading[-1:] == (number.group("number"),)
    return number.end() if number is not None and own and number.end() < end else start


def _is_item(document: Document, passage: Passage) -> bool:
    """An item below a sentence that announces items says nothing without it: it is read with that sentence."""
    if not _BRACKETED.match(document.source, passage.start):
        return False
    for earlier in reversed(document.passages[max(0, passage.number - MAX_ITEMS) : passage.number]):
        text = document.source[earlier.start : earlier.end].rstrip()
        if earlier.kind is not PassageKind.PARAGRAPH or earlier.heading != passage.heading:
            return False
        if text.endswith(("：", ":")):
            return True
        if not _BRACKETED.match(text):
            return False
    return False


def _enumeration(source: str, start: int, end: int) -> tuple[int, int] | None:
    """The span of 一是…。二是…。三是…。 when it runs over several sentences, with the words that announce it."""
    marks = list(_NUMBERED.finditer(source, start, end))
    if len(marks) < 2 or "。" not in source[marks[0].start() : marks[-1].start()]:
        return None
    left = max(source.rfind("。", start, marks[0].start()) + 1, start)
    return trimmed(source, left, end)


def _origin(document: Document) -> list[str]:
    """Place, issuing body, provenance and years: what a question may name a document by besides its title."""
    years = [f"{day.year}年" for day in (document.issued_on, document.validity.effective_from) if day]
    return [part for part in (document.place, document.issuing_body, document.provenance, *years) if part]


def _spans(source: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Sentence and note spans of one passage, blanks trimmed."""
    place = start
    for opening, close in note_spans(source, start, end):
        if opening < place:
            continue
        yield from ((left, right, False) for left, right in _sentences(source, place, opening))
        yield opening, close, True
        place = close
    yield from ((left, right, False) for left, right in _sentences(source, place, end))


def _sentences(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    place = start
    for stop in _SENTENCE_END.finditer(source, start, end):
        left, right = trimmed(source, place, stop.end())
        if right - left > 1:
            yield left, right
        place = stop.end()
    left, right = trimmed(source, place, end)
    if right - left > 1:
        yield left, right


def trimmed(source: str, start: int, end: int) -> tuple[int, int]:
    """The span without the blanks at its ends."""
    while start < end and source[start].isspace():
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    return start, end


def _with_items(document: Document, passage: Passage, end: int) -> int:
    """The end of the items that follow a sentence ending with a colon; ``end`` itself when there are none."""
    if document.source[end - 1] not in "：:":
        return end
    for following in document.passages[passage.number + 1 : passage.number + 1 + MAX_ITEMS]:
        text = document.source[following.start : following.end]
        if following.kind is not PassageKind.PARAGRAPH or not _ITEM.match(text):
            break
        end = trimmed(document.source, following.start, following.end)[1]
    return end
