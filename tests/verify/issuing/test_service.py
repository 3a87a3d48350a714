"""Answers verify/issuing/service.py: real store, real files, read back as a stranger would."""

from dataclasses import replace
from datetime import datetime, timedelta

import docx
import pytest
from sqlalchemy import select

from index.channel import Channel
from index.errors import AccessDenied, SubjectRefused, UnknownSubject
from index.store import tables
from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, SHOP, STRANGER, WALL, TestOffice
from verify.documents.examine import examine
from verify.errors import BasisExpired, IssuingError, KeyringError
from verify.issuing.freezing import thaw
from verify.issuing.orders import IssueRequest
from verify.public.shelf import Shelf
from verify.reasons import Reason, Verdict
from verify.validity import SHANGHAI


def test_an_issued_report_is_valid_from_its_docx_its_picture_and_its_text(office: TestOffice) -> None:
    report = office.issue()
    for what in (report.docx, report.qr_png, report.qr_text):
        answer = office.examine(what)
        assert answer.reason is Reason.OK
        assert answer.credential is not None
        assert answer.credential.number == report.number
    assert report.number == "YCZX202608200000001"


def test_it_is_valid_through_24_00_of_the_last_day_and_expired_one_second_later(office: TestOffice) -> None:
    report = office.issue()
    last = datetime(2026, 9, 20, 23, 59, 59, tzinfo=SHANGHAI)
    assert report.valid_until == last
    assert office.examine(report.docx, last).verdict is Verdict.VALID
    assert office.examine(report.docx, last + timedelta(seconds=1)).verdict is Verdict.EXPIRED


def test_issued_on_31_january_it_ends_on_28_february_also_after_a_later_moment(office: TestOffice) -> None:
    office.issue()
    report = office.issue(datetime(2026, 1, 31, 9, 0, tzinfo=SHANGHAI))
    assert report.valid_until == datetime(2026, 2, 28, 23, 59, 59, tzinfo=SHANGHAI)
    assert office.examine(report.docx, report.valid_until).verdict is Verdict.VALID


def test_an_edited_cell_is_altered_and_named(office: TestOffice) -> None:
    office.add_records({})
    report = office.issue()
    document = docx.Document(str(report.docx))
    table = next(table for table in document.tables if table.cell(0, 0).text == "序号")
    table.cell(13, 4).paragraphs[0].runs[0].text = "未查询到"
    edited = office.home / "edited.docx"
    document.save(str(edited))
    answer = office.examine(edited)
    assert answer.verdict is Verdict.ALTERED
    assert [(each.where, each.issued, each.found) for each in answer.differences] == [
        ("一、分领域查询结果／第13行 生态环境领域／查询结果", "有 1 条", "未查询到")
    ]


def test_number_and_typed_code_open_the_same_report(office: TestOffice) -> None:
    report = office.issue()
    answer = examine(
        f"{report.number} {report.typed_code}",
        name="",
        trust=office.trust,
        at=ISSUED,
        now=WALL,
        sealed=Shelf(office.places.public),
    )
    assert answer.reason is Reason.OK


def test_the_public_folder_names_neither_number_nor_subject(office: TestOffice) -> None:
    report = office.issue()
    for path in office.places.public.rglob("*"):
        assert report.number not in path.name
        if path.is_file():
            content = path.read_bytes()
            assert COMPANY.encode() not in content
            assert "示例喆堃".encode() not in content


def test_the_same_idempotency_key_gives_the_same_report_byte_for_byte(office: TestOffice) -> None:
    first = office.issue(idempotency_key="K-1")
    files = first.docx.read_bytes(), first.qr_png.read_bytes()
    again = office.issue(idempotency_key="K-1", moment=ISSUED + timedelta(hours=1))
    assert again == first
    assert (again.docx.read_bytes(), again.qr_png.read_bytes()) == files
    first.docx.unlink()
    assert office.issue(idempotency_key="K-1").docx.read_bytes() == files[0]
    assert office.count("ledger") == 1


def test_one_idempotency_key_for_another_request_is_refused(office: TestOffice) -> None:
    office.issue(idempotency_key="K-1")
    with pytest.raises(IssuingError) as caught:
        office.issue(idempotency_key="K-1", years=1)
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_a_key_is_no_right_to_a_report(office: TestOffice) -> None:
    """Whoever repeats a request must be entitled to it as the first time; handing it out again is audited."""
    number = office.issue(idempotency_key="K-1").number
    with pytest.raises(AccessDenied):
        office.issue(idempotency_key="K-1", channel=Channel.SELF, applicant=SHOP)
    office.be_real()
    with pytest.raises(IssuingError) as caught:
        office.issue(idempotency_key="K-1", identity_check="")
    assert caught.value.code == "IDENTITY_UNCHECKED"
    assert office.issue(idempotency_key="K-1").number == number
    with office.engine.connect() as connection:
        read = select(tables.audit.c.target).where(tables.audit.c.action == "report.read")
        assert list(connection.execute(read).scalars()) == [number]


