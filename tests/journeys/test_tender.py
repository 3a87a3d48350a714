"""A tender opening: fifty files in one zip, one command, one table; what is wrong stands there by name. Fictional."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from bot import clock
from tests.journeys.conftest import Chenghe
from tests.verify.batch.made import code_text, company, forged_text, subject_code, zipped
from tests.verify.documents.photos import jpeg, pdf, photographed, report_page, sealed, sheet
from tests.verify.documents.report import Report, build, qr_png
from tests.verify.sample import ENTRY, FACTS, ISSUED, NOW, STATUSES, Office
from verify.status import Status, pack
from verify.trust import dump

REVOKED, SUPERSEDED = 41, 42
EXPIRED, MOVED, DUPLICATE, STRANGER, FORGED = 43, 44, 1, 46, 47
ABSENT = "没有递交报告的公司（虚构）"


def expired_text(number: int) -> str:
    issued = ISSUED - timedelta(days=25)
    period = {"period_from": FACTS.period_from - timedelta(days=40), "period_to": FACTS.period_to - timedelta(days=40)}
    return code_text(number, issued_at=issued, **period)


def handed_in(report: Report) -> Iterator[tuple[str, bytes]]:
    """Fifty files as bidders send them."""
    for number in range(1, 36):
        yield f"{company(number)}/信用报告.png", qr_png(code_text(number))
    for number in (36, 37):
        stamped = sealed(report_page(code_text(number)), (175, 28))
        yield f"{company(number)}/盖章照片.jpg", jpeg(photographed(stamped, turn=5 * (number - 36)))
    yield "联合体扫描.pdf", pdf(*[sheet((code_text(number), (160, 12)), lines=4) for number in (38, 39, 40)])
    yield f"{company(REVOKED)}.png", qr_png(code_text(REVOKED))
    yield f"{company(SUPERSEDED)}.png", qr_png(code_text(SUPERSEDED))
    yield f"{company(EXPIRED)}.png", qr_png(expired_text(EXPIRED))
    yield f"{company(MOVED)}/报告.png", qr_png(code_text(2))
    yield "又一份.png", qr_png(code_text(DUPLICATE))
    yield "外地公司.png", qr_png(code_text(STRANGER))
    yield f"{company(FORGED)}.png", qr_png(forged_text(FORGED))
    yield "禾苗/报告.docx", report.docx()
    yield "禾苗/改过的报告.docx", report.swapped("word/document.xml", "有 1 条", "未查询到").docx()
    yield "空白.png", qr_png("https://weixin.example/group")
    yield "坏掉的.docx", report.docx()[:2000]
    yield "里面还有.zip", zipped({"a.png": qr_png(code_text(3))}).read()


@pytest.fixture(scope="module")
def packed() -> bytes:
    files = dict(handed_in(build()))
    assert len(files) == 50
    return zipped(files).read()


@pytest.fixture
def opening(tmp_path: Path, packed: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the tender: the zip, the list of bidders, the trust file."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    statuses = {REVOKED: Status.REVOKED, SUPERSEDED: Status.SUPERSEDED}
    entry = replace(ENTRY, not_before=ISSUED - timedelta(days=60))
    trust = Office(entry, statuses=replace(STATUSES, packed=pack(statuses, 1 << 14))).trust()
    (tmp_path / "trust.json").write_text(dump(trust))
    (tmp_path / "投标报告.zip").write_bytes(packed)
    listed = [(company(number), subject_code(number)) for number in range(1, 48) if number != STRANGER]
    listed += [(FACTS.subject_name, FACTS.subject_code), (ABSENT, "")]
    text = "投标人名称,统一社会信用代码\n" + "".join(f"{name},{code}\n" for name, code in listed)
    (tmp_path / "投标人名单.csv").write_bytes(text.encode("gb18030"))
    return tmp_path


def test_fifty_reports_are_one_table_in_which_what_is_wrong_has_a_name(opening: Path, chenghe: Chenghe) -> None:
    said = chenghe(
        "verify",
        opening / "投标报告.zip",
        "--trust",
        opening / "trust.json",
        "--bidders",
        opening / "投标人名单.csv",
        "--out",
        opening / "结果.xlsx",
        "--json",
    )
    assert said.status == 1
    entries = said.json
    assert len(entries) == 52, "fifty files, one of them a scan of three reports"
    wrong = {entry["input"]: entry["reason"] for entry in entries if entry["verdict"] != "valid"}
    assert wrong == {
        f"{company(REVOKED)}.png": "WITHDRAWN",
        f"{company(SUPERSEDED)}.png": "REPLACED",
        f"{company(EXPIRED)}.png": "PERIOD_OVER",
        f"{company(FORGED)}.png": "KEY_UNKNOWN",
        "禾苗/改过的报告.docx": "FIELDS_DIFFER",
        "空白.png": "NOT_A_VERIFICATION_CODE",
        "坏掉的.docx": "DAMAGED_FILE",
        "里面还有.zip": "NESTED_ARCHIVE",
    }
    (altered,) = [entry for entry in entries if entry["reason"] == "FIELDS_DIFFER"]
    assert altered["differences"] == [
        {"where": "一、分领域查询结果／第2行 生态环境领域／查询结果", "issued": "有 1 条", "found": "未查询到"}
    ]
    marks = {entry["input"]: {mark["code"] for mark in entry.get("marks", [])} for entry in entries}
    assert marks[f"{company(MOVED)}/报告.png"] == {"DUPLICATE", "NAMED_AFTER_ANOTHER"}
    assert marks["又一份.png"] == marks[f"{company(DUPLICATE)}/信用报告.png"] == {"DUPLICATE"}
    assert marks["外地公司.png"] == {"NOT_LISTED"}
    assert [entry["place"]["page"] for entry in entries if entry["input"] == "联合体扫描.pdf"] == [1, 2, 3]
    results, bidders, _ = openpyxl.load_workbook(opening / "结果.xlsx").worksheets
    assert results.max_row == 53
    states = {row[1]: row[3] for row in bidders.iter_rows(min_row=2, values_only=True)}
    without = {company(MOVED), company(45), company(FORGED), ABSENT}
    assert {name for name, state in states.items() if state == "✗ 没有报告"} == without
    assert {name for name, state in states.items() if state == "! 报告有问题"} == {
        company(number) for number in (REVOKED, SUPERSEDED, EXPIRED)
    }


def test_the_same_command_says_it_to_people(opening: Path, chenghe: Chenghe) -> None:
    said = chenghe(
        "verify", opening / "投标报告.zip", "--trust", opening / "trust.json", "--bidders", opening / "投标人名单.csv"
    )
    assert "≠ 一、分领域查询结果／第2行 生态环境领域／查询结果：签发 “有 1 条”，送验 “未查询到”" in said.out
    assert f"✗ 投标人没有报告　{ABSENT}" in said.out
    assert "文件 50 个，报告码 52 个" in said.err
