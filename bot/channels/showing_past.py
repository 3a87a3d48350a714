"""An answer of the log as the page shows it again: its words as they were given, its sources as they stand now.

* A clause is linked at its span while the text still says it there; a text that has changed since is linked as a whole,
  and one that has left the library is named without a link.
* The status is that of the day that was asked about.
"""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from bot.assistant.approved import NEAR
from bot.assistant.wording import CLOSEST
from bot.channels.showing import (
    READING,
    ShownAnswer,
    ShownCitation,
    ShownRating,
    ShownStatus,
    day_in_words,
    shown_status,
)
from index.errors import UnknownPolicy
from index.policies.library import Library
from index.questions.model import Asking, Cited

GONE = ShownStatus("已不在文库", "unsure", "")


@dataclass(frozen=True, slots=True)
class ShownPast:
    """``asked_at`` and ``channel`` in words."""

    ticket: str
    number: int
    question: str
    asked_at: str
    channel: str
    outcome: str
    tone: str


def shown_past(asking: Asking) -> ShownPast:
    """A line of the list."""
    line = asking.line
    outcome, tone = ("已回答", "good") if line.answered else ("没有依据", "unsure")
    if line.small_talk:
        outcome, tone = "闲谈", "unsure"
    asked_at = f"{day_in_words(line.at.date())} {line.at:%H:%M}"
    return ShownPast(line.ticket, asking.id, line.question, asked_at, line.channel.label, outcome, tone)


def shown_again(asking: Asking, library: Library) -> ShownAnswer:
    """The whole answer. For a thread that may read the library."""
    line, last = asking.line, asking.feedback[-1] if asking.feedback else None
    notices, suggestions = line.notices, line.suggestions
    said = "\n".join(text for text in line.answer.split("\n") if text not in notices)
    rated = (last.verdict.value, last.note) if last else (None, "")
    return ShownAnswer(
        question=line.question,
        as_of=day_in_words(line.as_of),
        answered=line.answered,
        answer=said,
        understood=tuple(notice for notice in notices if notice.startswith(READING)),
        notices=tuple(notice for notice in notices if not notice.startswith(READING)),
        citations=tuple(_citation(cited, line.as_of, line.answer, library) for cited in line.citations),
        suggestions=tuple(text.removeprefix(CLOSEST) for text in suggestions if not text.startswith(NEAR)),
        near=tuple(text.removeprefix(NEAR) for text in suggestions if text.startswith(NEAR)),
        approved=line.approval is not None,
        talk=line.small_talk,
        rating=ShownRating(line.ticket, line.as_of.isoformat(), *rated),
    )


def _citation(cited: Cited, day: date, answer: str, library: Library) -> ShownCitation:
    words = "" if cited.quote in answer else cited.quote
    try:
        document = library.get(cited.document_id)
    except UnknownPolicy:
        return ShownCitation(cited.title, None, "", words, "", GONE)
    stands = document.source[cited.start : cited.end] == cited.quote
    where = {"start": cited.start, "end": cited.end} if stands else {}
    link = f"/source/{quote(document.id, safe='')}?{urlencode({**where, 'as_of': day.isoformat()})}"
    return ShownCitation(
        document=document.title,
        document_number=document.document_number,
        path="" if stands else "文件内容已有变动，请对照现在的原文",
        quote=words,
        link=f"{link}#quote" if stands else link,
        status=shown_status(library.status(document.id, day)),
    )
