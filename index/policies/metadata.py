"""Who issued a text, when, under which number, for which place – taken from its formal parts, never from what it cites.

Rules:
* the number (文号) stands on a line of its own beside the title, or in the letter of notice; never a cited one;
* issuing body and day come from the signature, else from the title (某市人民政府关于…), else from the file's letter;
* what a site prints above a text (发布机构：…, 成文日期：…, 文号：…) fills in what is still missing;
* the place comes from the title, then the issuing body, then what the text says it is for; if none names one: None.
"""

import re
from dataclasses import dataclass
from datetime import date

from index.policies.dates import day_in
from index.policies.split import TextPart
from index.policies.titles import BODY_LINE, DATE_LINE, DOCUMENT_NUMBER, LABELLED_LINE, normal_title

_NUMBER_LINE = re.compile(rf"^[（(]?({DOCUMENT_NUMBER.pattern})[）)]?$")
_DATED_LINE = re.compile(r"^(\d{4}年\d{1,2}月\d{1,2}日)(?: \d{1,2}:\d{2}(?::\d{2})?)?(?: \| 来源：.*)?$")
_ISSUER_IN_TITLE = re.compile(r"^([\u4e00-\u9fff]{2,16}?(?:人民政府|委员会|厅|局|委|办公室|办公厅))关于")
_NEAR_TITLE = 4

_PROVINCE = re.compile(
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|"
    "四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_CITY = re.compile(r"(?:^|关于|印发|中共|《)([\u4e00-\u9fff]{2,3}?)(?:市|州|盟)(?!场|民|政公用|容)")
_NO_CITY = re.compile(r"^[本全各我该两副]|[推加建强进设][\u4e00-\u9fff]*|..城$")
_FOR_PLACE = re.compile(
    r"(?:适用于|在)([\u4e00-\u9fff]{2,3}?)市行政区域|信用中国（[\u4e00-\u9fff]{0,3}?([\u4e00-\u9fff]{2})）"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What the formal parts of one text say about its origin."""

    document_number: str | None = None
    issuing_body: str | None = None
    issued_on: date | None = None

    def or_else(self, other: "Signature") -> "Signature":
        return Signature(
            self.document_number or other.document_number,
            self.issuing_body or other.issuing_body,
            self.issued_on or other.issued_on,
        )


def signature(part: TextPart) -> Signature:
    """The signature of one document by its own lines; the letter of notice in front of it included."""
    lines = part.source.split("\n")[:-1]
    near = lines[: part.preamble.count("\n") + _NEAR_TITLE]
    dated = [at for at, line in enumerate(lines) if DATE_LINE.match(line)]
    signed = Signature(_number(near), _body(lines, dated, part), _day(lines, dated, near))
    return signed.or_else(_labelled(near))


def _number(near: list[str]) -> str | None:
    numbers = (match[1].replace(" ", "") for match in map(_NUMBER_LINE.match, near) if match)
    return next(numbers, None)


def _body(lines: list[str], dated: list[int], part: TextPart) -> str | None:
    for at in dated:
        for beside in (at - 1, at + 1):
            if 0 <= beside < len(lines) and BODY_LINE.match(lines[beside]):
                return lines[beside]
    for name in (part.title, *part.preamble.split("\n")):
        match = _ISSUER_IN_TITLE.match(name)
        if match:
            return match[1]
    return None


def _day(lines: list[str], dated: list[int], near: list[str]) -> date | None:
    if dated:
        return day_in(lines[dated[0]])
    return next((day_in(match[1]) for match in map(_DATED_LINE.match, near) if match), None)


def _labelled(near: list[str]) -> Signature:
    """The table above a text on government sites."""
    labels = {match[1]: match[2].strip() for match in map(LABELLED_LINE.match, near) if match}
    number = _first(labels, ("文号", "发文字号", "发文文号"))
    body = _first(labels, ("发文机关", "发布机构", "制定机关", "发文机构", "发文单位"))
    day = _first(labels, ("成文日期", "印发日期", "发文日期", "发布日期"))
    is_number = number is not None and DOCUMENT_NUMBER.fullmatch(number) is not None
    return Signature(number if is_number else None, body, day_in(day) if day else None)


def _first(labels: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((labels[name] for name in names if labels.get(name)), None)


def letter_covers(preamble: str, title: str) -> bool:
    """Whether a letter of notice hands on the text of this title."""
    return normal_title(title) in normal_title(preamble)


def place(title: str, issuing_body: str | None, source: str) -> str | None:
    """The place a text speaks for; None when nothing names it."""
    for name in (title, issuing_body or ""):
        found = _place_in(name)
        if found:
            return found
    match = _FOR_PLACE.search(source)
    return (match[1] or match[2]) if match else None


def _place_in(name: str) -> str | None:
    """A city before a province: 江苏省盐城市… speaks for the city."""
    province = _PROVINCE.search(name)
    rest = re.sub(rf"(?:{_PROVINCE.pattern})(?:省|自治区|壮族自治区|回族自治区|维吾尔自治区)?", "", name)
    for match in _CITY.finditer(rest):
        if not _NO_CITY.search(match[1]):
            return str(match[1])
    return province[0] if province else None
