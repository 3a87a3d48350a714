"""Documents into the tables of the index, and out of them, within one transaction of the one writer.

Reads documents and what the index holds of them. Writes rows of ``index.search.postgres_layout``; counts and totals
stay what a new index of the same documents would have.

Rules:

* A document whose digest is in the index already is left as it is.
* Many documents go in batches of ``BATCH_PASSAGES`` passages, so that memory stays bounded; all in one transaction.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.policies.model import Document, Passage
from index.search.backend import Field
from index.search.content import body_tokens, digest, heading_tokens
from index.search.postgres_server import Connection
from index.search.postgres_tokens import lexeme, storable, vector
from index.search.scoring import LENGTHS, length_code

BATCH_PASSAGES = 10_000
POSTING = np.dtype([("term", "<i4"), ("code", "<u4")])
LEAST_POSTINGS = 256
"""Enough to have a row moved out of line (``index.search.postgres_layout``)."""
FIELD_CODES = {Field.BODY: 0, Field.HEADING: 1}

Key = tuple[int, str]
"""A term as the tables name it: field code and lexeme."""


@dataclass(frozen=True, slots=True)
class GatheredPassage:
    """One passage of a batch: its postings name terms by their place in the batch. ``body`` of them are of its body."""

    document: int
    number: int
    body: int
    places: "array[int]"
    codes: "array[int]"


class Batch:
    """Some documents as numbers, before anything is written. The loops over tokens run in C."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.terms: list[Key] = []
        self.passages: list[GatheredPassage] = []
        self.lengths = np.zeros((len(documents), len(Field)), np.int64)
        self._places: tuple[dict[str, int], dict[str, int]] = ({}, {})
        for place, document in enumerate(documents):
            for passage in document.passages:
                self._add(place, document, passage)

    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """For each term: how many passages hold it, how often one does at most, and in how short a field."""
        places = np.concatenate([np.empty(0, np.int32), *(np.array(one.places, np.int32) for one in self.passages)])
        codes = np.concatenate([np.empty(0, np.int64), *(np.array(one.codes, np.int64) for one in self.passages)])
        most, shortest = np.zeros(len(self.terms), np.int64), np.full(len(self.terms), 255, np.int64)
        np.maximum.at(most, places, codes >> 8)
        np.minimum.at(shortest, places, codes & 255)
        return np.bincount(places, minlength=len(self.terms)), most, shortest

    def vectors(self, passage: GatheredPassage) -> tuple[str, str]:
        """The tsvectors of body and heading."""
        names = [self.terms[place][1] for place in passage.places]
        return vector(names[: passage.body]), vector(names[passage.body :])

    def _add(self, document: int, source: Document, passage: Passage) -> None:
        places, codes = array("i"), array("I")
        body = self._add_field(0, document, body_tokens(source, passage), places, codes)
        self._add_field(1, document, heading_tokens(source, passage), places, codes)
        self.passages.append(GatheredPassage(document, passage.number, body, places, codes))

    def _add_field(
        self, field: int, document: int, tokens: list[str], places: "array[int]", codes: "array[int]"
    ) -> int:
        """How many different tokens there are."""
        length, counts, known = length_code(len(tokens)), Counter(tokens), self._places[field]
        self.lengths[document, field] += int(LENGTHS[length])
        for token in [token for token in counts if token not in known]:
            known[token] = len(self.terms)
            self.terms.append((field, lexeme(token)))
        places.extend(map(known.__getitem__, counts))
        codes.extend([frequency << 8 | length for frequency in counts.values()])
        return len(counts)


def replace(connection: Connection, documents: Iterable[Document]) -> None:
    """Each of ``documents`` in place of what the index holds under its id; ValueError when an id comes twice."""
    for some in _batches(documents):
        known = _digests(connection, [document.id for document in some])
        changed = [document for document in some if known.get(document.id) != digest(document)]
        if not changed:
            continue
        batch = Batch([document for document in changed if document.passages])
        ids = _add_terms(connection, batch)
        remove(connection, [document.id for document in changed])
        _add_passages(connection, batch, _add_documents(connection, batch), ids)
        connection.execute("SELECT gin_clean_pending_list('chenghe_search.passages_tokens')")


