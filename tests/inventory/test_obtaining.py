"""B09–B14: how a report is obtained, what time it covers, how long it holds, how it is verified, whose data it has."""

import contextlib
import csv
import shutil
import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from aiohttp.test_utils import TestClient, TestServer
from docx import Document
from sqlalchemy import select

from index.channel import Channel
from index.errors import AccessDenied
from index.records.feeds import FeedState, all_feeds
from index.rules.bases import register
from index.rules.model import Basis
from index.store import tables
from tests.inventory.reading import conclusion, documents, domains, notes, printed
from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, SHOP, TestOffice
from tests.verify.issuing.test_app import settings
from verify.check import check
from verify.credential import decode, sign
from verify.documents.reading import read
from verify.errors import IssuingError
from verify.issuing.app import build as build_issuing
from verify.issuing.orders import IssueRequest
from verify.keyring import Ed25519Signer
from verify.public.app import PublicSettings
from verify.public.app import build as build_public
from verify.public.shelf import Shelf
from verify.reasons import Reason, Verdict
from verify.validity import SHANGHAI

QR = zxingcpp.BarcodeFormat.QRCode
"""Hairlines of a table may look like a linear code."""

SUCCESSOR = Basis("示例市专用信用报告办法（虚构）", "示政办发〔2026〕9号", date(2026, 9, 1), None)


def request(**changes: object) -> IssueRequest:
    usual = IssueRequest(COMPANY, 3, "", ISSUED, ACTOR, identity_check="营业执照原件")
    return replace(usual, **changes)  # type: ignore[arg-type]


def at(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI).replace(hour=hour)


@pytest.mark.parametrize("channel", [Channel.SELF, Channel.DESK])
def test_b09_whoever_was_not_identified_gets_no_report(office: TestOffice, channel: Channel) -> None:
    office.be_real()
    with pytest.raises((IssuingError, AccessDenied)):
        office.issuing.issue(request(channel=channel, identity_check=" "))
    assert office.count("ledger") == 0
    assert office.issuing.issue(request(channel=channel)).number
    with office.engine.connect() as connection:
        assert connection.execute(select(tables.ledger.c.identity_check)).scalar() == "营业执照原件"


def test_b09_nobody_gets_the_report_of_another_subject_online(office: TestOffice) -> None:
    with pytest.raises(AccessDenied):
        office.issuing.issue(request(channel=Channel.SELF, subject_code=COMPANY, applicant=SHOP))
    assert office.count("ledger") == 0


def test_b09_one_two_or_three_years_and_no_other_range(office: TestOffice) -> None:
    for years in (1, 2, 3):
        assert office.issuing.preview(request(years=years)).years == years
    for years in (-1, 0, 4, 10):
        with pytest.raises(IssuingError) as refused:
            office.issuing.issue(request(years=years))
        assert refused.value.code == "YEARS_REFUSED"


def test_b09_a_report_costs_nothing_anywhere(office: TestOffice) -> None:
    names = {column.name for table in tables.metadata.tables.values() for column in table.columns}
    assert not [name for name in names if "fee" in name.split("_") or "price" in name]
    report = office.issue()
    assert "免费" in notes(printed(office, report))
    assert not [key for key in report.to_json() if "fee" in key]


def oracle(shared: Path) -> list[dict[str, str]]:
    with (shared / "domain" / "date_oracle.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_b10_the_window_ends_on_the_last_working_day_before_the_issue_day_and_begins_n_years_earlier(
    office: TestOffice, shared: Path
) -> None:
    evidence = "示例公报 2026 年第 9 期（虚构）"
    register(office.engine, office.office, SUCCESSOR, replaces=None, evidence=evidence, actor=ACTOR, now=office.wall)
    cases = oracle(shared)
    assert len(cases) == 25
    for case in cases:
        for years in (1, 2, 3):
            content = office.issuing.preview(request(years=years, moment=at(case["issue_date"])))
            assert content.period_from.isoformat() == case[f"start_{years}y"], case
            assert content.period_to.isoformat() == case["window_end"], case
            assert content.calendar_published


def test_b11_a_report_holds_for_one_month_clipped_to_its_end_as_the_worked_cases_say(
    office: TestOffice, shared: Path
) -> None:
    register(office.engine, office.office, SUCCESSOR, replaces=None, evidence="示例公报", actor=ACTOR, now=office.wall)
    for case in oracle(shared):
        content = office.issuing.preview(request(moment=at(case["issue_date"])))
        last = f"{case['valid_until_inclusive']}T23:59:59+08:00"
        assert content.valid_until.isoformat() == last, case


def test_b11_the_month_is_signed_and_ends_at_24_00_in_shanghai(office: TestOffice) -> None:
    report = office.issue(at("2026-01-31"))
    office.wall = ISSUED
    last = datetime(2026, 2, 28, 23, 59, 59, tzinfo=SHANGHAI)
    assert report.valid_until == last
    assert decode(office.issuing.show(report.number, "测试").entry.token).facts.valid_until == last
    assert office.examine(report.docx, at=last).verdict is Verdict.VALID
    assert office.examine(report.docx, at=last + timedelta(seconds=1)).verdict is Verdict.EXPIRED


