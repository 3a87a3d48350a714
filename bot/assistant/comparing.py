"""Questions that compare places: 江西和吉林在失信记录上有什么不同. Each place is asked for by itself, never a mixture.

Rules:

* The question is put once for every place it names, without the words that compare.
* A place whose texts do not say it is named as such; whether two clauses differ is left to the reader.
"""

import re
from collections.abc import Sequence

_COMPARES = re.compile(
    r"相?比(?!例|率|如|赛)|多了|少了|不同|区别|差别|差异|异同|(?<!一)一样|各自?|分别|对照|哪个更|谁更|都(?:是|有|怎么|由)"
)
_WORDS = re.compile(
    r"(?:之间|两地|两省|两市|两家|双方|这两个地方)|(?:有(?:什么|啥|哪些|没有|无)?|的)?(?:不同|区别|差别|差异|异同)(?:点|之处)?(?:吗|么)?"
    r"|(?:是否|是不是)?(?:都)?一样(?:吗|么|不一样)?|(?:相比|比较|比起来|对比|比一比|相对照|对照)(?:一下)?|各自?|分别|多了|少了|比(?=[,?])"
)
_JOINS = r"(?:和|与|跟|同|以及|还有|、|比|,)?"
_SEVERAL = re.compile(r"(?:领域|原则|条件|材料|情形|范围|对象|内容|任务|措施|制度|部门|单位|种类|职责|义务|权利)$")
"""Things of which a text names several: their difference begins with which they are."""
_ASKS = re.compile(r"什么|啥|哪|谁|几|多少|多久|多长|何|怎|如何|吗|是否|能否")


_JUDGES = re.compile(r"多了|少了|哪个更|谁更|哪家更|更[严宽多少高低快慢长短]")


def judges(folded: str, places: Sequence[str]) -> bool:
    """Whether the question wants the difference itself (多了哪个, 谁更严), which no text says: that is not answered."""
    return len(places) > 1 and bool(_JUDGES.search(folded))


def compares(folded: str, places: Sequence[str]) -> bool:
    """Whether the question sets two or more places side by side."""
    if len(places) < 2:
        return False
    names = "|".join(sorted(map(re.escape, places), key=len, reverse=True))
    joined = re.search(rf"(?:{names})(?:省|市)?(?:和|与|跟|同|、|以及|还有)(?:{names})", folded)
    return bool(joined or _COMPARES.search(folded))


def for_each(folded: str, places: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Place → the question as asked of that place alone, in the order the question names them."""
    ordered = sorted(places, key=folded.index)
    names = "|".join(sorted(map(re.escape, places), key=len, reverse=True))
    rest = re.sub(rf"(?:{names})(?:省|市)?(?:的|这边|那边)?{_JOINS}", "", folded)
    rest = _WORDS.sub("", rest)
    rest = re.sub(r"^[,、的和与跟在对]+|在(?=.{2,20}(?:上|方面|这块)[,?]?$)|(?:上|方面|这块)(?=[,?]?$)", "", rest)
    matter = rest.rstrip("?,的 ")
    asked = rest if _ASKS.search(rest) else f"{matter}{'有哪些' if _SEVERAL.search(matter) else '怎么规定'}?"
    return tuple((place, f"{place}{asked}") for place in ordered)
