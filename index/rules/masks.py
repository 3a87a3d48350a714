"""How much of a person's name or number may be seen, as data: ``masks.csv``, the same for every office.

Rules kept:
* One row per item, all items there; at most ``SEEN_MOST`` characters of a value are seen, fewer where it is short.

Source: 个人信息保护法 arts. 6, 28; inventory, conventions (name 张*/欧阳**, ID first 3 last 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from index.errors import RuleError
from index.rules.sheets import SheetRow, rows

COLUMNS = ("项目", "保留前几位", "保留后几位", "来源")
SEEN_MOST = 4


class Item(StrEnum):
    """What is masked."""

    NAME = "姓名"
    COMPOUND_NAME = "复姓"
    IDENTITY = "证件号码"
    CARD = "银行卡号"
    MOBILE = "手机号码"
    MAIL = "电子邮箱"


@dataclass(frozen=True, slots=True)
class MaskRule:
    """``first`` and ``last`` characters are seen, stars stand for the others."""

    first: int
    last: int
    source: str

    def apply(self, text: str) -> str:
        """``text`` masked, as long as it was; masked whole when all of it would be seen."""
        hidden = len(text) - self.first - self.last
        if hidden <= 0:
            return "*" * len(text)
        return text[: self.first] + "*" * hidden + text[len(text) - self.last :]


@cache
def mask_rules() -> Mapping[Item, MaskRule]:
    """The built-in rules."""
    return read_masks(files("index.rules").joinpath("masks.csv"))


def read_masks(file: Path | Traversable) -> Mapping[Item, MaskRule]:
    """The rules of ``file``. Raises RuleError naming row and next step."""
    found: dict[Item, MaskRule] = {}
    for row in rows(file, COLUMNS):
        item = row.required("项目")
        if item not in set(Item):
            raise row.fail("项目", f"“{item}”不认识", f"可用：{'、'.join(Item)}。")
        found[Item(item)] = _rule(row)
    missing = [item.value for item in Item if item not in found]
    if missing:
        raise RuleError(f"{file.name} 缺少项目：{'、'.join(missing)}", next_step="请补上，每项一行。")
    return MappingProxyType(found)


def _rule(row: SheetRow) -> MaskRule:
    first, last = _count(row, "保留前几位"), _count(row, "保留后几位")
    if first + last > SEEN_MOST:
        raise row.fail("保留前几位", f"前后合计超过 {SEEN_MOST} 位", "请少留几位。")
    return MaskRule(first, last, row.required("来源"))


def _count(row: SheetRow, column: str) -> int:
    text = row.required(column)
    if text not in {str(count) for count in range(SEEN_MOST + 1)}:
        raise row.fail(column, f"“{text}”不是 0–{SEEN_MOST} 的整数", "请填位数。")
    return int(text)
