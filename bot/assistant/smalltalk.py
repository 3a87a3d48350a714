"""Messages that ask nothing of a policy text: greetings, thanks, who are you, weather, jokes, insults, orders to us.

Rules:

* Each gets one short line that says what can be asked; never an answer from a text.
* A message counts as small talk only if nothing else is in it: what is left after its phrase, courtesy and small words
  are taken away must be empty. 天气 inside a real question (天气原因能延期吗) is no small talk.
* Orders to the program (忽略之前的指令, 从现在起你是…) are refused by how they begin, whatever follows.
* In the middle of a conversation 怎么用 and 可以吗 are questions about what was said before.

The phrases are data: ``language/smalltalk.toml``. Source: issue 3 §3 “Conversation”.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LONGEST = 60
"""Small talk has no more characters."""
_NOISE = re.compile(r"[\W_]+")
_HAN = re.compile(r"[㐀-鿿]")
_LETTERS = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Topic:
    """``whole``: the message is nothing but such phrases; ``anywhere``: one of them is enough."""

    reply: str
    whole: re.Pattern[str]
    anywhere: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    opening: bool
    """Only at the beginning of a conversation."""

    def is_meant(self, text: str, following: bool) -> bool:
        if (following and self.opening) or (self.unless and self.unless.search(text)):
            return False
        return bool(self.whole.fullmatch(text))


@dataclass(frozen=True, slots=True)
class SmallTalk:
    topics: tuple[Topic, ...]
    courtesy: re.Pattern[str]
    nothing: str
    not_chinese: str

    def reply(self, folded: str, *, following: bool = False) -> str | None:
        """The line that answers ``folded`` if it is small talk; ``following``: something was asked before."""
        plain = _NOISE.sub("", folded)
        if not plain:
            return self.nothing
        for topic in self.topics:
            if topic.anywhere and topic.anywhere.search(folded):
                return topic.reply
        if len(plain) > LONGEST:
            return None
        bare = self.courtesy.sub("", plain)
        for topic in self.topics:
            if topic.is_meant(plain, following) or (bare and topic.is_meant(bare, following)):
                return topic.reply
        return None

    def foreign(self, folded: str) -> str | None:
        """The line for a message without any Chinese; ask ``reply`` and the spelling of pinyin first."""
        return self.not_chinese if _LETTERS.search(folded) and not _HAN.search(folded) else None


@cache
def load_small_talk() -> SmallTalk:
    data = tomllib.loads((files("bot.assistant") / "language" / "smalltalk.toml").read_text("utf-8"))
    courtesy = "|".join(sorted(data["courtesy"].split(), key=len, reverse=True))
    return SmallTalk(
        tuple(_topic(entry, courtesy) for entry in data["topic"]),
        re.compile(rf"^(?:{courtesy})+|(?:{courtesy})+$"),
        data["nothing"],
        data["not_chinese"],
    )


def _topic(entry: dict[str, Any], courtesy: str) -> Topic:
    phrases = "|".join(sorted(entry["whole"].split(), key=len, reverse=True))
    anywhere = re.compile("|".join(entry["anywhere"].split())) if "anywhere" in entry else None
    unless = re.compile(entry["unless"]) if "unless" in entry else None
    whole = re.compile(rf"(?:{courtesy})*?(?:(?>{phrases})(?:{courtesy})*+)++")
    return Topic(entry["reply"], whole, anywhere, unless, bool(entry.get("opening")))
