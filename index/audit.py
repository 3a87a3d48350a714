"""The audit line: who read or did what, when, for which purpose. One function writes it, nothing changes it.

Rules kept:
* Nobody acts without a name and a purpose.
* The line commits with the act it describes: the caller's transaction holds both. No line, no act.
* Each line is chained to the one before (``index.audit_chain``). Who writes at the same time cannot fork the chain:
  SQLite has one writer, a transaction that read an older head cannot become it, and a trigger refuses a line that does
  not stand behind the last one.

Source: 个人信息保护法 arts. 34–37, 54 (agencies act within their duty, and keep account of it); issue 6 §3.
"""

from datetime import datetime

from sqlalchemy import Connection

from index.audit_chain import START, Head, line_hash
from index.errors import AccessDenied, AuditError
from index.store.columns import moment_text

_ADD = "INSERT INTO audit (id, at, actor, purpose, action, target, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
"""The fields in the order of ``FIELDS``. Written without the compiler: twice as fast."""
_LAST = "SELECT id, CAST(hash AS BLOB) FROM audit ORDER BY id DESC LIMIT 1"


def append(
    connection: Connection, *, at: datetime, actor: str, purpose: str, action: str, target: str, detail: str = ""
) -> None:
    """Adds one line in the caller's transaction.

    Raises AccessDenied for an empty actor or purpose, AuditError when the database passes the line over.
    """
    require_duty(actor, purpose)
    line = (moment_text(at), actor.strip(), purpose.strip(), action, target, detail)
    last = head(connection)
    number = last.number + 1
    chained = line_hash(last.hash, number, [field.encode() for field in line])
    added = connection.exec_driver_sql(_ADD, (number, *line, chained))
    if added.rowcount != 1:
        raise AuditError(
            "数据库没有留下审计记录，没有办理。",
            next_step="审计表可能被加了触发器：请用 chenghe audit verify 核对，报告负责人。",
            code="AUDIT_NOT_KEPT",
        )


def head(connection: Connection) -> Head:
    """The last line as stored."""
    last = connection.exec_driver_sql(_LAST).one_or_none()
    return START if last is None else Head(last[0], last[1] or b"")


def require_duty(actor: str, purpose: str) -> None:
    """Raises AccessDenied unless somebody acts for something."""
    if not actor.strip():
        raise AccessDenied("未说明经办人，不能查询或处理信用记录。", next_step="请填写经办人姓名或工号。")
    if not purpose.strip():
        raise AccessDenied("未说明用途，不能查询或处理信用记录。", next_step="请填写办理事项或查询用途。")
