"""The relation between what is asked and the value that answers: a date is not any date, a number not any number.

Rules:

* a number must carry the counting word asked for (工作日, 次, 章 …);
* a period or date governed by a relation (有效, 完成, 施行 …) answers only a question about that relation;
* a date in a note of responsibilities is the date of its matter, whatever the verb;
* a definition must define the term, a choice must name one of the options.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.assistant.evidence import Evidence
from bot.assistant.lexicon import Kind
from bot.assistant.pieces import Piece
from bot.assistant.question import Ask
from index.search.analyzer import fold

_PERIOD = re.compile(r"(?<![0-9])(?:[0-9]{1,3}|[一二三四五六七八九十两半]+)个?(?:工作日|年|月|日|天|小时|周)(?![0-9])")
_DATE = re.compile(r"[0-9]{4}年|[0-9]{1,2}月[0-9]{1,2}日|之日|[今去明本]年|当前日期")
_KINDS_ASKED = re.compile(r"分为|分成|[几多]少?(?:类|级|档)|哪几?[类级档]")
_KINDS_WRITTEN = re.compile(r"分为|分成|划分|类|级|档")
_NUMBER = re.compile(r"\([0-9]{4}\)[0-9]+号")
_DOCUMENT = re.compile(r"(?:实施|试行|执行)(?:方案|意见|办法|细则)")
_IS_WHO = re.compile(r"[一-鿿]{2,12}(?:是|为)(?:谁|哪[一-鿿]{0,4})(?:[呢啊呀吗?]|$)")
"""登记机关是谁 asks which body that is; 报告是谁开发的 asks who does something."""
_CHARGE_NAME = re.compile(r"单位|部门|领域|负责|牵头|主管")
_AMOUNT = re.compile(
    r"(?<!第)[0-9]|百分之|分之|倍"
    r"|(?<![第一二三四五六七八九十百])[一二三四五六七八九十百千万两]+(?:元|个|名|人|次|件|条|项|种|年|月|日)"
)
_ITSELF = re.compile(r"本(?:办法|方案|意见|细则|指引|规定|规则|条例|规程|制度|法|通知|决定)")
_SHARE_ASKED = re.compile(r"百分之|比例|比率|几成|占多少")
_SHARE = re.compile(r"百分之|%|[一二三四五六七八九]分之|[0-9]/[0-9]|半数")
_LEAST_ASKED = re.compile(r"至少|最少|最多|最低|不少于")
"""几个 with a limit wants a number, no list of names."""
_MEASURED = re.compile(r"钱|元|费|罚|价|金|天|日|年|月|周|时|万|款")
_MEASURES = re.compile(
    r"[0-9一二三四五六七八九十百千万两.]+(?:万|亿)?(?:元|个?工作日|个?月|年|日|天|小时)|第[一二三四五六七八九十百0-9]+[条款项章]"
)
"""Sums and periods: they are no answer to how many of a thing."""
_LOOSE = frozenset({"个", "种", "项", "类", "方面", "大", "环节", "部分"})
WINDOW = 14
GOVERNS, GOVERNS_AFTER = 6, 3


@dataclass(frozen=True, slots=True)
class Relation:
    """Words of a question and of a text for the same relation."""

    asked: re.Pattern[str]
    written: re.Pattern[str]


def _relation(asked: str, written: str) -> Relation:
    return Relation(re.compile(asked), re.compile(written))


PERIODS = (
    _relation(
        r"有效|能用|管用|可以用|还能用|用多久|管多|管几|过期|到期|失效|作数|作废|时效|有效期限", r"有效|时效|届满"
    ),
    _relation(r"提前|预告|前(?:至少|最少|最晚)?(?:几|多少|多久|多长)", r"提前|以?前"),
    _relation(r"保存|保留|留存|存", r"保存|保留|留存"),
    _relation(r"公示|公开|公布|展示|挂", r"公示|公开|公布"),
    _relation(r"范围|查.{0,2}(?:几年|多少年|多久的)|可查|能查|往前", r"查询时间范围|时间范围"),
    _relation(
        r"答复|回复|反馈|受理|办结|审|批|处理|核实|办|拿|出来|告知|通知|提出|申请|提交",
        r"答复|回复|反馈|受理|办结|审核|审查|审批|批准|处理|核实|作出|告知|通知|提出|申请|出具|提交",
    ),
    _relation(r"整改|改正|纠正", r"整改|改正|纠正"),
)
GOVERNED = 5
"""The first relations govern their period: unasked, such a period answers nothing else."""
LIMIT = _relation(r"最长|最多|不得超过|不超过|不能超过|上限", r"不得?超过|最长|最多|以内|之内|[年月日天]内")
"""Asked beside any other relation: 最长 wants a limit, not any period."""
DATES = (
    _relation(r"到期|失效|过期|截止|截至|届满|终止", r"有效期|至|止|届满|失效|截止|前"),
    _relation(r"完成|建成|做完|办完|实现", r"完成|建成|实现|建立|前|底"),
    _relation(r"开始|施行|实施|生效|启动|起|试点|推行|执行", r"起|开始|启动|施行|实施|推行"),
    _relation(r"印发|发布|出台|下发|公布|颁布", r"印发|发布|出台|下发|公布|颁布|制定"),
)


def related(ask: Ask, unit: Evidence) -> bool:
    """Whether the value in the unit is tied to what is asked."""
    match ask.kind:
        case Kind.HOW_LONG:
            return _period_fits(ask, unit.text)
        case Kind.WHEN:
            return unit.note or _date_fits(ask, unit.text)
        case Kind.HOW_MANY:
            return _count_fits(ask, unit.text) and (
                not _KINDS_ASKED.search(ask.text) or bool(_KINDS_WRITTEN.search(unit.text))
            )
        case Kind.AMOUNT:
            return bool(re.search(r"罚款|罚金", unit.text)) or "罚" not in ask.text
        case Kind.WHO if (named := _IS_WHO.search(ask.text)) and not _CHARGE_NAME.search(named.group()):
            return _is_somebody(ask, unit.text)
        case Kind.FEE:
            return "罚款" not in unit.text or bool(re.search(r"免|收费|费用|收取|工本费", unit.text))
        case Kind.LIST if _KINDS_ASKED.search(ask.text):
            return bool(_KINDS_WRITTEN.search(unit.text))
        case Kind.NAME if "文号" in ask.text:
            return bool(_NUMBER.search(unit.text))
        case Kind.DEFINITION:
            return _defines(ask, unit.text)
        case Kind.CHOICE:
            return _chooses(ask, unit.text)
        case _:
            return True


def names_relation(kind: Kind, words: str) -> bool:
    """Whether ``words`` name a relation that ``related`` checks by itself."""
    relations = {Kind.WHEN: DATES, Kind.HOW_LONG: (*PERIODS, LIMIT)}.get(kind, ())
    return any(relation.asked.search(words) for relation in relations)


def is_year(words: str) -> bool:
    """A year may stand in the date of a document instead of its clauses."""
    return bool(re.fullmatch(r"[0-9]{4}年", words))


def _period_fits(ask: Ask, text: str) -> bool:
    wanted = next((unit for unit in ("工作日", "小时") if any(unit in asked for asked in ask.units)), None)
    windows = [
        (text[max(0, match.start() - WINDOW * 2) : match.end() + WINDOW], _governing(text, match))
        for match in _PERIOD.finditer(text)
        if wanted is None or (wanted in match.group() and re.match(r"(?:之|以)?内", text[match.end() :]))
    ]
    if wanted is not None and not windows:
        return False
    asked = [relation for relation in PERIODS if relation.asked.search(ask.text)]
    limit = bool(LIMIT.asked.search(ask.text))
    return not windows or any(_window_fits(asked, limit, window, governing) for window, governing in windows)


def _governing(text: str, period: re.Match[str]) -> str:
    """What governs a period: the end of its clause before it (有效期为…, 公示期不少于…) and the word right after it."""
    clause = re.split(r"[,。;:]", text[: period.start()])[-1]
    return f"{clause[-GOVERNS:]} {re.split(r'[,。;:]', text[period.end() :])[0][:GOVERNS_AFTER]}"


def _window_fits(asked: list[Relation], limit: bool, window: str, governing: str) -> bool:
    if limit and not LIMIT.written.search(window):
        return False
    if asked:
        return any(relation.written.search(window) for relation in asked)
    return not any(relation.written.search(governing) for relation in PERIODS[:GOVERNED])


def _date_fits(ask: Ask, text: str) -> bool:
    words = _DOCUMENT.sub("", ask.text)
    asked = [relation for relation in DATES if relation.asked.search(words)]
    windows = [text[max(0, match.start() - WINDOW) : match.end() + WINDOW * 2] for match in _DATE.finditer(text)]
    return not asked or any(relation.written.search(window) for relation in asked[:1] for window in windows)


def _count_fits(ask: Ask, text: str) -> bool:
    if _SHARE_ASKED.search(ask.text) and not _SHARE.search(text):
        return False
    if not ask.units and not _MEASURED.search(ask.text) and not _AMOUNT.search(_MEASURES.sub("", text)):
        return False
    number = r"(?<![第0-9一二三四五六七八九十百])(?:[0-9][0-9.]*|[一二三四五六七八九十百两]+)[百千万亿]*(?:余|多)?"
    if not ask.units:
        return bool(_AMOUNT.search(text))
    for unit in ask.units:
        if unit in _LOOSE:
            counts = re.search(rf"{number}(?:个|种|项|类|方面|大|张|条|环节|名|人|位)(?!工作日|月|小时|星期)", text)
            if not counts and (_LEAST_ASKED.search(ask.text) or not _enumerates(text)):
                return False
        elif not re.search(rf"{number}{re.escape(unit)}", text):
            return False
    return True


def _enumerates(text: str) -> bool:
    return bool(re.search(r'(?:"[^"]+"[、,]?){2}|、[^。]*、|分为[^。]*(?:和|、)', text))


def _is_somebody(ask: Ask, text: str) -> bool:
    """登记机关是谁: …机关是登记机关, 登记机关为…."""
    forms = max((piece.forms for piece in ask.content), key=lambda forms: len(forms[0]), default=())
    return any(
        re.search(
            rf"(?:是|为){re.escape(f)}|{re.escape(f)}[^,。;]{{0,4}}(?:(?<!应)是(?!否)|(?<![认以作视])为|由|:)", text
        )
        for f in forms
    )


def _defines(ask: Ask, text: str) -> bool:
    return any(defines(text, form) for form in ask.term)


def _chooses(ask: Ask, text: str) -> bool:
    if ask.options:
        return any(option in text for option in ask.options)
    return any(re.search(rf"第[一二三四五六七八九十0-9]+{unit}|首{unit}", text) for unit in ask.units)


def defines(text: str, term: str) -> bool:
    """Whether ``text`` says what ``term`` is."""
    return bool(re.search(rf"{re.escape(term)}[\")》]{{0,2}},?(?:主要)?(?:是指|指|包括|即|是)", text))


def introduces(text: str, term: str) -> bool:
    """Whether ``text`` goes on from ``term`` to its items: 报告的主要内容包括…, 信息纳入记录."""
    loose = "的?".join(map(re.escape, term))
    return bool(
        re.search(rf"{loose}[^,。;]{{0,10}}(?:包括|包含|分为|涵盖|有|为|是|:)", text)
        or re.search(rf"(?:纳入|列入|属于|形成|作为)[^,。;]{{0,4}}{re.escape(term)}", text)
    )


def of_itself(content: Sequence[Piece], unit: Evidence) -> bool:
    """本指引由…解释: the unit speaks of its document, which the rest of the question names by its title."""
    if not _ITSELF.search(unit.text):
        return False
    title = fold(unit.document.title)
    here = [any(form in unit.text for form in piece.forms) for piece in content]
    named = [not piece.hard and any(form in title for form in piece.forms) for piece in content]
    return any(here) and all(one or other for one, other in zip(here, named, strict=True))
