"""Who repeals, replaces, amends, rests on whom: the graph over the library, and what a document is on any day by it.

Rules:
* nodes are the library's documents and the texts they name that the library does not have; every edge carries the
  words that say it, as a span of the naming document;
* a named text is the document of that number where both have one – two different 75号 stay apart –, else of that title;
  never the naming text itself, never a text issued after it (a new edition ends the old one, not the reverse);
* an edge ends a text on the day the naming text takes effect, by its own words; without such a day, its day of issue;
  without either, at any time; what is only partly repealed stays;
* a later edition of the same title (修订, 修正 under the title) takes the place of an earlier one from its own day;
* two texts that each claim to end the other, without days that tell who came later, end neither;
* before the day a text was issued it is not yet in force; before it took effect, too. Nothing is guessed from silence.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from index.policies.editions import Edition, edition_of
from index.policies.mentions import Mention, Relation, Span, amended_in, ended_in, ended_rows, rests_on
from index.policies.model import Document, PassageKind, State, Status
from index.policies.titles import normal_number, normal_title
from index.policies.validity import status_on

_HANDED_ON = re.compile(r"(?:印发|转发|发布|公布)[〈《<]([^〉》>]+)[〉》>]的(?:通知|公告|决定)")
_ENDING = frozenset({Relation.REPEALS, Relation.SUPERSEDES})


@dataclass(frozen=True, slots=True)
class Edge:
    """``document`` does ``relation`` to the text named ``title``/``number``; ``target`` is its id, None when absent.

    ``span`` is the name, ``clause`` the sentence that says it, both in the source of ``document``; ``since``: when.
    """

    relation: Relation
    document: str
    target: str | None
    title: str
    number: str | None
    span: Span
    clause: Span
    since: date | None
    partial: bool = False

    @property
    def label(self) -> str:
        """What staff read."""
        return f"部分{self.relation.label}" if self.partial else self.relation.label


class Relations:
    """The graph over ``documents``; made once per version of the library."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {document.id: document for document in documents}
        self._by_number: dict[str, list[Document]] = {}
        self._by_title: dict[str, list[Document]] = {}
        for document in self._documents.values():
            self._by_title.setdefault(normal_title(document.title), []).append(document)
            if document.document_number:
                self._by_number.setdefault(normal_number(document.document_number), []).append(document)
        self._editions = {one.id: edition_of(one.source) for group in self._by_title.values() for one in group}
        self.edges: tuple[Edge, ...] = tuple(edge for one in self._documents.values() for edge in self._edges(one))
        self._from: dict[str, list[Edge]] = {}
        self._to: dict[str, list[Edge]] = {}
        for edge in self.edges:
            self._from.setdefault(edge.document, []).append(edge)
            if edge.target is not None:
                self._to.setdefault(edge.target, []).append(edge)

    def named_by(self, document_id: str) -> tuple[Edge, ...]:
        """What this document says about others."""
        return tuple(self._from.get(document_id, ()))

    def naming(self, document_id: str) -> tuple[Edge, ...]:
        """What others say about this document."""
        return tuple(self._to.get(document_id, ()))

    def about(self, name: str) -> tuple[Edge, ...]:
        """What is said about the text of this title or number, whether the library has it or not."""
        title, number = normal_title(name), normal_number(name)
        return tuple(
            edge
            for edge in self.edges
            if (edge.number and normal_number(edge.number) == number) or (title and normal_title(edge.title) == title)
        )

    def absent(self) -> tuple[Edge, ...]:
        """The edges to texts that the library does not have."""
        return tuple(edge for edge in self.edges if edge.target is None)

    def ending(self, document_id: str, day: date) -> Edge | None:
        """The edge by which the document has been repealed or replaced by ``day``; the earliest one."""
        by_then = [edge for edge in self.naming(document_id) if self._ends(edge) and _is_by(edge.since, day)]
        return min(by_then, key=lambda edge: edge.since or date.min, default=None)

    def status(self, document: Document, day: date) -> Status:
        """What the document is on ``day``."""
        edge = self.ending(document.id, day)
        status = status_on(document.validity, day, self._documents[edge.document].title if edge else None)
        if document.issued_on is not None and day < document.issued_on and status.state is State.UNSTATED:
            return replace(status, state=State.NOT_YET)
        return status

    def _ends(self, edge: Edge) -> bool:
        if edge.relation not in _ENDING or edge.partial or edge.target is None:
            return False
        back = any(
            other.target == edge.document and other.relation in _ENDING and not other.partial
            for other in self._from.get(edge.target, ())
        )
        return not back or self._is_later(self._documents[edge.document], self._documents[edge.target])

    def _is_later(self, one: Document, other: Document) -> bool:
        mine, its = _day_of(one), _day_of(other)
        return mine is not None and its is not None and mine > its

    def _edges(self, document: Document) -> Iterator[Edge]:
        body = next((one.end for one in document.passages if one.kind is PassageKind.TITLE), 0)
        since = _day_of(document)
        for mention in (
            *ended_in(document.source),
            *ended_rows(document.passages),
            *amended_in(document.title, document.source),
            *rests_on(document.source, body),
        ):
            yield from self._edge(document, mention, since)
        yield from self._editions_before(document)

    def _edge(self, document: Document, mention: Mention, since: date | None) -> Iterator[Edge]:
        facts = (mention.title, mention.number, mention.span, mention.clause, since, mention.partial)
        targets: list[str | None] = [one.id for one in self._named(document, mention)]
        for target in targets or [None]:
            yield Edge(mention.relation, document.id, target, *facts)

    def _named(self, document: Document, mention: Mention) -> list[Document]:
        """The documents that are meant: of this number, else of this title where not both have a number."""
        if mention.number:
            found = self._by_number.get(normal_number(mention.number), [])
            of_title = [one for one in found if normal_title(one.title) == normal_title(mention.title)]
            found = of_title or found
            if not found:
                found = [one for one in self._titled(mention) if one.document_number is None]
        else:
            found = self._titled(mention)
        return [one for one in found if one.id != document.id and not self._is_later(one, document)]

    def _titled(self, mention: Mention) -> list[Document]:
        """Of this title, or of the title that a notice of this name hands on: 关于印发〈甲〉的通知."""
        if not mention.title:
            return []
        handed_on = _HANDED_ON.search(mention.title)
        names = (mention.title, handed_on[1]) if handed_on else (mention.title,)
        return next((found for name in names if (found := self._by_title.get(normal_title(name)))), [])

    def _editions_before(self, document: Document) -> Iterator[Edge]:
        own = self._editions[document.id]
        if own is None or own.amended is None:
            return
        since = max(own.amended, _day_of(document) or own.amended)
        for other in self._by_title[normal_title(document.title)]:
            if other.id != document.id and _is_before(self._editions[other.id], own):
                yield Edge(Relation.SUPERSEDES, document.id, other.id, other.title, None, own.span, own.span, since)


def _is_before(other: Edition | None, own: Edition) -> bool:
    """Whether the other text is an earlier edition: of the same adoption, with no amendment as late as ours."""
    if other is None or own.amended is None or other.adopted != own.adopted:
        return False
    return other.amended is None or other.amended < own.amended


def _day_of(document: Document) -> date | None:
    return document.validity.effective_from or document.issued_on


def _is_by(since: date | None, day: date) -> bool:
    return since is None or since <= day
