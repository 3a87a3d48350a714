"""One cell of a sheet as the text a clerk sees – or why it has none that may be trusted.

Rules kept:
* A formula is never trusted, whatever result the file claims for it, nor is a text that begins like one; nothing is
  calculated.
* A number is the 15 significant digits a spreadsheet holds, written out: 1.25 stays 1.25, and a code that the
  spreadsheet has turned into a number of more digits is refused, because its last digits are lost.
* A number whose format shows another one (a percent, 万元 by format) is refused: nobody can tell which one was meant.
* A date is a day (and a time, when it has one); an error value (#N/A) is refused.
"""

import re
from datetime import date, timedelta
from decimal import Context, Decimal

from index.records.cells import CellError

_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,4})?|-?\.\d+", re.ASCII)
_DIGITS = 15
_PLACES = 15
_AS_SHOWN = Context(prec=_DIGITS)
_EPOCH = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_LAST_SERIAL = 2_900_000
_BOOLEANS = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}


def formula() -> CellError:
    return CellError("FORMULA", "是公式，不是数据", "请选中该列，复制后“选择性粘贴 → 数值”，再导入。")


def error_value() -> CellError:
    return CellError("CELL_ERROR", "是表格软件的错误值", "请改成应填的内容。")


def scaled() -> CellError:
    return CellError(
        "NUMBER_SCALED", "显示的数和实际的数不同", "请把该列设为“常规”格式，核对数字（金额以万元为单位）后再导入。"
    )


def number_text(text: str) -> str:
    """A number written out exactly as a spreadsheet shows it. Raises CellError."""
    plain = text.strip()
    if len(plain) > 400 or not _NUMBER.fullmatch(plain):
        raise CellError("NUMBER", "数字已损坏", "请重新录入该单元格。")
    number = Decimal(plain)
    if number and not -_PLACES <= number.adjusted() < _DIGITS:
        raise CellError(
            "NUMBER_DIGITS",
            "是超过 15 位的数字，末尾已被表格软件改成 0",
            "请从原系统重新导出，该列先设为文本格式再粘贴。",
        )
    shown = format(_AS_SHOWN.plus(number), "f")
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) or "0"


def day_text(text: str, *, from_1904: bool) -> str:
    """The day of a serial number, as 2025-03-14. Raises CellError."""
    plain = text.strip()
    serial = Decimal(plain) if len(plain) <= 40 and _NUMBER.fullmatch(plain) else Decimal(-1)
    if not 1 <= serial <= _LAST_SERIAL:
        raise CellError("DATE", "不是日期", "请按 2025-03-14 的样式填写。")
    return ((_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=int(serial))).isoformat()


def boolean_text(text: str) -> str:
    """TRUE or FALSE. Raises CellError."""
    try:
        return _BOOLEANS[text.strip()]
    except KeyError:
        raise CellError("NUMBER", "内容已损坏", "请重新录入该单元格。") from None
