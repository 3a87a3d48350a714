"""What every reader gives: the text of a file as lines, and which lines the file itself marks as headings.

Rules: a table row is one line ``a | b | c``; a file that cannot be read is named in ``UnreadablePolicy``,
never returned as empty.
"""

from dataclasses import dataclass
from pathlib import Path

from index.errors import UnreadablePolicy

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Word files carry pictures; the text itself is bounded below."""

MAX_TEXT_CHARS = 1_000_000
MAX_LINES = 50_000
"""Ten times the Civil Code (1,260 articles, 0.1 million characters)."""


@dataclass(frozen=True, slots=True)
class RawText:
    """``headings``: (line, level) as the file's own styles say, level 0 = title; empty for plain text."""

    text: str
    headings: tuple[tuple[str, int], ...] = ()


def bounded(path: Path, text: str) -> str:
    """``text`` if it is of a size a person could have written; raises UnreadablePolicy otherwise."""
    if len(text) > MAX_TEXT_CHARS or text.count("\n") > MAX_LINES:
        reason = f"正文超过 {MAX_TEXT_CHARS // 10_000} 万字或 {MAX_LINES // 10_000} 万行"
        raise unreadable(path, reason, "请按文件拆分后再添加。", "POLICY_TOO_LARGE")
    return text


def unreadable(path: Path, reason: str, next_step: str, code: str = "POLICY_UNREADABLE") -> UnreadablePolicy:
    return UnreadablePolicy(f"{path.name}：{reason}", next_step=next_step, code=code)
