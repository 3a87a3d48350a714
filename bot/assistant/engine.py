"""The assistant: understand → retrieve → answer with citations, or refuse.

``ask`` in numbered steps:

1. what was typed is heard (``hearing``): follow-ups made whole, typing errors mended, a day named in it replaces
   ``as_of``; a greeting gets a short line; several ways to read it are tried in turn until one is answered;
2. the question is cut into asks (``question``);
3. documents of other places are put aside; a place no document speaks for is refused;
4. a question about a document's own standing is answered from its final clause and the library's status;
5. each ask is answered by table rows or by the best unit that passes ``matching``; what is lacking is said;
6. the answer is composed of exact quotes; a text not in force puts its notice first.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from bot.assistant import wording
from bot.assistant.annexes import concerned
from bot.assistant.answer import Answer, Citation, Turn
from bot.assistant.articles import Quoted, articles
from bot.assistant.basis import basis
from bot.assistant.comparing import compares, for_each, judges
from bot.assistant.counting import counted, relative_year
from bot.assistant.covering import Text
from bot.assistant.evidence import Evidence, headings
from bot.assistant.headed import Headed, headed, lists
from bot.assistant.hearing import Hearing
from bot.assistant.lexicon import Kind, Lexicon, load_lexicon
from bot.assistant.matching import Match, Matcher, Verdict
from bot.assistant.pieces import Piece
from bot.assistant.question import Ask, Question, understand
from bot.assistant.refusing import closest, matter, refusal
from bot.assistant.retrieval import for_places, of_level, units_for, weigher
from bot.assistant.standing import Standing, standing
from bot.assistant.tables import (
    RowSet,
    answering_cells,
    counts_column,
    reverse_lookup,
    row_number,
    row_sentence,
)
from index.policies.library import Library
from index.policies.model import Document, Passage, State
from index.search.analyzer import MAX_QUERY_CHARACTERS
from index.search.finding import Finder

SAME_PASSAGE, SAME_DOCUMENT, ANSWERS_MORE = 0.25, 0.12, 0.1
STANDING_BONUS = {State.IN_FORCE: 0.08, State.UNSTATED: 0.03}
OF_DOUBTFUL_ORIGIN = 0.06
CLEAR_MARGIN = 0.1
AS_WELL = 0.15
"""A clause of another place that scores so close answers the question as well."""


@dataclass(frozen=True, slots=True)
class Part:
    """One answered ask: its sentence and the spans it quotes."""

    lines: tuple[str, ...]
    citations: tuple[Quoted, ...]
    notices: tuple[str, ...] = ()
    """What must be said beside the quotes: whose rule it is, where body and annex disagree."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An ``Answer`` before the question, the day and the time taken are added."""

    answered: bool
    text: str
    citations: tuple[Citation, ...] = ()
    notices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is fixed while one question is answered."""

    question: Question
    text: str
    as_of: date
    pool: tuple[Document, ...]
    units: tuple[Evidence, ...]
    matcher: Matcher
    state_of: Callable[[str], State]
    """What a document (by id) is on ``as_of``; each is looked up once, however many of its units are judged."""


class Assistant:
    """Answers from ``library`` by way of ``search``; the two must be in line (``index.search.sync``)."""

    def __init__(self, library: Library, search: Finder, *, timer: Callable[[], float] = time.perf_counter) -> None:
        self._library = library
        self._search = search
        self._timer = timer
        self._lexicon: Lexicon = load_lexicon()
        self._hearing = Hearing(library, search, self._lexicon)

    def ask(self, question: str, *, as_of: date, context: Sequence[Turn] = ()) -> Answer:
        """The answer as of a day (Asia/Shanghai); never raises for odd wording."""
        started = self._timer()
        day, reply = self._heard(question, as_of, context)
        if len(question) > MAX_QUERY_CHARACTERS:
            reply = replace(reply, text=f"{reply.text}\n{wording.TOO_LONG}")
        elapsed_ms = (self._timer() - started) * 1000
        return Answer(
            question, day, reply.answered, reply.text, reply.citations, reply.notices, reply.suggestions, elapsed_ms
        )

    def _heard(self, question: str, as_of: date, context: Sequence[Turn]) -> tuple[date, Reply]:
        """The reply, with its day, to the first way to read the question that is answered, else to the likeliest."""
        if not self._library.documents():
            return as_of, _refused(wording.NO_TEXTS)
        heard = self._hearing.hear(question, context, as_of)
        if heard.reply:
            return as_of, _refused(heard.reply)
        replies = []
        for way in heard.ways:
            reply = self._ask(way.text, way.as_of)
            replies.append((way.as_of, replace(reply, notices=tuple(dict.fromkeys((*way.notices, *reply.notices))))))
            if reply.answered:
                return replies[-1]
        day, reply = replies[0]
        return day, replace(reply, suggestions=(*heard.doubts, *reply.suggestions))

    def _ask(self, text: str, as_of: date) -> Reply:
        documents = self._library.documents()
        places = frozenset(document.place for document in documents if document.place)
        frequency = cache(self._search.frequency)
        asked = understand(text, self._lexicon, frequency, places)
        if not any(ask.pieces for ask in asked.asks) and not asked.places:
            return _refused(wording.NOT_UNDERSTOOD)
        pool = of_level(for_places(documents, asked.places), asked.folded)
        if not pool:
            return _refused(wording.no_place(asked.places))
        if judges(asked.folded, asked.places):
            return _refused(wording.JUDGE)
        if compares(asked.folded, asked.places):
            return self._compare(asked, as_of)
        as_of = asked.as_of or as_of
        nouns = self._lexicon.document_nouns
        about = basis(asked, pool, nouns) or standing(asked, pool, nouns)
        if about is not None:
            return self._standing(about, asked, as_of)
        if quoted := articles(asked, pool):
            return self._compose([self._article_part(one, as_of) for one in quoted], as_of, [])
        units = tuple(units_for(asked, self._search, pool))
        known = cache(lambda phrase: any(phrase in unit.text or phrase in unit.near for unit in units))
        passages = sum(len(document.passages) for document in documents)
        text_of = cache(lambda folded: Text(folded, self._lexicon.dictionary))
        matcher = Matcher(self._lexicon, cache(weigher(self._search, passages)), known, text_of)
        state_of = cache(lambda document_id: self._library.status(document_id, as_of).state)
        return self._answer(Inquiry(asked, text, as_of, tuple(pool), units, matcher, state_of))

    def _compare(self, asked: Question, as_of: date) -> Reply:
        """What each place's own texts say, side by side; a place whose texts do not say it is named."""
        replies = [(place, self._ask(text, as_of)) for place, text in for_each(asked.folded, asked.places)]
        answered = [reply for _, reply in replies if reply.answered]
        if not answered:
            return _refused("\n".join((*(f"{place}：{reply.text}" for place, reply in replies), wording.COMPARE)))
        return Reply(
            True,
            "\n".join(f"【{place}】{reply.text}" for place, reply in replies),
            tuple(dict.fromkeys(citation for reply in answered for citation in reply.citations)),
            tuple(dict.fromkeys(notice for reply in answered for notice in reply.notices)),
        )

    def _answer(self, inquiry: Inquiry) -> Reply:
        parts: list[Part] = []
        lacking: list[Ask] = []
        for ask in inquiry.question.asks:
            part = self._part(ask, inquiry, parts)
            if part is not None:
                parts.append(part)
            else:
                lacking.append(ask)
        if not parts:
            return self._refuse(inquiry, lacking[0])
        missing = [wording.partial(matter(ask), self._lacking(ask)) for ask in lacking]
        cited = [citation for part in parts for citation in part.citations]
        for one in concerned(inquiry.question.folded, cited):
            parts.append(Part((), one.citations, (one.notice,)))
        return self._compose(parts, inquiry.as_of, missing)

    def _part(self, ask: Ask, inquiry: Inquiry, earlier: Sequence[Part]) -> Part | None:
        passing = inquiry.matcher.answers(ask, inquiry.units)
        rows = reverse_lookup(ask, _in_force_first(inquiry))
        if rows is not None:
            passing = [match for match in passing if counts_column(ask, match.evidence, rows)]
            if not passing:
                return _rows_part(rows)
        best = self._best(passing, inquiry, earlier) if passing else None
        counted_list = headed(ask, _in_force_first(inquiry))
        if counted_list and not (best and lists(best.evidence.text, len(counted_list.items))):
            return self._headed_part(counted_list, inquiry.as_of)
        if best is None:
            return None
        part = self._unit_part(ask, best.evidence, inquiry)
        return replace(part, notices=self._elsewhere(best, passing, inquiry))

    def _elsewhere(self, best: Match, passing: Sequence[Match], inquiry: Inquiry) -> tuple[str, ...]:
        """Whose rule it is, where none was named and the texts of other places answer as well."""
        own = best.evidence.document.place
        if inquiry.question.places or own is None:
            return ()
        close = [match for match in passing if match.verdict is Verdict.FULLY and match.score >= best.score - AS_WELL]
        others = {match.evidence.document.place for match in close} - {None, own}
        return (wording.elsewhere(own, sorted(place for place in others if place)),) if others else ()

    def _headed_part(self, found: Headed, as_of: date) -> Part:
        document, first, span = found.spans[0]
        place = self._citation((document, replace(first, heading=found.heading), span), as_of)
        quotes = "".join(wording.quoted(document.source[slice(*one)]) for _, _, one in found.spans)
        return Part((f"{wording.lead_in(place)}{quotes}",), found.spans)

    def _best(self, passing: Sequence[Match], inquiry: Inquiry, earlier: Sequence[Part]) -> Match | None:
        """The best match; one that lacks something only where no other passage comes close."""
        ranked = sorted(
            ((match.score + self._preference(match.evidence, inquiry, earlier), match) for match in passing),
            key=lambda scored: -scored[0],
        )
        fully = next((match for _, match in ranked if match.verdict is Verdict.FULLY), None)
        if fully is not None:
            return fully
        score, best = ranked[0]
        others = [other for other, match in ranked if match.evidence.passage is not best.evidence.passage]
        return best if not others or score - others[0] >= CLEAR_MARGIN * (1 + 2 * best.gone) else None

    def _preference(self, unit: Evidence, inquiry: Inquiry, earlier: Sequence[Part]) -> float:
        """A text in force, a unit that answers more of the question, the passage already quoted."""
        bonus = STANDING_BONUS.get(inquiry.state_of(unit.document.id), 0.0)
        bonus -= OF_DOUBTFUL_ORIGIN * (unit.document.provenance is not None)
        if len(inquiry.question.asks) > 1:
            bonus += ANSWERS_MORE * sum(inquiry.matcher.match(ask, unit).passes for ask in inquiry.question.asks)
        quoted = [citation for part in earlier for citation in part.citations]
        if any(document is unit.document and passage is unit.passage for document, passage, _ in quoted):
            return bonus + SAME_PASSAGE
        return bonus + SAME_DOCUMENT * any(document is unit.document for document, _, _ in quoted)

    def _unit_part(self, ask: Ask, unit: Evidence, inquiry: Inquiry) -> Part:
        span = inquiry.matcher.whole_rule(ask, unit, inquiry.units)
        citation = (unit.document, unit.passage, span)
        lead = wording.lead_in(self._citation(citation, inquiry.as_of))
        if unit.row:
            return Part((f"{lead}{_row_words(ask, unit.passage)}",), (citation,))
        lines = [f"{lead}{wording.quoted(unit.document.source[slice(*span)])}"]
        if ask.kind in (Kind.WHEN, Kind.HOW_LONG):
            result = relative_year(inquiry.question.folded, unit.text, unit.document.issued_on) or counted(
                inquiry.question.folded, unit.text, inquiry.question.count_from, inquiry.as_of
            )
            lines.extend([result.sentence] if result else [])
        return Part(tuple(lines), (citation,))

    def _article_part(self, quoted: Quoted, as_of: date) -> Part:
        document, _, span = quoted
        lead = wording.lead_in(self._citation(quoted, as_of))
        return Part((f"{lead}{wording.quoted(document.source[slice(*span)])}",), (quoted,))

    def _standing(self, about: Standing, asked: Question, as_of: date) -> Reply:
        status = self._library.status(about.document.id, as_of)
        if not about.spans or (about.asks_end and not about.quotes_only and status.state is State.UNSTATED):
            lacking = "废止了哪份文件" if about.quotes_only else "施行日期、有效期或失效时间"
            title = about.document.title.strip("《》")
            return _refused(wording.refusal((), lacking, f"《{title}》" if "》" not in title else about.document.title))
        citations = tuple((about.document, passage, (start, end)) for passage, start, end in about.spans)
        lead = wording.lead_in(self._citation(citations[0], as_of))
        quotes = "".join(wording.quoted(about.document.source[start:end]) for _, start, end in about.spans)
        lines = (f"{lead}{quotes}",) if about.quotes_only else (wording.standing_line(status, as_of), f"{lead}{quotes}")
        return self._compose([Part(lines, citations)], as_of, [])

    def _compose(self, parts: Sequence[Part], as_of: date, missing: Sequence[str]) -> Reply:
        spans = dict.fromkeys(citation for part in parts for citation in part.citations)
        citations = tuple(self._citation(citation, as_of) for citation in spans)
        sources = [(document, self._library.status(document.id, as_of)) for document, _, _ in spans]
        told = dict.fromkeys(notice for part in parts for notice in part.notices)
        notices = (*wording.notices(sources), *told)
        leading = [notice for notice in notices if not notice.startswith("来源提示") and notice not in told]
        trailing = [notice for notice in notices if notice.startswith("来源提示") or notice in told]
        lines = dict.fromkeys(line for part in parts for line in part.lines)
        return Reply(True, "\n".join((*leading, *lines, *missing, *trailing)), citations, notices)

    def _citation(self, quoted: tuple[Document, Passage, tuple[int, int]], as_of: date) -> Citation:
        document, passage, span = quoted
        return Citation.of(document, headings(document, passage), span, self._library.status(document.id, as_of))

    def _lacking(self, ask: Ask) -> str:
        rule = self._lexicon.rule(ask.kind)
        return rule.lacking if rule else "相关内容"

    def _refuse(self, inquiry: Inquiry, ask: Ask) -> Reply:
        scope = f"{'、'.join(inquiry.question.places)}的文件" if inquiry.question.places else ""
        mentioned = [piece for piece in ask.pieces if _mentioned(piece, inquiry.pool)]
        near = replace(ask, pieces=tuple(mentioned))
        text = refusal(ask, self._lacking(ask), scope, mentioned.__contains__)
        matches = [inquiry.matcher.match(near, unit) for unit in inquiry.units]
        return _refused(text, closest(near, matches, lambda one: inquiry.state_of(one.id)))


