"""Where a clause stands, as an expert writes it, made exact against the library.

    DOCUMENT_ID:START-END       characters of the clean text, as ``policies show`` and citations give them
    DOCUMENT_ID 第十四条 …      whole articles of the document, by number
    DOCUMENT_ID 原文片段        words that stand in the document exactly once

Rules: the document is named by its id or the eight characters at its end; what is cited is checked against the text and
stored with its exact words; anything doubtful is refused with what to write instead.
"""

import re

from index.errors import QuestionError
from index.policies.library import Library
from index.policies.model import Document, Passage
from index.questions.model import Cited

_WRITTEN = re.compile(
    r"(?P<id>(?:.*-)?[0-9a-f]{8})(?:[:：](?P<start>[0-9]{1,9})-(?P<end>[0-9]{1,9})|\s+(?P<rest>.+))", re.S
)
_ARTICLE = re.compile(r"第(?:[一二三四五六七八九十百千零〇]+|[0-9]{1,4})条(?:之[一二三四五六七八九十]+)?")
_NUMERALS = "零一二三四五六七八九"
QUOTE_MAX = 4_000


def cite(written: str, library: Library) -> tuple[Cited, ...]:
    """The clauses ``written`` names. Raises QuestionError, and UnknownPolicy for a document that is not there."""
    match = _WRITTEN.fullmatch(written.strip())
    if match is None:
        raise _unreadable(f"看不懂引用“{written[:60]}”。")
    document = library.get(match["id"])
    if match["start"] is not None:
        return (span(document, int(match["start"]), int(match["end"])),)
    words = match["rest"].strip()
    numbers = _ARTICLE.findall(words)
    if numbers and "".join(numbers) == re.sub(r"[\s、,，和]", "", words):
        return tuple(article(document, number) for number in numbers)
    return (quoted(document, words),)


def span(document: Document, start: int, end: int) -> Cited:
    """Characters ``start`` to ``end``, blanks at the ends left out."""
    text = document.source[start:end]
    if not 0 <= start < end <= len(document.source) or not text.strip():
        raise _unreadable(f"《{document.title}》没有第 {start}–{end} 字这一段。")
    if len(text) > QUOTE_MAX:
        raise _unreadable(f"引用有 {len(text)} 个字，太长（最多 {QUOTE_MAX}）。")
    start += len(text) - len(text.lstrip())
    quote = text.strip()
    return Cited(document.id, document.title, start, start + len(quote), quote)


def article(document: Document, number: str) -> Cited:
    """The whole article of this number, quoted from after its number; Arabic numerals are understood."""
    wanted = re.sub("[0-9]+", lambda match: chinese(int(match.group())), number)
    runs: list[list[Passage]] = []
    for passage in document.passages:
        if wanted in passage.heading:
            if runs and runs[-1][-1].number == passage.number - 1:
                runs[-1].append(passage)
            else:
                runs.append([passage])
    if not runs:
        raise _unreadable(f"《{document.title}》中没有{wanted}。")
    if len(runs) > 1:
        places = "、".join(f"{run[0].start}-{run[-1].end}" for run in runs)
        raise _unreadable(f"《{document.title}》中有 {len(runs)} 个{wanted}（{places}），请用字数写明是哪一个。")
    start, end = runs[0][0].start, runs[0][-1].end
    text = document.source[start:end].lstrip()
    if re.match(rf"{wanted}\s", text):
        start = end - len(text) + len(wanted)
    return span(document, start, end)


def quoted(document: Document, words: str) -> Cited:
    """The one place where the document says exactly ``words``."""
    words = words.strip('“”「」"').strip()
    count = document.source.count(words) if words else 0
    if count != 1:
        found = f"出现了 {count} 次" if count else "没有找到"
        raise _unreadable(f"“{words[:40]}”在《{document.title}》原文中{found}。")
    start = document.source.index(words)
    return span(document, start, start + len(words))


def chinese(number: int) -> str:
    """14 → 十四, 103 → 一百零三; as articles are numbered, below 10,000."""
    text, rest = "", number
    for value, unit in ((1000, "千"), (100, "百"), (10, "十")):
        digit, rest = divmod(rest, value)
        if digit:
            text += _NUMERALS[digit] + unit
        elif text and not text.endswith("零") and rest:
            text += "零"
    text += _NUMERALS[rest] if rest else ""
    return text.removeprefix("一") if text.startswith("一十") else text


def _unreadable(message: str) -> QuestionError:
    return QuestionError(
        message,
        next_step="请写成“文件编号 第十四条”“文件编号:起-止”（字数见 policies show），或“文件编号 原文片段”。",
        code="CITATION_UNREADABLE",
    )
