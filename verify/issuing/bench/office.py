"""A fictional office in a folder: subjects with records, every domain connected, and all that issuing needs."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, delete, insert
from stdnum.cn import uscc

from index.records.importing import import_records, import_subjects
from index.rules.model import Office
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store, writing
from verify.issuing.delivery import Places
from verify.issuing.keys import KeyStore
from verify.issuing.opening import open_keys
from verify.issuing.orders import IssueRequest
from verify.validity import SHANGHAI

MOMENT = datetime(2026, 8, 20, 10, 0, tzinfo=SHANGHAI)
ACTOR = "基准测试"
IDENTITY = "营业执照原件（虚构）"


@dataclass(frozen=True, slots=True)
class BenchOffice:
    """``codes``: the subjects, each with as many records as the next."""

    home: Path
    office: Office
    engine: Engine
    keys: KeyStore
    places: Places
    codes: tuple[str, ...]

    def request(self, code: str) -> IssueRequest:
        return IssueRequest(code, 3, "银行贷款", MOMENT, ACTOR, identity_check=IDENTITY)


def open_office(home: Path, subjects: int, records: int) -> BenchOffice:
    """A fresh one in ``home``."""
    office = load_profile("yancheng")
    engine = open_store(home / "office.db")
    codes = tuple(_code(number) for number in range(subjects))
    _import(engine, office, home, codes, records)
    with writing(engine) as connection:
        connection.execute(delete(tables.feeds))
        reached = [{"domain": domain.number, "updated_on": MOMENT.date()} for domain in office.domains]
        connection.execute(insert(tables.feeds), reached)
    places = Places(home / "reports", home / "public")
    return BenchOffice(home, office, engine, open_keys(home / "keys", office, places.trust), places, codes)


def _code(number: int) -> str:
    stem = f"91320902MA1F{number:05d}"
    return stem + str(uscc.calc_check_digit(stem))


def _import(engine: Engine, office: Office, home: Path, codes: tuple[str, ...], records: int) -> None:
    subjects = _written(home / "subjects.csv", (_subject(code) for code in codes))
    import_subjects(engine, subjects, office, now=MOMENT, actor=ACTOR)
    if records:
        rows = (_record(code, number) for code in codes for number in range(records))
        import_records(engine, _written(home / "records.csv", rows), office, now=MOMENT, actor=ACTOR)


def _written(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _subject(code: str) -> dict[str, str]:
    return {
        "名称": f"盐城示例{code[12:17]}环保科技有限公司（虚构）",
        "统一社会信用代码": code,
        "主体类型": "公司",
        "类型": "有限责任公司",
        "法定代表人": "欧阳示例",
        "成立日期": "2019-05-06",
        "住所": "江苏省盐城市亭湖区示例路1号（虚构）",
        "登记状态": "存续",
        "登记机关": "亭湖区市场监督管理局（虚构）",
    }


def _record(code: str, number: int) -> dict[str, str]:
    return {
        "CF_XDR_MC": f"盐城示例{code[12:17]}环保科技有限公司（虚构）",
        "CF_XDR_SHXYM": code,
        "CF_XDR_LB": "法人及非法人组织",
        "CF_WSH": f"盐环罚〔2025〕示例{number}号",
        "CF_WFXW": "未按规定贮存危险废物",
        "CF_SY": "检查发现贮存间没有设置识别标志，台账记录不完整（虚构）",
        "CF_YJ": "《固体废物污染环境防治法》第一百一十二条",
        "CF_CFLB": "罚款",
        "CF_NR": "罚款人民币2.5万元",
        "CF_NR_FK": "2.50",
        "CF_JDRQ": "2025-03-14",
        "CF_GSJZQ": "2028-03-14",
        "CF_CFJG": "盐城市生态环境局",
        "CF_SJLY": "市生态环境局",
        "KZ_LY": "13",
        "KZ_GS": "是",
        "KZ_FLZT": "生效",
        "KZ_BGK": "无",
    }
