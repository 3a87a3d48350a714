"""Reports for the desk, asked for in chat. Members, companies and reports are fictional."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.issuing import IssuingReports, Wish, asks
from bot.actions.issuing_room import Delivered, Here, Order
from bot.actions.naming import Wanted
from bot.actions.said import SentFile
from bot.actions.staff_only import IN_GROUP
from index.errors import AccessDenied, RecordError
from tests.bot.actions.conftest import CLERK, NEWCOMER, Talk, alone, nobody_commands
from tests.verify.issuing.office import COMPANY, ISSUED, TestOffice
from verify.errors import IssuingError
from verify.issuing.orders import IssuedReport, IssueRequest

NAMED = "盐城示例喆堃𬭎环保科技有限公司(虚构)"


@pytest.fixture
def action(office: TestOffice) -> IssuingReports:
    room = Here(office.issuing, lambda: ISSUED)
    return IssuingReports(office.engine, office.office, room, nobody_commands)


@pytest.fixture
def talk(action: IssuingReports) -> Talk:
    return Talk(action, alone())


@pytest.mark.parametrize(
    ("text", "code", "name", "years", "as_word"),
    [
        ("开报告", "", "", "", False),
        ("我要代开报告", "", "", "", False),
        ("给91320902ma1ex0m1xb开一份近三年的专用信用报告", COMPANY, "", "3", False),
        ("91320902MA1EX0M1XB 开近两年报告", COMPANY, "", "2", False),
        ("开具报告：91320902MA1EX0M1XB", COMPANY, "", "", False),
        ("请为云汀示例环保开报告docx", "", "云汀示例环保", "", True),
        (f"开一份{NAMED}的近1年的报告 Word", "", NAMED, "1", True),
    ],
)
def test_a_wish_says_what_it_says(text: str, code: str, name: str, years: str, as_word: bool) -> None:
    wanted = Wanted(code, name) if code or name else None
    assert asks(text) == Wish(wanted, years, "", as_word)


@pytest.mark.parametrize(
    "text",
    [
        "怎么开报告",
        "企业怎么下载专用信用报告？",
        "专用信用报告在哪个网站开？要收钱吗？",
        "给企业开报告",
        "开报告要收费吗",
        "个体户能不能申请开这个专用信用报告啊",
        "下载报告的流程",
    ],
)
def test_questions_about_reports_are_left_alone(text: str) -> None:
    assert asks(text) is None


def test_a_report_is_asked_for_step_by_step_confirmed_and_sent(office: TestOffice, talk: Talk) -> None:
    assert "为哪个主体" in talk.told("开报告")
    assert "近一年、近两年还是近三年" in talk.told(COMPANY.lower())
    assert "核对了哪些证件" in talk.told("近三年")
    asked = talk.told("营业执照、经办人身份证")
    assert "主体：盐城示例喆堃𬭎环保科技有限公司（虚构）" in asked
    assert "近三年" in asked
    assert office.count("ledger") == 0
    reply = talk.say("确认")
    assert reply is not None
    assert reply.file is not None
    assert reply.file.name.endswith(".pdf")
    assert reply.file.content.startswith(b"%PDF")
    assert reply.text.startswith("已签发 YCZX")
    (entry,) = office.issuing.reports_of(COMPANY, "测试员")
    assert (entry.actor, entry.years, entry.channel) == ("王示例（S001）", 3, "desk")
    assert entry.identity_check == "窗口核对，本人办理：营业执照、经办人身份证"


def test_a_confirmation_that_is_answered_twice_is_one_report(office: TestOffice, action: IssuingReports) -> None:
    talk = Talk(action, alone())
    talk.told(f"给{COMPANY}开近三年的报告")
    talk.told("营业执照")
    said = talk.said("确认")
    first, second = action.answers(said), action.answers(said)
    assert first is not None
    assert second is not None
    assert first.text == second.text
    assert office.count("ledger") == 1
    talk.pending = None
    talk.told(f"给{COMPANY}开近三年的报告")
    talk.told("营业执照")
    third = talk.told("好的")
    assert third != first.text
    assert office.count("ledger") == 2


def test_a_docx_where_it_is_asked_for_and_a_purpose_that_is_known(office: TestOffice, talk: Talk) -> None:
    talk.told(f"给{COMPANY}开近一年的报告word，用途：银行贷款")
    assert "用途：银行贷款" in talk.told("营业执照")
    reply = talk.say("是")
    assert reply is not None
    assert reply.file is not None
    assert reply.file.name.endswith(".docx")
    assert reply.file.content.startswith(b"PK")


def test_what_the_issuing_room_refuses_is_told_and_nothing_is_sent(office: TestOffice, talk: Talk) -> None:
    talk.told(f"给{COMPANY}开近一年的报告，用途：示例用途")
    talk.told("营业执照")
    reply = talk.say("确认")
    assert reply is not None
    assert reply.file is None
    assert reply.text.startswith("没有签发。")
    assert "PURPOSE_UNKNOWN" in reply.text
    assert talk.pending is None


def test_after_no_answer_the_same_confirmation_may_be_given_again(office: TestOffice) -> None:
    asked: list[Order] = []

    class Silent:
        def issue(self, order: Order) -> Delivered:
            asked.append(order)
            raise IssuingError("没有应答。", next_step="请稍后再试。", code="ISSUING_UNREACHABLE")

    talk = Talk(IssuingReports(office.engine, office.office, Silent(), nobody_commands), alone())
    talk.told(f"给{COMPANY}开近一年的报告")
    talk.told("营业执照")
    talk.told("确认")
    talk.told("确认")
    assert len(asked) == 2
    assert asked[0] == asked[1]


def test_a_report_whose_file_cannot_be_read_is_handed_out_by_the_same_confirmation(office: TestOffice) -> None:
    class Unreadable:
        """Issues, but the file is not there at first."""

        hidden: Path | None = None

        def issue(self, request: IssueRequest) -> IssuedReport:
            report = office.issuing.issue(request)
            if self.hidden is None and report.pdf is not None:
                self.hidden = report.pdf.rename(report.pdf.with_name("hidden"))
            elif self.hidden is not None and report.pdf is not None and self.hidden.exists():
                self.hidden.rename(report.pdf)
            return report

    room = Here(Unreadable(), lambda: ISSUED)
    talk = Talk(IssuingReports(office.engine, office.office, room, nobody_commands), alone())
    talk.told(f"给{COMPANY}开近一年的报告")
    talk.told("营业执照")
    assert "不知道报告是否已签发" in talk.told("确认")
    assert "已签发 YCZX" in talk.told("确认")
    assert office.count("ledger") == 1


def test_no_means_no_and_anything_else_is_asked_again(office: TestOffice, talk: Talk) -> None:
    talk.told(f"给{COMPANY}开近一年的报告")
    talk.told("营业执照")
    assert "请回复“确认”" in talk.told("嗯")
    assert talk.say("确认之后多长时间有效？") is None
    talk.told(f"给{COMPANY}开近一年的报告")
    talk.told("营业执照")
    assert "已取消" in talk.told("算了")
    assert office.count("ledger") == 0


def test_identity_numbers_are_masked_before_they_are_kept(talk: Talk) -> None:
    talk.told(f"给{COMPANY}开近一年的报告")
    asked = talk.told("身份证32090219900101123X")
    assert "19900101" not in asked
    assert talk.pending is not None
    assert "19900101" not in str(talk.pending.kept)


def test_a_mistyped_code_within_the_dialogue_is_asked_again(talk: Talk) -> None:
    talk.told("开报告")
    assert "校验位不对" in talk.told("91320902MA1EX0M1XC")
    assert "近一年、近两年" in talk.told("示例小吃店")
    with pytest.raises(RecordError):
        talk.say("给91320902MA1EX0M1XC开报告")


def test_who_may_not_gets_none(action: IssuingReports) -> None:
    for staff, why in ((None, "没有登记为工作人员"), (NEWCOMER, "没有“代开报告”权限")):
        assert why in Talk(action, alone(staff)).told("开报告")
    assert Talk(action, alone()).in_group().told(f"给{COMPANY}开报告") == IN_GROUP
    talk = Talk(action, alone(replace(CLERK, unit="某某省某某局")))
    talk.told(f"给{COMPANY}开近一年的报告")
    with pytest.raises(AccessDenied):
        talk.say("营业执照")


def test_a_stranger_is_told_where_companies_go_and_a_file_is_no_answer(office: TestOffice, talk: Talk) -> None:
    stranger = Talk(talk.action, alone(None))
    assert office.office.website in stranger.told("我要开报告")
    talk.told("开报告")
    assert talk.say("", SentFile("照片.jpg", b"x")) is None


def test_who_lost_the_role_meanwhile_confirms_nothing(office: TestOffice, talk: Talk) -> None:
    talk.told(f"给{COMPANY}开近一年的报告")
    talk.told("营业执照")
    talk.caller = alone(replace(CLERK, roles=frozenset()))
    talk.now += timedelta(minutes=1)
    assert "没有“代开报告”权限" in talk.told("确认")
    assert office.count("ledger") == 0
