"""Writing the log: every asking, every feedback; and the purge, the only thing that takes lines out.

Rules:

* Nothing is overwritten: each act is a row of its own (triggers hold it). Of several feedbacks the last counts.
* What is personal in a text is masked before it is stored (``index.masking.mask_text``); the kinds are written down.
* Control characters are left out: the log is read on terminals, and its texts come from anybody.
* One transaction per act: after a crash a line is there whole or not at all.
* A purge leaves its own line: who, when, what was deleted. Lines of the last six months cannot be purged.

Source: issue 3 §3; 网络安全法 (logs are kept for at least six months); docs/decisions/0091.
"""

import json
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from index.calendar import SHANGHAI
from index.errors import QuestionError, UnknownQuestion
from index.masking import mask_text
from index.questions.model import Cited, Feedback, Line
from index.questions.sameness import same_key
from index.questions.store import QuestionStore
from index.questions.tables import acts, approvals, asking_clauses, askings, entries, feedback, purges, removals

QUESTION_MAX = 2_000
NOTE_MAX = 300
FEEDBACK_MAX = 20
"""So many times the one who asked may change their mind."""
KEPT_DAYS = 184
"""Six months at their longest."""

_NOT_SHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
PLAIN = (
    *("ticket", "at", "channel", "actor", "turns", "as_of", "answered", "small_talk"),
    *("approval", "elapsed_ms", "version", "conversation"),
)
"""What of a line is stored as it is."""


def record(store: QuestionStore, line: Line) -> int:
    """Write one asking down; returns the number of its entry."""
    masked = _Masking()
    texts = {"question": line.question[:QUESTION_MAX], "whole": line.whole[:QUESTION_MAX], "answer": line.answer}
    lists = {"notices": line.notices, "suggestions": line.suggestions}
    row: dict[str, Any] = {name: masked(text) for name, text in texts.items()}
    row |= {name: _json([masked(text) for text in values]) for name, values in lists.items()}
    row |= {name: getattr(line, name) for name in PLAIN} | {"masked": _json(masked.kinds)}
    with store.writing() as connection:
        number = entry_for(connection, row["whole"])
        added = connection.execute(insert(askings).values(entry=number, **row))
        add_clauses(connection, asking_clauses, key_of(added), line.citations)
    return number


def give_feedback(store: QuestionStore, ticket: str, given: Feedback) -> None:
    """What a reader says of the answer they got. Raises UnknownQuestion, and QuestionError after too many."""
    note = mask_text(storable(given.note.strip()[:NOTE_MAX])).text
    with store.writing() as connection:
        asking = connection.scalar(select(askings.c.id).where(askings.c.ticket == ticket))
        if asking is None:
            raise UnknownQuestion("没有找到要评价的回答。", next_step="请重新提问后再评价。", code="ANSWER_UNKNOWN")
        so_far = connection.scalar(select(func.count()).where(feedback.c.asking == asking)) or 0
        if so_far >= FEEDBACK_MAX:
            raise QuestionError("这个回答的评价已改过多次。", next_step="以最后一次为准。", code="FEEDBACK_FULL")
        row = {"asking": asking, "at": given.at, "actor": given.actor, "verdict": given.verdict}
        connection.execute(insert(feedback).values(**row, note=note))


def purge(store: QuestionStore, *, before: date, by: str, now: datetime) -> int:
    """Delete the askings of the days before ``before``, and entries that hold nothing any more; returns how many.

    Raises QuestionError for lines that the law wants kept.
    """
    latest = now.astimezone(SHANGHAI).date() - timedelta(days=KEPT_DAYS)
    if before > latest:
        raise QuestionError(
            "问答记录属于网络日志，至少要保存六个月，不能清除更近的记录。",
            next_step=f"请把日期改为 {latest.isoformat()} 或更早。",
            code="RETENTION_TOO_SHORT",
        )
    moment = datetime.combine(before, time(), SHANGHAI)
    old = select(askings.c.id).where(askings.c.at < moment)
    with store.writing() as connection:
        count = connection.scalar(select(func.count()).select_from(old.subquery())) or 0
        connection.execute(insert(purges).values(at=now, by=by, before=moment, deleted=count))
        connection.execute(delete(feedback).where(feedback.c.asking.in_(old)))
        connection.execute(delete(asking_clauses).where(asking_clauses.c.owner.in_(old)))
        for dated in (askings, acts, removals):
            connection.execute(delete(dated).where(dated.c.at < moment))
        held = select(askings.c.entry).union(select(approvals.c.entry))
        connection.execute(delete(entries).where(entries.c.number.not_in(held)))
    store.compact()
    return count


def storable(text: str) -> str:
    """Text that may be shown on an expert's terminal: no control or direction characters, no lone surrogates."""
    return _NOT_SHOWN.sub(" ", text.encode("utf-8", "replace").decode())


def entry_for(connection: Connection, question: str) -> int:
    """The number of the entry for a masked question, made if need be."""
    key = same_key(question)
    number = connection.scalar(select(entries.c.number).where(entries.c.key == key))
    return number or key_of(connection.execute(insert(entries).values(key=key, question=question)))


def add_clauses(connection: Connection, table: Table, owner: int, clauses: tuple[Cited, ...]) -> None:
    rows = [
        {
            "owner": owner,
            "position": position,
            "document_id": cited.document_id,
            "title": cited.title,
            "start": cited.start,
            "end": cited.end,
            "quote": cited.quote,
        }
        for position, cited in enumerate(clauses)
    ]
    if rows:
        connection.execute(insert(table), rows)


def key_of(added: Any) -> int:
    """The number the database gave a new row."""
    return int(added.inserted_primary_key[0])


class _Masking:
    """Masks texts and remembers what was found in any of them."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()

    def __call__(self, text: str) -> str:
        masked = mask_text(storable(text))
        self._kinds.update(kind.value for kind in masked.kinds)
        return masked.text

    @property
    def kinds(self) -> list[str]:
        return sorted(self._kinds)


def _json(values: list[str]) -> str:
    return json.dumps(values, ensure_ascii=False)
