"""What of a passage is findable: its own words and the words of the headings above it."""

import hashlib

from index.policies.model import Document, Passage
from index.search.analyzer import fold, tokens

SCHEMA_VERSION = "1"
"""Part of every digest: a change of analyzer or fields makes every document stale, so that it is indexed anew."""


def body_tokens(document: Document, passage: Passage) -> list[str]:
    """Tokens of the passage's own text."""
    return tokens(fold(document.source[passage.start : passage.end]))


def heading_tokens(document: Document, passage: Passage) -> list[str]:
    """Tokens of the title, the place and the heading path."""
    path = passage.heading if passage.heading[:1] == (document.title,) else (document.title, *passage.heading)
    return tokens(fold("\n".join((*path, document.place or ""))))


def digest(document: Document) -> str:
    """SHA-256 over everything that is findable; equal digests mean an equal index entry."""
    state = hashlib.sha256(f"{SCHEMA_VERSION}\n{document.title}\n{document.place}\n".encode())
    state.update(document.source.encode())
    for passage in document.passages:
        state.update(f"\n{passage.kind} {passage.start} {passage.end} {passage.heading}".encode())
    return state.hexdigest()
