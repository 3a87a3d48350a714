"""Reading a policy file: what it is, is decided by its content, not by its name.

``read`` chooses the reader; one module or folder per format. The order of things:
``opening`` (bytes, bounded) → ``kinds`` (what it is) → the reader, in a bounded child process (``isolation``) for
formats that native code parses → ``RawText``.

Every file comes from an enemy: sizes, time and memory are bounded; what cannot be read is named with the next step.
"""

from pathlib import Path

from index.policies.readers.kinds import WHAT_TO_DO, Kind, kind_of
from index.policies.readers.opening import content_of
from index.policies.readers.raw import RawText, unreadable


def read(path: Path) -> tuple[RawText, bytes]:
    """The text of one file and its bytes; raises UnreadablePolicy with what to do next."""
    content = content_of(path)
    return read_content(path, content), content


def read_content(path: Path, content: bytes) -> RawText:
    """The text of ``content``; ``path`` only names it."""
    kind = kind_of(content)
    if kind in WHAT_TO_DO:
        code = "POLICY_ENCRYPTED" if kind is Kind.ENCRYPTED_OFFICE else "POLICY_FORMAT"
        raise unreadable(path, *WHAT_TO_DO[kind], code)
    if kind is Kind.TEXT:
        return _plain(path, content)
    if kind in (Kind.OLD_WORD, Kind.RTF, Kind.OPEN_DOCUMENT):
        from index.policies.readers.legacy import read_legacy

        return read_legacy(path, kind, content)
    from index.policies.readers.isolation import read_apart

    return read_apart(path, kind, content)


def _plain(path: Path, content: bytes) -> RawText:
    from index.policies.readers import markdown
    from index.policies.readers.txt import read_txt

    if path.suffix.lower() in markdown.SUFFIXES:
        return markdown.read_markdown(path, content)
    return read_txt(path, content)


__all__ = ["RawText", "read", "read_content"]
