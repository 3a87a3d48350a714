"""Reading single cells: text in, value out, or a ``CellError`` that tells the clerk what to write instead.

Rules kept:
* Nothing is guessed: a cell is exactly one of the accepted spellings or refused.
* Amounts are exact decimals ≥ 0 in 万元, to the fen (six places); 元 only when the cell says so.
* 2099-12-31 and 长期 mean "no end".
* What a report will print holds no person's identity, mobile or bank card number (个人信息保护法 arts. 6, 28).
* Control characters, invisible and text-reversing characters, mojibake, and private-use characters (self-made glyphs
  that another machine cannot print) are refused; text that looks like a formula is text and stays text.

Source: GB 32100 (checked by python-stdnum); 双公示 conventions (2099/12/31 = 长期).
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import mul
from typing import TypeVar

from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from index.invisible import has_unseen
from index.masking import mask_text

Choice = TypeVar("Choice", bound=StrEnum)

_IDENTITY_LENGTH = 18
_EARLIEST_BIRTH = date(1850, 1, 1)
_CHECK_IDENTITY = "请核对证件；本列只核对，不保存，也可以清空。"
LONG_TERM = date(2099, 12, 31)
EARLIEST = date(1949, 10, 1)

_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?",
    re.ASCII,
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_EXCEL_DAY = re.compile(r"[1-7]\d{4}(?:\.\d+)?", re.ASCII)
_AMOUNT = re.compile(r"((?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d{1,6})?)(万元?|元)?", re.ASCII)
_YUAN_PER_WAN = 10_000
_MAX_PLACES = 6
MAX_AMOUNT_CHARACTERS = 64
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.ASCII)
_CODE = re.compile("[0-9]{8}[0-9A-HJ-NP-RTUWXY]{10}")
_CODE_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
"""GB 32100-2015, 5.3; the last is that of the check character."""
_AS_TEXT = re.compile("=?[\"'“”‘’`]+|[\"'“”‘’`]+$")
"""How clerks and exports make a spreadsheet keep a code as text: a leading apostrophe, quotes, ="…"."""
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_SELF_MADE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_PERSONAL_NUMBERS = (
    (re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])", re.ASCII), ric.is_valid),
    (re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d{9}(?![0-9A-Za-z元]|\.\d)", re.ASCII), bool),
    (re.compile(r"(?<![0-9A-Za-z])6\d{15,18}(?![0-9A-Za-z])", re.ASCII), luhn.is_valid),
)
"""Resident identity numbers, mobile numbers, bank cards: what looks like one, and what must hold for it to be one."""
_BREAKS = re.compile(r"[\t\r\n]")
_YES = frozenset({"是", "1", "Y", "YES", "TRUE", "公示", "已公示"})
_NO = frozenset({"否", "0", "N", "NO", "FALSE", "不公示", "未公示"})


_LONGEST = 200
"""Characters of a code, day or choice with whatever a spreadsheet put around it: more is none of them."""


class CellError(Exception):
    """A refused cell: stable code, what is wrong, what to write instead."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step


def read_text(text: str, limit: int) -> str:
    """A text of several lines, at most ``limit`` characters."""
    if len(text) > limit:
        raise CellError("TOO_LONG", f"有 {len(text)} 个字，最多 {limit} 个字", "请缩短，或检查是否漏了列分隔。")
    if _FORBIDDEN.search(text) or has_unseen(text):
        raise CellError("CONTROL_CHARACTER", "含有控制字符或不可见字符", "请删去这些字符，或重新录入该单元格。")
    if _SELF_MADE.search(text):
        raise CellError("SELF_MADE", "含有自造字，别的电脑上显示不出来", "请改成字库中的标准汉字后重新导入。")
    if "\ufffd" in text:
        raise CellError("MOJIBAKE", "含有乱码（�）", "请从原系统重新导出，另存为 UTF-8 编码的 CSV。")
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")


def read_prose(text: str, limit: int) -> str:
    """A text that a report will print: no identity number, mobile number or bank account of a person in it."""
    prose = read_text(text, limit)
    for pattern, is_personal in _PERSONAL_NUMBERS:
        if any(is_personal(found) for found in pattern.findall(prose)):
            raise CellError(
                "PERSONAL_NUMBER",
                "含有个人证件号码、手机号码或银行账号",
                "请删去或用 * 代替后重新导入：报告会照印本列。",
            )
    return prose


def read_line(text: str, limit: int) -> str:
    """A text of one line, at most ``limit`` characters."""
    if _BREAKS.search(text):
        raise CellError("LINE_BREAK", "含有换行或制表符", "请改成一行。")
    return read_text(text, limit)


def read_code(text: str) -> str:
    """A 统一社会信用代码 whose check character holds; full-width and lower-case spellings are accepted."""
    if _CODE.fullmatch(text) and sum(map(mul, map(_CODE_VALUES.__getitem__, text), _CODE_WEIGHTS)) % 31 == 0:
        return text
    return _read_odd_code(text)


def _read_odd_code(text: str) -> str:
    """What is not written as it should be, or is wrong: said by python-stdnum, ten times slower."""
    if len(text) > _LONGEST:
        raise CellError("USCC_LENGTH", f"应为 18 位，现为 {len(text)} 位", "请核对营业执照上的代码。")
    shown = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    code = _AS_TEXT.sub("", shown.strip()).strip().upper()
    if _SCIENTIFIC.fullmatch(code):
        raise CellError(
            "USCC_SCIENTIFIC", f"“{code}”是科学计数法，原来的代码已经丢失", "请从原系统重新导出，该列设为文本格式。"
        )
    try:
        valid: str = uscc.validate(code)
    except InvalidLength as error:
        raise CellError("USCC_LENGTH", f"应为 18 位，现为 {len(code)} 位", "请核对营业执照上的代码。") from error
    except InvalidChecksum as error:
        raise CellError("USCC_CHECKSUM", "校验位不符，代码有误", "请核对营业执照上的代码。") from error
    except ValidationError as error:
        raise CellError("USCC_FORMAT", "含有代码中不会出现的字符或登记类别", "请核对营业执照上的代码。") from error
    if valid != code:
        raise CellError("USCC_FORMAT", "代码中间有空格或符号", "请连续填写 18 位代码。")
    return valid


