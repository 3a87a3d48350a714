"""A 统一社会信用代码 as people type it: any width, any case, spaces around it."""

import unicodedata


def subject_code(typed: str) -> str:
    """The code as it is stored. What is no code stays what it is, to be told as unknown."""
    return unicodedata.normalize("NFKC", typed).strip().upper()
