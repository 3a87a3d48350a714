"""A conversation of the log as the page shows it again: its words as they were given, its sources as they stand now.

* A clause is linked at its span while the text still says it there; a text that has changed since is linked as a whole,
  and one that has left the library is named without a link.
* The status is that of the day that was asked about.
* Of what an action was asked for there are the member's words, masked, and never what was answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import quote, urlencode

from bot.assistant.answer import Role, Turn
from bot.assistant.approved import NEAR
from bot.assistant.wording import CLOSEST
from bot.channels.asking import TURN_MAX, TURNS_KEPT
from bot.channels.showing import (
    READING,
    ShownAnswer,
    ShownCitation,
    ShownRating,
    ShownStatus,
    day_in_words,
    shown_status,
)
from bot.channels.showing_acted import WHAT
from index.calendar import SHANGHAI
from index.errors import UnknownPolicy
from index.policies.library import Library
from index.questions.model import Act, Asking, Cited, Conversation

GONE = ShownStatus("已不在文库", "unsure", "")


@dataclass(frozen=True, slots=True)
class ShownListed:
    """A line of the list. ``time`` and ``channel`` in words; ``more``: how much was said after ``first``."""

    id: str
    first: str
    time: str
    channel: str
    more: int


@dataclass(frozen=True, slots=True)
class ShownWish:
    """What an action was asked for. ``what``: the action, as ``docs/actions.md`` calls it."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class ShownConversation:
    """``began``: day and time in words."""

    id: str
    first: str
    began: str
    said: tuple[ShownAnswer | ShownWish, ...]
    masked: bool


def listed_by_day(found: Sequence[Conversation], today: date) -> tuple[tuple[str, tuple[ShownListed, ...]], ...]:
    """The days in words with their lines, in the order of ``found``."""
    days = groupby(found, lambda each: each.last_at.astimezone(SHANGHAI).date())
    return tuple((_day(day, today), tuple(map(_listed, of_day))) for day, of_day in days)


def shown_conversation(name: str, said: Sequence[Asking | Act], library: Library) -> ShownConversation:
    """The whole of it. For a thread that may read the library."""
    first = said[0]
    text, at = (first.line.question, first.line.at) if isinstance(first, Asking) else (first.text, first.at)
    shown = tuple(
        shown_again(each, library) if isinstance(each, Asking) else ShownWish(each.text, WHAT.get(each.action, "办理"))
        for each in said
    )
    masked = any(each.masked for each in said if isinstance(each, Asking))
    moment = at.astimezone(SHANGHAI)
    return ShownConversation(name, text, f"{day_in_words(moment.date())} {moment:%H:%M}", shown, masked)


def turns_again(said: Sequence[Asking | Act]) -> tuple[Turn, ...]:
    """By what the next question is understood: the last of what the texts were asked, as it is in the log."""
    turns: list[Turn] = []
    for each in said:
        if isinstance(each, Asking):
            turns.append(Turn(Role.USER, each.line.question))
            turns.append(Turn(Role.ASSISTANT, each.line.answer[:TURN_MAX]))
    return tuple(turns[-TURNS_KEPT:])


def _listed(found: Conversation) -> ShownListed:
    time = f"{found.last_at.astimezone(SHANGHAI):%H:%M}"
    return ShownListed(found.id, found.first, time, found.channel.label, found.turns - 1)


def _day(day: date, today: date) -> str:
    ago = (today - day).days
    return f"{day_in_words(day)}{'（今天）' if ago == 0 else '（昨天）' if ago == 1 else ''}"


def shown_again(asking: Asking, library: Library) -> ShownAnswer:
    """One answer. For a thread that may read the library."""
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
