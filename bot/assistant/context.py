"""Follow-up questions made whole from what was asked before, in words, so that everything after sees one question.

Rules, on folded text; the question before is itself made whole first:

* 那教育领域呢, 江西呢, 第二批呢, 那三个机制呢, 个人呢, 明年呢: the part of the same kind is exchanged; a new matter
  takes the place of the old one; a case (那逾期呢) is put after the old matter.
* 它什么时候到期, 该方案有效吗, 上面说的要交钱吗: the pronoun gives way to the matter, or to the document, that was
  asked about or cited.
* 那要交钱吗, 谁负责, 什么时候截止: names no matter of its own, so the old matter goes before it. 能打印吗 names only a
  deed: the old matter is tried first.
* 还有呢, 再详细一点, 原文呢: the question before once more. 不是，我问的是教育局: what is meant takes its place.
* A question with its own matter stands alone: a change of topic drags nothing along. Only if it begins with 那 the old
  matter, or the old place, is tried first, then the question as it stands; one that points back (要查那家单位的账户) is
  understood with the old matter only.

Source: issue 3 §3 “Conversation”.
"""

import re
from collections.abc import Sequence

from bot.assistant.answer import Role, Turn
from bot.assistant.lexicon import Lexicon, load_lexicon
from bot.assistant.slots import Own, Slots, document_in, own_matter, slots
from bot.assistant.smalltalk import load_small_talk
from index.search.analyzer import fold_query

