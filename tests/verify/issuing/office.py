"""A whole fictional office for the tests of this room: real store, real imports, real keys, in a temporary folder."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import delete, insert, select

from index.records.importing import import_records, import_subjects
from index.rules.model import Office
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store, writing
from verify.check import Verification
from verify.documents.examine import examine
from verify.issuing.delivery import Places
from verify.issuing.drafting import issuer_of
from verify.issuing.keys import KeyStore
from verify.issuing.opening import algorithm_of
from verify.issuing.orders import IssuedReport, IssueRequest
from verify.issuing.pdf.typesetting import Typesetter
from verify.issuing.service import Issuing
from verify.trust import Trust, load
from verify.validity import SHANGHAI

COMPANY = "91320902MA1EX0M1XB"
SHOP = "92320903MA1EX0M28N"
STRANGER = "91320981MA1EX0M44E"
SCHOOL = "12320900MA1EX0M83E"
WALL = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
ISSUED = datetime(2026, 8, 20, 10, 0, tzinfo=SHANGHAI)
ACTOR = "测试员"
PASSPHRASE = "一句十二个字以上的虚构口令"
TYPESETTER = Typesetter()
"""Fonts are looked for once, and layouts kept."""

SUBJECTS = (
    {
        "名称": "盐城示例喆堃𬭎环保科技有限公司（虚构）",
        "统一社会信用代码": COMPANY,
        "主体类型": "公司",
        "类型": "有限责任公司",
        "法定代表人": "欧阳示例",
        "成立日期": "2019-05-06",
        "住所": "江苏省盐城市亭湖区示例路1号（虚构）",
        "登记状态": "存续",
        "登记机关": "亭湖区市场监督管理局（虚构）",
    },
    {
        "名称": "盐都区示例小吃店（虚构）",
        "统一社会信用代码": SHOP,
        "主体类型": "个体工商户",
        "法定代表人": "李示例",
        "住所": "盐城市盐都区示例家园9幢（虚构）",
    },
)
PENALTY = {
    "CF_XDR_MC": "盐城示例喆堃𬭎环保科技有限公司（虚构）",
    "CF_XDR_SHXYM": COMPANY,
    "CF_XDR_LB": "法人及非法人组织",
    "CF_WSH": "盐环罚〔2025〕示例12号",
    "CF_WFXW": "未按规定贮存危险废物",
    "CF_SY": "检查发现贮存间没有标志，欧阳示例在场（虚构）",
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
    "KZ_JZRQ": "",
    "KZ_XFRQ": "",
    "KZ_YY": "否",
}


@dataclass
class TestOffice:
    """An office in ``home``. ``clock`` is the wall clock; change ``wall`` to move it."""

    __test__ = False

    home: Path
    office: Office = field(default_factory=lambda: load_profile("yancheng"))
    wall: datetime = WALL

    def __post_init__(self) -> None:
        self.engine = open_store(self.home / "office.db")
        self.places = Places(self.home / "reports", self.home / "public")
        self.reopen()

    def reopen(self, clock: Callable[[], datetime] | None = None) -> None:
        """As a new process would."""
        self.keys = KeyStore(
            self.home / "keys",
            issuer_of(self.office),
            provisions=self.office.sample,
            algorithm=algorithm_of(self.office),
            published=self.home / "public" / "trust.json",
            passphrase=lambda: None if self.office.sample else PASSPHRASE,
        )
        self.issuing = Issuing(
            engine=self.engine,
            office=self.office,
            keys=self.keys,
            places=self.places,
            clock=clock or (lambda: self.wall),
            typesetter=TYPESETTER,
        )

    def be_real(self, **changes: object) -> None:
        """The same office, no longer a sample."""
        self.office = replace(self.office, sample=False, **changes)
        self.reopen()

    def add_subjects(self, rows: Iterable[dict[str, str]] = SUBJECTS) -> None:
        report = import_subjects(
            self.engine, _csv(self.home / "subjects.csv", rows), self.office, now=self.wall, actor=ACTOR
        )
        assert not report.errors, report.errors

    def add_records(self, *changes: dict[str, str]) -> None:
        """One penalty for each dictionary of changes."""
        rows = [PENALTY | change for change in changes]
        path = _csv(self.home / "records.csv", rows)
        report = import_records(self.engine, path, self.office, now=self.wall, actor=ACTOR)
        assert not report.errors, report.errors

    def connect(self, *numbers: int, updated_on: date = date(2026, 11, 22)) -> None:
        """The domains whose data reaches us: these, and no others."""
        with writing(self.engine) as connection:
            connection.execute(delete(tables.feeds))
            for number in numbers:
                connection.execute(insert(tables.feeds).values(domain=number, updated_on=updated_on))

    def connect_all(self) -> None:
        self.connect(*(domain.number for domain in self.office.domains))

    def issue(self, moment: datetime = ISSUED, **changes: object) -> IssuedReport:
        request = IssueRequest(COMPANY, 3, "银行贷款", moment, ACTOR, identity_check="营业执照原件")
        return self.issuing.issue(replace(request, **changes))

    @property
    def trust(self) -> Trust:
        return load(self.places.trust.read_bytes())

    def examine(self, what: Path | bytes | str, at: datetime = ISSUED) -> Verification:
        return examine(what, name="in hand", trust=self.trust, at=at, now=self.wall)

    def count(self, table: str) -> int:
        with self.engine.connect() as connection:
            return len(connection.execute(select(tables.metadata.tables[table])).all())


def _csv(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path
