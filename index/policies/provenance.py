"""Where a text comes from, when staff must be warned: upload, news report, explanation, erased names, lost beginnings.

Reads the raw text (chrome still in it) and the clean one; writes one Chinese sentence, or None.
"""

import re

_UPLOAD = re.compile(r"网友上传|不代表本(?:站|网)(?:的)?观点|用户上传")
_ERASED = re.compile(
    r"[（(](?:府发|府办发|委发|委办发|政发|政办发|政府发|办发)[〔\[（]\d{4}|“信用”(?:网站|“|及|平台)|市公安局分局"
)
_NEWS = re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日(?: \d{1,2}:\d{2}(?::\d{2})?)? \| 来源：(\S{2,20})$", re.MULTILINE)
_LOST_BEGINNING = re.compile(r"^(?:[日月年]，|[，。；、）])\S{4}", re.MULTILINE)
_EXPLANATION = re.compile(r"解读》?$|——解读《|政策解读|答记者问")


def provenance(raw: str, source: str, title: str) -> str | None:
    """The warning for one document of a file; ``raw`` is the beginning and end of its file in simplified script."""
    news = _NEWS.search(source)
    warnings = [
        "网友上传的文本，不是官方发布" if _UPLOAD.search(raw) else None,
        "地名、平台名等已被来源网站抹去，内容不完整" if _ERASED.search(source) else None,
        f"新闻报道（来源：{news[1]}），不是文件原文" if news else None,
        "这是解读材料，不是文件原文" if _EXPLANATION.search(title) else None,
        "个别段落开头缺字，无法恢复" if _LOST_BEGINNING.search(source) else None,
    ]
    found = [warning for warning in warnings if warning]
    return "；".join(found) + "。" if found else None
