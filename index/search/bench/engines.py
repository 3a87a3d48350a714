"""The engines that are compared, ours and its peers, behind one small interface.

Rules:

* Every engine gets the same tokens and fields: ours go through documents and ``WhooshBackend``; the peers get each
  token as one plain word (``t17``), so that no tokenizer of theirs changes it.
* Every engine gets the same terms of a question. Weights are given where an engine takes them: tantivy by term and
  field, SQLite FTS5 by field, bm25s (one field, no weights) not at all. Bonus terms that find nothing by themselves
  (``finds=False``) go to ours alone.
* Searching ends with the engine's own list of the best; reading stored text is nobody's task here.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from index.search.backend import Field, Term
from index.search.bench.corpus import Corpus, Place
from index.search.bench.metrics import DEPTH
from index.search.content import body_tokens, heading_tokens
from index.search.query import FIELD_WEIGHTS
from index.search.whoosh_backend import WhooshBackend


class Engine(Protocol):
    """An engine with the corpus in it."""

    name: str
    every: int
    """Asked only every so many questions, and timed apart from the others: more than 1 for a very slow engine."""

    def search(self, terms: Sequence[Term]) -> Any:
        """The ``DEPTH`` best passages, in the engine's own form."""

    def places(self, found: Any) -> list[Place]:
        """What ``search`` found, as places."""

    def close(self) -> None:
        """Give back memory and files."""


class Words:
    """The corpus as every peer gets it: for each passage and field the tokens as plain words."""

    def __init__(self, corpus: Corpus) -> None:
        known: defaultdict[str, int] = defaultdict()
        known.default_factory = known.__len__
        self._known = known
        self.places: list[Place] = []
        self.passages: list[tuple[str, str]] = []
        for document in corpus.documents:
            for passage in document.passages:
                self.places.append((document.id, passage.number))
                self.passages.append(
                    (self._line(body_tokens(document, passage)), self._line(heading_tokens(document, passage)))
                )

    def word(self, token: str) -> str | None:
        """The word for a token; None when the corpus does not have it."""
        return f"t{self._known[token]}" if token in self._known else None

    def _line(self, tokens: Sequence[str]) -> str:
        return " ".join([f"t{self._known[token]}" for token in tokens])


class Ours:
    """Our backend over whoosh's index."""

    name = "诚核 (whoosh + numpy)"
    every = 1
    key = "whoosh"

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        with WhooshBackend(folder) as builder:
            builder.replace_documents(corpus.documents)
        self.backend = WhooshBackend(folder)

    def search(self, terms: Sequence[Term]) -> Any:
        return self.backend.search(terms, DEPTH)

    def places(self, found: Any) -> list[Place]:
        return [(hit.document_id, hit.number) for hit in found]

    def close(self) -> None:
        self.backend.close()


class Fts5:
    """SQLite's full-text search: bm25() with weights by column."""

    name = "SQLite FTS5"
    every = 8

    def __init__(self, words: Words, folder: Path) -> None:
        self._words = words
        folder.mkdir(parents=True)
        self._database = sqlite3.connect(folder / "fts.db")
        self._database.execute("CREATE VIRTUAL TABLE passages USING fts5(body, heading, content='')")
        rows = ((row, *texts) for row, texts in enumerate(words.passages))
        self._database.executemany("INSERT INTO passages(rowid, body, heading) VALUES (?, ?, ?)", rows)
        self._database.execute("INSERT INTO passages(passages) VALUES ('optimize')")
        self._database.commit()

    def search(self, terms: Sequence[Term]) -> Any:
        columns = [
            f"{{{field.value}}} : ({' OR '.join(words)})"
            for field in Field
            if (words := [word for term in _finding(terms, field) if (word := self._words.word(term.token))])
        ]
        weights = ", ".join(str(FIELD_WEIGHTS[field]) for field in Field)
        found = f"SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages, {weights}) LIMIT ?"  # noqa: S608
        return self._database.execute(found, (" OR ".join(columns), DEPTH)).fetchall() if columns else []

    def places(self, found: Any) -> list[Place]:
        return [self._words.places[row] for (row,) in found]

    def close(self) -> None:
        self._database.close()


class Bm25s:
    """bm25s: the scores of every posting computed beforehand, all in memory, one field."""

    name = "bm25s"
    every = 1

    def __init__(self, words: Words, folder: Path) -> None:
        module = import_module("bm25s")
        self._words = words
        self._index = module.BM25(method="lucene", k1=1.2, b=0.75)
        self._index.index([f"{body} {heading}".split() for body, heading in words.passages], show_progress=False)
        self._index.save(str(folder), show_progress=False)

    def search(self, terms: Sequence[Term]) -> Any:
        known = {word for term in terms if term.finds and (word := self._words.word(term.token))}
        if not known:
            return [], []
        limit = min(DEPTH, len(self._words.places))
        (rows,), (scores,) = self._index.retrieve([sorted(known)], k=limit, show_progress=False)
        return rows, scores

    def places(self, found: Any) -> list[Place]:
        return [self._words.places[row] for row, score in zip(*found, strict=True) if score > 0]

    def close(self) -> None:
        self._index = None


class Tantivy:
    """tantivy: Rust, block-max pruning, one segment."""

    name = "tantivy"
    every = 1

    def __init__(self, words: Words, folder: Path) -> None:
        self._tantivy = import_module("tantivy")
        self._words = words
        folder.mkdir(parents=True)
        builder = self._tantivy.SchemaBuilder()
        for field in Field:
            builder.add_text_field(field.value, stored=False, tokenizer_name="whitespace", index_option="freq")
        builder.add_integer_field("row", stored=True)
        self._schema = builder.build()
        self._index = self._tantivy.Index(self._schema, path=str(folder))
        writer = self._index.writer(512 * 1024 * 1024, 1)
        for row, (body, heading) in enumerate(words.passages):
            writer.add_document(self._tantivy.Document(body=body, heading=heading, row=row))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, terms: Sequence[Term]) -> Any:
        return self._searcher.search(self._query(terms), DEPTH, count=False)

    def places(self, found: Any) -> list[Place]:
        return [self._words.places[self._searcher.doc(address)["row"][0]] for _, address in found.hits]

    def close(self) -> None:
        self._searcher = self._index = None

    def _query(self, terms: Sequence[Term]) -> Any:
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        return query.boolean_query(
            [
                (should, query.boost_query(query.term_query(self._schema, term.field.value, word, "freq"), term.weight))
                for term in terms
                if term.finds and (word := self._words.word(term.token))
            ]
        )


PEERS: dict[str, type[Fts5] | type[Bm25s] | type[Tantivy]] = {"sqlite3": Fts5, "bm25s": Bm25s, "tantivy": Tantivy}
"""Module an engine needs → the engine."""


def _finding(terms: Sequence[Term], field: Field) -> Iterator[Term]:
    return (term for term in terms if term.finds and term.field is field)
