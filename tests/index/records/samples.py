"""Fictional subjects, rows and records for the tests of this room. No person, company or document here exists."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine
from stdnum.cn import uscc

from index.access import Duty, Scope, permit
from index.calendar import SHANGHAI
from index.records.model import CreditRecord, LegalState, RecordKind, Secrecy, SourceKind
from index.records.reading import Reader
from index.rules.offices import load_profile

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
COMPANY = "91320902MA1EX0M1XB"
SHOP = "92320903MA1EX0M28N"
COOPERATIVE = "93320904MA1EX0M36W"

PENALTY_ROW = {
    "CF_XDR_MC": "云汀示例禾苗环保科技有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": COMPANY,
    "CF_FRDB": "张三",
    "CF_XDR_ZJHM": "320902199001010000",
    "CF_WSH": "云环罚〔2025〕示例12号",
    "CF_WFXW": "超标排放（示例）",
    "CF_SY": "示例事实：监测值超过标准。",
    "CF_YJ": "示例依据",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款一万二千五百元（示例）",
    "CF_NR_FK": "1.25",
    "CF_NR_WFFF": "",
    "CF_NR_ZKDX": "",
    "CF_JDRQ": "2025-03-14",
    "CF_YXQ": "2099/12/31",
    "CF_GSJZQ": "2028/03/14",
    "CF_CFJG": "云汀市生态环境局",
    "CF_SJLY": "云汀市生态环境局",
    "BZ": "",
}

SUBJECT_ROW = {
    "名称": "云汀示例禾苗环保科技有限公司",
    "统一社会信用代码": COMPANY,
    "类型": "有限责任公司",
    "法定代表人": "张三",
    "成立日期": "2019-05-06",
    "住所": "云汀市示例区示例路 1 号",
    "登记状态": "存续",
    "登记机关": "云汀市示例区市场监督管理局",
}


def write_csv(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8-sig") -> Path:
    """Writes rows under the headings of the first one."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def penalty(**changes: str) -> dict[str, str]:
    return {**PENALTY_ROW, **changes}


def subject(**changes: str) -> dict[str, str]:
    return {**SUBJECT_ROW, **changes}


def code_of(stem: str) -> str:
    """A fictional code of the 17 characters ``stem`` with its check character."""
    return stem + uscc.calc_check_digit(stem)


def office_reader(engine: Engine, code: str = COMPANY, *, actor: str = "王五") -> Reader:
    """A reader of the credit office itself, for one subject."""
    office = load_profile("yunting")
    duty = Duty(office.issuer_name, "窗口核对", actor, "窗口核对")
    return Reader(engine, entitlement=permit(duty, code, scope=Scope.RECORDS, now=NOW, office=office), now=NOW)


def record(**changes: object) -> CreditRecord:
    """A record that appears in a report of 2026-11-22, unless ``changes`` break a condition."""
    return replace(_RECORD, **changes)  # type: ignore[arg-type]


_RECORD = CreditRecord(
    key=f"{COMPANY}/云环罚〔2025〕示例12号/2025-03-14",
    subject_code=COMPANY,
    subject_name="云汀示例禾苗环保科技有限公司",
    kind=RecordKind.PENALTY,
    domain=4,
    source_unit="市生态环境局",
    source_kind=SourceKind.AGENCY,
    document_number="云环罚〔2025〕示例12号",
    violation="超标排放（示例）",
    facts="示例事实：监测值超过标准。",
    legal_basis="示例依据",
    category="罚款",
    content="罚款一万二千五百元（示例）",
    fine_wan=Decimal("1.25"),
    confiscated_wan=None,
    decided_on=date(2025, 3, 14),
    decided_by="云汀市生态环境局",
    publication_until=date(2028, 3, 14),
    published=True,
    legal_state=LegalState.EFFECTIVE,
    secrecy=Secrecy.NONE,
    corrected_on=None,
    repaired_on=None,
    under_objection=False,
    provider="市生态环境局",
    batch="20261122-0001",
    received_at=NOW,
)
