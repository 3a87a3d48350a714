"""What of a passage is findable: its own words, the words of the headings above it, and what it is.

What a passage is stands among the heading's tokens, one token each, with signs that no token of a text has
(``index.search.routes`` looks for them): ``§位阶`` its rank, ``《…》`` the names of its document, ``〈…〉`` a title
within its title, ``#12`` its place in the document, ``§12`` and ``§水利领域`` the number and the name of its
table row. The document's number and the article are there as in any text.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache

from index.policies.model import Document, Passage, PassageKind
from index.search.analyzer import fold, tokens
from index.search.numerals import number

SCHEMA_VERSION = "5"
"""Part of every digest: a change of analyzer, fields or how they are stored makes every document be indexed anew."""
RANK = "§位阶"
RANK_OF_LAW = 8
"""Every passage has the mark of rank, one of a law more often: what it counts does not depend on how rare laws are."""
LONGEST_NAME = 40
MAX_NUMERAL = 16
_STATE = "中华人民共和国"
_REMARK = re.compile(r"(?:\([^()]*\))+$")
_ROW_NUMBER = "序号"


def body_tokens(document: Document, passage: Passage) -> list[str]:
    """Tokens of the passage's own text."""
    return tokens(fold(document.source[passage.start : passage.end]))


def heading_tokens(document: Document, passage: Passage) -> list[str]:
    """Tokens of the title, the number, the place and the heading path, and of what the passage is."""
    path = passage.heading if passage.heading[:1] == (document.title,) else (document.title, *passage.heading)
    words = tokens(fold("\n".join((*path, document.place or "", document.document_number or ""))))
    return [*words, *document_labels(document.title), place_label(passage.number), *_row_labels(passage)]


@lru_cache(maxsize=1)
def document_labels(title: str) -> tuple[str, ...]:
    """The names of a document, and its rank if it is a law."""
    own = _REMARK.sub("", plain(title))
    law = own.startswith(_STATE) and own.endswith(("法", "法典"))
    inner = [name for quoted in re.findall(r"《([^《》]+)》", plain(title)) for name in title_names(quoted)]
    return (
        *map(title_label, title_names(title)),
        *map(inner_title_label, inner),
        *(RANK,) * (RANK_OF_LAW if law else 1),
    )


def title_names(title: str) -> list[str]:
    """What a document is called: its title, with and without remarks and 中华人民共和国."""
    full = plain(title)
    names = [full, _REMARK.sub("", full)]
    names += [name.removeprefix(_STATE) for name in names]
    return [name for name in dict.fromkeys(names) if name]


def title_label(name: str) -> str:
    """The token of a document's name, given as ``plain`` gives it."""
    return f"《{name}》"


def inner_title_label(name: str) -> str:
    """The token of a title within a document's title: of what it explains or brings into force."""
    return f"〈{name}〉"


def place_label(number_of_passage: int) -> str:
    """The token of a passage's place in its document."""
    return f"#{number_of_passage}"


def row_label(name: str) -> str:
    """The token of a table row's number or name."""
    return f"§{name}"


def plain(name: str) -> str:
    """A name as it is compared: folded, without blanks."""
    return re.sub(r"\s+", "", fold(name))


def _row_labels(passage: Passage) -> Iterator[str]:
    if passage.kind is not PassageKind.TABLE_ROW:
        return
    cells = [(plain(column), plain(text)) for column, text in passage.columns]
    for column, text in cells:
        if column == _ROW_NUMBER and text:
            yield row_label(row_number(text))
    names = [text for column, text in cells if column != _ROW_NUMBER]
    if names and 1 < len(names[0]) <= LONGEST_NAME:
        yield row_label(names[0])


def row_number(text: str) -> str:
    """A row's number as it is compared: 12, 012 and 十二 are one."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return str(int(text))
    value = number(text[:MAX_NUMERAL])
    return text[:LONGEST_NAME] if value is None else str(value)


def digest(document: Document) -> str:
    """SHA-256 over everything that is findable; equal digests mean an equal index entry."""
    facts = f"{SCHEMA_VERSION}\n{document.title}\n{document.place}\n{document.document_number}\n"
    state = hashlib.sha256(facts.encode())
    state.update(document.source.encode())
    for passage in document.passages:
        state.update(f"\n{passage.kind} {passage.start} {passage.end} {passage.heading} {passage.columns}".encode())
    return state.hexdigest()
