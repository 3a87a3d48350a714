"""Which subject a message names: a 统一社会信用代码 as people type it, or a name that is clearly one.

* A code may have spaces and hyphens in it, any width, any case; one with a wrong check character is told so.
* A name is one only where the message cannot be about policy: words of policy texts and of questions are no names.
* Natural persons are not looked for: an identity number is refused and never kept.

Source: GB 32100–2015 (codes); issue 6 §3.
"""

import re
import unicodedata
from dataclasses import dataclass

from stdnum.cn import uscc

from bot.actions.typed import folded, is_question
from index.errors import RecordError
from index.records.by_name import LONGEST, SHORTEST

CODE = r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])"
_SPREAD = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z](?:[ \-]{0,2}[0-9A-Za-z]){17}(?![0-9A-Za-z])")
_CODE = re.compile(CODE)
_CODE_ALONE = re.compile(rf"(?:这家|企业|公司|主体|统一社会信用代码|信用代码|代码|为|是|:)*{CODE}[。.]?")
_FORM = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-Z]{10}")
_PERSON = re.compile(r"[1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
ENDING = (
    r"(?:公司|总厂|厂|商店|店|超市|合作社|事务所|经营部|门市部|商行|工作室|集团"
    r"|企业\((?:有限|普通)合伙\)|\((?:有限|普通)合伙\))"
)
FULL_NAME = rf".{{2,{LONGEST}}}?{ENDING}(?:\((?:虚构|示例|[^()]{{1,12}}(?:分公司|分店))\))?"
"""The name of an organisation by its ending."""
_POLICY = re.compile(
    r"报告|办法|方案|意见|领域|文件|政策|规定|通知|条例|部门|单位|清单|标准|制度|机制|规则|流程|记录|信息|任务|期限"
    r"|政务|处罚|公示|异议|修复|核验|查询|历史|问答|聊天|今天|昨天|上次|刚才|[《》“”]|(?:失信|守信|信用|诚信)$"
)
_GENERIC = re.compile(
    r"(?:(?:这|那|某|该|一|几|两|各|每|别的|其他|其它|所有|全部|全市|本市|我们?|咱们|他们?|你们?|的|个|家|些|类|种|哪))*"
    r"(?:企业|公司|集团公司|个体工商户|个体户|经营主体|市场主体|主体|机构|商店|店|超市|厂|合作社|上市公司|子公司|分公司|外国公司"
    r"|母公司|总公司|集团|小微企业|民营企业|中小企业|有限公司|股份公司|诚信|信用|失信|守信|自己|本人|个人|他|她|它)?"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A code whose check character is right, or else the words of a name."""

    code: str = ""
    name: str = ""


def with_codes_joined(text: str) -> str:
    """``text`` in one width, with what looks like a spread code written together and in capitals."""

    def joined(found: re.Match[str]) -> str:
        together = re.sub(r"[ \-]", "", found[0]).upper()
        return together if _FORM.fullmatch(together) else found[0]

    return _SPREAD.sub(joined, unicodedata.normalize("NFKC", text))


def code_in(text: str) -> str | None:
    """What is written as a code in ``text`` (``with_codes_joined``), right or wrong."""
    return next((each[0].upper() for each in _CODE.finditer(text) if _FORM.fullmatch(each[0].upper())), None)


def is_code_alone(text: str) -> bool:
    """Whether ``text`` is a code, right or wrong, and wants nothing: the answer to who asks for one."""
    return _CODE_ALONE.fullmatch(folded(with_codes_joined(text))) is not None


def wanted_code(code: str) -> Wanted:
    """Raises RecordError for a code that cannot be one, and for a person's number."""
    if not uscc.is_valid(code):
        raise _of_a_person() if _PERSON.fullmatch(code) else _mistyped(code)
    return Wanted(code=code)


def wanted_name(words: str) -> Wanted | None:
    """None when the words need not be a subject's name."""
    name = folded(words)
    if not SHORTEST <= len(name) <= LONGEST or is_question(name) or _POLICY.search(name) or _GENERIC.fullmatch(name):
        return None
    return Wanted(name=name)


def wanted_in(text: str) -> Wanted | None:
    """The answer to “which subject?”: a code, or whatever may be a name. Raises RecordError."""
    code = code_in(with_codes_joined(text))
    return wanted_code(code) if code else wanted_name(text)


def _mistyped(code: str) -> RecordError:
    return RecordError(
        f"“{code}”的校验位不对，不是有效的统一社会信用代码。", next_step="请核对 18 位代码后再发。", code="CODE_WRONG"
    )


def _of_a_person() -> RecordError:
    return RecordError(
        "这是公民身份号码。本系统不按身份号码查询个人。",
        next_step="请发经营主体的 18 位统一社会信用代码，并删除刚才的消息。",
        code="PERSON_NUMBER",
    )