def read_day(text: str) -> date:
    """A day from 1949-10-01 on: 2025-03-14, 2025/3/14, 2025.3.14, 20250314, 2025年3月14日; a time is left aside."""
    plain = _narrow(text).strip()
    if found := _COMPACT_DAY.fullmatch(plain):
        parts = found.groups()
    elif found := _DAY.fullmatch(plain):
        parts = tuple(part for part in found.groups() if part is not None)
    elif _EXCEL_DAY.fullmatch(plain):
        raise CellError(
            "DATE_SERIAL",
            f"“{_short(text)}”像是表格软件的日期序号",
            "请把该列设为日期格式（如 2025-03-14）后重新导出。",
        )
    else:
        raise CellError("DATE", f"“{_short(text)}”不是日期", "请按 2025-03-14 的样式填写。")
    try:
        day = date(*(int(part) for part in parts))
    except ValueError as error:
        raise CellError("DATE", f"没有“{_short(text)}”这一天", "请按 2025-03-14 的样式填写。") from error
    if not EARLIEST <= day <= LONG_TERM:
        raise CellError("DATE_RANGE", f"“{_short(text)}”超出范围", "请检查年份。")
    return day


def read_end(text: str) -> date | None:
    """A day on which something ends; 2099-12-31 and 长期 mean that it does not."""
    if text.strip() == "长期":
        return None
    day = read_day(text)
    return None if day == LONG_TERM else day


def read_amount(text: str) -> Decimal:
    """An amount in 万元, exact. A cell that says 元 is converted."""
    if len(text) > MAX_AMOUNT_CHARACTERS:
        raise CellError("AMOUNT", f"“{_short(text)}”不是金额", "请只填数字，单位为万元，最多 6 位小数，例如 1.25。")
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.startswith("-"):
        raise CellError("AMOUNT_NEGATIVE", "金额不能小于 0", "请填写 0 或正数，单位为万元。")
    found = _AMOUNT.fullmatch("".join(plain.split()))
    if found is None:
        raise CellError("AMOUNT", f"“{_short(text)}”不是金额", "请只填数字，单位为万元，最多 6 位小数，例如 1.25。")
    amount = Decimal(found[1].replace(",", ""))
    if found[2] != "元":
        return amount
    return _in_wan(amount, text)


def _in_wan(yuan: Decimal, text: str) -> Decimal:
    wan = (yuan / _YUAN_PER_WAN).normalize()
    if -int(wan.as_tuple().exponent) > _MAX_PLACES:
        raise CellError("AMOUNT", f"“{_short(text)}”不到一分", "请只填数字，单位为万元，最多 6 位小数，例如 1.25。")
    return wan


def read_yes_no(text: str) -> bool:
    """是 or 否 (1/0, Y/N, 公示/不公示)."""
    plain = _narrow(text).strip().upper()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise CellError("YES_NO", f"“{_short(text)}”不是“是”或“否”", "请填“是”或“否”。")


def read_choice(text: str, choices: type[Choice]) -> Choice:
    """One of the values of an enumeration, as written there."""
    plain = _narrow(text).strip()
    for choice in choices:
        if choice.value == plain:
            return choice
    raise CellError(
        "CHOICE", f"“{_short(text)}”不在可选范围", f"可填：{'、'.join(choice.value for choice in choices)}。"
    )


def check_identity(text: str, today: date) -> None:
    """Refuses a resident identity number (GB 11643) that cannot be one; the number itself is never repeated.

    A number with stars is a masked one and is not checked.
    """
    number = _AS_TEXT.sub("", _narrow(text).strip()).strip().upper()
    if "*" in number:
        return
    if len(number) != _IDENTITY_LENGTH:
        raise CellError("ID_LENGTH", f"身份证号码应为 18 位，现为 {len(number)} 位", _CHECK_IDENTITY)
    if not (number[:-1].isascii() and number[:-1].isdigit()) or number[-1] not in "0123456789X":
        raise CellError("ID_FORMAT", "身份证号码中有不会出现的字符", _CHECK_IDENTITY)
    if ric.calc_check_digit(number) != number[-1]:
        raise CellError("ID_CHECKSUM", "身份证号码校验位不符", _CHECK_IDENTITY)
    try:
        born = ric.get_birth_date(number)
    except ValidationError as error:
        raise CellError("ID_BIRTH", "身份证号码中的出生日期不存在", _CHECK_IDENTITY) from error
    if not _EARLIEST_BIRTH <= born <= today:
        raise CellError("ID_BIRTH", "身份证号码中的出生日期超出范围", _CHECK_IDENTITY)


def _narrow(text: str) -> str:
    """Full-width spellings as ordinary ones; what is too long to be anything stays, so that a million cost nothing."""
    return unicodedata.normalize("NFKC", text) if len(text) <= _LONGEST else text


def _short(text: str) -> str:
    """The beginning of a refused cell, without a person's number and without anything a terminal would obey."""
    text = visible(mask_text(text[:100]).text)
    return text if len(text) <= 20 else text[:20] + "…"


def visible(text: str) -> str:
    """A text with � for what does not show."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
