"""Lines of the log: written together, at the latest after a second, and all of them at the end."""

import asyncio

from verify.public.access_log import Lines


def test_lines_wait_until_there_are_enough() -> None:
    written: list[str] = []
    lines = Lines(written.append, seconds_now=lambda: 0.0, lines=3)
    for status in (200, 404):
        lines.add("GET", "/v", status, 0.0015)
    assert written == []
    lines.add("POST", "-", 400, 0.2)
    day = "1970-01-01 08:00:00"
    assert written == [f"{day} GET /v 200 1.5ms\n{day} GET /v 404 1.5ms\n{day} POST - 400 200.0ms"]
    lines.flush()
    assert len(written) == 1


async def test_lines_are_written_by_and_by_and_none_is_lost_at_the_end() -> None:
    written: list[str] = []
    lines = Lines(written.append, seconds_now=lambda: 0.0)
    async with lines.flushing(every_seconds=0.01):
        lines.add("GET", "/v", 200, 0.0)
        while not written:
            await asyncio.sleep(0.005)
        lines.add("GET", "/health", 200, 0.0)
    assert [text.split()[3] for text in written] == ["/v", "/health"]
