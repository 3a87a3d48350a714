"""Reading the log as an expert does: the list of questions, and one question with all that happened to it.

What members see of their own: ``index.questions.conversations``.

Rules:

* How an entry stands is decided by the last time it was asked: a refusal that a new text has answered since is none,
  and an approved answer that was taken back since is a refusal again.
* Of the feedbacks on one asking the last counts.
* Unanswered first those asked most often.
"""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from index.questions.approving import counting, history, unknown
from index.questions.model import Approval, Asking, Channel, Cited, Entry, Feedback, Line, Verdict
from index.questions.store import QuestionStore
from index.questions.tables import asking_clauses, askings, entries, feedback, retractions
from index.store.columns import Moment


def entries_of(store: QuestionStore) -> tuple[Entry, ...]:
    """Every entry, those asked most often first."""
    standing = defaultdict[int, list[Approval]](list)
    for approval in counting(history(store)):
        standing[approval.entry].append(approval)
    with store.reading() as connection:
        if connection is None:
            return ()
        found = [_entry(row, tuple(standing[row.number])) for row in connection.execute(_overview())]
    return tuple(sorted(found, key=lambda entry: (-entry.asked, entry.number)))


def entry_of(store: QuestionStore, number: int) -> Entry:
    """One entry. Raises UnknownQuestion."""
    with store.reading() as connection:
        row = connection and connection.execute(_overview().where(entries.c.number == number)).one_or_none()
    if not row:
        raise unknown(number)
    return _entry(row, counting(history(store, number)))


def askings_of(store: QuestionStore, number: int, limit: int) -> tuple[Asking, ...]:
    """The last ``limit`` times an entry was asked, newest first."""
    with store.reading() as connection:
        if connection is None:
            return ()
        chosen = select(askings).where(askings.c.entry == number).order_by(askings.c.id.desc()).limit(limit)
        return read_askings(connection, chosen)


def read_askings(connection: Connection, chosen: Select[Any]) -> tuple[Asking, ...]:
    """The rows of ``chosen`` with their clauses and feedback."""
    rows = connection.execute(chosen).all()
    ids = [row.id for row in rows]
    clauses, said = _clauses(connection, ids), _feedback(connection, ids)
    return tuple(_asking(row, tuple(clauses[row.id]), tuple(said[row.id])) for row in rows)


def _overview() -> Select[Any]:
    """One row per entry: number, question, asked, at, answered, small_talk, useful, useless, useless_at."""
    last = select(askings.c.entry, func.count().label("asked"), func.max(askings.c.id).label("last"))
    last_of = last.group_by(askings.c.entry).subquery()
    newest = select(func.max(feedback.c.id)).group_by(feedback.c.asking)
    counted = (
        select(askings.c.entry, _count(Verdict.USEFUL), _count(Verdict.USELESS), _last(Verdict.USELESS))
        .join(feedback, feedback.c.asking == askings.c.id)
        .where(feedback.c.id.in_(newest))
        .group_by(askings.c.entry)
        .subquery()
    )
    taken_back = askings.c.approval.in_(select(retractions.c.approval))
    answered = case((taken_back, False), else_=askings.c.answered).label("answered")
    return (
        select(entries, last_of.c.asked, askings.c.at, answered, askings.c.small_talk, *counted.c[1:])
        .outerjoin(last_of, last_of.c.entry == entries.c.number)
        .outerjoin(askings, askings.c.id == last_of.c.last)
        .outerjoin(counted, counted.c.entry == entries.c.number)
    )


def _count(verdict: Verdict) -> ColumnElement[int]:
    return func.sum(case((feedback.c.verdict == verdict, 1), else_=0)).label(verdict.value)


def _last(verdict: Verdict) -> ColumnElement[datetime]:
    return func.max(case((feedback.c.verdict == verdict, feedback.c.at)), type_=Moment).label(f"{verdict}_at")


def _entry(row: Any, standing: tuple[Approval, ...]) -> Entry:
    return Entry(
        number=row.number,
        question=row.question,
        asked=row.asked or 0,
        last_at=row.at,
        answered=row.answered,
        small_talk=bool(row.small_talk),
        useful=row.useful or 0,
        useless=row.useless or 0,
        useless_at=row.useless_at,
        standing=standing,
    )


def _clauses(connection: Connection, ids: list[int]) -> dict[int, list[Cited]]:
    found = defaultdict[int, list[Cited]](list)
    rows = select(asking_clauses).where(asking_clauses.c.owner.in_(ids)).order_by(asking_clauses.c.position)
    for row in connection.execute(rows):
        found[row.owner].append(Cited(row.document_id, row.title, row.start, row.end, row.quote))
    return found


def _feedback(connection: Connection, ids: list[int]) -> dict[int, list[Feedback]]:
    found = defaultdict[int, list[Feedback]](list)
    for row in connection.execute(select(feedback).where(feedback.c.asking.in_(ids)).order_by(feedback.c.id)):
        found[row.asking].append(Feedback(row.at, row.actor, Verdict(row.verdict), row.note))
    return found


def _asking(row: Any, citations: tuple[Cited, ...], said: tuple[Feedback, ...]) -> Asking:
    line = Line(
        ticket=row.ticket,
        at=row.at,
        channel=Channel(row.channel),
        actor=row.actor,
        question=row.question,
        whole=row.whole,
        turns=row.turns,
        as_of=row.as_of,
        answered=row.answered,
        small_talk=row.small_talk,
        approval=row.approval,
        answer=row.answer,
        citations=citations,
        notices=tuple(json.loads(row.notices)),
        suggestions=tuple(json.loads(row.suggestions)),
        elapsed_ms=row.elapsed_ms,
        version=row.version,
        conversation=row.conversation,
    )
    return Asking(row.id, line, tuple(json.loads(row.masked)), said)
