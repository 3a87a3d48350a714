"""The facts of the policy library: documents, their tree, their passages, their validity.

* A ``Document`` is one policy text in clean form. ``source`` is the clean text; every span in this room is a pair of
  character offsets into it, half-open, so that ``document.source[start:end]`` is the quoted text, byte for byte.
* A ``Passage`` is one leaf of the tree or one table row; it carries its full heading path.
* A ``Status`` is what a document is on one day. Days are calendar days in Asia/Shanghai.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """What a document is on a given day. Values appear in JSON; ``label`` is what staff read."""

    NOT_YET = "not_yet_in_force"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REPEALED = "repealed"
    UNSTATED = "unstated"
    """The text gives no dates (an interpretation, a news report): we do not guess."""

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    State.NOT_YET: "尚未施行",
    State.IN_FORCE: "现行有效",
    State.EXPIRED: "有效期已届满",
    State.REPEALED: "已废止",
    State.UNSTATED: "文本未写明有效期",
}


class PassageKind(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE_HEADER = "table_header"
    TABLE_ROW = "table_row"


@dataclass(frozen=True, slots=True)
class Passage:
    """One leaf or table row. ``heading`` runs from the document's title downwards, nearest last.

    ``columns`` is filled for table rows only: column name → cell text, in order, merged cells filled.
    ``spans`` gives for each column the span of its cell in the source (same order as ``columns``).
    """

    document_id: str
    number: int
    kind: PassageKind
    heading: tuple[str, ...]
    start: int
    end: int
    columns: tuple[tuple[str, str], ...] = ()
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Validity:
    """Dates as the text states them; None where it states none. Both days inclusive.

    ``repealed_by``/``repealed_on`` are filled by the library from other documents' "同时废止".
    """

    effective_from: date | None = None
    effective_to: date | None = None
    trial: bool = False
    repeals: tuple[str, ...] = ()
    """Document numbers (or titles where no number is given) this text repeals."""
    bases: tuple[str, ...] = ()
    """Titles of the documents this text names as its basis."""


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a document on one day."""

    state: State
    effective_from: date | None
    effective_to: date | None
    repealed_by: str | None = None

    def to_json(self) -> dict[str, str | None]:
        return {
            "state": self.state.value,
            "effective_from": self.effective_from.isoformat() if self.effective_from else None,
            "effective_to": self.effective_to.isoformat() if self.effective_to else None,
        }


@dataclass(frozen=True, slots=True)
class Document:
    """One policy text. ``id`` is stable for the same content; ``source`` is the clean text."""

    id: str
    title: str
    document_number: str | None
    issuing_body: str | None
    issued_on: date | None
    place: str | None
    """The place the text speaks for, as named in it: 盐城, 江西, 吉林 …; None when it was erased or is not given."""
    provenance: str | None
    """A warning about where the text comes from (user upload, names erased), in Chinese; None when unremarkable."""
    source: str
    passages: tuple[Passage, ...]
    validity: Validity
    origin: str
    """Name of the raw file this text was read from."""
    raw_sha256: str