def _in_force_first(inquiry: Inquiry) -> list[Document]:
    return sorted(inquiry.pool, key=lambda document: -STANDING_BONUS.get(inquiry.state_of(document.id), 0.0))


def _refused(text: str, suggestions: tuple[str, ...] = ()) -> Reply:
    return Reply(False, text, suggestions=suggestions)


def _mentioned(piece: Piece, documents: Sequence[Document]) -> bool:
    """Whether any text holds the piece, in any written form and case."""
    forms = {
        spelt for form in piece.forms for spelt in (form, form.upper(), form.replace("(", "〔").replace(")", "〕"))
    }
    return any(form in document.source for document in documents for form in forms)


def _rows_part(rows: RowSet) -> Part:
    first = rows.rows[0]
    column = first.columns[rows.wanted][0]
    title = rows.document.title
    where = " ".join(headings(rows.document, first)[:1])
    number = f"（{rows.document.document_number}）" if rows.document.document_number else ""
    line = (
        f"根据《{title}》{number}{where}，“{rows.value}”对应的{column}共{len(rows.rows)}项：{'；'.join(rows.cells)}。"
    )
    return Part((line,), tuple((rows.document, row, _row_span(rows.document, row)) for row in rows.rows))


def _row_span(document: Document, row: Passage) -> tuple[int, int]:
    text = document.source[row.start : row.end]
    return row.start, row.start + len(text.rstrip())


def _row_words(ask: Ask, row: Passage) -> str:
    cells = answering_cells(ask.kind, row)
    if cells == row.columns:
        return f"{row_number(row)} {row_sentence(row)}".strip()
    topic = next((cell for name, cell in row.columns if name != "序号"), "")
    short = topic.split("。")[0]
    return f"{row_number(row)}（{short}）" + "；".join(f"{name} {cell}" for name, cell in cells)
