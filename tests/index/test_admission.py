"""Answers index/admission.py: whoever is refused leaves a line, whatever he wrote."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from index.access import Authorised, Claim, Duty, Ground, Scope, SelfReading
from index.admission import admit
from index.authorisations import Grant, register, revoke
from index.cases.evidence import Evidence
from index.errors import AccessDenied
from index.records.importing import import_subjects
from index.rules.offices import load_profile
from index.store.engine import open_store, writing
from index.store.tables import audit, subjects
from tests.index.records.samples import COMPANY, NOW, SHOP, subject, write_csv

OFFICE = load_profile("yunting")
PDF = Evidence("授权书.pdf", b"%PDF-1.7\n%%EOF\n")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    rows = [subject(), subject(统一社会信用代码=SHOP, 名称="云汀示例小吃店")]
    import_subjects(engine, write_csv(tmp_path / "s.csv", rows), OFFICE, now=NOW, actor="测试")
    return engine


def denials(engine: Engine) -> list[tuple[str, str, str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(audit).where(audit.c.action == "access.denied").order_by(audit.c.id))
        return [(row.actor, row.purpose, row.target, row.detail) for row in rows]


def granted(engine: Engine, scope: Scope = Scope.RECORDS) -> str:
    grant = Grant(COMPANY, "云汀示例银行", scope, date(2026, 11, 1), date(2026, 12, 31))
    return register(engine, grant, PDF, actor="测试", now=NOW).number


def test_registered_authorisation_admits_until_it_is_revoked(engine: Engine) -> None:
    number = granted(engine)
    claim = Authorised(number, "云汀示例银行")
    assert admit(engine, claim, COMPANY, now=NOW, office=OFFICE).ground is Ground.AUTHORISED
    assert denials(engine) == []
    revoke(engine, number, reason="主体撤回", actor="测试", now=NOW)
    with pytest.raises(AccessDenied) as caught:
        admit(engine, claim, COMPANY, now=NOW, office=OFFICE)
    assert caught.value.code == "AUTHORISATION_REVOKED"
    assert denials(engine) == [
        ("云汀示例银行", "授权查询", COMPANY, f"授权，{number}，云汀示例银行：AUTHORISATION_REVOKED")
    ]


def test_registered_branch_is_its_parents(engine: Engine) -> None:
    claim = SelfReading(COMPANY, "证件核对", operator="王五")
    with pytest.raises(AccessDenied):
        admit(engine, claim, SHOP, now=NOW, office=OFFICE)
    with writing(engine) as connection:
        connection.execute(subjects.update().where(subjects.c.code == SHOP).values(parent_code=COMPANY))
    assert admit(engine, claim, SHOP, now=NOW, office=OFFICE).ground is Ground.PARENT
    assert [line[0] for line in denials(engine)] == ["王五"]


@pytest.mark.parametrize(
    "claim",
    [
        Duty("", "", "", ""),
        Duty("市生态环境局", "核对", "王五", " "),
        Duty("假\n2026-11-22 管理员 允许", "核对", "王五", "核对"),
        SelfReading(SHOP, ""),
        Authorised("SQ'; DROP TABLE audit; --", "马洛里"),
        Authorised("SQ" + "9" * 5000, "马" * 5000, "核" * 5000),
    ],
)
def test_whatever_mallory_claims_one_bounded_line_is_kept(engine: Engine, claim: Claim) -> None:
    with pytest.raises(AccessDenied) as caught:
        admit(engine, claim, COMPANY, now=NOW, office=OFFICE)
    ((actor, purpose, target, detail),) = denials(engine)
    assert target == COMPANY
    assert detail.endswith(f"：{caught.value.code}")
    assert all(0 < len(part) <= 330 and "\n" not in part for part in (actor, purpose, detail))


def test_report_scope_does_not_open_the_records(engine: Engine) -> None:
    claim = Authorised(granted(engine, Scope.REPORT), "云汀示例银行")
    assert admit(engine, claim, COMPANY, scope=Scope.REPORT, now=NOW, office=OFFICE).scope is Scope.REPORT
    with pytest.raises(AccessDenied):
        admit(engine, claim, COMPANY, now=NOW, office=OFFICE)
