"""From a file's raw text to its documents: clean, split, structure, metadata, validity, provenance – in this order.

Pure: the same bytes give the same documents with the same ids. The id is the beginning of the title and of the SHA-256
of the clean text, so that a person can read it and two texts of one title stay apart.
"""

import hashlib
import re
from dataclasses import dataclass

from index.policies.cleaning import clean, to_simplified
from index.policies.cleaning.script import drop_pinyin
from index.policies.metadata import Signature, letter_covers, place, signature
from index.policies.model import Document
from index.policies.provenance import provenance
from index.policies.readers.raw import RawText
from index.policies.split import TextPart, split
from index.policies.storage import text_hash
from index.policies.structure import passages
from index.policies.validity import validity

_SLUG_CHARS = 20
_ORIGIN_CHARS = 5_000
"""Sites say at the beginning or the end where a text comes from."""
_NO_SLUG = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class _File:
    """What all documents of one file share."""

    raw: str
    """Its beginning and end, in simplified script."""
    headings: dict[str, int]
    origin: str
    sha256: str
    letter: str
    letter_signature: Signature


def documents_of(raw: RawText, *, origin: str, content: bytes) -> tuple[Document, ...]:
    """The documents in one file; ``origin`` is its name, ``content`` its bytes."""
    parts = split(clean(raw.text))
    letter = parts[0].preamble
    file = _File(
        raw=to_simplified(drop_pinyin(raw.text[:_ORIGIN_CHARS] + raw.text[-_ORIGIN_CHARS:])),
        headings={clean(line): level for line, level in raw.headings},
        origin=origin,
        sha256=hashlib.sha256(content).hexdigest(),
        letter=letter,
        letter_signature=signature(parts[0]) if letter else Signature(),
    )
    documents = (_document(part, file) for part in parts)
    return tuple({document.id: document for document in documents}.values())


def _document(part: TextPart, file: _File) -> Document:
    document_id = _id(part)
    signed = signature(part)
    if file.letter and letter_covers(file.letter, part.title):
        signed = signed.or_else(file.letter_signature)
    return Document(
        id=document_id,
        title=part.title,
        document_number=signed.document_number,
        issuing_body=signed.issuing_body,
        issued_on=signed.issued_on,
        place=place(part.title, signed.issuing_body, part.source),
        provenance=provenance(file.raw, part.source, part.title),
        source=part.source,
        passages=passages(document_id, part, file.headings),
        validity=validity(part, signed.issued_on),
        origin=file.origin,
        raw_sha256=file.sha256,
    )


def _id(part: TextPart) -> str:
    slug = _NO_SLUG.sub("", part.title)[:_SLUG_CHARS]
    return f"{slug}-{text_hash(part.source)}"
