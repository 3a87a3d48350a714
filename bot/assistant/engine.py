"""The assistant: understand → retrieve → answer with citations, or refuse.

``ask`` in numbered steps:

1. what was typed is heard (``hearing``): follow-ups made whole, typing errors mended, a day named in it replaces
   ``as_of``; a greeting gets a short line; several ways to read it are tried in turn until one is answered;
2. the question is cut into asks (``question``);
3. documents of other places are put aside; a place no document speaks for is refused;
4. a question about a document's own standing is answered from its final clause and the library's status;
5. rows of a table are looked up; else the passages found are weighed (``weighing``) and the best one answers if it is
   sure enough (``deciding``), each ask by itself where one passage does not answer all; what is lacking is said;
6. the answer is composed of exact quotes (``quoting``); a text not in force puts its notice first.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from bot.assistant import wording
from bot.assistant.answer import Answer, Citation, Turn
from bot.assistant.articles import Quoted, articles
from bot.assistant.basis import basis
from bot.assistant.comparing import compares, for_each, judges
from bot.assistant.deciding import Weights, load_weights
from bot.assistant.evidence import headings
from bot.assistant.gathering import Shelf, gather
from bot.assistant.hearing import Hearing
from bot.assistant.inquiry import Inquiry, answer, weighed
from bot.assistant.lexicon import Lexicon, load_lexicon
from bot.assistant.matching import Matcher
from bot.assistant.pieces import Piece
from bot.assistant.question import Ask, Question, understand
from bot.assistant.quoting import Part
from bot.assistant.refusing import closest, matter, refusal
from bot.assistant.retrieval import for_places, of_level, weigher
from bot.assistant.standing import Standing, of_unknown, standing
from bot.assistant.weighing import Known, Weighed
from index.policies.library import Library
from index.policies.model import Document, Passage, State
from index.policies.titles import normal_number
from index.search.analyzer import MAX_QUERY_CHARACTERS
from index.search.finding import Finder

_PLACE = re.compile(r"((?![哪某几各每这那本我全])[一-鿿]{2}[省市县])(?:的|里|那边|这边)")
_CONTENT = re.compile(r"里(?:头|面|边)?|中的?|规定|内容|要求|目标|怎么[说写]|第.{1,4}条")
"""What is asked of a document itself, not of its standing."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An ``Answer`` before the question, the day and the time taken are added."""

    answered: bool
    text: str
    citations: tuple[Citation, ...] = ()
    notices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


