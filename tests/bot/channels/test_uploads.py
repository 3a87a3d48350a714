"""bot.channels.uploads: a repeated letter has the same file, a failed upload is made again, and memory is bounded."""

import pytest

from bot.channels.messages import SendFailed
from bot.channels.uploads import KEPT, Uploads


async def test_a_repetition_has_the_media_id_of_before_and_a_failure_none() -> None:
    uploads, made = Uploads(), []

    async def upload() -> str:
        made.append(1)
        if len(made) == 1:
            raise SendFailed("busy", 0.0)
        return f"media-{len(made)}"

    with pytest.raises(SendFailed):
        await uploads.once("a", upload)
    assert [await uploads.once(key, upload) for key in ("a", "a", "b")] == ["media-2", "media-2", "media-3"]


async def test_the_oldest_is_forgotten() -> None:
    uploads, made = Uploads(), []

    async def upload() -> str:
        made.append(1)
        return str(len(made))

    for number in range(KEPT + 1):
        await uploads.once(str(number), upload)
    assert await uploads.once(str(KEPT), upload) == str(KEPT + 1)
    assert await uploads.once("0", upload) == str(KEPT + 2)
