"""The experts' words on questions: approve, retract, and which of them count.

Rules:

* An answer and a confirmation name at least one clause; only an answer has words and a last day.
* Of the words of one kind on one entry the last counts; a retraction takes back all that still count.
* Nobody approves or retracts without a name.
* Whether the clauses still stand is not decided here, but against the library (``index.questions.standing``).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from index.errors import QuestionError, UnknownQuestion
from index.masking import mask_text
from index.questions.log import add_clauses, entry_for, key_of, storable
from index.questions.model import Approval, ApprovalKind, Cited, NewApproval
from index.questions.sameness import same_key
from index.questions.store import QuestionStore
from index.questions.tables import approval_clauses, approvals, entries, retractions

TEXT_MAX = 2_000
CLAUSES_MAX = 100
Stamp = tuple[int, int]


def approve(store: QuestionStore, question: int | str, word: NewApproval) -> int:
    """An expert's word on an entry (by number) or on a question (by its words); returns the entry's number.

    Raises UnknownQuestion, and QuestionError when something is missing.
    """
    _check(word)
    with store.writing() as connection:
        number = _number(connection, question)
        row = {"entry": number, "at": word.at, "kind": word.kind, "until": word.until}
        texts = {"by": storable(word.by.strip()), "text": storable(word.text.strip())}
        added = connection.execute(insert(approvals).values(**row, **texts))
        add_clauses(connection, approval_clauses, key_of(added), word.citations)
    return number


def retract(store: QuestionStore, number: int, *, by: str, at: datetime, reason: str) -> int:
    """Take back every word on an entry that still counts; returns how many. Raises UnknownQuestion, QuestionError."""
    _named(by)
    if not reason.strip():
        raise QuestionError("未写明撤回原因。", next_step="用 --reason 写明为什么撤回。", code="REASON_MISSING")
    taken = select(retractions.c.approval)
    said = {"by": storable(by.strip()), "reason": storable(reason.strip())}
    with store.writing() as connection:
        _known(connection, number)
        open_ones = select(approvals.c.id).where(approvals.c.entry == number, approvals.c.id.not_in(taken))
        ids = list(connection.scalars(open_ones))
        for approval in ids:
            connection.execute(insert(retractions).values(approval=approval, at=at, **said))
    return len(ids)


def stamp(store: QuestionStore) -> Stamp:
    """Changes when a word is added or taken back; cheap."""
    with store.reading() as connection:
        if connection is None:
            return (0, 0)
        last_approval = select(func.max(approvals.c.id)).scalar_subquery()
        approved, retracted = connection.execute(select(last_approval, func.max(retractions.c.id))).one()
    return approved or 0, retracted or 0


def history(store: QuestionStore, number: int | None = None) -> tuple[Approval, ...]:
    """Every word there ever was, oldest first; of one entry if its number is given."""
    with store.reading() as connection:
        if connection is None:
            return ()
        rows = (
            select(approvals, entries.c.question, retractions.c.at, retractions.c.by, retractions.c.reason)
            .join(entries, entries.c.number == approvals.c.entry)
            .outerjoin(retractions, retractions.c.approval == approvals.c.id)
            .order_by(approvals.c.id)
        )
        clauses = select(approval_clauses).order_by(approval_clauses.c.owner, approval_clauses.c.position)
        if number is not None:
            rows = rows.where(approvals.c.entry == number)
            clauses = clauses.join(approvals).where(approvals.c.entry == number)
        cited = defaultdict[int, list[Cited]](list)
        for clause in connection.execute(clauses):
            cited[clause.owner].append(Cited(clause.document_id, clause.title, clause.start, clause.end, clause.quote))
        return tuple(_approval(row, tuple(cited[row[0]])) for row in connection.execute(rows))


def counting(words: Iterable[Approval]) -> tuple[Approval, ...]:
    """Of these words, oldest first, the ones that count: the last of each kind and entry, unless it was taken back.

    A later answer or confirmation ends a dismissal, and a dismissal ends them.
    """
    last: dict[tuple[int, ApprovalKind], Approval] = {}
    for approval in words:
        if approval.retracted_at is not None:
            continue
        dismissal = approval.word.kind is ApprovalKind.DISMISS
        ended = [kind for kind in ApprovalKind if (kind is ApprovalKind.DISMISS) is not dismissal]
        for kind in (*ended, approval.word.kind):
            last.pop((approval.entry, kind), None)
        last[approval.entry, approval.word.kind] = approval
    return tuple(last.values())


def _approval(row: Any, cited: tuple[Cited, ...]) -> Approval:
    id_, entry, at, by, kind, text, until, question, retracted_at, retracted_by, reason = row
    word = NewApproval(ApprovalKind(kind), by, at, text, until, cited)
    return Approval(id_, entry, question, word, retracted_at, retracted_by, reason or "")


def _check(word: NewApproval) -> None:
    _named(word.by)
    if word.kind is not ApprovalKind.DISMISS and not 1 <= len(word.citations) <= CLAUSES_MAX:
        raise QuestionError(
            f"审核要写明依据的条文（1 到 {CLAUSES_MAX} 处）。",
            next_step="用 --cite 写明，例如 --cite 文件编号 第十四条。",
            code="CITATION_MISSING",
        )
    if word.kind is ApprovalKind.ANSWER and not 1 <= len(word.text.strip()) <= TEXT_MAX:
        raise QuestionError(
            f"答复内容应为 1 到 {TEXT_MAX} 个字。", next_step="用 --text 写明答复。", code="ANSWER_TEXT_MISSING"
        )


def _named(by: str) -> None:
    if not by.strip():
        raise QuestionError("未写明审核人。", next_step="用 --by 写明审核人的姓名或工号。", code="REVIEWER_MISSING")


def _number(connection: Connection, question: int | str) -> int:
    if isinstance(question, int):
        return _known(connection, question)
    if not same_key(question):
        raise QuestionError("问题是空的。", next_step="请写明问题原文。", code="QUESTION_MISSING")
    return entry_for(connection, mask_text(storable(question)).text)


def _known(connection: Connection, number: int) -> int:
    if connection.scalar(select(entries.c.number).where(entries.c.number == number)) is None:
        raise unknown(number)
    return number


def unknown(number: int) -> UnknownQuestion:
    return UnknownQuestion(
        f"问题记录里没有编号 {number}。", next_step="用 chenghe questions list --all 查看现有的编号。"
    )