def test_a_revoked_report_is_refused_within_its_month_and_cannot_be_revoked_twice(office: TestOffice) -> None:
    report = office.issue()
    entry = office.issuing.revoke(report.number, "数据有误", ACTOR, WALL)
    assert (entry.state, entry.state_reason) == ("revoked", "数据有误")
    assert office.examine(report.docx).verdict is Verdict.REVOKED
    with pytest.raises(IssuingError) as caught:
        office.issuing.revoke(report.number, "再撤一次", ACTOR, WALL)
    assert caught.value.code == "REPORT_ALREADY_REVOKED"
    assert "数据有误" in caught.value.message
    assert office.issuing.show(report.number, "测试").entry.state_reason == "数据有误"


def test_revoking_one_report_leaves_the_others_valid(office: TestOffice) -> None:
    first, second = office.issue(), office.issue(subject_code=SHOP)
    office.issuing.revoke(first.number, "数据有误", ACTOR, WALL)
    assert office.examine(second.docx).verdict is Verdict.VALID


def test_an_unknown_report_cannot_be_shown_or_revoked(office: TestOffice) -> None:
    for act in (
        lambda: office.issuing.show("YCZX202608200000009", "测试"),
        lambda: office.issuing.revoke("YCZX202608200000009", "理由", ACTOR, WALL),
    ):
        with pytest.raises(IssuingError) as caught:
            act()
        assert caught.value.code == "REPORT_UNKNOWN"


def test_what_is_refused_takes_no_number_and_leaves_no_intent(office: TestOffice) -> None:
    refusals = (
        ({"subject_code": STRANGER}, UnknownSubject),
        ({"years": 4}, IssuingError),
        ({"purpose": "移民"}, IssuingError),
        ({"actor": " "}, AccessDenied),
        ({"moment": WALL}, BasisExpired),
    )
    for change, kind in refusals:
        with pytest.raises(kind) as caught:
            office.issue(**change)
        assert caught.value.next_step
    assert office.count("report_numbers") == office.count("intents") == office.count("ledger") == 0


def test_no_basis_in_force_names_the_text_that_ended_and_what_to_do(office: TestOffice) -> None:
    with pytest.raises(BasisExpired) as caught:
        office.issue(datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI))
    assert caught.value.code == "BASIS_EXPIRED"
    assert "2026年8月31日" in caught.value.message
    assert "chenghe bases register" in caught.value.next_step


def test_a_public_institution_is_refused_with_the_reason(office: TestOffice) -> None:
    from sqlalchemy import update

    from index.store.engine import writing

    with writing(office.engine) as connection:
        connection.execute(update(tables.subjects).values(kind="事业单位"))
    with pytest.raises(SubjectRefused, match="事业单位"):
        office.issue()


def test_a_real_office_without_keys_says_who_must_do_what(office: TestOffice) -> None:
    office.be_real()
    office.wall = ISSUED
    with pytest.raises(KeyringError) as caught:
        office.issue()
    assert caught.value.code == "KEYS_MISSING"
    assert "keys init" in caught.value.next_step


@pytest.mark.parametrize("early", [timedelta(minutes=5, seconds=1), timedelta(hours=9), timedelta(days=40)])
def test_nobody_chooses_the_moment_of_a_real_offices_first_report(office: TestOffice, early: timedelta) -> None:
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED - timedelta(days=50))
    with pytest.raises(IssuingError) as caught:
        office.issue(ISSUED - early)
    assert caught.value.code == "MOMENT_BACKDATED"


def test_a_real_office_does_not_issue_for_the_future_or_before_its_newest_report(office: TestOffice) -> None:
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED)
    report = office.issue()
    assert office.examine(report.docx).verdict is Verdict.VALID
    with pytest.raises(IssuingError) as caught:
        office.issue(ISSUED + timedelta(minutes=5, seconds=1))
    assert caught.value.code == "MOMENT_IN_FUTURE"
    office.wall -= timedelta(minutes=6)  # somebody set the clock back
    with pytest.raises(IssuingError) as caught:
        office.issue(office.wall)
    assert caught.value.code == "MOMENT_BACKDATED"


def test_a_request_that_waited_while_another_was_served_is_not_dated_before_it(office: TestOffice) -> None:
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED)
    assert office.issue().issued_at == ISSUED
    assert office.issue(ISSUED - timedelta(seconds=3)).issued_at == ISSUED


