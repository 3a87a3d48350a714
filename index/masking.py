"""The one mask for natural persons, the same everywhere: two different masks of one name can be spliced together.

Rules kept:
* How many characters are seen is rule data (``index.rules.masks``); a masked value is as long as it was, and masking it
  again changes nothing.
* A name keeps its surname; every other character becomes ``*``: 张三 → 张*, 欧阳文忠 → 欧阳**.
* An identity number keeps its first three characters and its last one; so do the other numbers.
* An organisation is no person: as a partner it keeps its name, whom it has sent (委派代表) does not.
* In running text (``mask_text``) identity numbers, mobile numbers, bank card numbers and mail addresses are masked,
  in whatever digits they are written and whatever signs part them, also right behind a letter (ID…, Tel…);
  names are not found there: without a list of persons every guess would also hit places and companies. Persons who are
  known (``persons_in``) are masked by ``mask_persons``.
* A 统一社会信用代码 is no person's number and stays.

Source: 个人信息保护法 arts. 6, 28; GB 11643 (identity numbers), ISO/IEC 7812-1 (check digit of cards);
inventory, conventions (name 张*/欧阳**, ID first 3 last 1); decision: docs/decisions/0132.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from index.rules.masks import Item, mask_rules

_COMPOUND_SURNAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|"
    "仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|乐正|宰父|谷梁|拓跋|夹谷|轩辕|令狐|段干|"
    "百里|呼延|东郭|羊舌|微生|左丘|西门|第五|公乘|达奚|纳兰"
)
_ORGANISATION = re.compile(
    r".{3,}(?:公司|企业|合伙|中心|工厂|商店|商行|银行|合作社|联合社|联社|事务所|研究所|研究院|学院|学校|医院|协会|委员会|"
    r"基金|基金会|集团|经营部|门市部|营业部|服务部)(?:[(（][^()（）]*[)）])*"
)
_ONE = re.compile(r"[^、,，;；/]+")
_SENT = re.compile(r"(?P<by>.*)(?P<as>[(（]\s*委派代表\s*+[:：]?\s*+)(?P<person>[^()（）]+)(?P<end>[)）]\s*)")
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_LONGEST_CHINESE_NAME = 4
_ALONE = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_APART = r"(?<![0-9]){}(?![0-9])"
_GAP = r"[ .()\-]{0,2}"
_SIGNS = {"‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "·": ".", "・": "."}
"""What people part a number with, beside what Unicode itself folds."""


class Personal(StrEnum):
    """What ``mask_text`` looks for; the values are kept with a masked text."""

    IDENTITY = "identity_number"
    CARD = "bank_card"
    MOBILE = "mobile"
    MAIL = "mail"


_PATTERNS = {
    Personal.IDENTITY: re.compile(
        _APART.format(rf"[1-8][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}{_GAP}{_DAY}{_GAP}[0-9]{{3}}[0-9Xx]")
        + "|"
        + _ALONE.format(rf"[1-8][0-9]{{7}}{_DAY}[0-9]{{3}}")
    ),
    Personal.CARD: re.compile(_ALONE.format(rf"[1-9][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{3}})?")),
    Personal.MOBILE: re.compile(_APART.format(rf"(?:(?:\+|00)?86{_GAP})?1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}")),
    Personal.MAIL: re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}"),
}

_MAYBE = re.compile(r"\d(?:[^\w\n]{0,2}\d){9}|[@＠]")
"""Without ten digits in a row or a mail sign there is nothing to mask: most texts."""
_ITEMS = {
    Personal.IDENTITY: Item.IDENTITY,
    Personal.CARD: Item.CARD,
    Personal.MOBILE: Item.MOBILE,
    Personal.MAIL: Item.MAIL,
}


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A text without personal numbers, and which kinds were taken out, in the order of ``Personal``."""

    text: str
    kinds: tuple[Personal, ...] = ()


def mask_name(name: str) -> str:
    """A person's name, masked; several names joined by 、 or a comma are masked one by one. Empty stays empty."""
    return _ONE.sub(lambda found: _each_masked(found[0]), name)


def mask_id(number: str) -> str:
    """An identity number, masked: 320***…*4. A number of four characters or fewer is masked whole."""
    return mask_rules()[Item.IDENTITY].apply(number.strip())


def persons_in(name: str) -> tuple[str, ...]:
    """The full names of the persons in a name field; organisations are left out."""
    parts = (part for found in _ONE.findall(name) for part in _parts(found))
    return tuple(part for part in parts if len(part) > 1 and not _ORGANISATION.fullmatch(part))


def mask_persons(text: str, known: str | None) -> str:
    """``text`` with every personal number masked, and wherever they stand the persons of ``known``, a name field."""
    for person in sorted(persons_in(known or ""), key=len, reverse=True):
        text = text.replace(person, _mask_one(person))
    return mask_text(text).text


def mask_text(text: str) -> MaskedText:
    """``text`` with the numbers of natural persons masked; it keeps its length."""
    if not _MAYBE.search(text):
        return MaskedText(text)
    kinds = []
    for kind, pattern in _PATTERNS.items():
        spans = [match.span() for match in pattern.finditer(_folded(text)) if _is(kind, match.group())]
        for start, end in spans:
            text = text[:start] + mask_rules()[_ITEMS[kind]].apply(text[start:end]) + text[end:]
        if spans:
            kinds.append(kind)
    return MaskedText(text, tuple(kinds))


def _folded(text: str) -> str:
    """``text`` with every digit, letter and sign that stands for a plain one in its plain form; as long as it was."""
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = unicodedata.normalize("NFKC", character)
    return _SIGNS.get(character, folded if len(folded) == 1 and folded.isascii() else character)


def _is(kind: Personal, found: str) -> bool:
    """A card number has the right check digit (Luhn); the others are known by their form."""
    if kind is not Personal.CARD:
        return True
    digits = [int(digit) for digit in found if digit.isdigit()][::-1]
    doubled = (sum(divmod(digit * 2, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _each_masked(part: str) -> str:
    """One name of a list: a person, an organisation, or an organisation and whom it has sent."""
    sent = _SENT.fullmatch(part)
    if sent is None:
        return _within_spaces(part)
    return _within_spaces(sent["by"]) + sent["as"] + _within_spaces(sent["person"]) + sent["end"]


def _within_spaces(name: str) -> str:
    core = name.strip()
    return name.replace(core, _mask_one(core), 1) if core else name


def _parts(part: str) -> tuple[str, ...]:
    """A name as it stands, or the partner and whom it has sent."""
    sent = _SENT.fullmatch(part)
    names = (part,) if sent is None else (sent["by"], sent["person"])
    return tuple(name.strip() for name in names if name.strip())


def _mask_one(name: str) -> str:
    if _ORGANISATION.fullmatch(name):
        return name
    compound = 2 < len(name) <= _LONGEST_CHINESE_NAME and _COMPOUND_SURNAME.match(name)
    return mask_rules()[Item.COMPOUND_NAME if compound else Item.NAME].apply(name)
