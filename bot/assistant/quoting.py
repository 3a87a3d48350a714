"""Quoting: which words of a passage answer, and the sentence that carries them. Nothing but exact spans is quoted.

* A short passage is quoted whole: a rule and its exception stay together. Of a long one the unit that answers best is
  quoted, for each thing asked, with the neighbours that ``matching`` calls one rule.
* A table row is told by its cells; the citation is the whole row.
* A day that can be counted from the quote is counted beside it (``counting``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.assistant import wording
from bot.assistant.annexes import Disagreement
from bot.assistant.counting import counted, relative_year
from bot.assistant.evidence import Evidence, headings, trimmed
from bot.assistant.headed import Headed
from bot.assistant.lexicon import Kind, Lexicon
from bot.assistant.matching import Match, Matcher
from bot.assistant.question import Ask, Question
from bot.assistant.tables import RowSet, answering_cells, row_number, row_sentence
from bot.assistant.weighing import Weighed
from index.policies.model import Document, Passage

WHOLE_CHARACTERS = 180
"""A passage up to this length is quoted whole."""
Span = tuple[int, int]
Quoted = tuple[Document, Passage, Span]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that answers: the words quoted, their spans, and what is counted from them."""

    words: str
    citations: tuple[Quoted, ...]
    counted: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    place: Quoted | None = None
    """Where the words stand, where that is not the place of the first citation."""
    told: bool = False
    """The words are a sentence of their own, without the name of the text before them."""


def passage_part(weighed: Weighed, question: Question, matcher: Matcher, lexicon: Lexicon, as_of: date) -> Part:
    """What the passage says to the asks of ``question``."""
    first = weighed.candidate.units[0]
    if first.row:
        return Part(row_words(question.asks, first.passage), ((first.document, first.passage, first.span),))
    best = [_best(weighed.matches, ask, lexicon) for ask in question.asks]
    spans = _spans(weighed, question.asks, best, matcher)
    source = first.document.source
    words = "……".join(wording.quoted(source[slice(*span)]) for span in spans)
    days = (_counted(ask, unit, question, as_of) for ask, unit in zip(question.asks, best, strict=True))
    citations = tuple((first.document, first.passage, span) for span in spans)
    return Part(words, citations, tuple(day for day in days if day))


def rows_part(rows: RowSet) -> Part:
    """The rows of a table that belong to a value, told in one sentence."""
    first = rows.rows[0]
    column = first.columns[rows.wanted][0]
    where = " ".join(headings(rows.document, first)[:1])
    number = f"（{rows.document.document_number}）" if rows.document.document_number else ""
    count, cells = len(rows.rows), "；".join(rows.cells)
    words = f"根据《{rows.document.title}》{number}{where}，“{rows.value}”对应的{column}共{count}项：{cells}。"
    return Part(
        words,
        tuple((rows.document, row, trimmed(rows.document.source, row.start, row.end)) for row in rows.rows),
        told=True,
    )


def headed_part(items: Headed) -> Part:
    """The headings that are the list counted, each once, in their order."""
    document, first, span = items.spans[0]
    words = "".join(wording.quoted(document.source[start:end]) for _, _, (start, end) in items.spans)
    return Part(words, items.spans, place=(document, replace(first, heading=items.heading), span))


def disagreement_part(one: Disagreement) -> Part:
    """The sentence and the table that list the same matter differently, both shown."""
    quotes = "".join(wording.quoted(one.document.source[start:end]) for _, _, (start, end) in one.citations)
    return Part(f"同一份文件的正文和附表：{quotes}", one.citations, notices=(one.notice,), told=True)


def row_words(asks: Sequence[Ask], row: Passage) -> str:
    """The cells of a row that answer, after its number and topic; the whole row where none does in particular."""
    cells = tuple(dict.fromkeys(cell for ask in asks for cell in answering_cells(ask.kind, row)))
    if len(cells) >= len(row.columns):
        return f"{row_number(row)} {row_sentence(row)}".strip()
    topic = next((cell for name, cell in row.columns if name != "序号"), "")
    return f"{row_number(row)}（{topic.split('。')[0]}）" + "；".join(f"{name} {cell}" for name, cell in cells)


def _best(matches: Sequence[tuple[Ask, Match]], ask: Ask, lexicon: Lexicon) -> Evidence:
    """The unit that answers ``ask`` best: one that passes, else one of the right kind, else the fullest."""
    rule = lexicon.rule(ask.kind)
    own = [match for asked, match in matches if asked is ask]
    return max(own, key=lambda m: (m.verdict, rule is None or rule.answered_by(m.evidence.text), m.score)).evidence


def _spans(weighed: Weighed, asks: Sequence[Ask], best: Sequence[Evidence], matcher: Matcher) -> list[Span]:
    units = weighed.candidate.units
    whole = min(unit.start for unit in units), max(unit.end for unit in units)
    if whole[1] - whole[0] <= WHOLE_CHARACTERS:
        return [whole]
    spans = sorted({matcher.whole_rule(ask, unit, units) for ask, unit in zip(asks, best, strict=True)})
    return _joined(spans)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans that touch or overlap made one."""
    joined = [spans[0]]
    for start, end in spans[1:]:
        if start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _counted(ask: Ask, unit: Evidence, question: Question, as_of: date) -> str:
    if ask.kind not in (Kind.WHEN, Kind.HOW_LONG):
        return ""
    result = relative_year(question.folded, unit.text, unit.document.issued_on) or counted(
        question.folded, unit.text, question.count_from, as_of
    )
    return result.sentence if result else ""
