"""Index tokens as PostgreSQL can keep them: lexemes, tsvectors, tsqueries.

Rules:

* A lexeme is the token itself, so that a person who looks into the table reads words. What PostgreSQL cannot keep as
  it is (too long, a zero byte, no UTF-8) is named by its SHA-256 after a ``*``; so is a token that begins with ``*``.
* A passage with too many different tokens for one tsvector has ``EVERY`` in place of them: every question looks at it.
* Texts are quoted here for PostgreSQL's own input syntax; they reach the server as parameters only.

Source: PostgreSQL 15, 8.11.1 tsvector, 8.11.2 tsquery, 12.11 "Limitations" (lexeme < 2 kB, tsvector < 1 MB).
"""

from collections.abc import Sequence
from hashlib import sha256

EVERY = "*"
LEXEME_BYTES = 1_000
VECTOR_BYTES = 1_000_000


def lexeme(token: str) -> str:
    """The one lexeme of ``token``; different tokens have different ones."""
    if len(token) * 4 <= LEXEME_BYTES and not token.startswith(EVERY) and storable(token):
        return token
    return EVERY + sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def vector(lexemes: Sequence[str]) -> str:
    """The tsvector of a passage's lexemes, as PostgreSQL reads it."""
    if sum(len(name) for name in lexemes) * 4 > VECTOR_BYTES and _size(lexemes) > VECTOR_BYTES:
        return quoted(EVERY)
    return " ".join(map(quoted, filter(None, lexemes)))


def quoted(name: str) -> str:
    """A lexeme in the input syntax of tsvector and tsquery."""
    return "'" + name.replace("\\", "\\\\").replace("'", "''") + "'"


def storable(text: str) -> bool:
    """PostgreSQL can keep it as a text."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def _size(lexemes: Sequence[str]) -> int:
    return sum(len(name.encode()) for name in lexemes)
