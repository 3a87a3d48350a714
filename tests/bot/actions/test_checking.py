"""Checking reports sent in chat: code, number, picture, docx, PDF; by anybody. All of them are fictional."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.checking import ASK_CODE, FILES_MAX, HOW, Asked, Checking, Published, asks
from bot.actions.said import Pending, SentFile
from tests.bot.actions.conftest import Talk, alone
from tests.verify.issuing.office import COMPANY, ISSUED, TestOffice
from verify.documents.reading import read
from verify.issuing.orders import IssuedReport

NUMBER = "YCZX202608200000001"
LATER = ISSUED + timedelta(days=1)


@pytest.fixture
def report(office: TestOffice) -> IssuedReport:
    office.wall = LATER
    office.add_records({})
    return office.issue()


@pytest.fixture
def talk(office: TestOffice, report: IssuedReport) -> Talk:
    published = Published(office.places.public, lambda: office.wall, read)
    return Talk(Checking(published), alone(None), LATER)


def sent(path: Path) -> SentFile:
    return SentFile(path.name, path.read_bytes())


@pytest.mark.parametrize("wish", ["", "核验 ", "帮我验一下这份报告 ", "核验报告编号："])
@pytest.mark.parametrize("code", ["7K3M-2QXP-9TRW", "7k3m2qxp9trw", "７Ｋ３Ｍ－２ＱＸＰ－９ＴＲＷ"])
def test_number_and_typed_code_are_heard_as_people_type_them(wish: str, code: str) -> None:
    asked = asks(f"{wish}{NUMBER.lower()} {code}")
    assert asked is not None
    assert asked.number == NUMBER
    assert asked.text.upper().replace("-", "") == f"{NUMBER} 7K3M2QXP9TRW"


def test_a_number_in_a_sentence_about_something_else_is_left_alone() -> None:
    for text in (
        f"撤销{NUMBER}",
        f"{NUMBER}的处罚怎么修复",
        "核验码印在报告的哪个位置？",
        "怎么核验报告？",
        "320902199001011234",
    ):
        assert asks(text) is None
    assert asks("我要核验一份报告") == Asked()


@pytest.mark.parametrize("around", ["{}", "请核验 {}", "这个是真的吗：{}\n谢谢"])
def test_a_link_from_the_scanner_is_checked_whatever_stands_around_it(
    talk: Talk, report: IssuedReport, around: str
) -> None:
    told = talk.told(around.format(report.qr_text))
    assert told.startswith("【有效】")
    assert COMPANY in told
    assert report.number in told
    assert "查询到违法违规记录 1 条" in told
    assert "下一步：" in told


def test_digits_alone_and_typed_codes_are_checked(talk: Talk, report: IssuedReport) -> None:
    assert talk.told(report.qr_text.partition("#")[2]).startswith("【有效】")
    assert talk.told(f"{report.number} {report.typed_code}").startswith("【有效】")
    wrong = talk.told(f"{report.number} 0000-0000-0000")
    assert not wrong.startswith("【有效】")
    assert COMPANY not in wrong


def test_a_number_alone_is_asked_for_its_code(talk: Talk, report: IssuedReport) -> None:
    assert talk.told(f"核验{report.number}") == ASK_CODE
    assert talk.told(report.typed_code.lower()).startswith("【有效】")
    assert talk.told(f"核验{report.number}") == ASK_CODE
    assert talk.say("专用信用报告多长时间内有效？") is None
    assert talk.told("核验报告") == HOW


def test_files_are_checked_by_their_content(talk: Talk, report: IssuedReport) -> None:
    assert report.pdf is not None
    for path in (report.docx, report.pdf, report.qr_png):
        reply = talk.say("", sent(path))
        assert reply is not None
        assert reply.text.startswith("【有效】"), (path.name, reply.text)


def test_a_changed_docx_is_told_with_the_place(talk: Talk, report: IssuedReport, tmp_path: Path) -> None:
    from docx import Document

    document = Document(str(report.docx))
    changed = 0
    for table in document.tables:
        for cell in (cell for row in table.rows for cell in row.cells):
            for run in (run for paragraph in cell.paragraphs for run in paragraph.runs):
                if "2.5万元" in run.text:
                    run.text, changed = run.text.replace("2.5万元", "0.5万元"), changed + 1
    assert changed
    document.save(str(tmp_path / "changed.docx"))
    reply = talk.say("", sent(tmp_path / "changed.docx"))
    assert reply is not None
    assert reply.text.startswith("【内容不一致】")
    assert "差异：" in reply.text
    assert "0.5万元" in reply.text


def test_what_is_no_report_is_told_and_several_files_are_bounded(talk: Talk) -> None:
    files = [SentFile(f"{number}.txt", b"hello") for number in range(FILES_MAX + 2)]
    reply = talk.say("", *files)
    assert reply is not None
    assert len(reply.blocks) == FILES_MAX - 1
    assert "下一步" in reply.text


def test_after_its_month_and_before_any_trust_the_verdict_says_so(
    office: TestOffice, report: IssuedReport, tmp_path: Path
) -> None:
    late = office.wall = ISSUED + timedelta(days=40)
    office.issuing.publish(late)
    published = Published(office.places.public, lambda: late, read)
    assert "【已过期】" in Talk(Checking(published), alone(None), late).told(report.qr_text)
    nothing = Published(tmp_path / "nothing", lambda: late, read)
    assert "还没有发布信任文件" in Talk(Checking(nothing), alone(None), late).told(report.qr_text)


def test_a_withdrawn_report_is_told_the_next_time(office: TestOffice, talk: Talk, report: IssuedReport) -> None:
    assert talk.told(report.qr_text).startswith("【有效】")
    office.issuing.revoke(report.number, "示例：填写错误", "测试员", LATER)
    assert talk.told(report.qr_text).startswith("【已撤销】")


def test_in_a_group_the_verdict_is_told_and_not_what_the_report_says(talk: Talk, report: IssuedReport) -> None:
    told = talk.in_group().told(report.qr_text)
    assert told.startswith("【有效】")
    assert "违法违规记录" not in told


def test_what_another_action_waits_for_it_still_waits_for(talk: Talk, report: IssuedReport) -> None:
    talk.pending = Pending("looking_up", {"code": COMPANY})
    reply = talk.say("", sent(report.qr_png))
    assert reply is not None
    assert reply.pending == Pending("looking_up", {"code": COMPANY})
