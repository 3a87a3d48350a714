"""The triggers that guard the audit in the database: no change, no deletion, no line but behind the last one."""

GUARDS = {
    "audit_kept": (
        "CREATE TRIGGER audit_kept BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END"
    ),
    "audit_fixed": (
        "CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows never change'); END"
    ),
    "audit_in_order": (
        "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit "
        "WHEN NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM audit) OR length(NEW.hash) <> 32 "
        "BEGIN SELECT RAISE(ABORT, 'a line of the audit stands behind the last one'); END"
    ),
}
"""Name → exactly as SQLite keeps it: ``index.audit_lines`` compares."""
