"""The unit of a number asked for: what a clause must hold to answer 百分之几, 多少钱, 几次, 几天.

* A question that asks for a number in a unit is answered only by a clause with a number in that unit, or with the word
  that makes the number needless (免费, 当场).
* Periods answer one another: 几天 may be answered by 三个月, 多久 by 每年一次.
"""

import re
from collections.abc import Sequence

_N = r"(?:[0-9]+(?:[.,][0-9]+)?|[零〇一二两三四五六七八九十百千半数]+)"
_PERIOD = (
    rf"{_N}\s*(?:个)?(?:工作日|小时|分钟|日|天|周|星期|月|季度|年)|[每按](?:个)?(?:日|天|周|月|季度?|半?年度?|两年)|当[日场天]|即时|立即"
    r"|长期|永久|同步|之日|随时|及时|尽快|届满"
)
_MONEY = rf"{_N}\s*(?:万|亿)?元|{_N}倍|[0-9.]+%|百分之|免费|不(?:得|再)?收|免(?:收|交|缴|征)|无偿|收费|费用|工本费|全额"
MEASURES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked), re.compile(written))
    for asked, written in (
        (r"百分之[几多]|百分之多少|百分比|比例是?多少|[几多]少?个百分点|几成|多大比例", rf"%|百分之|‰|{_N}成|比例"),
        (r"多少(?:万|亿)?(?:元|钱|块)|几(?:万|千|百)?块|多少万|罚多少|罚款(?:是)?多少|几万|金额(?:是)?多少", _MONEY),
        (r"几倍|多少倍", rf"{_N}倍"),
        (r"[几多]少?次|几回|几遍|多少遍", rf"{_N}次|一次性|每次|逐次"),
        (r"(?<!好)(?:几|多少)(?:个)?(?:工作日|小时|分钟|天|日(?!报)|周|个月|年)|多久|多长时间|多少时间|多长", _PERIOD),
        (r"(?:几|多少)(?:个|名|位)?人(?![民员])|几名|几位", rf"{_N}(?:个|名|位)?(?:以上)?[一-鿿]{{0,4}}?(?:人|名|位)"),
        (r"(?:几|多少)岁", rf"{_N}(?:周)?岁|成年"),
        (r"几级|多少级|几个等级|几等", rf"{_N}(?:个)?(?:级|等|档)|[a-d]级"),
        (r"(?:文|字)?号(?:是)?(?:多少|什么|几)|什么文号|多少号|几号文|(?:是|叫)?哪个文号", r"[0-9]+号"),
        (r"电话(?:号码)?|手机号", r"[0-9]{7,}|[0-9]{3,4}-[0-9]{7,8}|1[0-9]{4}"),
        (r"几(?:份|式)|多少份", rf"{_N}(?:式{_N})?份"),
        (r"几章|多少章", rf"{_N}章"),
    )
)


def asked_measures(folded: str) -> tuple[re.Pattern[str], ...]:
    """What a clause must hold, for each measure that a folded question asks for."""
    return tuple(written for asked, written in MEASURES if asked.search(folded))


def holds(text: str, measures: Sequence[re.Pattern[str]]) -> bool:
    """Whether a folded clause holds one of ``measures``; true when none is asked for."""
    return not measures or any(one.search(text) for one in measures)
