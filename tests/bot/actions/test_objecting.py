"""Objections filed in chat in a subject's name. Members, companies and documents are fictional."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.actions.naming import Wanted
from bot.actions.objecting import Objecting, Wish, asks
from bot.actions.said import SentFile
from bot.actions.staff_only import IN_GROUP
from index.cases.objections import Objections, State
from index.errors import CaseError
from tests.bot.actions.conftest import CLERK, NEWCOMER, Talk, alone, nobody_commands
from tests.verify.issuing.office import COMPANY, ISSUED, SHOP, TestOffice

Lines = Callable[[], list[tuple[str, str, str, str, str]]]
DOCUMENT = "盐环罚〔2025〕示例12号"


@pytest.fixture
def action(office: TestOffice) -> Objecting:
    office.add_records({})
    return Objecting(office.engine, replace(office.office, objection_days=10), nobody_commands)


@pytest.fixture
def talk(action: Objecting) -> Talk:
    return Talk(action, alone())


def cases(office: TestOffice, code: str = COMPANY) -> tuple[object, ...]:
    return Objections(office.engine, office.office).of_subject(code, actor="测试员", now=ISSUED)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("提异议", None),
        ("我要代企业提出异议申请。", None),
        ("登记一件异议", None),
        ("对91320902ma1ex0m1xb的记录提异议", Wanted(code=COMPANY)),
        ("替云汀示例环保提交异议", Wanted(name="云汀示例环保")),
    ],
)
def test_a_wish_to_object_is_heard(text: str, wanted: Wanted | None) -> None:
    assert asks(text) == Wish(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "对报告里的记录有异议怎么办？",
        "企业提交异议后，责任单位必须在几个工作日内答复？",
        "异议申请提交后必须在几天内答复？",
        "谁可以提异议",
    ],
)
def test_questions_about_objections_are_left_alone(text: str) -> None:
    assert asks(text) is None


def test_an_objection_is_collected_confirmed_and_filed(office: TestOffice, talk: Talk, lines: Lines) -> None:
    assert "为哪个主体" in talk.told("提异议")
    listed = talk.told(COMPANY)
    assert f"1. 2025-03-14　行政处罚　{DOCUMENT}" in listed
    assert "异议理由" in talk.told("1")
    assert "核对了哪些证件" in talk.told("该处罚决定已被撤销（示例），请核对")
    asked = talk.told("经办人孙示例，营业执照和授权书")
    assert "请确认提交异议" in asked
    assert f"异议对象：{DOCUMENT}（2025-03-14）" in asked
    assert cases(office) == ()
    told = talk.told("确认")
    (case,) = Objections(office.engine, replace(office.office, objection_days=10)).of_subject(
        COMPANY, actor="测试员", now=ISSUED
    )
    assert case.number in told
    assert "市生态环境局办理" in told
    assert f"答复时限：{case.due_on}（含当日；本机构服务承诺，不是法定期限）" in told
    assert case.state is State.SUBMITTED
    assert case.record_key is not None
    assert DOCUMENT in case.record_key
    assert case.filed_by == "王示例（S001）（窗口核对：经办人孙示例，营业执照和授权书）"
    assert {"records.list", "objection.file"} <= {line[0] for line in lines()}


def test_a_confirmation_that_is_answered_twice_is_one_case(office: TestOffice, action: Objecting) -> None:
    talk = Talk(action, alone())
    for text in (f"对{COMPANY}提异议", "1", "该处罚决定已被撤销（示例）", "经办人孙示例，营业执照"):
        talk.told(text)
    said = talk.said("确认")
    first, second = action.answers(said), action.answers(said)
    assert first == second
    assert len(cases(office)) == 1


def test_a_second_objection_to_the_record_is_refused_with_the_number_of_the_first(
    office: TestOffice, action: Objecting
) -> None:
    for reason in ("该处罚决定已被撤销（示例）", "另一个理由（示例）"):
        talk = Talk(action, alone())
        for text in (f"对{COMPANY}提异议", DOCUMENT, reason, "经办人孙示例，营业执照"):
            talk.told(text)
        if reason.startswith("另"):
            with pytest.raises(CaseError, match="已有异议正在办理：YY"):
                talk.say("确认")
        else:
            talk.told("确认")
    assert len(cases(office)) == 1


def test_a_whole_domain_may_be_objected_to(office: TestOffice, talk: Talk) -> None:
    assert "没有可以显示的记录" in talk.told(f"对{SHOP}提异议")
    talk.told("13领域")
    talk.told("报告称数据缺失，其实已经报送（示例）")
    assert "领域 13" in talk.told("经营者李示例，营业执照")
    assert "异议已提交" in talk.told("对")
    assert len(cases(office, SHOP)) == 1


def test_a_reason_may_sound_like_a_question_and_numbers_of_persons_are_masked(office: TestOffice, talk: Talk) -> None:
    for text in (f"对{COMPANY}提异议", "1"):
        talk.told(text)
    assert "核对了哪些证件" in talk.told("为什么罚款金额是2.5万元，决定书上是0.5万元，经办人电话13912345678")
    asked = talk.told("经办人孙示例，身份证32090219900101123X")
    assert "13912345678" not in asked
    assert "19900101" not in asked


def test_a_record_of_another_subject_is_not_taken(office: TestOffice, talk: Talk) -> None:
    for text in (f"对{SHOP}提异议", DOCUMENT, "该处罚决定已被撤销（示例）", "经营者李示例，营业执照"):
        talk.told(text)
    again = talk.told("确认")
    assert "没有可以办理的记录" in again
    assert "请回复决定文书号" in again
    assert cases(office, SHOP) == ()
    assert "请确认提交异议" in talk.told("生态环境领域")
    assert "异议已提交" in talk.told("确认")


@pytest.mark.parametrize(
    "typed", [DOCUMENT, "盐环罚[2025]示例12号", "盐环罚（2025）示例12号", " 盐环罚 【2025】 示例12号 "]
)
def test_a_document_number_is_heard_with_any_brackets(talk: Talk, typed: str) -> None:
    talk.told(f"对{COMPANY}提异议")
    talk.told(typed)
    talk.told("该处罚决定已被撤销（示例）")
    assert f"异议对象：{DOCUMENT}（2025-03-14）" in talk.told("法定代表人某某，营业执照")


def test_who_may_not_files_none(office: TestOffice, action: Objecting) -> None:
    assert "没有登记为工作人员" in Talk(action, alone(None)).told("提异议")
    assert "没有“受理异议和修复”权限" in Talk(action, alone(NEWCOMER)).told("提异议")
    assert Talk(action, alone(CLERK)).in_group().told("提异议") == IN_GROUP
    talk = Talk(action, alone())
    talk.told(f"对{COMPANY}提异议")
    assert talk.say("", SentFile("照片.jpg", b"x")) is None
    talk.told(f"对{COMPANY}提异议")
    assert "已取消" in talk.told("取消")
    assert cases(office) == ()
