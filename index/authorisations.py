"""The register of signed authorisations: taken in with their file, listed, handed out, revoked.

Reads and writes ``authorisations``; every act leaves an audit line in its transaction.

Rules kept:
* Subject, grantee, scope and term are said; the term has a first and a last day.
* The signed file comes with it: at most 10 MB, pdf, jpg, png or docx by its content; it is kept with its SHA-256.
* Nothing is changed or deleted; an authorisation can be revoked once, at any time, with a reason.

Source: inventory D06; 个人信息保护法 art. 15 (consent can be withdrawn), art. 54.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import Connection, Engine, RowMapping, Select, insert, select, update

from index.access import Authorisation, Scope, said
from index.audit import append, require_duty
from index.calendar import SHANGHAI
from index.cases.evidence import Evidence, checked, kind_of
from index.cases.numbers import next_number
from index.errors import AuthorisationError
from index.records.cells import CellError, read_code
from index.store import tables
from index.store.engine import writing

PREFIX = "SQ"
PURPOSE = "授权书登记"
KINDS = frozenset({"pdf", "jpg", "png", "docx"})
_COLUMNS = tuple(tables.authorisations.c[each.name] for each in fields(Authorisation))


@dataclass(frozen=True, slots=True)
class Grant:
    """What a signed authorisation says. Both days inclusive."""

    subject_code: str
    grantee: str
    scope: Scope
    valid_from: date
    valid_to: date


def register(engine: Engine, grant: Grant, file: Evidence, *, actor: str, now: datetime) -> Authorisation:
    """Takes an authorisation in. Raises AuthorisationError, CaseError (the file), AccessDenied."""
    require_duty(actor, PURPOSE)
    grant = _checked(grant, now.astimezone(SHANGHAI).date())
    kept = _signed(file)
    with writing(engine) as connection:
        _require_subject(connection, grant.subject_code)
        found = Authorisation(
            number=next_number(connection, PREFIX, now.astimezone(SHANGHAI).date()),
            subject_code=grant.subject_code,
            grantee=grant.grantee,
            scope=grant.scope,
            valid_from=grant.valid_from,
            valid_to=grant.valid_to,
            file_name=kept.name,
            file_sha256=kept.sha256,
            registered_at=now,
            actor=actor.strip(),
        )
        row = {each.name: getattr(found, each.name) for each in fields(found)} | {"scope": found.scope.value}
        connection.execute(insert(tables.authorisations).values(**row, file=kept.content))
        _note(connection, "authorisation.register", found.number, actor, now, f"{grant.subject_code}，{grant.grantee}")
    return found


def revoke(engine: Engine, number: str, *, reason: str, actor: str, now: datetime) -> Authorisation:
    """Withdraws an authorisation from this moment on. Raises AuthorisationError, AccessDenied."""
    require_duty(actor, PURPOSE)
    if not reason.strip():
        raise AuthorisationError("没有写明撤销原因。", next_step="请写明原因。", code="REASON_MISSING")
    table = tables.authorisations
    with writing(engine) as connection:
        found = _one(connection, number)
        if found is None:
            raise _unknown(number)
        if found.revoked_at is not None:
            raise AuthorisationError(
                f"授权书 {number} 已于 {found.revoked_at:%Y-%m-%d %H:%M} 撤销。",
                next_step="不必再撤销。",
                code="AUTHORISATION_REVOKED",
            )
        change = {"revoked_at": now, "revoked_by": actor.strip(), "revoked_reason": reason.strip()}
        connection.execute(update(table).where(table.c.number == number).values(**change))
        _note(connection, "authorisation.revoke", number, actor, now, reason.strip())
        return _read(connection, select(*_COLUMNS).where(table.c.number == number))[0]


def listed(engine: Engine, *, actor: str, now: datetime, subject_code: str | None = None) -> tuple[Authorisation, ...]:
    """The authorisations of a subject, or all; newest first. Leaves an audit line."""
    table = tables.authorisations
    wanted = select(*_COLUMNS).order_by(table.c.registered_at.desc(), table.c.number.desc())
    if subject_code is not None:
        wanted = wanted.where(table.c.subject_code == subject_code)
    with writing(engine) as connection:
        found = _read(connection, wanted)
        _note(connection, "authorisation.list", subject_code or "authorisations", actor, now, f"{len(found)} 份")
    return found


def file_of(engine: Engine, number: str, *, actor: str, now: datetime) -> Evidence:
    """The signed file as it came. Raises AuthorisationError when there is no such number."""
    table = tables.authorisations
    with writing(engine) as connection:
        row = connection.execute(select(table.c.file_name, table.c.file).where(table.c.number == number)).first()
        _note(connection, "authorisation.file", number, actor, now, "" if row else "没有此编号")
    if row is None:
        raise _unknown(number)
    return Evidence(row.file_name, row.file)


def find(engine: Engine, number: str) -> Authorisation | None:
    """The authorisation of a number, for the decision about a read: that read has its own audit line."""
    with engine.connect() as connection:
        return _one(connection, number)


def _checked(grant: Grant, today: date) -> Grant:
    try:
        code = read_code(grant.subject_code)
    except CellError as error:
        raise _wrong(f"统一社会信用代码{error.message}", error.next_step) from error
    if grant.valid_to < grant.valid_from:
        raise _wrong("授权截止日早于起始日", "请核对授权书上的日期。")
    if grant.valid_to < today:
        raise _wrong("授权书已过期", "请由主体重新出具授权书。")
    return Grant(code, said(grant.grantee, "被授权人"), grant.scope, grant.valid_from, grant.valid_to)


def _signed(file: Evidence) -> Evidence:
    kept = checked([file])[0]
    if kind_of(kept.content) not in KINDS:
        raise _wrong("授权书文件不是 pdf、jpg、png 或 docx", "请提交签章后的扫描件或照片。")
    return kept


def _require_subject(connection: Connection, code: str) -> None:
    if connection.execute(select(tables.subjects.c.code).where(tables.subjects.c.code == code)).first() is None:
        raise _wrong(f"没有统一社会信用代码为 {code} 的经营主体", "请核对代码，或先导入主体信息。")


def _one(connection: Connection, number: str) -> Authorisation | None:
    found = _read(connection, select(*_COLUMNS).where(tables.authorisations.c.number == number))
    return found[0] if found else None


def _read(connection: Connection, wanted: Select[tuple[object, ...]]) -> tuple[Authorisation, ...]:
    return tuple(_authorisation(row) for row in connection.execute(wanted).mappings())


def _authorisation(row: RowMapping) -> Authorisation:
    return Authorisation(**{**row, "scope": Scope(row["scope"])})


def _note(connection: Connection, action: str, target: str, actor: str, now: datetime, detail: str) -> None:
    append(connection, at=now, actor=actor, purpose=PURPOSE, action=action, target=target[:100], detail=detail)


def _unknown(number: str) -> AuthorisationError:
    return AuthorisationError(
        f"没有编号为 {number[:40]} 的授权书。",
        next_step="请用 chenghe authorisations list 查看编号。",
        code="AUTHORISATION_UNKNOWN",
    )


def _wrong(problem: str, next_step: str) -> AuthorisationError:
    return AuthorisationError(f"{problem}。", next_step=next_step, code="AUTHORISATION_WRONG")