_LEAD = re.compile(
    r"^(?:(?:哦|噢|嗯+|好的?|好吧|知道了|明白了?|懂了|谢谢(?:你|您)?|多谢|ok|不好意思|请问一?下?|麻烦问下"
    r"|(?:再|顺便)(?:请)?问一?下?|另外|然后)[,。!\s]+"
    r"|请问|再问一?下|顺便问一?下)+"
)
_THEN = re.compile(r"^(?:那么?(?![个些份家位条项件里儿边时会]|种(?![子植类]))[,\s]*)(?:请问|如果|要是|假如|万一)?")
_END = re.compile(r"[\s?!。.,;]+$")
_TELL = "(?:说|讲|介绍|解释|回答)"
_MORE = re.compile(
    r"还有(?:没有)?(?:别的|其他的?|其它的?|呢|吗|哪些|什么)*|(?:别的|其他的?|其它的?|剩下的?|其余的?)呢?|继续|接着说|然后呢?|后面呢"
    rf"|(?:能不能|能|可以|请|麻烦|你)?再?{_TELL}?得?[再更]?(?:详细|具体|清楚|仔细|完整)一?[点些]?{_TELL}?(?:{_TELL}|一下)?[吗呢]?"
    r"|再多?说一?(?:点|些|说|遍|下)|展开[说讲][说讲]?|没太?[看听]?(?:懂|明白)|什么意思|啥意思|真的吗?|确定吗?"
    r"|(?:给我?)?(?:看看?|贴)?(?:一下)?(?:原文|原话|依据|出处|来源|条文)"
    r"(?:呢|是(?:什么|哪里?)|在哪里?|怎么[说写]的?|给我(?:看看)?|有吗)?"
)
_CORRECTS = re.compile(
    r"^(?:(?:不是|不对|错了|搞错了|弄错了|你?理解错了|不)(?:这个|那个|这些)?[,。!\s]+(?:我)?(?:是)?(?:想|要)?(?:问|说|指)?的?(?:是)?"
    r"|我(?:是)?(?:想|要)?(?:问|说|指)的?(?:不是[^,。]{1,20}[,。]\s*)?(?:而)?是|我(?:是)?(?:问|说|指)的?是?)"
)
_NOT_BUT = re.compile(r"^(?:我(?:问|说|指)的)?不是(?P<wrong>[^,。]{1,20})[,。]?\s*(?:而)?是(?P<meant>.+)$")
_ELLIPTIC = re.compile(r"^(?:换成|换做|如果是|要是)?(?P<words>[^?,。!]{1,24}?)(?:的话|怎么样|怎么说)?呢$")
_GOES_ON = "的|是|有|要|能|可|会|什|由|归|在|多|几|怎|如|还|谁|哪|需|到|何|属|包|也|,|$"
_BARE = re.compile(
    r"^(?:它|他|她|这个|那个|这|这些|那些|(?:上面|前面|刚才|上边|上述|你)(?:所)?说的(?:这个|那个)?|此事|该事项|该项?)(?:的)?"
    rf"(?=[^一-鿿]|{_GOES_ON}|牵|负|收|法|责|主)"
)
_POINTS = re.compile(
    r"(?:这|那|该|此|本|上述|前述|上面说的|刚才说的)(?:个|份|种|些|项|家|位|条|件|篇|次|类)?"
    rf"(?P<noun>[一-鿿]{{2,6}}?)(?={_GOES_ON}|里|中|失|过|废|现|作|算)"
)
_DOCUMENT_NOUNS = (
    "文件", "办法", "方案", "意见", "规定", "条例", "细则", "通知", "指引", "政策", "规划", "文",
)  # fmt: skip
_ORDINAL = re.compile(r"第[一二三四五六七八九十百0-9]+(?P<of>批|条|章|节|款|项|类|级|期|阶段|步|个|号)|首(?P<first>批)")
_TIME = re.compile(
    r"(?:(?:[12][0-9]{3}|[二〇零一三四五六七八九]{4})年|大前年|前年|去年|今年|明年|后年)(?:[0-9]{1,2}月(?:[0-9]{1,2}[日号])?)?(?:底|末|初)?(?:的时候|时|那会儿)?"
    r"|[0-9]{1,2}月[0-9]{1,2}[日号]|现在|目前|今天|明天|昨天|下个?月|上个?月|当时|那时候?"
)
_COUNTED = re.compile(
    r"(?:[0-9]+|[一二三四五六七八九十两]+|哪几|哪些|几)(?:个|项|条|种|类|张|份|大|重|方面)(?P<noun>[一-鿿]{2,8}?)(?=是|有|的|分别|包括|都|呢|,|$|什|哪|怎|由)"
)
_SUBJECTS = (
    "个体工商户", "个体户", "自然人", "法人", "企业", "公司", "个人", "老百姓", "群众", "公务员", "干部", "事业单位",
    "社会组织", "人民团体", "农民工", "业主", "法院", "银行", "外国人", "港澳台居民", "学生", "单位", "机关",
)  # fmt: skip
_BODY = re.compile(r"[一-鿿]{2,10}?(?:局|委|办|厅|院|署|银行|中心|支队)")
_FIELD = re.compile(r"(?P<name>[一-鿿a-z0-9]{1,12}?)(?:领域|方面|行业|这块|那块|板块)")
_CASE = re.compile(
    "[不没未]|了$|过期|逾期|超期|超过|到期|丢|遗失|损坏|造假|虚假|伪造|违反|违规|失信|拒绝|被|失败|作废|变更|注销|撤销|出错|驳回"
)
"""Something that happens, not another matter: 那逾期呢, 那不交呢."""
_ASKED_BY = (
    ("期限?$|时限$|时间$", "多久"),
    ("日期$|日子$", "是哪天"),
    ("费用?$|标准$|金额$|数量$|比例$|罚款$", "是多少"),
    ("地[址点]$|网址$|位置$|窗口$", "在哪"),
    ("单位$|部门$|机关$|机构$|人$|主体$", "是谁"),
    ("材料$|条件$|流程$|程序$|步骤$|手续$|内容$|范围$|对象$", "有哪些"),
)
"""How an attribute named by itself is asked for: 那有效期呢 is 有效期多久."""
_BLOCK = re.compile(r"(?:这|那)?(?:一)?(?:块|方面|部分|边)(?:儿)?$")
MIN_SHARED = 2
MAX_TURNS = 12


def complete(question: str, context: Sequence[Turn], places: frozenset[str]) -> str:
    """``question`` as it would be asked without the turns before it; unchanged if it stands alone."""
    return readings(question, context, places)[0]


