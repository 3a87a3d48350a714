"""Documents as plain files a person can read.

``document.json`` (facts and passages), ``source.txt`` (clean text), ``raw.<ext>``.

Rules: what is read back equals what was written; a file that does not fit is named, never half read.
"""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from index.errors import PolicyError
from index.policies.model import Document, Passage, PassageKind, Validity

DOCUMENT_FILE = "document.json"
SOURCE_FILE = "source.txt"
_FORMAT = 1
_HASH_CHARS = 8
_KINDS = {kind.value: kind for kind in PassageKind}


def to_json(document: Document) -> str:
    """Facts first, one passage a line: readable, and small differences stay small."""
    facts = {
        "format": _FORMAT,
        "id": document.id,
        "title": document.title,
        "document_number": document.document_number,
        "issuing_body": document.issuing_body,
        "issued_on": _day_text(document.issued_on),
        "place": document.place,
        "provenance": document.provenance,
        "validity": _validity_json(document.validity),
        "origin": document.origin,
        "raw_sha256": document.raw_sha256,
    }
    head = json.dumps(facts, ensure_ascii=False, indent=1)[:-2]
    rows = ",\n".join("  " + json.dumps(_passage_json(one), ensure_ascii=False) for one in document.passages)
    return f'{head},\n "passages": [\n{rows}\n ]\n}}\n'


def files_of(document: Document, content: bytes, suffix: str) -> dict[str, bytes]:
    """The files of one document, the facts last; ``content`` is the original, ``suffix`` the end of its name."""
    return {
        f"raw{_plain_suffix(suffix)}": content,
        SOURCE_FILE: document.source.encode(),
        DOCUMENT_FILE: to_json(document).encode(),
    }


def stored(folder: Path) -> Document:
    """The document in its folder, as it is; raises PolicyError when its text is not the one its id was made for."""
    try:
        texts = [(folder / name).read_bytes().decode("utf-8") for name in (DOCUMENT_FILE, SOURCE_FILE)]
    except UnicodeDecodeError as cause:
        raise broken(folder) from cause
    if not folder.name.endswith(f"-{text_hash(texts[1])}"):
        raise broken(folder)
    return from_json(texts[0], texts[1], folder)


def text_hash(source: str) -> str:
    """The end of a document's id."""
    return hashlib.sha256(source.encode()).hexdigest()[:_HASH_CHARS]


def broken(folder: Path) -> PolicyError:
    return PolicyError(
        f"政策库中的文件已损坏，读不出来：{folder.name}",
        next_step=f"请用原文件重新添加（policies add）；没有原文件的，请把 {folder} 移走。",
        code="POLICY_STORE_BROKEN",
    )


def from_json(text: str, source: str, folder: Path) -> Document:
    """The document whose facts are ``text`` and whose clean text is ``source``."""
    try:
        facts = json.loads(text)
        if facts["format"] != _FORMAT:
            raise ValueError(facts["format"])
        return _document(facts, source)
    except (ValueError, KeyError, TypeError, IndexError) as cause:
        raise broken(folder) from cause


def _document(facts: dict[str, Any], source: str) -> Document:
    passages = tuple(_passage(facts["id"], number, row) for number, row in enumerate(facts["passages"]))
    if passages and passages[-1].end != len(source):
        raise ValueError("source.txt does not fit its passages")
    return Document(
        id=facts["id"],
        title=facts["title"],
        document_number=facts["document_number"],
        issuing_body=facts["issuing_body"],
        issued_on=_day(facts["issued_on"]),
        place=facts["place"],
        provenance=facts["provenance"],
        source=source,
        passages=passages,
        validity=_validity(facts["validity"]),
        origin=facts["origin"],
        raw_sha256=facts["raw_sha256"],
    )


def _passage_json(passage: Passage) -> list[Any]:
    plain = [passage.kind.value, passage.start, passage.end, list(passage.heading)]
    if not passage.columns:
        return plain
    return [
        *plain,
        [[name, *span] for (name, _), span in zip(passage.columns, passage.spans, strict=True)],
        [text for _, text in passage.columns],
    ]


def _passage(document_id: str, number: int, row: list[Any]) -> Passage:
    kind, start, end, heading = row[:4]
    if len(row) == 4:
        return Passage(document_id, number, _KINDS[kind], tuple(heading), start, end)
    cells, texts = row[4:6]
    return Passage(
        document_id=document_id,
        number=number,
        kind=_KINDS[kind],
        heading=tuple(heading),
        start=start,
        end=end,
        columns=tuple((cell[0], text) for cell, text in zip(cells, texts, strict=True)),
        spans=tuple((cell[1], cell[2]) for cell in cells),
    )


def _validity_json(validity: Validity) -> dict[str, Any]:
    return {
        "effective_from": _day_text(validity.effective_from),
        "effective_to": _day_text(validity.effective_to),
        "trial": validity.trial,
        "repeals": list(validity.repeals),
        "bases": list(validity.bases),
    }


def _validity(facts: dict[str, Any]) -> Validity:
    return Validity(
        effective_from=_day(facts["effective_from"]),
        effective_to=_day(facts["effective_to"]),
        trial=facts["trial"],
        repeals=tuple(facts["repeals"]),
        bases=tuple(facts["bases"]),
    )


def _plain_suffix(suffix: str) -> str:
    plain = suffix.lower().removeprefix(".")
    return f".{plain}" if plain.isascii() and plain.isalnum() and len(plain) <= 8 else ".bin"


def _day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
