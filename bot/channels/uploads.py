"""Files that were uploaded to a platform, so that a repeated letter sends the same file and not another copy."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

KEPT = 64


class Uploads:
    """In memory: after a restart a file is uploaded again."""

    def __init__(self) -> None:
        self._media_ids: OrderedDict[str, str] = OrderedDict()

    async def once(self, key: str, upload: Callable[[], Awaitable[str]]) -> str:
        """The media id for ``key``: that of before, or of ``upload`` now."""
        media_id = self._media_ids.get(key) or await upload()
        self._media_ids[key] = media_id
        while len(self._media_ids) > KEPT:
            self._media_ids.popitem(last=False)
        return media_id