def readings(question: str, context: Sequence[Turn], places: frozenset[str]) -> tuple[str, ...]:
    """The whole questions that ``question`` may stand for after ``context``, in the order they are to be tried."""
    lexicon = load_lexicon()
    before = ""
    cited = None
    for turn in context[-MAX_TURNS:]:
        if turn.role is Role.USER:
            before = _whole(turn.content, before, cited, places, lexicon)
        else:
            cited = document_in(fold_query(turn.content)) or cited
    ways = _ways(question, slots(before, places), cited, places, lexicon) if before else ()
    return tuple(dict.fromkeys(ways)) or (question,)


def _whole(said: str, before: str, cited: str | None, places: frozenset[str], lexicon: Lexicon) -> str:
    """What an earlier line asked; thanks and greetings ask nothing, the question before them stays."""
    folded = fold_query(said).strip()
    if not folded or load_small_talk().reply(folded, following=bool(before)):
        return before
    ways = _ways(said, slots(before, places), cited, places, lexicon) if before else ()
    return ways[0] if ways else folded


def _ways(question: str, before: Slots, cited: str | None, places: frozenset[str], lexicon: Lexicon) -> tuple[str, ...]:
    """What ``question`` may mean after ``before``; empty when it stands alone."""
    said = _LEAD.sub("", fold_query(question).strip())
    text = _END.sub("", said)
    if _MORE.fullmatch(_THEN.sub("", text)):
        return (before.text,)
    if meant := _corrected(text, before, places, lexicon):
        return (meant,)
    then = _THEN.sub("", text)
    if elliptic := _ELLIPTIC.match(then):
        return _exchanged(before, elliptic.group("words"), places, cited, lexicon)
    if bare := _BARE.match(then):
        return (f"{before.matter}{then[bare.end() :]}",)
    own = own_matter(then, lexicon)
    if pointed := _pointed(then, before, cited, own):
        return pointed
    if own is Own.MATTER:
        return _linked(then, before, places) if then != text else ()
    whole = f"{_subject(then, before, places)}{then}"
    return (whole,) if own is Own.NOTHING else (whole, then)


def _linked(then: str, before: Slots, places: frozenset[str]) -> tuple[str, ...]:
    """那… with a matter of its own: with the old place or matter first, then by itself."""
    named = any(name in then for name in places)
    if before.place and not named and before.place not in before.matter:
        return (f"{before.place}{then}", then)
    with_place = (f"{before.place}{then}",) if before.place and not named else ()
    return (f"{before.matter},{then}", *with_place, then)


def _subject(then: str, before: Slots, places: frozenset[str]) -> str:
    """The old matter, without its place where the follow-up names another."""
    if before.place and any(name in then for name in places):
        return before.matter.replace(before.place, "", 1)
    return before.matter


def _pointed(then: str, before: Slots, cited: str | None, own: Own) -> tuple[str, ...]:
    """该方案, 那家单位: the phrase before that ends with the noun; a document's noun may mean the one cited."""
    match = _POINTS.search(then)
    if match is None:
        return ()
    noun = match.group("noun")
    named = document_in(before.text)
    phrase = named if named and named.endswith(noun) else _phrase_with(before.text, noun)
    if phrase and slots(phrase, frozenset()).asked:
        return (f"{before.matter},{then[: match.start()]}{noun}{then[match.end() :]}", then)
    if phrase is None and noun in _DOCUMENT_NOUNS:
        phrase = named or cited or before.matter
    if phrase is None:
        if own is Own.MATTER:
            return (f"{before.matter},{then}",)
        return (f"{before.matter}{then[: match.start()]}{then[match.end() :]}",)
    return (f"{then[: match.start()]}{phrase}{then[match.end() :]}",)


def _phrase_with(text: str, noun: str) -> str | None:
    """The phrase of ``text`` that ends with ``noun``: from the last break before it."""
    end = text.find(noun)
    if end < 0:
        return None
    start = max((text.rfind(mark, 0, end) + 1 for mark in ",。?!;和与对把被由是"), default=0)
    return text[start : end + len(noun)]


