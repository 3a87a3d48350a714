"""Writing one segment of a whoosh index from whole arrays: what was gathered in, a file in whoosh's W3 format out.

Reads ``Gathered``. Writes one new segment file, complete and on disk, that no commit names yet.

Rules:

* Postings are sorted by numpy; whoosh's own writer handles every posting in Python.
* Field lengths are stored rounded (``index.search.scoring``), so that merging changes no score.
* Only the holder of whoosh's write lock writes; what a killed writer leaves behind goes with the next commit.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, formats
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.codec import default_codec
from whoosh.system import pack_ushort

from index.search.backend import Field
from index.search.scoring import LENGTHS
from index.search.whoosh_gathering import FieldPostings, Gathered
from index.search.whoosh_postings import encoded, term_entry
from index.search.whoosh_segment import MARK, Entry

INDEX_NAME = "MAIN"


def schema() -> Any:
    """The fields of the index. Nothing is stored beside the terms: rows are told by the marks of their documents."""
    scored = fields.FieldType(format=formats.Existence(), analyzer=SpaceSeparatedTokenizer(), scorable=True)
    return fields.Schema(**{MARK: fields.ID(), **{field.value: scored for field in Field}})


def write_segment(storage: Any, gathered: Gathered) -> Any:
    """The new segment (whoosh's description of it), its file synced to disk."""
    codec = default_codec()
    segment = codec.new_segment(storage, INDEX_NAME)
    _write_lengths(codec.per_document_writer(storage, segment), gathered)
    writer = codec.field_writer(storage, segment)
    parts = {field.value: postings for field, postings in gathered.fields.items()}
    for name, postings in sorted({**parts, MARK: _marks(gathered.entries, gathered.rows)}.items()):
        _write_field(writer, name, postings)
    writer.close()
    segment.set_doc_count(gathered.rows)
    segment.create_compound_file(storage)
    storage.temp_storage(f"{INDEX_NAME}.tmp").destroy()
    with Path(storage.folder, segment.make_filename(segment.COMPOUND_EXT)).open("rb") as file:
        os.fsync(file.fileno())
    return segment


def _write_lengths(writer: Any, gathered: Gathered) -> None:
    lengths = {
        field.value: LENGTHS[postings.lengths].astype(int).tolist() for field, postings in gathered.fields.items()
    }
    for row in range(gathered.rows):
        writer.start_doc(row)
        for name, length in lengths.items():
            writer.add_field(name, None, None, length[row])
        writer.finish_doc()
    writer.close()


def _marks(entries: Sequence[Entry], rows: int) -> FieldPostings:
    sizes = [entry.end - entry.start for entry in entries]
    return FieldPostings(
        tokens=[f"{entry.document_id} {entry.digest}".encode() for entry in entries],
        terms=np.repeat(np.arange(len(entries), dtype=np.uint32), sizes),
        rows=np.arange(rows, dtype=np.int32),
        frequencies=np.ones(rows, np.uint32),
        lengths=np.zeros(rows, np.uint8),
    )


def _write_field(writer: Any, name: str, field: FieldPostings) -> None:
    if not len(field.terms):
        return
    writer.start_field(name, fields.ID())
    prefix, table, file = pack_ushort(writer._fieldid), writer._tindex, writer._postfile
    tokens = sorted(range(len(field.tokens)), key=field.tokens.__getitem__)
    ranks = np.empty(len(tokens), np.uint32)
    ranks[tokens] = np.arange(len(tokens), dtype=np.uint32)
    ranked = ranks[field.terms]
    order = np.argsort(ranked, kind="stable")
    ranked, rows, frequencies = ranked[order], field.rows[order], field.frequencies[order]
    lengths = field.lengths[rows]
    starts = np.flatnonzero(np.diff(ranked, prepend=np.uint32(0xFFFFFFFF)))
    ends = np.append(starts[1:], len(ranked))
    differences = np.diff(rows, prepend=0).astype(np.int64)
    differences[starts] = rows[starts]
    facts = (
        ranked[starts],
        starts,
        ends,
        np.add.reduceat(frequencies, starts),
        np.minimum.reduceat(lengths, starts),
        np.maximum.reduceat(lengths, starts),
        np.maximum.reduceat(frequencies, starts),
        rows[starts],
        rows[ends - 1],
    )
    offset = file.tell()
    for rank, start, end, total, shortest, longest, heaviest, first, last in zip(*_lists(facts), strict=True):
        stored = encoded(differences[start:end], frequencies[start:end], last, heaviest, shortest, longest)
        file.write(stored)
        entry = term_entry(total, end - start, shortest, longest, heaviest, first, last, offset, len(stored))
        table.add(prefix + field.tokens[tokens[rank]], entry)
        offset += len(stored)
    writer.finish_field()


def _lists(arrays: Sequence[NDArray[Any]]) -> list[list[int]]:
    return [numbers.tolist() for numbers in arrays]
