"""The only place that reads the clock, and the reading of moments people type. Asia/Shanghai, always aware."""

import getpass
from datetime import date, datetime

from bot.errors import UsageError
from verify.validity import SHANGHAI


def now() -> datetime:
    return datetime.now(SHANGHAI)


def today() -> date:
    return now().date()


def moment(text: str) -> datetime:
    """ISO 8601; without an offset it is Asia/Shanghai, without a time it is the first second of the day."""
    try:
        read = datetime.fromisoformat(text.strip())
        return read.replace(tzinfo=SHANGHAI) if read.tzinfo is None else read.astimezone(SHANGHAI)
    except (ValueError, OverflowError) as cause:
        raise UsageError(
            f"看不懂时间“{text}”。", next_step="请写成 2026-09-20T23:59:59+08:00 这样的形式。", code="MOMENT_UNREADABLE"
        ) from cause


def day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as cause:
        raise UsageError(
            f"看不懂日期“{text}”。", next_step="请写成 2026-11-21 这样的形式。", code="DAY_UNREADABLE"
        ) from cause


def operator() -> str:
    """Who runs the command, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no user name for this uid, as in a bare container
        return "本机操作员"
