"""The lists an expert works through: what is unanswered, what readers found useless or useful, what has lapsed.

Rules:

* Unanswered: the last time it was asked it was refused, and no expert's answer stands, nor was it put aside. Small
  talk asks nothing.
* Useless: a reader said so after the last expert's word.
* Useful: answered, a reader said so, and no expert has spoken: waits to be confirmed.
* Stale: an expert's word has lapsed with its source (``standing``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.policies.library import Library
from index.questions.model import ApprovalKind, Entry
from index.questions.standing import Lapse, lapse


class View(StrEnum):
    ALL = "all"
    UNANSWERED = "unanswered"
    USELESS = "useless"
    USEFUL = "useful"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry, and for each of its words that count why it lapsed (None: it stands)."""

    entry: Entry
    lapses: tuple[Lapse | None, ...]

    def stands(self, kind: ApprovalKind) -> bool:
        pairs = zip(self.entry.standing, self.lapses, strict=True)
        return any(one.word.kind is kind and gone is None for one, gone in pairs)


def judged(entries: Iterable[Entry], library: Library, day: date) -> tuple[Judged, ...]:
    return tuple(Judged(entry, tuple(lapse(word.word, library, day) for word in entry.standing)) for entry in entries)


def belongs(one: Judged, view: View) -> bool:
    """Whether an entry is on a list."""
    entry = one.entry
    spoken_at = max((word.word.at for word in entry.standing), default=None)
    match view:
        case View.ALL:
            return True
        case View.UNANSWERED:
            done = one.stands(ApprovalKind.ANSWER) or one.stands(ApprovalKind.DISMISS)
            return entry.answered is False and not done and not entry.small_talk
        case View.USELESS:
            return entry.useless_at is not None and (spoken_at is None or entry.useless_at > spoken_at)
        case View.USEFUL:
            return bool(entry.useful and entry.answered) and spoken_at is None
        case View.STALE:
            return any(one.lapses)