@pytest.mark.parametrize("channel", [Channel.DESK, Channel.SELF])
def test_b09_nobody_gets_a_report_of_a_real_office_unchecked(office: TestOffice, channel: Channel) -> None:
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED)
    with pytest.raises(IssuingError) as caught:
        office.issue(channel=channel, identity_check=" ")
    assert caught.value.code == "IDENTITY_UNCHECKED"
    assert office.count("report_numbers") == 0
    number = office.issue(channel=channel, identity_check="营业执照、经办人身份证").number
    shown = office.issuing.show(number, "测试").entry
    assert (shown.channel, shown.identity_check) == (channel.value, "营业执照、经办人身份证")


def test_a_sample_office_prints_the_watermark_on_every_page(office: TestOffice) -> None:
    section = docx.Document(str(office.issue().docx)).sections[0]
    for header in (section.first_page_header, section.header):
        assert "示例 · 非真实报告" in header._element.xml


def test_a_real_office_prints_no_watermark(office: TestOffice) -> None:
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED)
    section = docx.Document(str(office.issue().docx)).sections[0]
    for header in (section.first_page_header, section.header):
        assert "非真实报告" not in header._element.xml


def test_every_act_leaves_an_audit_line(office: TestOffice) -> None:
    report = office.issue()
    office.issuing.revoke(report.number, "数据有误", ACTOR, WALL)
    office.issuing.show(report.number, ACTOR)
    with office.engine.connect() as connection:
        lines = connection.execute(
            select(tables.audit.c.action).where(tables.audit.c.target == report.number)
        ).scalars()
        assert list(lines) == ["report.intend", "report.issue", "report.done", "report.revoke", "report.read"]


def test_the_json_of_a_report_has_the_names_of_the_design(office: TestOffice) -> None:
    described = office.issue().to_json()
    assert list(described) == [
        "number",
        "subject_code",
        "issued_at",
        "valid_until",
        "period_from",
        "period_to",
        "qr_text",
        "typed_code",
        "files",
    ]
    assert described["issued_at"] == "2026-08-20T10:00:00+08:00"
    assert described["period_from"] == "2023-08-20"
    assert described["period_to"] == "2026-08-19"


def test_a_preview_says_what_the_report_would_and_leaves_nothing_but_the_audit_of_its_reading(
    office: TestOffice,
) -> None:
    office.add_records({})
    before = {name: office.count(name) for name in ("report_numbers", "intents", "ledger", "audit")}
    shown = office.issuing.preview(IssueRequest(COMPANY, 3, "银行贷款", ISSUED, ACTOR))
    assert before | {"audit": before["audit"] + 1} == {name: office.count(name) for name in before}
    assert not office.places.reports.exists()
    assert not (office.home / "keys").exists()
    issued = thaw(office.issuing._ledger.intent(office.issue().number).content).content
    same = {"number": "", "typed_code": "", "signature": issued.signature}
    assert replace(shown, **same) == replace(issued, **same)
    assert {shown.number, shown.typed_code, shown.signature.key_id} == {"预览，未签发"}


def test_a_preview_is_refused_like_a_report(office: TestOffice) -> None:
    for change, kind in (({"actor": ""}, AccessDenied), ({"years": 4}, IssuingError), ({"moment": WALL}, BasisExpired)):
        with pytest.raises(kind):
            office.issuing.preview(replace(IssueRequest(COMPANY, 3, "", ISSUED, ACTOR), **change))


def test_the_reports_of_a_subject_come_newest_first_and_only_its_own(office: TestOffice) -> None:
    numbers = [office.issue(ISSUED + timedelta(hours=hours)).number for hours in (0, 2, 1)]
    office.issue(subject_code=SHOP)
    found = office.issuing.reports_of(COMPANY, ACTOR)
    assert [entry.number for entry in found] == [numbers[1], numbers[2], numbers[0]]
    assert office.issuing.reports_of(STRANGER, ACTOR) == ()
    with pytest.raises(AccessDenied):
        office.issuing.reports_of(COMPANY, "")


def test_the_ledger_keeps_which_records_a_report_shows(office: TestOffice) -> None:
    office.add_records({}, {"CF_WSH": "盐环罚〔2025〕示例13号"}, {"CF_WSH": "盐环罚〔2025〕示例14号", "KZ_GS": "否"})
    number = office.issue().number
    office.issue(subject_code=SHOP)
    with office.engine.connect() as connection:
        shown = connection.execute(select(tables.ledger_records)).all()
        keys = set(connection.execute(select(tables.records.c.key).where(tables.records.c.published)).scalars())
    assert {row.number for row in shown} == {number}
    assert {row.record_key for row in shown} == keys
    assert len(keys) == 2
