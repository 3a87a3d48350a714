"""The fixed words around quotes. Everything else in an answer is quoted from a text.

* An answer that rests on a text no longer (or not yet) in force starts with saying so (inventory, "Expired basis" 1).
* A refusal says what the texts do not say, and never a number, date or unit of its own.
"""

from collections.abc import Sequence
from datetime import date

from bot.assistant.answer import Citation
from index.policies.model import Document, State, Status
from index.search.analyzer import MAX_QUERY_CHARACTERS

NO_TEXTS = "政策库里还没有文件，无法作答。请先用 policies add 添加政策文件。"
TOO_LONG = f"问题过长，只读了前{MAX_QUERY_CHARACTERS}字；请把要问的事说短一些。"
NOT_UNDERSTOOD = "没有看懂要问什么。请写明事项和想知道的内容，例如“某报告的有效期多长”。"
LONGEST_NAMED = 24
_TEXTS = "已收录的政策文件"
COMPARE = "各地的文件都没有写明要比较的内容，请就每个地方分别提问。"
CLOSEST = "相近条文（不是答案）："


JUDGE = "文件没有写明各地规定的差别，不能替您判断；请就每个地方分别提问，再对照引文。"


def elsewhere(place: str, others: Sequence[str]) -> str:
    """Whose rule was quoted, and who else has one of their own."""
    return f"以上是{place}的规定；{'、'.join(others)}的文件另有规定，需要时请写明地方再问。"


def chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def notice_of(status: Status, name: str) -> str | None:
    """The notice an answer must start with when it rests on a text of this status; None when nothing is to be said."""
    match status.state:
        case State.EXPIRED if status.effective_to is not None:
            return f"{name}有效期至{chinese_day(status.effective_to)}，已届满，以下供参考，请核实有无延期或新文件。"
        case State.EXPIRED:
            return f"{name}有效期已届满，以下供参考，请核实有无延期或新文件。"
        case State.REPEALED:
            by = f"被《{status.repealed_by}》" if status.repealed_by else ""
            return f"{name}已{by}废止，以下供参考，请以现行文件为准。"
        case State.NOT_YET if status.effective_from is not None:
            return f"{name}自{chinese_day(status.effective_from)}起施行，尚未施行，以下供参考。"
        case _:
            return None


def notices(sources: Sequence[tuple[Document, Status]]) -> tuple[str, ...]:
    """Status notices first, then provenance, each once, in the order of the sources."""
    unique = list({document.id: (document, status) for document, status in sources}.values())
    several = len(unique) > 1
    status_notices = [notice_of(status, f"《{d.title}》" if several else "该文件") for d, status in unique]
    provenance = [f"来源提示：{document.provenance}" for document, _ in unique if document.provenance]
    return tuple(dict.fromkeys((*filter(None, status_notices), *provenance)))


def lead_in(citation: Citation) -> str:
    """根据《title》（文号）heading："""
    title = citation.document if citation.document.startswith("《") else f"《{citation.document}》"
    number = f"（{citation.document_number}）" if citation.document_number else ""
    place = " ".join(citation.heading)
    return f"根据{title}{number}{place}："


def quoted(quote: str) -> str:
    """A quote in Chinese quotation marks; marks inside stay as they are."""
    return f"“{quote}”" if "“" not in quote else f"「{quote}」"


def standing_line(status: Status, as_of: date) -> str:
    day = chinese_day(as_of)
    match status.state:
        case State.IN_FORCE:
            return f"截至{day}，该文件现行有效。"
        case State.EXPIRED:
            return f"截至{day}，该文件有效期已届满，不再有效。"
        case State.REPEALED:
            return f"截至{day}，该文件已废止。"
        case State.NOT_YET:
            return f"截至{day}，该文件尚未施行。"
        case State.UNSTATED:
            return "文本没有写明施行日期和有效期。"


def refusal(matter: Sequence[str], lacking: str, scope: str = "") -> str:
    """What the texts do not say of the matter asked about."""
    return f"{scope or _TEXTS}没有写明{_of(matter)}{lacking}，不能作答，也不作推测。"


def not_mentioned(phrases: Sequence[str], scope: str = "") -> str:
    """What the texts do not mention at all."""
    return f"{scope or _TEXTS}没有提到{_named(phrases)}，不能作答，也不作推测。"


def partial(matter: Sequence[str], lacking: str) -> str:
    return f"另外，{_TEXTS}没有写明{_of(matter)}{lacking}。"


def _of(matter: Sequence[str]) -> str:
    return f"{_named(matter)}的" if matter else ""


def _named(phrases: Sequence[str]) -> str:
    return "".join(f"“{phrase[:LONGEST_NAMED]}{'……' * (len(phrase) > LONGEST_NAMED)}”" for phrase in phrases)


def no_document(numbers: Sequence[str]) -> str:
    return f"政策库中没有{'、'.join(numbers)}这份文件，只有别的文件提到它，不能回答它的内容。"


NO_SUCH_TEXT = "政策库中没有您问的这份文件，不能说明它是否有效。请写明文件的全称，或请管理员添加这份文件。"


def no_place(places: Sequence[str]) -> str:
    return f"政策库中没有{'、'.join(places)}的相关规定，不能用其他地方的规定代替作答。"
