"""Asking for admission to a subject's facts: what the decision needs is looked up, and a denial leaves its audit line.

Reads ``authorisations`` and ``subjects``; writes ``audit`` when the answer is no. Who is admitted leaves a line with
each read (``index.records.reading``).

Source: inventory D06 (otherwise deny and log); 个人信息保护法 art. 54.
"""

from datetime import datetime

from sqlalchemy import Connection, Engine, select

from index.access import Authorised, Claim, Duty, Entitlement, Scope, SelfReading, permit
from index.audit import append
from index.authorisations import find
from index.errors import AccessDenied
from index.rules.model import Office
from index.store import tables
from index.store.engine import writing

UNSTATED = "（未说明）"
MAX_KEPT = 100
"""Characters of a refused claim that the audit keeps of each part."""


def admit(
    engine: Engine, claim: Claim, subject_code: str, *, scope: Scope = Scope.RECORDS, now: datetime, office: Office
) -> Entitlement:
    """The entitlement to read about a subject. Raises AccessDenied, after its audit line has been committed."""
    try:
        return permit(
            claim,
            subject_code,
            scope=scope,
            now=now,
            office=office,
            parent_code=_parent(engine, subject_code) if _of_another(claim, subject_code) else None,
            authorisation=find(engine, claim.number) if isinstance(claim, Authorised) else None,
        )
    except AccessDenied as denial:
        note_denial(engine, *_who(claim), subject_code, f"{_words(claim)}：{denial.code}", now)
        raise


def note_denial(engine: Engine, actor: str, purpose: str, target: str, detail: str, now: datetime) -> None:
    """Commits the audit line of a denied read, whatever the claim said or left out."""
    with writing(engine) as connection:
        append_denial(connection, actor, purpose, target, detail, now)


def append_denial(connection: Connection, actor: str, purpose: str, target: str, detail: str, now: datetime) -> None:
    """The same in the caller's transaction."""
    line = {"actor": _kept(actor), "purpose": _kept(purpose), "target": _kept(target)}
    append(connection, at=now, action="access.denied", detail=detail, **line)


def _of_another(claim: Claim, subject_code: str) -> bool:
    return isinstance(claim, SelfReading) and claim.subject_code != subject_code


def _parent(engine: Engine, subject_code: str) -> str | None:
    subjects = tables.subjects
    with engine.connect() as connection:
        found: str | None = connection.execute(
            select(subjects.c.parent_code).where(subjects.c.code == subject_code)
        ).scalar()
    return found


def _who(claim: Claim) -> tuple[str, str]:
    match claim:
        case SelfReading():
            return claim.operator or claim.identity, claim.purpose
        case Authorised():
            return claim.operator or claim.grantee, claim.purpose
        case Duty():
            return claim.handler.strip() or claim.operator, claim.purpose


def _words(claim: Claim) -> str:
    match claim:
        case SelfReading():
            parts = ("本人", claim.subject_code, claim.identity)
        case Authorised():
            parts = ("授权", claim.number, claim.grantee)
        case Duty():
            parts = ("履职", claim.unit, claim.matter)
    return "，".join(map(_kept, parts))


def _kept(text: str) -> str:
    """The printable part of what was said, bounded: a claim must not write lines of its own into the audit."""
    return "".join(each for each in text.strip() if each.isprintable())[:MAX_KEPT].strip() or UNSTATED
