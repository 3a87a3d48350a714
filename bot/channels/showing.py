"""An answer as the chat page shows it: links that open the source at the quote, and the status in words and colour."""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from urllib.parse import quote, urlencode

from bot.assistant.answer import Answer, Citation
from bot.assistant.approved import NEAR
from bot.assistant.wording import CLOSEST
from index.policies.model import State, Status
from index.questions.model import Line, Verdict

TONES = MappingProxyType(
    {
        State.IN_FORCE: "good",
        State.NOT_YET: "late",
        State.EXPIRED: "bad",
        State.REPEALED: "bad",
        State.UNSTATED: "unsure",
    }
)

READING = "按"
"""Begins every notice that says how the question was read (``hearing``, ``changes``)."""
FOLDED = 120
"""A quote of more characters is folded: the answer above says what matters of it."""


@dataclass(frozen=True, slots=True)
class ShownStatus:
    label: str
    tone: str
    dates: str


@dataclass(frozen=True, slots=True)
class ShownCitation:
    """``quote`` is empty where the answer already says it word for word."""

    document: str
    document_number: str | None
    path: str
    quote: str
    link: str
    status: ShownStatus

    @property
    def folded(self) -> bool:
        return len(self.quote) > FOLDED


@dataclass(frozen=True, slots=True)
class ShownRating:
    """The question 有用吗 under an answer. ``verdict``: what was said already; ``as_of``: the day to go on with."""

    ticket: str
    as_of: str
    verdict: str | None = None
    note: str = ""

    @property
    def label(self) -> str:
        return Verdict(self.verdict).label if self.verdict else ""


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    question: str
    as_of: str
    answered: bool
    answer: str
    understood: tuple[str, ...]
    """How the question was read, where that differs from what was typed."""
    notices: tuple[str, ...]
    citations: tuple[ShownCitation, ...]
    suggestions: tuple[str, ...]
    near: tuple[str, ...]
    """Other questions that have an approved answer."""
    approved: bool
    talk: bool
    """A greeting and the like: neither an answer nor a refusal, and nothing to rate."""
    rating: ShownRating

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line for line in self.answer.split("\n") if line.strip())

    @property
    def lists(self) -> tuple[str, ...]:
        """Which lists follow the answer, in their order."""
        return tuple(name for name in ("citations", "near", "suggestions") if getattr(self, name))


def shown_answer(answer: Answer, line: Line) -> ShownAnswer:
    """``line``: what the log is told of the answer."""
    return ShownAnswer(
        question=answer.question,
        as_of=day_in_words(answer.as_of),
        answered=answer.answered,
        answer=_said(answer),
        understood=tuple(filter(_tells_reading, answer.notices)),
        notices=tuple(notice for notice in answer.notices if not _tells_reading(notice)),
        citations=tuple(_citation(citation, answer) for citation in answer.citations),
        suggestions=tuple(text.removeprefix(CLOSEST) for text in answer.suggestions if not text.startswith(NEAR)),
        near=tuple(text.removeprefix(NEAR) for text in answer.suggestions if text.startswith(NEAR)),
        approved=line.approval is not None,
        talk=line.small_talk,
        rating=ShownRating(line.ticket, answer.as_of.isoformat()),
    )


def _tells_reading(notice: str) -> bool:
    return notice.startswith(READING)


def _said(answer: Answer) -> str:
    """The answer without the notices it repeats: the page sets them apart."""
    return "\n".join(line for line in answer.answer.split("\n") if line not in answer.notices)


def shown_status(status: Status) -> ShownStatus:
    since = f"{day_in_words(status.effective_from)}起" if status.effective_from else ""
    until = f"有效期至{day_in_words(status.effective_to)}" if status.effective_to else ""
    by = f"被《{status.repealed_by.strip('《》')}》废止" if status.repealed_by else ""
    return ShownStatus(status.state.label, TONES[status.state], "，".join(part for part in (since, until, by) if part))


def source_link(citation: Citation, as_of: date) -> str:
    where = urlencode({"start": citation.start, "end": citation.end, "as_of": as_of.isoformat()})
    return f"/source/{quote(citation.source, safe='')}?{where}#quote"


def day_in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _citation(citation: Citation, answer: Answer) -> ShownCitation:
    """The path without the document's own title, which stands above it."""
    path = citation.heading[1:] if citation.heading[:1] == (citation.document,) else citation.heading
    return ShownCitation(
        document=citation.document,
        document_number=citation.document_number,
        path=" › ".join(path),
        quote="" if citation.quote in answer.answer else citation.quote,
        link=source_link(citation, answer.as_of),
        status=shown_status(citation.status),
    )
