"""Plain text as a WeCom smart robot must send it: everything a robot says is Markdown there.

* A line ends with two spaces, which every Markdown shows as the end of a line.
* What Markdown would swallow is written full width: a masked name 张* stays 张＊, and no words become a link.

Source: developer.work.weixin.qq.com 被动回复消息 (101031), 主动回复消息 (101138): content is markdown, 20,480 bytes.
"""

import re

CONTENT_BYTES = 20480
TEXT_BYTES = 16384
"""Of a text before it is written as Markdown, which makes it somewhat longer."""
_SWALLOWED = str.maketrans({"*": "＊", "`": "｀", "~": "～", "|": "｜", "<": "＜"})
_AT_LINE_START = re.compile(r"^([#>]+)", re.MULTILINE)
_FULL_WIDTH = {"#": "＃", ">": "＞"}


def as_markdown(text: str) -> str:
    """``text`` itself where the Markdown of it would be too long."""
    lines = text.translate(_SWALLOWED).replace("](", "］(").replace("\n", "  \n")
    written = _AT_LINE_START.sub(lambda found: "".join(_FULL_WIDTH[each] for each in found[1]), lines)
    return written if len(written.encode()) <= CONTENT_BYTES else text
