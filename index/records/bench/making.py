"""A fictional file of any size: the official columns of a 双公示 penalty file and two of ours. Nobody in it exists.

Rules kept: the same number gives the same file; every row is good; names, documents and facts differ from row to row,
as they do in a department's file, while units, kinds of violation and days repeat.
"""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from stdnum.cn import uscc

COLUMNS = (
    "CF_XDR_MC",
    "CF_XDR_LB",
    "CF_XDR_SHXYM",
    "CF_XDR_GSZC",
    "CF_XDR_ZZJG",
    "CF_XDR_SWDJ",
    "CF_XDR_SYDW",
    "CF_XDR_SHZZ",
    "CF_FRDB",
    "CF_FR_ZJLX",
    "CF_FR_ZJHM",
    "CF_XDR_ZJLX",
    "CF_XDR_ZJHM",
    "CF_WSH",
    "CF_WFXW",
    "CF_SY",
    "CF_YJ",
    "CF_CFLB",
    "CF_NR",
    "CF_NR_FK",
    "CF_NR_WFFF",
    "CF_NR_ZKDX",
    "CF_JDRQ",
    "CF_YXQ",
    "CF_GSJZQ",
    "CF_CFJG",
    "CF_CFJGDM",
    "CF_SJLY",
    "CF_SJLYDM",
    "BZ",
    "KZ_GS",
    "KZ_YZCD",
)
ROWS_PER_SUBJECT = 4
_VIOLATIONS = tuple(f"未按规定办理第 {number} 类手续（虚构）" for number in range(1, 61))
_BASES = tuple(f"《示例管理条例》第{number}条第一款（虚构）" for number in range(1, 41))
_UNITS = ("生态环境局", "税务局", "市场监督管理局", "交通运输局", "应急管理局")
_SEVERITIES = ("轻微", "一般", "一般", "严重")
_FIRST_DAY = date(2023, 12, 1)
_DAYS = 1000


def write_file(path: Path, rows: int, city: str) -> None:
    """Writes a CSV (UTF-8) of ``rows`` penalties of units of ``city``."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(penalties(rows, city))


def write_book(path: Path, rows: int, city: str) -> None:
    """The same as a workbook."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append(COLUMNS)
    for row in penalties(rows, city):
        sheet.append(row)
    book.save(path)


def penalties(rows: int, city: str) -> Iterator[tuple[str, ...]]:
    """The rows of the file, cell by cell in the order of ``COLUMNS``."""
    random = Random(rows)  # noqa: S311 - sample data
    subjects = [_code(number) for number in range(rows // ROWS_PER_SUBJECT + 1)]
    for number in range(rows):
        yield _penalty(number, random, random.randrange(len(subjects)), subjects, city)


def _penalty(number: int, random: Random, whose: int, subjects: list[str], city: str) -> tuple[str, ...]:
    unit = _UNITS[number % len(_UNITS)]
    decided = _FIRST_DAY + timedelta(days=random.randrange(_DAYS))
    amount = f"{random.randrange(1, 2000) / 100:.2f}"
    return (
        f"{city.removesuffix('市')}示例第{whose}号商贸有限公司（虚构）",
        "法人及非法人组织",
        subjects[whose],
        *("",) * 5,
        f"示例{whose}",
        *("",) * 4,
        f"示例{unit[:1]}罚〔{decided.year}〕{number + 1}号",
        _VIOLATIONS[random.randrange(len(_VIOLATIONS))],
        f"经查，当事人于{decided.year}年{decided.month}月在经营场所未按规定办理手续，"
        f"涉及第{number}批次货物{number % 97}件（虚构）。",
        _BASES[random.randrange(len(_BASES))],
        "罚款",
        f"罚款人民币{amount}万元",
        amount,
        "",
        "",
        decided.isoformat(),
        "2099/12/31",
        decided.replace(year=decided.year + 3, day=min(decided.day, 28)).strftime("%Y/%m/%d"),
        f"{city}{unit}",
        "",
        f"{city}{unit}",
        "",
        "",
        "是",
        _SEVERITIES[number % len(_SEVERITIES)],
    )


def _code(number: int) -> str:
    stem = f"91320902MA{number:07d}"
    return stem + str(uscc.calc_check_digit(stem))
