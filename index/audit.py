"""The audit line: who read or did what, when, for which purpose. One function writes it, nothing changes it.

Rules kept:
* Nobody acts without a name and a purpose.
* The line commits with the act it describes: the caller's transaction holds both.

Source: 个人信息保护法 arts. 34–37, 54 (agencies act within their duty, and keep account of it).
"""

from datetime import datetime

from sqlalchemy import Connection, insert

from index.errors import AccessDenied
from index.store.tables import audit


def append(
    connection: Connection, *, at: datetime, actor: str, purpose: str, action: str, target: str, detail: str = ""
) -> None:
    """Adds one line in the caller's transaction. Raises AccessDenied for an empty actor or purpose."""
    require_duty(actor, purpose)
    line = {"at": at, "actor": actor.strip(), "purpose": purpose.strip(), "action": action, "target": target}
    connection.execute(insert(audit), line | {"detail": detail})


def require_duty(actor: str, purpose: str) -> None:
    """Raises AccessDenied unless somebody acts for something."""
    if not actor.strip():
        raise AccessDenied("未说明经办人，不能查询或处理信用记录。", next_step="请填写经办人姓名或工号。")
    if not purpose.strip():
        raise AccessDenied("未说明用途，不能查询或处理信用记录。", next_step="请填写办理事项或查询用途。")
