"""Which free texts are taken as they are, told for thousands at once: the short cut of ``read_line/text/prose``.

Rule kept: ``are_plain`` never says True for texts of which one would be refused or changed (``cells.read_…``); a False
says nothing. ``tests/index/records/test_bulk.py`` holds the two against each other.
"""

import unicodedata
from collections.abc import Sequence

from index.invisible import has_unseen
from index.records.row_rules import Texts

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 11
"""Every number of a person that ``read_prose`` looks for has at least so many digits in a row."""


def are_plain(cells: Sequence[str], texts: Texts, limit: int) -> bool:
    """True only when every cell would be given as it is."""
    if max(map(len, cells), default=0) > limit:
        return False
    joined = "\n".join(cells)
    if texts is Texts.LINE and joined.count("\n") >= len(cells):
        return False
    # What is printable is no control, invisible, private-use or unpaired character; \ufffd is printable.
    shown = joined.replace("\n", "").replace("\u3000", "")
    if not shown.isprintable() or "\ufffd" in shown or not unicodedata.is_normalized("NFC", joined):
        return False
    if has_unseen(shown):
        return False
    return texts is not Texts.PROSE or _LONG_NUMBER not in joined.encode().translate(_DIGITS)
