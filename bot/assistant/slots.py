"""What a question is made of, so that a follow-up can take over its parts: matter, attribute, what is asked, place, ….

Rules:

* ``matter`` is what the question is about, without the attribute asked for (有效期, 材料) and without the question
  words; ``asked`` is the rest, so that another matter before it makes a question again: 异议申请 + 多久办完.
* All texts are folded; a part is a piece of the question, never worded anew.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from bot.assistant.days import day_named
from bot.assistant.lexicon import Lexicon
from bot.assistant.words import Role

_MODAL = "还|也|都|要|该|应该|应当|需要|须|得|能|可以|会|必须|算|一共|总共|共|分别|到底|具体"
_WORD = (
    "哪|什么|啥|谁|何时|何种|为何|何处|如何|多久|多长|多大|几(?!乎)|多少|怎么|怎样|咋|能不能|可不可以|是不是|要不要|用不用"
    "|会不会|行不行|需不需要|是否|能否|可否|有没有|有无|原话|原文|(?:过期|到期|失效|作废|有效)(?=了?(?:没|吗|呢|$))"
)
_QUESTION = re.compile(rf"(?:{_MODAL}|是|在|由|归|从|找|向|跟|问|去|到|上|有|为|分为?|属于|叫|管|第){{0,6}}(?:{_WORD})")
_YES_NO = re.compile(
    rf"(?:{_MODAL}){{0,6}}(?:收费|收钱|交钱|付费|缴费|花钱|要钱|免费|公开|公示|有效|管用|好办|难办)吗$|(?:{_MODAL})[^,。?]*吗$|吗$"
)
_FRONT = re.compile(
    rf"(?:{_MODAL}){{0,6}}(?:(?:什么|啥)(?:是|叫做?)|谁(?:来|可以|能|去)?(?:负责|牵头|管|审批|批准|出|开|办)?|(?:{_WORD})(?:个|种|份|家|位|样)?)"
)
_ATTRIBUTE = (
    "有效期限?|期限|时限|时间|日期|费用|收费标准|罚款|材料|条件|流程|程序|步骤|手续|电话|地址|网址|地点|名称|全称|文号|内容|范围|标准"
    "|方式|方法|原因|目的|依据|对象|责任单位|牵头单位|配合单位|主管部门|负责人|责任部门|责任主体|单位|部门|数量|金额|比例|定义|意思|格式"
)
_ENDS_WITH_MODAL = re.compile(r"(?:还)?(?:能|可以|要|需要|得|会|应当|应该)[一-鿿]{0,2}$")
_ENDS_WITH_ATTRIBUTE = re.compile(rf"(?:的)?(?:{_ATTRIBUTE})$")
_FILLER = re.compile(rf"{_ATTRIBUTE}|{_WORD}|{_MODAL}|吗|呢|一下|最晚|最多|最少|最长")
_DOCUMENT = re.compile(
    r"《[^《》]+(?:《[^《》]*》[^《》]*)*》|[一-鿿]{0,30}(?:办法|条例|方案|意见|规定|细则|通知|指引|规划|法(?!院|人|律|规|定|官))"
)
_SAYS_NOTHING = re.compile(
    rf"(?>{_FILLER.pattern}|[那这的是由归在去到来个家种办弄管钱费了啊呀?,!。\s]|请问|它|时候|时间|地方|里|收费?|交|负责|牵头|办理|开始|截止|结束|完成)++"
)
_SOME_DAY = date(2000, 1, 1)
"""Only the words of a day are looked for here, not which day it is."""
_MONEY = re.compile(r"[要交收花付缴掏给罚]?(?:钱|费)|[收缴付免]费|罚款|截止|办完|办好|申请")
"""Words that ask about money or an end without saying of what."""
_REFERS = re.compile(r"^(?:(?:请问|那个?|这个?|该|按照?|根据)+)")


@dataclass(frozen=True, slots=True)
class Slots:
    text: str
    matter: str
    asked: str
    place: str | None
    day: str
    """The words of the day for which the answer is wanted (2024年8月15日时); empty when none is named."""
    front: bool
    """The question word comes first: 什么叫信用承诺."""

    def about(self, matter: str) -> str:
        """The same question about another matter."""
        return f"{self.asked}{matter}" if self.front else f"{matter}{self.asked or '有什么规定'}"


def slots(question: str, places: frozenset[str]) -> Slots:
    """The parts of one whole question."""
    text = re.sub(r"[\s?!。.,;]+$", "", question)
    place = next((name for name in sorted(places, key=lambda one: (-len(one), one)) if name in text), None)
    named = day_named(text, _SOME_DAY)
    matter, asked = _parted(text)
    front = bool(asked) and text.startswith(asked)
    modal = _ENDS_WITH_MODAL.search(matter)
    if modal and modal.start() > 1:
        matter, asked = matter[: modal.start()], matter[modal.start() :] + asked
    attribute = _ENDS_WITH_ATTRIBUTE.search(matter)
    if attribute and attribute.start() > 1:
        matter, asked = matter[: attribute.start()], matter[attribute.start() :].removeprefix("的") + asked
    return Slots(
        text,
        re.sub(r"(?:[,的是在对把\s]|现在?|目前|如今|当前)+$", "", matter),
        asked,
        place,
        named.words if named else "",
        front,
    )


def _parted(text: str) -> tuple[str, str]:
    found = _QUESTION.search(text) or _YES_NO.search(text)
    if found is None:
        return text, ""
    if found.start() > 1:
        return text[: found.start()], text[found.start() :]
    front = _FRONT.match(text)
    rest = text[front.end() :] if front else ""
    return (rest, text[: len(text) - len(rest)]) if len(rest) > 1 else (text, "")


class Own(Enum):
    """What a question names by itself."""

    MATTER = "matter"
    DEED = "deed"
    """Only something done (能打印吗, 怎么下载): to what, was said before."""
    NOTHING = "nothing"


def own_matter(text: str, lexicon: Lexicon) -> Own:
    """What ``text`` names besides attributes, question words and small words."""
    rest = _FILLER.sub(" ", text)
    words = [word for run in re.findall(r"[一-鿿]+|[a-z0-9]+", rest) for word in lexicon.dictionary.words(run)]
    small = lexicon.empty | lexicon.soft | lexicon.light | lexicon.generic
    said = [word for word in words if len(word.text) > 1 and word.text not in small]
    named = [word for word in said if not _MONEY.fullmatch(word.text)]
    if any(word.role is Role.THING and not word.verbal for word in named):
        return Own.MATTER
    return Own.DEED if any(word.role in (Role.THING, Role.ACT) for word in named) else Own.NOTHING


def says_nothing(text: str) -> bool:
    """谁负责, 要钱吗 as the first words of a conversation: of what, nobody can know."""
    return bool(_SAYS_NOTHING.fullmatch(text))


def document_in(text: str) -> str | None:
    """The document ``text`` names, by title or by a phrase that ends like one (渡口管理办法)."""
    found = _DOCUMENT.search(text)
    name = _REFERS.sub("", found.group()) if found else ""
    return name if len(name) > 2 else None
