"""What a member typed, made comparable: one width, no spaces; yes, no, a number of a list, a question.

* Forgiven is what can only mean one thing: full width, lower case, spaces, a full stop, a polite word in front.
* A question is never taken for the answer to ours: it goes to the assistant.
"""

import re
import unicodedata

from index.policies.markers import number_of

POLITE = r"(?:请问|请|麻烦您?|劳驾|您好|你好|帮我|帮忙|给我|替我|我想要?|我要|我需要|想要?|需要|现在|再|[,，。!])*"
"""Before a wish; nothing else may stand there."""
LONGEST = 400
"""Characters of a message that may be a wish."""
CANCELLED = "好，已取消，没有办理。"
_YES = re.compile(
    r"(?:是的?|对的?|好的?|行|可以|确认(?:签发|提交|无误|办理)?|没错|同意|提交|ok|yes|y)[。!,.]*", re.IGNORECASE
)
_NO = re.compile(r"(?:不是?|否|不对|不了|不用了?|不要了?|不办了|不查了|取消|算了|停|no|n)[。!,.]*", re.IGNORECASE)
_CHOICE = re.compile(r"(?:第|选)?([0-9]{1,2}|[一二三四五六七八九十]{1,2})(?:个|家|条|项|号)?[。.]?")
_QUESTION = re.compile(
    r"[?]|[吗呢么][。!]*$|怎么|怎样|如何|什么|为何|为啥|多久|多长|多少|几个|几条|几天|哪|谁|是否|是不是|能不能|可不可以|有没有|要不要"
)


def folded(text: str) -> str:
    """One width, without spaces and without what shows nothing, letters as typed; empty when too long for a wish."""
    if len(text) > LONGEST:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(each for each in plain if each.isprintable() and not each.isspace())


def line(text: str, limit: int) -> str:
    """``text`` on one line that can be kept and shown, at most ``limit`` characters."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(plain.split())[:limit]


def is_yes(text: str) -> bool:
    return _YES.fullmatch(folded(text)) is not None


def is_no(text: str) -> bool:
    return _NO.fullmatch(folded(text)) is not None


def is_question(text: str) -> bool:
    return _QUESTION.search(folded(text)) is not None


def choice(text: str, count: int) -> int | None:
    """Which of ``count`` things is meant, from 0; None when the text is no such number."""
    found = _CHOICE.fullmatch(folded(text))
    chosen = number_of(found[1]) if found else 0
    return chosen - 1 if 1 <= chosen <= count else None


def numbered(names: tuple[str, ...]) -> str:
    return "\n".join(f"{number}. {name}" for number, name in enumerate(names, start=1))
