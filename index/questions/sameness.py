"""When two questions are the same question: so narrow that an approved answer never goes to another one.

Rules:

* Compared is the text itself, after: folding (width, case, traditional script), leaving out punctuation, courtesy at
  its ends, the particles 的 and 了; numerals before a measure word become digits; wordings of the same question word
  become one (``SAME_WORDS``).
* Everything else must be equal and in the same order: every number, place, name and negation. There is no threshold of
  likeness: 能延期 and 不能延期, 甲局 and 乙局 differ by one character (docs/decisions/0092).
* Signs between digits and signs of comparison (≥ < %) are kept.
"""

import re
import unicodedata

from index.search.analyzer import fold_query

SAME_WORDS = (
    (re.compile("多长的?时间|多少时间|多长时候"), "多久"),
    (re.compile("啥时候|什么时候|什么时间|何时"), "何时"),
    (re.compile("为什么|为啥|为何"), "为何"),
    (re.compile("怎么样才|怎样|如何|咋样?"), "怎么"),
    (re.compile("哪儿|哪里"), "哪里"),
    (re.compile("啥|甚么"), "什么"),
    (re.compile("是不是|是否"), ""),
    (re.compile("能不能|可不可以|能否|可否|能够|可以"), "能"),
    (re.compile("需不需要|要不要|需要"), "要"),
    (re.compile("有没有|有无"), "有"),
    (re.compile("收不收"), "收"),
)
"""Question words that ask the same: a closed list of function words, none with a matter of its own. A question that
offers both sides (能不能) asks the same as the plain verb with 吗."""
_COURTESY = re.compile(
    "^(?:您好|你好|请问一?下?|麻烦问一?下?|我?想问一?下?|我?想知道一?下?|我?想了解一?下?|请教一?下?|咨询一?下?|老师)+"
)
_TAIL = re.compile("(?:谢谢(?:您|你|老师)?|[吗啊呀哦哈嘛呗啦呢])+$")
_NUMERAL = re.compile(
    "(?<![零一二三四五六七八九十百千万亿两第])([一二三四五六七八九两])(?=个|年|天|日|次|批|类|份|家|万)"
)
_DIGITS = {numeral: str(value) for value, numeral in enumerate("零一二三四五六七八九")} | {"两": "2"}
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9]).(?=[0-9])")
SELF_CONTAINED = 6
"""A question of fewer characters may live on what was said before it."""


def same_key(question: str) -> str:
    """Equal for equal questions; empty when nothing is asked."""
    text = _bare(fold_query(question))
    text = _TAIL.sub("", _COURTESY.sub("", text))
    for pattern, word in SAME_WORDS:
        text = pattern.sub(word, text)
    text = _NUMERAL.sub(lambda match: _DIGITS[match.group(1)], text)
    return re.sub("[的了]", "", text)


def stands_alone(question: str) -> bool:
    """Whether a question in the middle of a conversation can be compared by its own words."""
    return len(same_key(question)) >= SELF_CONTAINED


def _bare(folded: str) -> str:
    kept = {match.start() for match in _BETWEEN_DIGITS.finditer(folded)}
    return "".join(sign for place, sign in enumerate(folded) if place in kept or not _empty(sign))


def _empty(sign: str) -> bool:
    return sign != "%" and unicodedata.category(sign)[0] in "PZC"
