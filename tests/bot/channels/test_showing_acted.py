"""Answers bot/channels/showing_acted.py: what can be answered by one word is a button, and said once."""

import pytest

from bot.actions.said import Pending, Reply
from bot.channels.messages import OutFile
from bot.channels.showing_acted import WHAT, shown_act

MATTERS = "请先说明为哪个事项查询：\n1. 招标投标\n2. 行政审批\n请回复序号。"
SUBJECTS = "名称含“示例”的有多家：\n1. 甲公司　9132…\n2. 乙公司　9133…\n请回复序号，或发统一社会信用代码。"


def waits(action: str, **kept: str) -> Pending:
    return Pending(action, kept)


@pytest.mark.parametrize(
    ("text", "pending", "said", "lines"),
    [
        (MATTERS, waits("looking_up", code="x"), ["招标投标", "行政审批", "取消"], ("请先说明为哪个事项查询：",)),
        (
            SUBJECTS,
            waits("looking_up", choices="9132,9133"),
            ["1", "2", "取消"],
            ("名称含“示例”的有多家：", "请回复序号，或发统一社会信用代码。"),
        ),
        ("查询年限？", waits("issuing", asked="years"), ["近一年", "近两年", "近三年", "取消"], ("查询年限？",)),
        ("请确认签发：", waits("issuing", asked="confirmation"), ["确认", "取消"], ("请确认签发：",)),
        ("理由是什么？", waits("objecting", asked="reason"), ["取消"], ("理由是什么？",)),
        ("1. 任务一\n2. 任务二", None, [], ("1. 任务一", "2. 任务二")),
    ],
)
def test_what_can_be_chosen_is_a_button(
    text: str, pending: Pending | None, said: list[str], lines: tuple[str, ...]
) -> None:
    shown = shown_act("问", Reply(text, pending=pending), None)
    assert [choice.said for choice in shown.choices] == said
    assert shown.lines == lines
    assert shown.waiting is (pending is not None)


def test_a_file_without_a_link_is_not_offered() -> None:
    reply = Reply("见文件。", file=OutFile("a.ics", b"x" * 3000))
    assert shown_act("问", reply, None).file is None
    file = shown_act("问", reply, "/files/x").file
    assert file is not None
    assert (file.name, file.link, file.size) == ("a.ics", "/files/x", "3 KB")


def test_every_action_has_its_word() -> None:
    from bot.actions import calculating, checking, issuing, looking_up, objecting, tasks

    named = {
        looking_up.LookingUp.name,
        issuing.IssuingReports.name,
        objecting.Objecting.name,
        checking.Checking.name,
        tasks.UnitTasks.name,
        calculating.Calculating.name,
    }
    assert named == set(WHAT)
