"""Looking up records in chat. The companies and members are fictional."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions.looking_up import LookingUp, asks
from bot.actions.naming import Wanted
from bot.actions.said import SentFile
from bot.actions.staff_only import IN_GROUP
from bot.post.duties import HOURS, Duties
from index.directory.model import Role, Staff
from index.errors import AccessDenied, RecordError
from index.refusals import LINES_AN_HOUR
from tests.bot.actions.conftest import CLERK, NEWCOMER, Talk, alone, nobody_commands
from tests.verify.issuing.office import COMPANY, SUBJECTS, TestOffice

Lines = Callable[[], list[tuple[str, str, str, str, str]]]
OTHER = "91320981MA1EX0M44E"


@pytest.fixture
def action(office: TestOffice, duties: Duties) -> LookingUp:
    office.add_records({})
    return LookingUp(office.engine, office.office, duties, nobody_commands)


@pytest.fixture
def talk(action: LookingUp) -> Talk:
    return Talk(action, alone())


@pytest.mark.parametrize(
    "text",
    [
        "查一下91320902MA1EX0M1XB",
        "查一下91320902ma1ex0m1xb。",
        "查一下９１３２０９０２ＭＡ１ＥＸ０Ｍ１ＸＢ",
        "帮我查 9132 0902 MA1E X0M1 XB 的处罚记录",
        "请查询统一社会信用代码：91320902-MA1EX0M1-XB",
        "91320902MA1EX0M1XB",
        "91320902MA1EX0M1XB有没有处罚？",
        "查一下91320902MA1EX0M1XB，用途：核实投标资格",
    ],
)
def test_a_code_is_heard_as_people_type_it(text: str) -> None:
    assert asks(text) == Wanted(code=COMPANY)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("查云汀示例环保的记录", "云汀示例环保"),
        ("查一下 云汀示例环保 的处罚记录", "云汀示例环保"),
        ("查一下云汀示例禾苗环保科技有限公司", "云汀示例禾苗环保科技有限公司"),
        ("帮我查查云汀示例小吃店的信用情况。", "云汀示例小吃店"),
        ("查一下盐都区示例小吃店（虚构）", "盐都区示例小吃店(虚构)"),
    ],
)
def test_a_name_is_heard_where_the_message_cannot_be_about_policy(text: str, name: str) -> None:
    assert asks(text) == Wanted(name=name)


@pytest.mark.parametrize(
    "text",
    [
        "查一下企业的记录",
        "查一下政务失信的记录",
        "查一下税务领域的记录",
        "查询和下载专用信用报告收费吗",
        "查一下专用信用报告多长时间有效",
        "查一下哪些公司的记录不显示",
        "怎么查公司的记录",
        "云汀示例环保的记录",
        "给91320902MA1EX0M1XB开报告",
    ],
)
def test_what_may_be_a_question_of_policy_is_left_alone(text: str) -> None:
    assert asks(text) is None


def test_a_mistyped_code_is_told_and_a_persons_number_is_refused_without_repeating_it() -> None:
    with pytest.raises(RecordError, match="校验位不对"):
        asks("查一下91320902MA1EX0M1XC")
    with pytest.raises(RecordError) as refused:
        asks("查一下320902199001011234")
    assert refused.value.code == "PERSON_NUMBER"
    assert "19900101" not in refused.value.message + refused.value.next_step


def test_matter_and_purpose_are_asked_for_once_and_stand_in_the_audit(talk: Talk, lines: Lines) -> None:
    assert "1. 招标投标\n2. 行政审批" in talk.told(f"查一下{COMPANY}")
    assert "请说明用途" in talk.told("1")
    told = talk.told("核实示例项目投标资格")
    assert "可以显示的记录 1 条" in told
    assert "盐环罚〔2025〕示例12号" in told
    again = talk.told(f"查一下 {COMPANY.lower()}")
    assert "可以显示的记录 1 条" in again
    assert "事项：招标投标；用途：核实示例项目投标资格" in again
    reads = [line for line in lines() if line[0] == "records.list"]
    assert len(reads) == 2
    assert {line[1:4] for line in reads} == {(COMPANY, "王示例（S001）", "核实示例项目投标资格")}
    assert all("市生态环境局，招标投标" in line[4] for line in reads)


def test_one_matter_is_not_asked_for_and_both_may_be_said_at_once(action: LookingUp) -> None:
    single = Talk(action, alone(replace(CLERK, id="S003", matters=("招标投标",))))
    assert "按“招标投标”事项" in single.told(f"查一下{COMPANY}")
    at_once = Talk(action, alone(replace(CLERK, id="S004")))
    assert "可以显示的记录" in at_once.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")


def test_another_conversation_another_day_and_another_matter_are_asked_anew(talk: Talk, action: LookingUp) -> None:
    talk.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    elsewhere = Talk(action, replace(alone(), conversation="c2"))
    assert "请先说明为哪个事项" in elsewhere.told(f"查一下{COMPANY}")
    later = Talk(action, alone(), talk.now + timedelta(hours=HOURS))
    assert "请先说明为哪个事项" in later.told(f"查一下{COMPANY}")
    assert "重新说明" in talk.told("换事项")
    assert "请先说明为哪个事项" in talk.told(f"查一下{COMPANY}")


def test_a_matter_stated_before_is_not_asked_what_for_again(talk: Talk) -> None:
    talk.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    talk.told(f"查一下{COMPANY}，事项：招标投标，用途：核实资格")
    assert "事项：招标投标；用途：核实资格" in talk.told(f"查一下{COMPANY}")
    assert "事项：行政审批；用途：核发许可" in talk.told(f"查一下{COMPANY}，事项：行政审批")
    assert "事项：行政审批；用途：核发许可" in talk.told(f"查一下{COMPANY}")
    assert "事项：行政审批；用途：另一件" in talk.told(f"查一下{COMPANY}，事项：行政审批，用途：另一件")


def test_two_apps_of_one_company_do_not_share_what_was_stated(talk: Talk, action: LookingUp) -> None:
    talk.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    elsewhere = Talk(action, replace(alone(), app="another"))
    assert "请先说明为哪个事项" in elsewhere.told(f"查一下{COMPANY}")


def test_a_member_whose_duties_have_changed_states_them_again(talk: Talk, action: LookingUp) -> None:
    talk.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    for changed in (replace(CLERK, roles=frozenset({Role.RECORDS})), replace(CLERK, changed_at=talk.now)):
        assert "请先说明为哪个事项" in Talk(action, alone(changed)).told(f"查一下{COMPANY}")


def test_a_stranger_who_asks_all_day_leaves_some_lines_an_hour_and_their_number(
    action: LookingUp, lines: Lines
) -> None:
    stranger = Talk(action, alone(None))
    for _ in range(LINES_AN_HOUR + 5):
        stranger.told(f"查一下{COMPANY}")
    assert len(lines()) == LINES_AN_HOUR
    assert {line[2] for line in lines()} == {"未登记账号（wecom:ww1/zhang）"}
    stranger.now += timedelta(hours=1)
    stranger.told(f"查一下{COMPANY}")
    assert f"共被拒绝 {LINES_AN_HOUR + 5} 次" in lines()[LINES_AN_HOUR][4]
    member = Talk(action, alone(NEWCOMER))
    before = len(lines())
    for _ in range(LINES_AN_HOUR + 5):
        member.told(f"查一下{COMPANY}")
    assert len(lines()) == before + LINES_AN_HOUR + 5


def test_names_of_persons_are_masked_and_notes_are_kept_inside(talk: Talk) -> None:
    told = talk.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    assert "欧阳示例" not in told
    assert "示例路1号" not in told


def test_a_unit_sees_of_anothers_records_what_a_report_could_show_only(office: TestOffice, action: LookingUp) -> None:
    office.add_records({"CF_WSH": "盐环罚〔2025〕示例13号", "KZ_GS": "否"})
    others = Talk(action, alone(replace(CLERK, id="S005", unit="市发改委")))
    assert "示例13号" not in others.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    own = Talk(action, alone())
    assert "示例13号" in own.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")


@pytest.mark.parametrize(
    ("staff", "why"),
    [
        (None, "没有登记为工作人员"),
        (NEWCOMER, "没有“查询记录”权限"),
        (replace(CLERK, active=False), "没有“查询记录”权限"),
        (replace(CLERK, matters=()), "没有登记您办理的事项"),
    ],
)
def test_who_may_not_is_told_why_and_leaves_a_line(
    action: LookingUp, lines: Lines, staff: Staff | None, why: str
) -> None:
    told = Talk(action, alone(staff)).told(f"查一下{COMPANY}")
    assert why in told
    assert "盐城示例" not in told
    (line,) = lines()
    assert (line[0], line[1]) == ("access.denied", COMPANY)
    assert "CHAT_" in line[4]


def test_a_unit_that_is_not_of_this_city_is_denied_by_the_rule_of_access(action: LookingUp, lines: Lines) -> None:
    stranger = Talk(action, alone(replace(CLERK, unit="某某省某某局")))
    with pytest.raises(AccessDenied, match="不是本市登记的单位"):
        stranger.say(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    with pytest.raises(AccessDenied):
        stranger.say("查一下示例小吃店，事项：行政审批，用途：核发许可")
    assert [line[0] for line in lines()] == ["access.denied", "access.denied"]


def test_in_a_group_nothing_is_shown_whoever_asks(talk: Talk, lines: Lines) -> None:
    talk.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    seen = len(lines())
    group = talk.in_group()
    assert group.told(f"查一下{COMPANY}") == IN_GROUP
    assert group.told("查云汀示例环保的记录") == IN_GROUP
    assert [line[0] for line in lines()[seen:]] == ["access.denied", "access.denied"]


def test_several_subjects_of_one_name_are_chosen_by_number(office: TestOffice, talk: Talk) -> None:
    office.add_subjects([*SUBJECTS, SUBJECTS[0] | {"统一社会信用代码": OTHER, "登记机关": "射阳县示例局（虚构）"}])
    told = talk.told("查盐城示例喆堃环保的记录，事项：行政审批，用途：核发许可")
    assert "1. " in told
    assert OTHER in told
    assert "没有看懂" in talk.told("三")
    place = 1 if told.index(OTHER) < told.index(COMPANY) else 2
    assert f"（{OTHER}）" in talk.told(f"第{place}家")


def test_a_name_that_only_resembles_is_chosen_before_its_records_are_read(talk: Talk, lines: Lines) -> None:
    told = talk.told("查盐环保司的记录，事项：行政审批，用途：核发许可")
    assert f"1. 盐城示例喆堃𬭎环保科技有限公司（虚构）　{COMPANY}" in told
    assert "records.list" not in [action for action, *_ in lines()]
    assert "可以显示的记录 1 条" in talk.told("1")


def test_no_subject_of_that_name_is_said(talk: Talk) -> None:
    told = talk.told("查没有这家的记录，事项：行政审批，用途：核发许可")
    assert "没有找到" in told
    assert "没有登记统一社会信用代码" in talk.told(f"查一下{OTHER}")


def test_a_question_in_between_is_the_assistants_and_no_purpose(talk: Talk, lines: Lines) -> None:
    talk.told(f"查一下{COMPANY}")
    pending = talk.pending
    assert talk.say("专用信用报告多长时间内有效？") is None
    talk.pending = pending
    assert talk.told("取消") == "好，已取消，没有办理。"
    assert not [line for line in lines() if line[0] == "records.list"]


def test_a_purpose_that_says_nothing_is_refused_and_not_kept(talk: Talk) -> None:
    talk.told(f"查一下{COMPANY}")
    talk.told("1")
    with pytest.raises(AccessDenied, match="没有写明查询用途"):
        talk.say("……")
    assert "请先说明为哪个事项" in talk.told(f"查一下{COMPANY}")


def test_a_file_in_between_is_not_the_answer(talk: Talk) -> None:
    talk.told(f"查一下{COMPANY}")
    assert talk.say("", SentFile("照片.jpg", b"x")) is None


def test_domains_without_data_are_said(office: TestOffice, talk: Talk) -> None:
    office.connect(13)
    told = talk.told(f"查一下{COMPANY}，事项：行政审批，用途：核发许可")
    assert "个领域的数据暂未接入，不作结论" in told


def test_a_role_that_was_taken_away_meanwhile_stops_the_dialogue(talk: Talk) -> None:
    talk.told(f"查一下{COMPANY}")
    talk.caller = alone(replace(CLERK, roles=frozenset({Role.ISSUE})))
    assert "没有“查询记录”权限" in talk.told("1")


def test_numbers_of_persons_in_a_purpose_are_masked_before_the_audit_keeps_them(talk: Talk, lines: Lines) -> None:
    person = "11010519491231002X"
    talk.told(f"查一下{COMPANY}，事项：招标投标，用途：核实{person}的资格")
    talk.told("换事项")
    talk.told(f"查一下{COMPANY}")
    talk.told("1")
    assert "可以显示的记录" in talk.told(f"核实{person}的资格")
    assert person not in str(lines())
    assert sum("核实110" in purpose for action, _, _, purpose, _ in lines() if action == "records.list") == 2
