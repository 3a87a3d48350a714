"""The Chinese analyzer: text in, index tokens out, without any model weights.

Rules:

* ``fold`` keeps the length of the text: every character becomes exactly one (full width → half width, capitals → small,
  bracket and quote variants → one form), so that offsets into folded text are offsets into the original.
* ``fold_query`` may change the length: NFKC, then traditional → simplified (OpenCC t2s), then ``fold``.
* ``tokens`` gives characters and character pairs of Chinese runs; Latin words and numbers stay whole.

On public sets of law questions characters + pairs find more than dictionary words (STARD R@10 .50 against .47).
"""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

_VARIANTS = str.maketrans(
    {
        **dict.fromkeys("〔［【﹝〖", "("),
        **dict.fromkeys("〕］】﹞〗", ")"),
        **dict.fromkeys("[{", "("),
        **dict.fromkeys("]}", ")"),
        **dict.fromkeys("“”„‟＂「」『』″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("〈", "《"),
        **dict.fromkeys("〉", "》"),
        **dict.fromkeys("－—–―─", "-"),
    }
)
_RUN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𰀀〇]+|[a-z]+(?:[-_.][a-z0-9]+)*|[0-9]+(?:[.,][0-9]+)*")
MAX_QUERY_CHARACTERS = 2_000


def fold(text: str) -> str:
    """The comparable form of ``text``, character for character: ``len(fold(text)) == len(text)``."""
    return "".join(map(_fold_character, text.translate(_VARIANTS)))


def fold_query(text: str) -> str:
    """The comparable form of what a person typed: also simplified, without control characters."""
    plain = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text[:MAX_QUERY_CHARACTERS])
    return fold(simplified(unicodedata.normalize("NFKC", plain)))


def simplified(text: str) -> str:
    """Traditional characters made simplified."""
    converted: str = _converter().convert(text)
    return converted


def tokens(folded: str) -> list[str]:
    """Index tokens of folded text, in order of appearance: characters, then pairs, of each Chinese run."""
    found: list[str] = []
    for match in _RUN.finditer(folded):
        run = match.group()
        if run[0].isascii():
            found.append(run)
        else:
            found.extend(run)
            found.extend(pairs(run))
    return found


def pairs(run: str) -> list[str]:
    """The character pairs of one run."""
    return [run[i : i + 2] for i in range(len(run) - 1)]


@cache
def _fold_character(character: str) -> str:
    normal = unicodedata.normalize("NFKC", character).lower()
    return normal if len(normal) == 1 else character


@cache
def _converter() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")
