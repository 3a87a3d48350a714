"""The embedded index: whoosh in a folder, one commit per document.

Rules: those of ``index.search.backend``; besides

* The folder belongs to this class. Without an index it gets an empty one, and in place of a damaged one
  (``whoosh_folder``); damage met only later is named (``SearchError``).
* Passages are stored as tokens of our own analyzer; whoosh only splits at spaces.
* A reader is kept open and replaced when another process has committed (docs/decisions/0020).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from whoosh import fields, query, scoring, writing
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.index import LockError
from whoosh.searching import Searcher

from index.errors import SearchError
from index.policies.model import Document
from index.search.backend import Hit, Term
from index.search.content import body_tokens, digest, heading_tokens
from index.search.whoosh_folder import DAMAGE, damaged, marks, open_index, reader

LOCK_TIMEOUT_SECONDS = 10.0
ONE_SEGMENT_PASSAGES = 1_500
"""A small index is merged into one segment at every commit (under half a second): each segment costs look-ups."""


class WhooshBackend:
    """The whoosh index in ``folder``; close it, or use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._index = open_index(folder, _schema())
        self._searcher: Searcher | None = None
        self._frequencies: dict[str, int] = {}

    def replace_document(self, document: Document) -> None:
        mark = f"{document.id} {digest(document)}"
        with self._writer() as writer:
            writer.delete_by_term("document_id", document.id)
            for passage in document.passages:
                writer.add_document(
                    document_id=document.id,
                    number=passage.number,
                    mark=mark,
                    body=" ".join(body_tokens(document, passage)),
                    heading=" ".join(heading_tokens(document, passage)),
                )

    def remove_document(self, document_id: str) -> None:
        if document_id in self.document_ids():
            with self._writer() as writer:
                writer.delete_by_term("document_id", document_id)

    def search(self, terms: Sequence[Term], limit: int, within: Collection[str] | None = None) -> list[Hit]:
        if not terms or limit <= 0 or (within is not None and not within):
            return []
        try:
            found = self._reader().search(_query(terms, within), limit=limit, scored=True)
            return [Hit(hit["document_id"], hit["number"], float(hit.score)) for hit in found]
        except DAMAGE as error:
            raise damaged() from error

    def document_ids(self) -> frozenset[str]:
        return frozenset(self.digests())

    def digests(self) -> Mapping[str, str]:
        try:
            return dict(mark.rsplit(" ", 1) for mark in marks(self._reader()))
        except DAMAGE as error:
            raise damaged() from error

    def frequency(self, token: str) -> int:
        commit = self._reader().reader()
        if token not in self._frequencies:
            self._frequencies[token] = int(commit.doc_frequency("body", token))
        return self._frequencies[token]

    def close(self) -> None:
        if self._searcher is not None:
            self._searcher.close()
            self._searcher = None
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reader(self) -> Searcher:
        # Opened anew after every commit: whoosh-reloaded's own refresh() keeps segments that a commit has dropped.
        if self._searcher is not None and not self._searcher.up_to_date():
            self._searcher.close()
            self._searcher = None
        if self._searcher is None:
            self._frequencies.clear()
            self._searcher = reader(self._index, scoring.BM25F(B=0.75, K1=1.2))
        return self._searcher

    @contextmanager
    def _writer(self) -> Iterator[writing.IndexWriter]:
        try:
            writer = self._index.writer(timeout=LOCK_TIMEOUT_SECONDS)
        except LockError as error:
            raise SearchError(
                "检索索引正被另一个程序写入。",
                next_step="请稍候再试；如一直如此，请查看是否有另一个诚核程序在导入文件。",
                code="SEARCH_BUSY",
            ) from error
        try:
            yield writer
        except BaseException:
            writer.cancel()
            raise
        writer.commit(optimize=self._index.doc_count() <= ONE_SEGMENT_PASSAGES)


def _schema() -> fields.Schema:
    split = SpaceSeparatedTokenizer()
    return fields.Schema(
        document_id=fields.ID(stored=True),
        number=fields.STORED,
        mark=fields.ID,
        body=fields.TEXT(analyzer=split, phrase=False),
        heading=fields.TEXT(analyzer=split, phrase=False),
    )


def _query(terms: Sequence[Term], within: Collection[str] | None) -> query.Query:
    words = query.Or([query.Term(term.field.value, term.token, boost=term.weight) for term in terms])
    if within is None:
        return words
    return query.Require(words, query.Or([query.Term("document_id", name) for name in within]))
