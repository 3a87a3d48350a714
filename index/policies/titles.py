"""The formal parts of a policy text: what its name, its number, its signature and its date look like.

Source: 党政机关公文处理工作条例 (2012) art. 8 and 9, and usage for plans and rules.
"""

import re

_KINDS = (
    "方案|办法|意见|通知|规定|细则|条例|规则|规程|规范|指引|指南|措施|制度|章程|公告|通告|通报|决定|决议|批复|"
    "计划|规划|纲要|要点|标准|目录|清单|预案|守则|准则|若干措施|解读|问答|说明"
)
_EDITION = r"(?:（(?:试行|暂行|修订|修正|修订稿|征求意见稿|草案|送审稿|\d{4}年.{0,6}[版本])[^（）]{0,8}）)"

TITLE_END = re.compile(rf"(?:{_KINDS})》?(?:的通知)?{_EDITION}?》?$")
"""Ends like the name of a policy text."""

TRIAL = re.compile(r"（(?:试行|暂行)）|试行|暂行")

DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}[〔\[［（(]\d{4}[〕\]］）)] ?第? ?\d{1,5} ?号")
"""A 文号 such as 某政发〔2024〕5号, whatever its brackets and blanks."""

LABELLED_LINE = re.compile(r"^([\u4e00-\u9fff]{2,6})：(.{0,60})$")
"""A line of the table that sites print above a text: 发布机构：…, 成文日期：…"""

ATTACHMENT_LABEL = re.compile(r"^附(?:(?:件|表|录)\s*[一二三四五六七八九十\d]*\s*[：:]?|[：:])$")
"""A line that only says 附件, with or without its number, or 附："""

DATE_LINE = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$")

UNIT_ENDINGS = (
    "人民政府|政府|办公室|办公厅|委员会|管委会|领导小组|联席会议|局|厅|委|办|部|院|会|中心|银行|支行|署|公司|大队|支队|总队|"
    "街道办事处|办事处|居委会|村委会|法院|机关"
)
"""How the names of public bodies and of those who work for them end."""

BODY_LINE = re.compile(
    r"^[\u4e00-\u9fff（）()、]{2,30}(?:人民政府|政府|办公室|办公厅|委员会|领导小组|联席会议|局|厅|委|办|部|院|会|中心|银行|支行|署|总局)"
    r"(?:（.{2,20}）)?$"
)
"""A line that only names a public body."""

_BRACKETS = str.maketrans("[]［］（）()", "〔〕〔〕〔〕〔〕")


def normal_number(number: str) -> str:
    """A 文号 with 〔〕 brackets: two ways of writing the same number compare equal."""
    return number.replace(" ", "").translate(_BRACKETS).replace("〔第", "〔").replace("〕第", "〕")


def normal_title(title: str) -> str:
    """A title without 《》, inner brackets evened, for comparison."""
    return re.sub(r"[《》〈〉<>\s]", "", title)
