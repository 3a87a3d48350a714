"""The subject in a credential: its code in 11 bytes, its name in UTF-16BE, and nothing that only looks like them.

* Code: 18 characters of GB 32100-2015 (digits and capitals without I O S V Z). The first 17 are one base-31 number;
  the check character is derived, never stored.
* Name: 1–120 UTF-16 units, NFC, no lone surrogates; no control, format, private-use or unassigned characters and no
  separators but the plain space: what a name prints is what it is.
"""

from unicodedata import category, normalize

from verify.reasons import Reason, Rejection

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_BYTES = 11
NAME_UNITS_MAX = 120
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def check_character(body: str) -> str:
    """The 18th character for the first 17."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


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
    number = int.from_bytes(data)
    if len(data) != CODE_BYTES or number >= 31**17:
        raise Rejection(Reason.SUBJECT_CODE_INVALID)
    digits = []
    for _ in range(17):
        number, digit = divmod(number, 31)
        digits.append(ALPHABET[digit])
    body = "".join(reversed(digits))
    return body + check_character(body)


def encode_name(name: str) -> bytes:
    """Raises Rejection for a name that breaks the rules above."""
    _refuse_bad_name(name)
    return name.encode("utf-16-be")


def decode_name(data: bytes) -> str:
    """Raises Rejection, and nothing else."""
    try:
        name = data.decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise Rejection(Reason.SUBJECT_NAME_INVALID) from error
    _refuse_bad_name(name)
    return name


def _refuse_bad_name(name: str) -> None:
    units = sum(2 if ord(character) > 0xFFFF else 1 for character in name)
    bad = [character for character in name if _refused(character)]
    if not 1 <= units <= NAME_UNITS_MAX or bad or name != normalize("NFC", name) or name != name.strip():
        raise Rejection(Reason.SUBJECT_NAME_INVALID, "".join(f"U+{ord(character):04X} " for character in bad[:5]))


def _refused(character: str) -> bool:
    kind = category(character)
    return kind in _REFUSED_CATEGORIES or (kind == "Zs" and character != " ")
