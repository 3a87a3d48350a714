"""Fictional lists of staff. Nobody in them exists."""

import csv
import io
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from index.directory.changing import Deed
from index.directory.importing import StaffReport, import_staff
from index.rules.offices import load_profile
from tests.index.records.samples import NOW

OFFICE = load_profile("yunting")
WECOM = "企业微信账号（ww0123456789abcdef）"
FEISHU = "飞书账号（2ed263bf32cf1651）"
DEED = Deed("管理员", "人员管理：测试", NOW)


def person(number: str, **cells: str) -> dict[str, str]:
    return {"工号": number, "姓名": f"张{number}", "单位": "云汀市生态环境局"} | cells


def take(engine: Engine, folder: Path, rows: list[dict[str, str]], deed: Deed = DEED, **how: Any) -> StaffReport:
    """Imports these rows as a CSV."""
    path = folder / "名册.csv"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return import_staff(engine, path, OFFICE, deed, **how)
