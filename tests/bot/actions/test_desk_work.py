"""Answers bot/actions/desk_work.py: what is heard as a wish, who goes on with it, and by which key it is done once."""

import re
from dataclasses import replace

import pytest

from bot.actions.desk_work import UNNAMED, Desk, Heard, Work, heard
from bot.actions.naming import CODE, FULL_NAME, Wanted
from bot.actions.said import Pending, Reply, Said, SentFile
from bot.actions.typed import CANCELLED
from index.directory.model import Role
from index.errors import RecordError
from tests.bot.actions.conftest import CLERK, NEWCOMER, alone
from tests.bot.actions.test_looking_up import Lines
from tests.verify.issuing.office import COMPANY, ISSUED, TestOffice

WISHES = (
    re.compile(rf"代办(?P<code>{CODE})"),
    re.compile(rf"代办(?P<name>{FULL_NAME})"),
    re.compile("代办(?P<how>加急)?"),
)
WORK = Work("errand", "代办示例", "示例事项", Role.ISSUE, "为哪个主体办？", freely="why")
ASKED = Pending("errand", {"asked": "how"})


@pytest.fixture
def desk(office: TestOffice) -> Desk:
    return Desk(WORK, office.engine, office.office, lambda text: text.startswith("查"))


def said(text: str, pending: Pending | None = ASKED, *files: SentFile, key: str = "k1") -> Said:
    return Said(text, alone(), ISSUED, files, pending, key=key)


def test_a_wish_names_its_subject_or_none() -> None:
    assert heard(WISHES, f"代办 {COMPANY.lower()}") == Heard({"code": COMPANY}, Wanted(code=COMPANY))
    named = heard(WISHES, "代办云汀示例禾苗环保科技有限公司")
    assert named is not None
    assert named.wanted == Wanted(name="云汀示例禾苗环保科技有限公司")
    assert heard(WISHES, "代办加急") == Heard({"how": "加急"}, None)
    assert heard(WISHES, "代办") == Heard({"how": None}, None)


def test_what_may_be_a_question_is_no_wish_and_a_mistyped_code_is_told() -> None:
    assert heard(WISHES, "怎么代办") is None
    assert heard(WISHES, "代办哪些公司") is None
    assert heard(WISHES, f"代办{'加急' * 400}") is None
    with pytest.raises(RecordError, match="校验位不对"):
        heard(WISHES, f"代办{COMPANY[:-1]}C")


def test_a_wish_begins_and_an_answer_goes_on(desk: Desk) -> None:
    assert desk.clerk(said("代办", None), None, begins=True) == CLERK
    assert desk.clerk(said("今天"), None, begins=False) == CLERK
    assert desk.clerk(said("取消"), None, begins=False) == Reply(CANCELLED)


@pytest.mark.parametrize(
    "message",
    [
        said("今天", None),
        said("今天", Pending("another", {"asked": "how"})),
        said("", ASKED, SentFile("照片.jpg", b"x")),
        said("多久能办好？"),
        said(f"查一下{COMPANY}"),
    ],
)
def test_what_is_no_answer_is_left_to_others(desk: Desk, message: Said) -> None:
    assert desk.clerk(message, None, begins=False) is None


def test_where_any_words_are_an_answer_a_question_is_one(desk: Desk) -> None:
    assert desk.clerk(said("为什么罚款？", Pending("errand", {"asked": "why"})), None, begins=False) == CLERK


def test_who_may_not_is_told_so_and_the_line_says_of_whom(desk: Desk, lines: Lines) -> None:
    for wanted, target in ((Wanted(code=COMPANY), COMPANY), (Wanted(name="示例"), "示例"), (None, UNNAMED)):
        refused = desk.clerk(replace(said("代办"), caller=alone(NEWCOMER)), wanted, begins=True)
        assert isinstance(refused, Reply)
        assert "没有“代开报告”权限，不能代办示例" in refused.text
        assert lines()[-1][:2] == ("access.denied", target)


def test_the_subject_is_asked_for_until_there_is_one(desk: Desk) -> None:
    asked = desk.identified(said("代办"), CLERK, {})
    assert asked == Reply(WORK.which, pending=Pending("errand", {"asked": "subject"}))
    assert desk.identified(said("代办"), CLERK, {"code": COMPANY}) == {"code": COMPANY}
    unknown = desk.identified(said("代办"), CLERK, {"name": "没有这家"})
    assert isinstance(unknown, Reply)
    assert unknown.pending == Pending("errand", {"asked": "subject"})
    wrong = desk.with_subject(said(f"{COMPANY[:-1]}C"), {"asked": "subject"})
    assert isinstance(wrong, Reply)
    assert wrong.pending == ASKED


def test_the_key_is_made_of_the_message_that_led_to_the_confirmation_and_stays(desk: Desk) -> None:
    def key_in(reply: Reply) -> str:
        assert reply.pending is not None
        return reply.pending.kept["key"]

    first = desk.confirm(said("营业执照"), {"code": COMPANY}, "请确认")
    assert key_in(first) == key_in(desk.confirm(said("营业执照"), {"code": COMPANY}, "请确认")) == "chat:k1"
    assert key_in(desk.confirm(said("营业执照", key="k2"), {"code": COMPANY}, "请确认")) == "chat:k2"
    assert first.pending is not None
    assert key_in(desk.confirm(said("改一下", key="k3"), first.pending.kept, "请确认")) == "chat:k1"
