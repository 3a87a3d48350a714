"""One token for all who wait, fetched again only when it ends or is refused."""

import asyncio

import pytest

from bot.channels.access_token import EARLIER_SECONDS, AccessToken, Fetched
from bot.channels.messages import SendFailed


class Platform:
    """Gives t1, t2 … for ``lasting`` seconds each; a moment each time."""

    def __init__(self, lasting: float = 7200.0) -> None:
        self.lasting = lasting
        self.fetched = 0
        self.now = 1000.0
        self.broken = False

    async def fetch(self) -> Fetched:
        await asyncio.sleep(0.01)
        if self.broken:
            raise SendFailed("away", 1.0)
        self.fetched += 1
        return f"t{self.fetched}", self.lasting

    def token(self) -> AccessToken:
        return AccessToken(self.fetch, lambda: self.now)


async def test_all_who_wait_share_one_refresh() -> None:
    platform = Platform()
    token = platform.token()
    assert await asyncio.gather(*(token.get() for _ in range(50))) == ["t1"] * 50
    assert platform.fetched == 1


async def test_it_is_fetched_again_shortly_before_its_end() -> None:
    platform = Platform()
    token = platform.token()
    await token.get()
    platform.now += 7200 - EARLIER_SECONDS - 1
    assert await token.get() == "t1"
    platform.now += 1
    assert await token.get() == "t2"


async def test_a_short_lived_one_is_kept_for_half_its_life() -> None:
    platform = Platform(lasting=100.0)
    token = platform.token()
    await token.get()
    platform.now += 49
    assert await token.get() == "t1"
    platform.now += 1
    assert await token.get() == "t2"


async def test_a_refused_one_is_fetched_again_once_though_many_are_refused() -> None:
    platform = Platform()
    token = platform.token()
    old = await token.get()
    for _ in range(10):
        token.refused(old)
    assert await asyncio.gather(*(token.get() for _ in range(10))) == ["t2"] * 10
    token.refused(old)
    assert await token.get() == "t2"


async def test_a_failure_is_told_to_all_who_waited_and_tried_again_by_the_next() -> None:
    platform = Platform()
    token = platform.token()
    platform.broken = True
    outcomes = await asyncio.gather(*(token.get() for _ in range(3)), return_exceptions=True)
    assert all(isinstance(each, SendFailed) for each in outcomes)
    platform.broken = False
    assert await token.get() == "t1"


async def test_one_who_gives_up_waiting_does_not_end_it_for_the_others() -> None:
    platform = Platform()
    token = platform.token()
    impatient = asyncio.create_task(token.get())
    patient = asyncio.create_task(token.get())
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await patient == "t1"
    assert platform.fetched == 1
