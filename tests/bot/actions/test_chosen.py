"""Which action takes which message: each takes its own, and none takes a question of policy."""

import json
import re
from pathlib import Path

import pytest

from bot.actions import calculating, checking, issuing, looking_up, objecting, tasks
from bot.actions.checking import Published
from bot.actions.chosen import ASKS, Rooms, actions, is_command
from bot.actions.issuing_room import Delivered, Here, Order
from bot.actions.said import Action, Pending, Reply, Said
from bot.post.duties import Duties
from index.errors import OfficeError
from index.policies.library import Library
from index.rules.offices import load_profile
from tests.bot.actions.conftest import alone
from tests.bot.assistant import question_sets
from tests.verify.issuing.office import COMPANY, ISSUED, TestOffice
from verify.documents.reading import read

OWN = (
    (f"查一下{COMPANY}", looking_up),
    ("查云汀示例环保的记录", looking_up),
    (COMPANY, looking_up),
    (f"给{COMPANY}开近三年的报告", issuing),
    ("代开报告", issuing),
    (f"对{COMPANY}提异议", objecting),
    ("提异议", objecting),
    ("我的任务", tasks),
    ("查一下我们单位的任务", tasks),
    ("5月6日起20个工作日是哪天", calculating),
    ("3月1日公示，最短公示期几时满", calculating),
    ("核验YCZX202608200000001", checking),
    ("核验报告", checking),
)
PLAIN = (
    "你好",
    "谢谢",
    "确认",
    "取消",
    "1",
    "专用信用报告多长时间内有效？",
    "查询和下载专用信用报告收费吗？",
    "对报告里的记录有异议怎么办？",
    "已经完成信用修复的记录还会显示吗？",
    "一般失信行为最短公示期是多久",
    "最短公示期满后怎么申请修复",
    "报告开具后几个工作日内送达",
    "怎么查一家公司的处罚记录",
    "查一下专用信用报告的有效期",
    "帮我看看盐城的政务失信记录包括哪些",
    "",
    "？",
    "查",
    "开",
    "9" * 40,
)


def taking(text: str) -> list[object]:
    """The modules that take ``text``."""

    def takes(asks: object) -> bool:
        assert callable(asks)
        try:
            return asks(text) is not None
        except OfficeError:
            return True

    return [asks.__module__ for asks in ASKS if takes(asks)]


@pytest.mark.parametrize(("text", "module"), OWN)
def test_each_wish_is_taken_by_one_action(text: str, module: object) -> None:
    assert taking(text) == [getattr(module, "__name__", "")]
    assert is_command(text)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_talk_and_policy_are_nobodys(text: str) -> None:
    assert taking(text) == []


@pytest.mark.shared
def test_no_action_takes_a_question_of_the_development_set(shared: Path) -> None:
    lines = (shared / "questions" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    assert len(asked) == 70
    said = [entry["question"] for entry in asked]
    said += [turn if isinstance(turn, str) else turn["content"] for entry in asked for turn in entry["context"]]
    assert [text for text in said if taking(text)] == []


def test_no_action_takes_a_question_of_our_own_sets() -> None:
    folder = Path(question_sets.__file__).parent / "questions"
    said = [text for path in folder.rglob("*") if path.is_file() for text in _questions(path)]
    assert len(said) > 50
    assert [text for text in said if taking(text)] == []


def _questions(path: Path) -> list[str]:
    return [
        json.loads(f'"{found}"') for found in re.findall(r'"question": ?"((?:[^"\\]|\\.)*)"', path.read_text("utf-8"))
    ]


def test_what_is_not_at_hand_is_absent(office: TestOffice, duties: Duties, tmp_path: Path) -> None:
    class Room:
        def issue(self, order: Order) -> Delivered:
            raise NotImplementedError

    library, ours = Library(tmp_path / "library"), load_profile("yancheng")
    assert [each.name for each in actions(Rooms(ours, library))] == ["tasks", "calculating"]
    published = Published(office.places.public, lambda: ISSUED, read)
    everything = actions(Rooms(ours, library, office.engine, Room(), published, duties))
    names = ["checking", "looking_up", "issuing", "objecting", "tasks", "calculating"]
    assert [each.name for each in everything] == names
    without_issuing = actions(Rooms(ours, library, office.engine, None, published, duties))
    assert [each.name for each in without_issuing] == [name for name in names if name != "issuing"]


@pytest.mark.parametrize("wish", ["代开报告", "提异议"])
@pytest.mark.parametrize("code", [COMPANY, f"统一社会信用代码：{COMPANY.lower()}。"])
def test_a_code_that_was_asked_for_is_the_answer_and_not_looked_up(office: TestOffice, wish: str, code: str) -> None:
    office.add_records({})
    room = Here(office.issuing, lambda: ISSUED)
    known = actions(Rooms(office.office, Library(office.home / "library"), office.engine, room))
    asked = said(known, wish, None)
    assert asked.pending is not None
    assert asked.pending.kept == {"asked": "subject"}
    mistyped = said(known, f"{COMPANY[:-1]}A", asked.pending)
    assert "校验位不对" in mistyped.text
    assert mistyped.pending == asked.pending
    followed = said(known, code, mistyped.pending).pending
    assert followed is not None
    assert followed.action == asked.pending.action
    assert followed.kept["code"] == COMPANY


def said(known: tuple[Action, ...], text: str, pending: Pending | None) -> Reply:
    """As ``bot.answering`` asks: who waits first."""
    order = sorted(known, key=lambda each: pending is None or each.name != pending.action)
    message = Said(text, alone(), ISSUED, (), pending, key="1")
    return next(reply for each in order if (reply := each.answers(message)) is not None)
