"""The steps of the assistant one by one over fictional texts of 云汀市: understand, gather, weigh."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bot.assistant.deciding import load_weights
from bot.assistant.gathering import Shelf, gather
from bot.assistant.inquiry import Inquiry
from bot.assistant.lexicon import Lexicon, load_lexicon
from bot.assistant.matching import Matcher
from bot.assistant.question import Question, understand
from bot.assistant.retrieval import weigher
from bot.assistant.weighing import Candidate, Known, Weighed, Weighing
from index.policies.library import Library
from index.policies.model import Document
from index.search.finding import Finder
from tests.bot.assistant.conftest import TODAY, assistant_over


class Steps:
    """What the engine hands from step to step, for one library and its index."""

    def __init__(self, library: Library, search: Finder, lexicon: Lexicon) -> None:
        self.library, self.search, self.lexicon = library, search, lexicon
        self.shelf = Shelf(lexicon.dictionary)
        self.question = cache(self._question)

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(self.library.documents())

    @property
    def known(self) -> Known:
        return Known(self.search.frequency, sum(len(document.passages) for document in self.documents))

    @property
    def matcher(self) -> Matcher:
        weight = weigher(self.search, self.known.passages)
        sources = [document.source for document in self.documents]
        return Matcher(self.lexicon, weight, lambda phrase: any(phrase in one for one in sources), self.shelf.text)

    def _question(self, text: str) -> Question:
        """The same object for the same text: an ask is known by its identity."""
        places = frozenset(document.place for document in self.documents if document.place)
        return understand(text, self.lexicon, self.search.frequency, places)

    def gathered(self, text: str) -> tuple[Candidate, ...]:
        return gather(self.question(text), self.search, self.documents, self.shelf)

    def weighed(self, text: str) -> list[Weighed]:
        return Weighing(self.question(text), self.lexicon, self.matcher, self.known).weigh(self.gathered(text))

    def inquiry(self, text: str) -> Inquiry:
        state_of = cache(lambda document_id: self.library.status(document_id, TODAY).state)
        return Inquiry(
            self.question(text), TODAY, self.documents, self.gathered(text), self.lexicon, self.matcher, self.known,
            load_weights(), state_of,
        )  # fmt: skip


@contextmanager
def steps_over(texts: dict[str, str], folder: Path) -> Iterator[Steps]:
    """A library of plain texts in ``folder`` and the steps over it."""
    _, library, backend = assistant_over(texts, folder)
    with backend:
        yield Steps(library, Finder(backend), load_lexicon())