def _corrected(text: str, before: Slots, places: frozenset[str], lexicon: Lexicon) -> str | None:
    """不是，我问的是教育局; 不是江西，是盐城."""
    if swap := _NOT_BUT.match(text):
        wrong, meant = swap.group("wrong"), swap.group("meant")
        if wrong in before.text:
            return before.text.replace(wrong, _END.sub("", meant), 1)
        text = f"我问的是{meant}"
    match = _CORRECTS.match(text)
    if match is None or not (meant := _END.sub("", text[match.end() :]).removesuffix("的")):
        return None
    own = own_matter(meant, lexicon)
    if slots(meant, places).asked and own is Own.MATTER:
        return meant
    if own is Own.NOTHING and not _ORDINAL.search(meant) and meant not in places:
        return f"{before.matter}{meant}"
    return _exchanged(before, meant, places, None, lexicon)[0]


def _exchanged(
    before: Slots, words: str, places: frozenset[str], cited: str | None, lexicon: Lexicon
) -> tuple[str, ...]:
    """``before`` with the part parallel to ``words`` replaced by ``words``."""
    text = before.text
    place = re.sub(r"(?:[省市县区]|那边|这边|那里|的)$", "", words)
    if words in places or place in places:
        return (text.replace(before.place, place, 1) if before.place else f"{place}{text}",)
    if ordinal := _ORDINAL.match(words):
        return (_at_ordinal(before, words, ordinal, cited),)
    if time := _TIME.fullmatch(words):
        return (_at_time(text, time.group()),)
    for pattern in (_COUNTED, _BODY):
        if pattern.fullmatch(words) and (other := pattern.search(_without_place(before))):
            return (text.replace(other.group(), words, 1),)
    if words in _SUBJECTS and (other_subject := next((one for one in _SUBJECTS if one in text), None)):
        return (text.replace(other_subject, words, 1),)
    if _CASE.search(words):
        return (f"{before.matter}{words}怎么处理", before.about(f"{before.matter}{words}"))
    bare = _BLOCK.sub("", words) or words
    if bare != words and (field := _FIELD.search(_without_place(before))):
        return (text.replace(field.group(), bare, 1),)
    if own_matter(words, lexicon) is Own.NOTHING:
        return (f"{before.matter}{words}{_asking(words)}",)
    if parallel := _by_tail(before, words, places):
        return (parallel,)
    head = before.place if before.place and not any(name in words for name in places) else ""
    return (before.about(f"{before.day}{head}{bare}"),)


def _asking(attribute: str) -> str:
    return next((words for pattern, words in _ASKED_BY if re.search(pattern, attribute)), "是什么")


def _without_place(before: Slots) -> str:
    return before.text.replace(before.place, " ", 1) if before.place else before.text


def _at_ordinal(before: Slots, words: str, ordinal: re.Match[str], cited: str | None) -> str:
    """第二批 for 首批; without such an ordinal before, the document's 第三条."""
    for other in _ORDINAL.finditer(before.text):
        if (other["of"] or other["first"]) == (ordinal["of"] or ordinal["first"]):
            return before.text[: other.start()] + words + before.text[other.end() :]
    if ordinal["of"] in ("条", "章", "节", "款"):
        return f"{document_in(before.text) or cited or before.matter}{words}怎么规定的"
    return before.about(f"{before.matter}{words}")


def _at_time(text: str, words: str) -> str:
    other = _TIME.search(text)
    return text[: other.start()] + words + text[other.end() :] if other else f"{words}{text}"


def _by_tail(before: Slots, words: str, places: frozenset[str]) -> str | None:
    """金融领域 … exchanged for 教育领域: the longest end that both share says which part is parallel."""
    text = before.text
    for length in range(len(words) - 1, MIN_SHARED - 1, -1):
        found = text.find(words[-length:])
        if found >= 0:
            start = _word_start(text, found, before.place)
            return text[:start] + words + text[found + length :]
    return None


def _word_start(text: str, end: int, place: str | None) -> int:
    """Where the word that runs up to ``end`` starts: after punctuation, 的, a place, or at the start of the text."""
    start = end
    while start > 0 and not re.match(r"[\s,;:。?!的和与由在对把被是《》\"()]", text[start - 1]):
        start -= 1
    stop = text.find(place) + len(place) if place and place in text else 0
    return max(start, stop) if stop <= end else start
