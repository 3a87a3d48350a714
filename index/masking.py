"""The one mask for natural persons, the same everywhere: two different masks of one name can be spliced together.

Rules kept:
* A name keeps its surname; every other character becomes ``*``: 张三 → 张*, 欧阳文忠 → 欧阳**.
* A name that is not two to four Chinese characters keeps its first character and gets two stars.
* An identity number keeps its first three characters and its last one.
* In running text (``mask_text``) identity numbers, mobile numbers, bank card numbers and mail addresses are masked;
  names are not found there: without a list of persons every guess would also hit places and companies.
* A 统一社会信用代码 is no person's number and stays.

Source: 个人信息保护法 arts. 6, 28; GB 11643 (identity numbers), ISO/IEC 7812-1 (check digit of cards);
inventory, conventions (name 张*/欧阳**, ID first 3 last 1).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_COMPOUND_SURNAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|"
    "仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|乐正|宰父|谷梁|拓跋|夹谷|轩辕|令狐|段干|"
    "百里|呼延|东郭|羊舌|微生|左丘|西门|第五|公乘|达奚|纳兰"
)
_CHINESE_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{2,4}")
_SEPARATOR = re.compile(r"([、,，;；/])")
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_ALONE = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_ASCII = str.maketrans("０１２３４５６７８９Ｘｘ－＋＠．　", "0123456789Xx-+@. ")


class Personal(StrEnum):
    """What ``mask_text`` looks for; the values are kept with a masked text."""

    IDENTITY = "identity_number"
    CARD = "bank_card"
    MOBILE = "mobile"
    MAIL = "mail"


_PATTERNS = {
    Personal.IDENTITY: re.compile(
        _ALONE.format(
            rf"[1-8][0-9]{{5}}(?:[ -]?(?:19|20)[0-9]{{2}}{_DAY}[ -]?[0-9]{{3}}[0-9Xx]|[0-9]{{2}}{_DAY}[0-9]{{3}})"
        )
    ),
    Personal.CARD: re.compile(_ALONE.format(r"[1-9][0-9]{3}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{3})?")),
    Personal.MOBILE: re.compile(_ALONE.format(r"(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}")),
    Personal.MAIL: re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}"),
}


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A text without personal numbers, and which kinds were taken out, in the order of ``Personal``."""

    text: str
    kinds: tuple[Personal, ...] = ()


def mask_name(name: str) -> str:
    """A person's name, masked; several names joined by 、 or a comma are masked one by one. Empty stays empty."""
    return "".join(part if _SEPARATOR.fullmatch(part) else _mask_one(part.strip()) for part in _SEPARATOR.split(name))


def mask_id(number: str) -> str:
    """An identity number, masked: 320***…*4. A number of four characters or fewer is masked whole."""
    text = number.strip()
    if len(text) <= 4:
        return "*" * len(text)
    return text[:3] + "*" * (len(text) - 4) + text[-1]


def mask_text(text: str) -> MaskedText:
    """``text`` with the numbers of natural persons masked; it keeps its length."""
    kinds = []
    for kind, pattern in _PATTERNS.items():
        spans = [match.span() for match in pattern.finditer(text.translate(_ASCII)) if _is(kind, match.group())]
        for start, end in spans:
            text = text[:start] + mask_id(text[start:end]) + text[end:]
        if spans:
            kinds.append(kind)
    return MaskedText(text, tuple(kinds))


def _is(kind: Personal, found: str) -> bool:
    """A card number has the right check digit (Luhn); the others are known by their form."""
    if kind is not Personal.CARD:
        return True
    digits = [int(digit) for digit in found if digit.isdigit()][::-1]
    doubled = (sum(divmod(digit * 2, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _mask_one(name: str) -> str:
    if not _CHINESE_NAME.fullmatch(name):
        return name[:1] + "**" if len(name) > 1 else "*" * len(name)
    kept = 2 if len(name) > 2 and _COMPOUND_SURNAME.match(name) else 1
    return name[:kept] + "*" * (len(name) - kept)