class Assistant:
    """Answers from ``library`` by way of ``search``; the two must be in line (``index.search.sync``)."""

    def __init__(self, library: Library, search: Finder, *, timer: Callable[[], float] = time.perf_counter) -> None:
        self._library = library
        self._search = search
        self._timer = timer
        self._lexicon: Lexicon = load_lexicon()
        self.hearing = Hearing(library, search, self._lexicon)
        self._shelf = Shelf(self._lexicon.dictionary)
        self._weights: Weights = load_weights()

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

    def weighed(self, question: str, *, as_of: date, context: Sequence[Turn] = ()) -> tuple[tuple[Weighed, bool], ...]:
        """Every passage found for the likeliest reading of ``question``, and whether it can answer (``training``)."""
        ways = self.hearing.hear(question, context, as_of).ways
        documents = self._library.documents()
        if not ways or not documents:
            return ()
        frequency = cache(self._search.frequency)
        asked, pool = self._understood(ways[0].text, documents, frequency)
        if not pool:
            return ()
        return tuple(weighed(asked, self._inquiry(asked, ways[0].as_of, documents, pool, frequency)))

    def _heard(self, question: str, as_of: date, context: Sequence[Turn]) -> tuple[date, Reply]:
        """The reply, with its day, to the first way to read the question that is answered, else to the likeliest."""
        if not self._library.documents():
            return as_of, _refused(wording.NO_TEXTS)
        heard = self.hearing.hear(question, context, as_of)
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
        frequency = cache(self._search.frequency)
        asked, pool = self._understood(text, documents, frequency)
        if not any(ask.pieces for ask in asked.asks) and not asked.places:
            return _refused(wording.NOT_UNDERSTOOD)
        if not pool:
            return _refused(wording.no_place(asked.places))
        if unknown := _unknown_place(text, documents):
            return _refused(wording.no_place((unknown,)))
        if judges(asked.folded, asked.places):
            return _refused(wording.JUDGE)
        if compares(asked.folded, asked.places):
            return self._compare(asked, as_of)
        as_of = asked.as_of or as_of
        nouns = self._lexicon.document_nouns
        about = basis(asked, pool, nouns) or standing(asked, pool, nouns)
        if about is not None:
            return self._standing(about, asked, as_of)
        if of_unknown(asked, nouns):
            return _refused(wording.NO_SUCH_TEXT)
        if missing := _not_here(asked, documents):
            return _refused(wording.no_document(missing))
        if quoted := articles(asked, pool):
            return self._compose([self._article_part(one, as_of) for one in quoted], as_of, [])
        return self._answer(self._inquiry(asked, as_of, documents, pool, frequency))

    def _understood(
        self, text: str, documents: Sequence[Document], frequency: Callable[[str], int]
    ) -> tuple[Question, list[Document]]:
        """What is asked, and the documents of the places and the level it is asked of."""
        places = frozenset(document.place for document in documents if document.place)
        asked = understand(text, self._lexicon, frequency, places)
        return asked, of_level(for_places(documents, asked.places), asked.folded)

    def _inquiry(
        self,
        asked: Question,
        as_of: date,
        documents: Sequence[Document],
        pool: Sequence[Document],
        frequency: Callable[[str], int],
    ) -> Inquiry:
        candidates = gather(asked, self._search, pool, self._shelf)
        units = [unit for candidate in candidates for unit in candidate.units]
        there = cache(lambda phrase: any(phrase in unit.text or phrase in unit.near for unit in units))
        passages = sum(len(document.passages) for document in documents)
        matcher = Matcher(self._lexicon, cache(weigher(self._search, passages)), there, self._shelf.text)
        state_of = cache(lambda document_id: self._library.status(document_id, as_of).state)
        known = Known(frequency, passages)
        return Inquiry(asked, as_of, tuple(pool), candidates, self._lexicon, matcher, known, self._weights, state_of)

    def _answer(self, inquiry: Inquiry) -> Reply:
        parts, lacking = answer(inquiry)
        if not parts:
            return self._refuse(inquiry, inquiry.question.asks[0])
        missing = [wording.partial(matter(ask), self._lacking(ask)) for ask in lacking]
        return self._compose(parts, inquiry.as_of, missing)

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

    def _article_part(self, quoted: Quoted, as_of: date) -> Part:
        document, _, span = quoted
        lead = wording.lead_in(self._citation(quoted, as_of))
        return Part(f"{lead}{wording.quoted(document.source[slice(*span)])}", (quoted,), told=True)

    def _standing(self, about: Standing, asked: Question, as_of: date) -> Reply:
        status = self._library.status(about.document.id, as_of)
        if not about.spans or (about.asks_end and not about.quotes_only and status.state is State.UNSTATED):
            lacking = "废止了哪份文件" if about.quotes_only else "施行日期、有效期或失效时间"
            title = about.document.title.strip("《》")
            return _refused(wording.refusal((), lacking, f"《{title}》" if "》" not in title else about.document.title))
        citations = tuple((about.document, passage, (start, end)) for passage, start, end in about.spans)
        lead = wording.lead_in(self._citation(citations[0], as_of))
        quotes = "".join(wording.quoted(about.document.source[start:end]) for _, start, end in about.spans)
        words = f"{lead}{quotes}" if about.quotes_only else f"{wording.standing_line(status, as_of)}\n{lead}{quotes}"
        return self._compose([Part(words, citations, told=True)], as_of, [])

    def _compose(self, parts: Sequence[Part], as_of: date, missing: Sequence[str]) -> Reply:
        spans = dict.fromkeys(citation for part in parts for citation in part.citations)
        citations = tuple(self._citation(citation, as_of) for citation in spans)
        sources = [(document, self._library.status(document.id, as_of)) for document, _, _ in spans]
        told = dict.fromkeys(notice for part in parts for notice in part.notices)
        notices = (*wording.notices(sources), *told)
        leading = [notice for notice in notices if not notice.startswith("来源提示") and notice not in told]
        trailing = [notice for notice in notices if notice.startswith("来源提示") or notice in told]
        lines = dict.fromkeys(line for part in parts for line in self._lines(part, as_of))
        return Reply(True, "\n".join((*leading, *lines, *missing, *trailing)), citations, notices)

    def _lines(self, part: Part, as_of: date) -> tuple[str, ...]:
        lead = "" if part.told else wording.lead_in(self._citation(part.place or part.citations[0], as_of))
        return f"{lead}{part.words}", *part.counted

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


def _unknown_place(text: str, documents: Sequence[Document]) -> str:
    """江州市的…: a place at the beginning that no text mentions."""
    match = _PLACE.match(text)
    name = match.group(1) if match else ""
    return "" if not name or any(name in document.source for document in documents) else name


def _not_here(asked: Question, documents: Sequence[Document]) -> tuple[str, ...]:
    """The document numbers whose content is asked for, if no document of the library has one of them."""
    here = {normal_number(document.document_number) for document in documents if document.document_number}
    if not _CONTENT.search(asked.folded) or any(normal_number(number) in here for number in asked.numbers):
        return ()
    return asked.numbers


def _refused(text: str, suggestions: tuple[str, ...] = ()) -> Reply:
    return Reply(False, text, suggestions=suggestions)


def _mentioned(piece: Piece, documents: Sequence[Document]) -> bool:
    """Whether any text holds the piece, in any written form and case."""
    forms = {
        spelt for form in piece.forms for spelt in (form, form.upper(), form.replace("(", "〔").replace(")", "〕"))
    }
    return any(form in document.source for document in documents for form in forms)
