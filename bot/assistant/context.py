"""Follow-up questions made whole from what was asked before, in words, so that everything after sees one question.

* 那教育领域呢？ after 金融领域归哪家单位负责？ → 教育领域归哪家单位负责？ (the parallel words are exchanged);
* 它什么时候到期？ → the topic of the question before stands in for 它;
* 那要钱吗？ names no matter of its own (the engine finds that out): the topic goes before it;
* a question that names its own matter is left alone.
"""

import re
from collections.abc import Sequence

from bot.assistant.answer import Role, Turn
from index.search.analyzer import fold_query

_ELLIPTIC = re.compile(r"^(?:那么?|那个|换成|如果是|要是)?(?P<words>[^?,。!]{1,24}?)(?:的话|怎么样|的)?呢[?。!]*$")
_PRONOUN = re.compile(
    r"^(?:那么?|请问)?(?:它|他|这个文件|该文件|这份文件|这个|该)(?:的)?(?![一-鿿]{1,8}(?:报告|方案|办法|意见|领域))"
)
_QUESTION_PART = re.compile(
    r"(?:是|在|由|归|从|找|向|跟|问|去|到|上|要)?(?:哪|什么|谁|何|多久|多长|几|多少|怎么|如何|能不能|是否|有没有|可以|吗|过期|到期|有效).*$"
)
_ORDINAL = re.compile(r"第[一二三四五六七八九十0-9]+(?=批|条|章|类|级|期|阶段)|首(?=批)")
MIN_SHARED = 2


def complete(question: str, context: Sequence[Turn], places: frozenset[str]) -> str:
    """``question`` as it would be asked without the turns before it."""
    earlier = next(
        (turn.content for turn in reversed(context) if turn.role is Role.USER and turn.content.strip()), None
    )
    if earlier is None:
        return question
    folded, before = fold_query(question).strip(), fold_query(earlier).strip()
    if pronoun := _PRONOUN.match(folded):
        topic = _QUESTION_PART.sub("", before)
        return f"{topic}{folded[pronoun.end() :]}" if topic else question
    if elliptic := _ELLIPTIC.match(folded):
        return _exchange(before, elliptic.group("words"), places)
    return question


def with_topic(question: str, context: Sequence[Turn]) -> str:
    """``question`` (那要钱吗？), which names no matter of its own, with the matter of the question before."""
    earlier = next((turn.content for turn in reversed(context) if turn.role is Role.USER), "")
    topic = _QUESTION_PART.sub("", fold_query(earlier).strip())
    return f"{topic}{re.sub(r'^那么?', '', fold_query(question).strip())}"


def _exchange(before: str, words: str, places: frozenset[str]) -> str:
    """``before`` with the part parallel to ``words`` replaced by ``words``."""
    place = next((name for name in sorted(places, key=len, reverse=True) if name in before), None)
    if words in places or re.sub(r"[省市]$", "", words) in places:
        return before.replace(place, words, 1) if place else f"{words}{before}"
    if (ordinal := _ORDINAL.match(words)) and (other := _ORDINAL.search(before)):
        return before[: other.start()] + ordinal.group() + before[other.end() :]
    for length in range(len(words) - 1, MIN_SHARED - 1, -1):
        tail = words[-length:]
        found = before.find(tail)
        if found >= 0:
            start = _word_start(before, found)
            return before[:start] + words + before[found + length :]
    return f"{words}{_asked_part(before)}"


def _word_start(text: str, end: int) -> int:
    """Where the word that runs up to ``end`` starts: after punctuation, 的, or the start of the text."""
    start = end
    while start > 0 and not re.match(r"[\s,;:。?!的和与由在《》\"()]", text[start - 1]):
        start -= 1
    return start


def _asked_part(before: str) -> str:
    match = _QUESTION_PART.search(before)
    return match.group() if match else before
