"""The tasks of a member's unit, with days and a calendar. The library's texts are the real ones, or fictional."""

import csv
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import icalendar
import pytest

from bot.actions.tasks import FILE_NAME, UnitTasks, asks
from index.calendar import SHANGHAI
from index.cases.objections import Filing, Objections
from index.channel import Channel
from index.directory.model import Staff
from index.policies.library import Library
from index.rules.offices import load_profile
from tests.bot.actions.conftest import CLERK, Talk, alone
from tests.verify.issuing.office import COMPANY, ISSUED, TestOffice

TEXT = """盐城市示例信用工作方案（虚构）
一、加强示例归集
每月归集一次示例数据。（责任单位：市生态环境局、市财政局；市税务局，2026年12月底前完成）
二、加强示例宣传
经常宣传。（责任单位：市生态环境局，持续实施）
三、启动示例试点
尽快启动。（责任单位：市财政局，2026年3月底前启动实施）
四、共同做好示例工作
大家都要做。（责任单位：市各有关部门，2027年6月30日前完成）
五、已经到期的示例任务
早就该做完。（责任单位：盐城市生态环境局，2025年6月底前完成）
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    path = tmp_path / "示例方案.txt"
    path.write_text(TEXT, encoding="utf-8")
    library = Library(tmp_path / "library")
    library.add(path)
    return library


def talk_of(library: Library, staff: Staff | None, office: TestOffice | None = None) -> Talk:
    own = replace(office.office, objection_days=10) if office else load_profile("yancheng")
    return Talk(UnitTasks(library, own, office.engine if office else None), alone(staff))


@pytest.mark.parametrize(
    "text",
    [
        "我的任务",
        "我们单位有哪些任务？",
        "本单位的任务和期限",
        "查一下我们局的任务",
        "导出我的任务日历",
        "我的任务 ics",
        "请列出本部门任务清单",
    ],
)
def test_the_list_is_asked_for_in_many_ways(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "任务分工表里统计领域是谁牵头",
        "江西完善公务员诚信档案的任务什么时候要完成，哪些单位负责？",
        "我的任务怎么完成",
        "任务",
    ],
)
def test_questions_about_tasks_of_texts_are_left_alone(text: str) -> None:
    assert asks(text) is None


def test_tasks_stand_by_day_with_their_part_and_text(library: Library) -> None:
    told = talk_of(library, CLERK).told("我们单位有哪些任务和期限")
    lines = told.splitlines()
    assert "市生态环境局的任务 3 项" in lines[0]
    assert "另有 1 项任务由各有关部门共同承担" in lines[0]
    assert lines[1].startswith("1. 【牵头】已经到期的示例任务")
    assert "2025年6月底前完成（已过）" in lines[1]
    assert "2026年12月底前完成" in lines[2]
    assert "持续实施" in lines[3]
    assert "《盐城市示例信用工作方案（虚构）》" in lines[2]
    cooperating = talk_of(library, replace(CLERK, unit="市税务局")).told("我的任务")
    assert "【配合】加强示例归集" in cooperating


def test_the_calendar_holds_what_has_a_day(library: Library) -> None:
    talk = talk_of(library, CLERK)
    reply = talk.say("我的任务")
    assert reply is not None
    assert reply.file is not None
    assert reply.file.name == FILE_NAME
    events = icalendar.Calendar.from_ical(reply.file.content).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [date(2025, 6, 30), date(2026, 12, 31)]
    assert all("示例" in str(event["summary"]) for event in events)
    again = talk.say("我的任务")
    assert again is not None
    assert again.file is not None
    uids = [str(event["uid"]) for event in icalendar.Calendar.from_ical(again.file.content).walk("VEVENT")]
    assert uids == [str(event["uid"]) for event in events]
    assert len(set(uids)) == 2


def test_what_starts_or_goes_on_has_no_day_and_makes_no_file(library: Library) -> None:
    reply = talk_of(library, replace(CLERK, unit="市财政局")).say("我的任务")
    assert reply is not None
    told = "\n".join(reply.blocks)
    assert "2026年3月底前启动实施" in told
    assert reply.file is not None
    starting = talk_of(library, replace(CLERK, unit="市统计局")).say("我的任务")
    assert starting is not None
    assert "没有点名由市统计局承担的任务" in starting.text
    assert starting.file is None


def test_texts_no_more_in_force_give_no_tasks(tmp_path: Path) -> None:
    path = tmp_path / "示例旧方案.txt"
    path.write_text(f"{TEXT}本方案自2024年1月1日起施行，有效期至2025年12月31日。\n", encoding="utf-8")
    library = Library(tmp_path / "library")
    library.add(path)
    assert "没有点名" in talk_of(library, CLERK).told("我的任务")
    before = talk_of(library, CLERK)
    before.now = datetime(2025, 1, 1, 9, 0, tzinfo=SHANGHAI)
    assert "3 项" in before.told("我的任务")


def test_objections_of_the_unit_are_tasks_of_who_takes_cases(library: Library, office: TestOffice) -> None:
    office.add_records({})
    filing = Filing(COMPANY, None, "盐环罚〔2025〕示例12号", None, "示例理由：已撤销", Channel.DESK, "测试员")
    case = Objections(office.engine, office.office).file(filing, (), ISSUED)
    talk = talk_of(library, CLERK, office)
    assert f"1. 【异议】{case.number}" not in talk.told("我的任务").splitlines()[1]
    reply = talk.say("我的任务")
    assert reply is not None
    assert reply.file is not None
    assert case.number in "\n".join(reply.blocks)
    assert case.number.encode() in reply.file.content
    assert COMPANY not in str(reply)
    for other in (talk.in_group(), talk_of(library, replace(CLERK, roles=frozenset()), office)):
        assert case.number not in other.told("我的任务")


def test_a_unit_with_two_names_is_known_by_either(tmp_path: Path) -> None:
    path = tmp_path / "示例.txt"
    path.write_text(
        "示例方案（虚构）\n一、做事\n做。（责任单位：市数据局（市政务服务办），持续实施）\n", encoding="utf-8"
    )
    library = Library(tmp_path / "library")
    library.add(path)
    for unit in ("市数据局", "市政务服务办", "盐城市数据局", "市数据局（市政务服务办）", "市数据局(市政务服务办)"):
        assert "任务 1 项" in talk_of(library, replace(CLERK, unit=unit)).told("我的任务"), unit
    assert "没有点名" in talk_of(library, replace(CLERK, unit="市政务办")).told("我的任务")


def test_nobody_has_no_unit(library: Library) -> None:
    assert "没有登记为工作人员" in talk_of(library, None).told("我的任务")


@pytest.mark.shared
def test_the_19_tasks_of_the_real_text(tmp_path: Path, shared: Path) -> None:
    library = Library(tmp_path / "library")
    for path in sorted((shared / "corpus" / "raw").glob("*.txt")):
        library.add(path)
    told = talk_of(library, replace(CLERK, unit="市发改委")).told("我的任务")
    with (shared / "domain" / "tasks.csv").open(encoding="utf-8") as file:
        wanted = [row for row in csv.DictReader(file) if "市发改委" in row["lead"] + row["cooperate"]]
    assert f"市发改委的任务 {len(wanted)} 项" in told
    assert all(row["task"][:20] in told for row in wanted)
    assert "江西" not in told