def remove(connection: Connection, document_ids: Sequence[str]) -> None:
    """Nothing of these documents is left, counts and totals included; unknown ids are no error."""
    gone = connection.execute(
        "DELETE FROM chenghe_search.documents WHERE id = ANY(%s) RETURNING key, passages, body_length, heading_length",
        (list(filter(storable, document_ids)),),
    ).fetchall()
    if not gone:
        return
    rows = connection.execute(
        "DELETE FROM chenghe_search.passages WHERE document = ANY(%s) RETURNING postings",
        ([row[0] for row in gone],),
        binary=True,
    ).fetchall()
    held = np.frombuffer(b"".join(row[0] for row in rows), POSTING)["term"]
    terms, counts = np.unique(held[held > 0], return_counts=True)
    connection.execute(
        "UPDATE chenghe_search.terms SET passages = terms.passages - gone.passages"
        " FROM unnest(%s::int[], %s::int[]) AS gone (id, passages) WHERE terms.id = gone.id",
        (terms.tolist(), counts.tolist()),
    )
    connection.execute("DELETE FROM chenghe_search.terms WHERE id = ANY(%s) AND passages = 0", (terms.tolist(),))
    _add_totals(connection, *(-sum(row[column] for row in gone) for column in (1, 2, 3)))


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    seen: set[str] = set()
    size = 0
    for document in documents:
        if document.id in seen:
            raise ValueError(f"{document.id} comes twice in one commit")
        seen.add(document.id)
        batch.append(document)
        size += len(document.passages)
        if size >= BATCH_PASSAGES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _digests(connection: Connection, document_ids: list[str]) -> dict[str, str]:
    rows = connection.execute(
        "SELECT id, digest FROM chenghe_search.documents WHERE id = ANY(%s)", (document_ids,)
    ).fetchall()
    return dict(rows)


def _add_terms(connection: Connection, batch: Batch) -> NDArray[np.int32]:
    """The ids of the batch's terms, by place."""
    rows = connection.execute(
        "INSERT INTO chenghe_search.terms AS known (field, token, passages, most, shortest)"
        " SELECT * FROM unnest(%s::smallint[], %s::text[], %s::int[], %s::int[], %s::smallint[])"
        " ON CONFLICT (field, token) DO UPDATE SET passages = known.passages + excluded.passages,"
        " most = greatest(known.most, excluded.most), shortest = least(known.shortest, excluded.shortest)"
        " RETURNING field, token, id",
        (
            [field for field, _ in batch.terms],
            [token for _, token in batch.terms],
            *(numbers.tolist() for numbers in batch.counts()),
        ),
    ).fetchall()
    given = {(field, token): name for field, token, name in rows}
    return np.array([given[term] for term in batch.terms], np.int32)


def _add_documents(connection: Connection, batch: Batch) -> list[int]:
    """The keys of the batch's documents, in their order."""
    body, heading = batch.lengths.T.tolist()
    sizes = [len(document.passages) for document in batch.documents]
    rows = connection.execute(
        "INSERT INTO chenghe_search.documents (id, digest, passages, body_length, heading_length)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::int[], %s::bigint[], %s::bigint[]) RETURNING id, key",
        (
            [document.id for document in batch.documents],
            [digest(document) for document in batch.documents],
            sizes,
            body,
            heading,
        ),
    ).fetchall()
    _add_totals(connection, sum(sizes), sum(body), sum(heading))
    keys: dict[str, int] = dict(rows)
    return [keys[document.id] for document in batch.documents]


def _add_passages(connection: Connection, batch: Batch, keys: list[int], ids: NDArray[np.int32]) -> None:
    statement = "COPY chenghe_search.passages (document, number, body, heading, postings) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for passage in batch.passages:
            postings = np.zeros(max(len(passage.places), LEAST_POSTINGS), POSTING)
            postings["term"][: len(passage.places)] = ids[passage.places]
            postings["code"][: len(passage.places)] = passage.codes
            row = (keys[passage.document], passage.number, *batch.vectors(passage), postings.tobytes())
            copy.write_row(row)


def _add_totals(connection: Connection, passages: int, body_length: int, heading_length: int) -> None:
    connection.execute(
        "UPDATE chenghe_search.totals SET passages = passages + %s, body_length = body_length + %s,"
        " heading_length = heading_length + %s",
        (passages, body_length, heading_length),
    )
