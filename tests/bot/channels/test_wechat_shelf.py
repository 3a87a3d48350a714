"""bot.channels.wechat_shelf: a text is sent exactly when its member has taken it, in order, and never twice."""

import asyncio

import pytest

from bot.channels import wechat_shelf
from bot.channels.messages import SendFailed
from bot.channels.wechat_shelf import Laid, Shelf

FIRST = Laid("k1", "m", "一", True)
SECOND = Laid("k2", "m", "二", False)
OTHER = Laid("k3", "n", "三", False)


async def test_who_waits_takes_what_is_laid_and_the_sender_hears_of_it() -> None:
    shelf = Shelf()
    taking = asyncio.create_task(shelf.take("zhang", 5))
    await asyncio.sleep(0)
    await shelf.lay("zhang", FIRST, 5)
    assert await taking == FIRST


async def test_what_was_laid_before_lies_there_and_is_sent_once_taken() -> None:
    shelf = Shelf()
    with pytest.raises(SendFailed) as failed:
        await shelf.lay("zhang", FIRST, 0)
    assert failed.value.after_seconds == 0
    assert shelf.is_reading("zhang")
    assert await shelf.take("zhang", 0) == FIRST
    await shelf.lay("zhang", FIRST, 0)
    assert await shelf.take("zhang", 0) is None


async def test_each_member_has_a_place_of_his_own() -> None:
    shelf = Shelf()
    with pytest.raises(SendFailed):
        await shelf.lay("zhang", FIRST, 0)
    assert await shelf.take("li", 0) is None
    assert not shelf.is_reading("li")


async def test_the_rest_of_what_was_being_read_is_given_up_and_nothing_else() -> None:
    shelf = Shelf()
    laying = asyncio.create_task(shelf.lay("zhang", FIRST, 5))
    await asyncio.sleep(0)
    shelf.ask_anew("zhang")
    assert await shelf.take("zhang", 0) == FIRST
    await laying
    laying = asyncio.create_task(shelf.lay("zhang", SECOND, 5))
    await asyncio.sleep(0)
    shelf.ask_anew("zhang")
    with pytest.raises(SendFailed) as failed:
        await laying
    assert failed.value.after_seconds is None
    assert not shelf.is_reading("zhang")
    laying = asyncio.create_task(shelf.lay("zhang", OTHER, 5))
    await asyncio.sleep(0)
    assert await shelf.take("zhang", 0) == OTHER
    await laying


async def test_what_is_not_laid_yet_is_given_up_too() -> None:
    shelf = Shelf()
    with pytest.raises(SendFailed):
        await shelf.lay("zhang", FIRST, 0)
    await shelf.take("zhang", 0)
    shelf.ask_anew("zhang")
    with pytest.raises(SendFailed) as failed:
        await shelf.lay("zhang", SECOND, 5)
    assert failed.value.after_seconds is None
    assert await shelf.take("zhang", 0) is None


async def test_an_answer_of_which_nothing_was_seen_survives_another_question() -> None:
    shelf = Shelf()
    with pytest.raises(SendFailed):
        await shelf.lay("zhang", FIRST, 0)
    await shelf.take("zhang", 0)
    with pytest.raises(SendFailed):
        await shelf.lay("zhang", OTHER, 0)
    shelf.ask_anew("zhang")
    assert await shelf.take("zhang", 0) == OTHER


async def test_many_who_do_not_write_hold_up_nobody() -> None:
    shelf = Shelf()
    laying = [asyncio.create_task(shelf.lay(f"m{number}", FIRST, 60)) for number in range(wechat_shelf.WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(SendFailed):
        await asyncio.wait_for(shelf.lay("zhang", OTHER, 60), 5)
    for each in laying:
        each.cancel()


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wechat_shelf, "MEMBERS_KEPT", 10)
    monkeypatch.setattr(wechat_shelf, "KEYS_KEPT", 10)
    shelf = Shelf()
    for number in range(50):
        with pytest.raises(SendFailed):
            await shelf.lay(f"m{number}", Laid(f"k{number}", "m", "x", False), 0)
        await shelf.take(f"m{number}", 0)
    assert len(shelf._places) == len(shelf._taken) == 10
