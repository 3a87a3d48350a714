"""The subject in a credential: its code in 11 bytes, its name in UTF-16BE, and nothing that only looks like them.

* Code: 18 characters of GB 32100-2015 (digits and capitals without I O S V Z). The first 17 are one base-31 number;
  the check character is derived, never stored.
* Name: 1–120 UTF-16 units, NFC, no lone surrogates; no control, format, private-use or unassigned characters and no
  separators but the plain space: what a name prints is what it is.
"""

import re
from codecs import utf_16_be_decode
from operator import mul
from unicodedata import category, normalize

from verify.reasons import Reason, Rejection

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_BYTES = 11
NAME_UNITS_MAX = 120
CODE_END = (31**17).to_bytes(CODE_BYTES)
_PLAIN_NAME = re.compile("[\u4e00-\u9fa5（）0-9A-Za-z]{1,120}")
"""Ideographs U+4E00–U+9FA5, letters, digits, full-width brackets: nearly every name, and nothing to look at twice."""
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_WEIGHED_PAIRS = tuple(first + 3 * second for first in range(31) for second in range(31))
"""Two digits at once: how they are written, and what they add to the sum of the check character."""
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def check_character(body: str) -> str:
    """The 18th character for the first 17."""
    return ALPHABET[-sum(map(mul, map(ALPHABET.index, body), _WEIGHTS)) % 31]


def encode_code(code: str) -> bytes:
    """Raises Rejection for anything but a code with a true check character."""
    body = code[:17]
    if len(code) != 18 or any(c not in ALPHABET for c in code) or code[17] != check_character(body):
        raise Rejection(Reason.SUBJECT_CODE_INVALID, code[:18])
    number = 0
    for character in body:
        number = number * 31 + ALPHABET.index(character)
    return number.to_bytes(CODE_BYTES)


def decode_code(data: bytes) -> str:
    """The 18 characters. Raises Rejection for another length or a number of more than 17 digits."""
    if len(data) != CODE_BYTES or data >= CODE_END:
        raise Rejection(Reason.SUBJECT_CODE_INVALID)
    number = int.from_bytes(data)
    pairs, weighed = [""] * 8, 0
    for place in range(7, -1, -1):
        number, pair = divmod(number, 961)
        pairs[place] = _PAIRS[pair]
        weighed += _WEIGHED_PAIRS[pair] * _WEIGHTS[2 * place + 1]
    return f"{ALPHABET[number]}{''.join(pairs)}{ALPHABET[-(number + weighed) % 31]}"


def encode_name(name: str) -> bytes:
    """Raises Rejection for a name that breaks the rules above."""
    _refuse_bad_text(name)
    return name.encode("utf-16-be")


def decode_name(data: bytes) -> str:
    """Raises Rejection, and nothing else."""
    try:
        name = utf_16_be_decode(data, "strict", True)[0]  # bytes.decode goes a long way to the same, in Python
    except UnicodeDecodeError as error:
        raise Rejection(Reason.SUBJECT_NAME_INVALID) from error
    if _PLAIN_NAME.fullmatch(name) is None:
        _refuse_bad_text(name)
    return name


def _refuse_bad_text(name: str) -> None:
    units = sum(2 if ord(character) > 0xFFFF else 1 for character in name)
    bad = [character for character in name if _refused(character)]
    if not 1 <= units <= NAME_UNITS_MAX or bad or name != normalize("NFC", name) or name != name.strip():
        raise Rejection(Reason.SUBJECT_NAME_INVALID, "".join(f"U+{ord(character):04X} " for character in bad[:5]))


def _refused(character: str) -> bool:
    kind = category(character)
    return kind in _REFUSED_CATEGORIES or (kind == "Zs" and character != " ")
