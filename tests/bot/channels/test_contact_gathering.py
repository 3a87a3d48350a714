"""Answers bot/channels/contact_gathering.py: all of a company or nothing, everybody once."""

import pytest

from bot.channels import contact_gathering
from bot.channels.contact_gathering import Gathering, Page, all_below, all_rows, insisted
from bot.channels.messages import SendFailed


async def test_pages_that_come_round_again_do_not_go_on_for_ever() -> None:
    async def page(cursor: str) -> Page:
        return [{"at": cursor}], {"": "2", "2": "3", "3": "2"}[cursor]

    with pytest.raises(SendFailed, match="does not end"):
        await all_rows(page)


async def test_pages_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def page(cursor: str) -> Page:
        return [], cursor + "x"

    monkeypatch.setattr(contact_gathering, "PAGES_MAX", 5)
    with pytest.raises(SendFailed, match="does not end"):
        await all_rows(page)


async def test_departments_that_are_their_own_parents_are_each_read_once() -> None:
    asked: list[int] = []

    async def children(number: int) -> dict[int, str]:
        asked.append(number)
        return {1: "甲", 2: "乙", 3: "丙"}

    assert await all_below({1: "根"}, children) == {1: "根", 2: "乙", 3: "丙"}
    assert sorted(asked) == [1, 2, 3]


async def test_more_than_an_office_can_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def children(number: int) -> dict[int, str]:
        return {number + 1: "下级"}

    monkeypatch.setattr(contact_gathering, "DEPARTMENTS_MAX", 9)
    with pytest.raises(SendFailed, match="9 departments"):
        await all_below({1: ""}, children)
    monkeypatch.setattr(contact_gathering, "MEMBERS_MAX", 1)
    gathering = Gathering("feishu", "t")
    gathering.meet("a", "甲", "处")
    gathering.meet("a", "甲", "处")
    with pytest.raises(SendFailed, match="1 members"):
        gathering.meet("b", "乙", "处")


def test_the_main_department_goes_before_a_named_one_and_that_before_none() -> None:
    gathering = Gathering("dingtalk", "corp")
    for unit, main in (("", False), ("甲处", False), ("乙处", False), ("丙处", True), ("丁处", False), ("", False)):
        gathering.meet("a", "张", unit, main=main)
    (contact,) = gathering.contacts().members
    assert contact.unit == "丙处"


async def test_who_wants_to_be_asked_much_later_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[float] = []

    async def ask() -> None:
        tries.append(1)
        raise SendFailed("a wrong secret", 60.0)

    with pytest.raises(SendFailed):
        await insisted(ask)
    assert len(tries) == 1