def test_b12_the_code_stands_at_the_upper_right_of_page_1_and_is_read_back(office: TestOffice) -> None:
    report = office.issue()
    section = Document(str(report.docx)).sections[0]
    (table,) = section.first_page_header.tables
    assert section.different_first_page_header_footer
    cells = table.rows[0].cells
    assert [bool(cell._tc.xpath(".//pic:pic")) for cell in cells] == [False] * (len(cells) - 1) + [True]
    assert f"核验码：{report.typed_code}" in [paragraph.text for paragraph in cells[-1].paragraphs]
    assert read(report.docx, "report.docx").qr_texts == read(report.qr_png, "qr.png").qr_texts == (report.qr_text,)


def test_b12_in_the_pdf_too_the_code_is_seen_at_the_upper_right_of_page_1_and_on_no_other(office: TestOffice) -> None:
    office.add_records({})
    report = office.issue()
    assert report.pdf is not None, report.without_pdf
    with contextlib.closing(pypdfium2.PdfDocument(report.pdf)) as document:
        pages = [page.render(scale=2).to_pil() for page in document]
    (first, *others) = [zxingcpp.read_barcodes(page, formats=QR) for page in pages]
    assert others
    assert not any(others)
    (code,) = first
    corners = (code.position.top_left, code.position.top_right, code.position.bottom_left, code.position.bottom_right)
    width, height = pages[0].size
    assert code.text == report.qr_text
    assert all(corner.x > width * 0.6 and corner.y < height * 0.25 for corner in corners)
    assert office.examine(report.pdf).reason is Reason.OK


def test_b12_whoever_scans_gets_the_stored_original_and_every_deceit_is_told(office: TestOffice) -> None:
    office.add_records({})
    report, other = office.issue(), office.issue(subject_code=SHOP)
    answer = office.examine(report.qr_png)
    assert answer.credential is not None
    package = Shelf(office.places.public).package_for(answer.credential)
    assert package is not None
    assert package.root() == answer.credential.facts.content_root
    assert documents({field.path: field.text for field in package.fields}) == {"盐环罚〔2025〕示例12号"}
    token = office.issuing.show(report.number, "测试").entry.token
    flipped = check(token[:-1] + bytes([token[-1] ^ 1]), trust=office.trust, at=ISSUED, now=office.wall)
    assert (flipped.verdict, flipped.credential) == (Verdict.FORGED, None)
    forged = sign(decode(token).facts, Ed25519Signer.from_seed(b"a key that nobody has registered"))
    assert check(forged, trust=office.trust, at=ISSUED, now=office.wall).reason is Reason.KEY_UNKNOWN
    office.issuing.revoke(other.number, "发现数据有误", ACTOR, office.wall)
    assert office.examine(other.docx).verdict is Verdict.REVOKED


def test_b13_each_domain_says_none_or_how_many_or_not_connected_and_never_none_without_data(
    office: TestOffice,
) -> None:
    office.add_records({"KZ_HL": "是"})
    office.connect(*(domain.number for domain in office.office.domains if domain.number not in (7, 13)))
    content = printed(office, office.issue())
    results = list(domains(content).values())
    assert (results[6], results[12], results[0]) == ("暂未接入", "有 1 条", "未查询到")
    assert (
        content["一、分领域查询结果／第7行 社会治安、刑事、经济、食药环、禁毒、网络安全、文明交通领域／备注"]
        == "不作有无结论"
    )
    assert "暂未接入" in conclusion(content)


def test_b13_who_produced_a_record_provides_it_and_answers_for_it(office: TestOffice) -> None:
    office.add_records({"KZ_HL": "是"})
    with office.engine.connect() as connection:
        row = connection.execute(select(tables.records)).mappings().one()
    assert (row["provider"], row["source_unit"], row["from_province"]) == ("市生态环境局", "市生态环境局", True)
    assert row["batch"]
    assert row["received_at"] == office.wall
    office.connect(13, updated_on=date(2026, 8, 19))
    feeds = all_feeds(office.engine, office.office, day=ISSUED.date(), actor=ACTOR, now=office.wall)
    states = {feed.domain: feed.state for feed in feeds}
    assert (len(states), states[13], states[1]) == (45, FeedState.CURRENT, FeedState.MISSING)
    assert feeds[12].responsible == "市生态环境局"


async def test_b14_report_and_verification_services_say_whether_they_are_well(office: TestOffice) -> None:
    office.issue()
    public = build_public(PublicSettings(office.places.public, lambda: office.wall))
    async with (
        TestClient(TestServer(build_issuing(settings(office)))) as issuing,
        TestClient(TestServer(public)) as site,
    ):
        for client, path in ((issuing, "/issuing/health"), (site, "/health")):
            answer = await client.get(path)
            assert (answer.status, (await answer.json())["ok"]) == (200, True)
        office.places.trust.unlink()
        assert (await site.get("/health")).status == 503


def test_b14_a_copy_taken_while_it_runs_is_a_whole_office_that_goes_on(office: TestOffice, tmp_path: Path) -> None:
    report = office.issue(idempotency_key="K-1")
    copy = tmp_path / "copy"
    copy.mkdir()
    with contextlib.closing(sqlite3.connect(office.home / "office.db")) as running:
        running.execute("VACUUM INTO ?", (str(copy / "office.db"),))
    for folder in ("keys", "reports", "public"):
        shutil.copytree(office.home / folder, copy / folder)
    restored = TestOffice(copy, wall=office.wall)
    assert restored.examine(restored.places.docx(report.number)).reason is Reason.OK
    assert restored.issue(idempotency_key="K-1").qr_text == report.qr_text
    assert int(restored.issue().number[-7:]) == int(report.number[-7:]) + 1
    restored.engine.dispose()
