"""Answers index/authorisations.py: what is registered, and that it can only be revoked."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError

from index.access import Scope
from index.authorisations import Grant, file_of, find, listed, register, revoke
from index.cases.evidence import Evidence
from index.errors import AccessDenied, AuthorisationError, OfficeError
from index.records.importing import import_subjects
from index.rules.offices import load_profile
from index.store.engine import open_store, writing
from index.store.tables import audit, authorisations
from tests.index.records.samples import COMPANY, NOW, SHOP, subject, write_csv

PDF = Evidence("授权书.pdf", b"%PDF-1.7\n%%EOF\n")
GRANT = Grant(COMPANY, "云汀示例银行", Scope.RECORDS, date(2026, 11, 1), date(2026, 12, 31))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    import_subjects(engine, write_csv(tmp_path / "s.csv", [subject()]), load_profile("yunting"), now=NOW, actor="测试")
    return engine


def actions(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(audit).where(audit.c.action.startswith("authorisation.")).order_by(audit.c.id))
        return [(row.action, row.actor) for row in rows]


def test_authorisation_is_kept_with_its_file_and_digest(engine: Engine) -> None:
    found = register(engine, GRANT, PDF, actor="王五", now=NOW)
    assert found.number == "SQ202611220001"
    assert found == find(engine, found.number)
    assert found.file_sha256 == PDF.sha256
    assert file_of(engine, found.number, actor="王五", now=NOW) == PDF
    assert actions(engine) == [("authorisation.register", "王五"), ("authorisation.file", "王五")]


def test_numbers_run_within_a_day_and_newest_comes_first(engine: Engine) -> None:
    for moment in (NOW, NOW, NOW + timedelta(days=1)):
        register(engine, GRANT, PDF, actor="王五", now=moment)
    found = listed(engine, actor="王五", now=NOW)
    assert [each.number for each in found] == ["SQ202611230001", "SQ202611220002", "SQ202611220001"]
    assert listed(engine, actor="王五", now=NOW, subject_code=COMPANY) == found
    assert listed(engine, actor="王五", now=NOW, subject_code=SHOP) == ()


def test_revoking_says_who_when_why_and_is_final(engine: Engine) -> None:
    number = register(engine, GRANT, PDF, actor="王五", now=NOW).number
    found = revoke(engine, number, reason="主体撤回", actor="赵六", now=NOW)
    assert (found.revoked_at, found.revoked_by, found.revoked_reason) == (NOW, "赵六", "主体撤回")
    assert find(engine, number) == found
    with pytest.raises(AuthorisationError) as caught:
        revoke(engine, number, reason="再次", actor="赵六", now=NOW)
    assert caught.value.code == "AUTHORISATION_REVOKED"


def test_database_lets_nothing_else_change(engine: Engine) -> None:
    register(engine, GRANT, PDF, actor="王五", now=NOW)
    with pytest.raises(IntegrityError, match="can only be revoked"), writing(engine) as connection:
        connection.execute(update(authorisations).values(valid_to=date(2036, 1, 1)))


@pytest.mark.parametrize(
    "grant",
    [
        replace(GRANT, subject_code=SHOP),
        replace(GRANT, subject_code="91320902MA1EX0M1XC"),
        replace(GRANT, valid_to=date(2026, 10, 31)),
        replace(GRANT, valid_from=date(2025, 1, 1), valid_to=date(2026, 11, 21)),
        replace(GRANT, grantee=" "),
        replace(GRANT, grantee="银行\n另一行"),
    ],
)
def test_wrong_authorisation_is_refused(engine: Engine, grant: Grant) -> None:
    with pytest.raises(OfficeError) as caught:
        register(engine, grant, PDF, actor="王五", now=NOW)
    assert caught.value.next_step
    assert listed(engine, actor="王五", now=NOW) == ()


def _zip(name: str) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        Evidence("a.pdf", b""),
        Evidence("a.pdf", b"%PDF-" + bytes(10_000_000)),
        Evidence("a.pdf", b"<html>"),
        Evidence("a.png", b"%PDF-1.7"),
        Evidence("a.txt", "我授权".encode()),
        Evidence("a.xlsx", _zip("xl/workbook.xml")),
        Evidence("a.exe", b"MZ"),
    ],
)
def test_file_that_is_no_signed_document_is_refused(engine: Engine, file: Evidence) -> None:
    with pytest.raises(OfficeError):
        register(engine, GRANT, file, actor="王五", now=NOW)
    assert listed(engine, actor="王五", now=NOW) == ()


def test_docx_is_taken_and_its_name_is_only_a_name(engine: Engine) -> None:
    file = Evidence("../../授权书.docx", _zip("word/document.xml"))
    assert register(engine, GRANT, file, actor="王五", now=NOW).file_name == "授权书.docx"


def test_unknown_number_and_missing_reason_are_said(engine: Engine) -> None:
    number = register(engine, GRANT, PDF, actor="王五", now=NOW).number
    for call in (
        lambda: revoke(engine, "SQ1", reason="撤回", actor="王五", now=NOW),
        lambda: revoke(engine, number, reason=" ", actor="王五", now=NOW),
        lambda: file_of(engine, "SQ1", actor="王五", now=NOW),
    ):
        with pytest.raises(AuthorisationError):
            call()
    assert find(engine, "SQ1") is None


def test_nobody_registers_without_a_name(engine: Engine) -> None:
    with pytest.raises(AccessDenied):
        register(engine, GRANT, PDF, actor=" ", now=NOW)
