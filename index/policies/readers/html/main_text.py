"""Which lines of a page are its text, which the site around it.

Reads all lines with the elements they stand in. Writes those of the text, in order. In this order:
1. chrome by name: blocks the site calls nav, breadcrumb, share, print … go, unless they hold a good part of the page's
   sentences (then the name lies), and lines that say nothing but 打印, 字号, 版权所有 …; below the text 主办：… too;
2. the text's element: the innermost one that holds every remaining sentence, widened as long as that adds no menus;
3. outside it, and in blocks called header, footer, side … without a sentence, stay the title, the facts (文号：…),
   signature and date, attachments, rows of data;
4. inside it go lists of links before the first and after the last sentence, unless they lead to attachments.

So no sentence is ever dropped but for rule 1. Why no library: docs/decisions/0072.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.policies.readers.html.lines import PageLine

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_WHOLE_SENTENCE = re.compile(r"[。；！？][”’）)]?$")
_PART_OF_ONE = re.compile(r"[。；！？，]|：$")
_SHORTEST_SENTENCE = 4
_SHORTEST_PART = 12
_SHORTEST_TITLE = 6
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SURE = re.compile(
    r"(?:^|[-_\s\d])(?:nav|navbar|navi|navigation|menu|menubar|breadcrumb|breadcrumbs|crumb|crumbs|share|sharebox|"
    r"bdshare|bdsharebuttonbox|jiathis|print|printer|fontsize|font-size|copyright|qrcode|ewm|erweima|search|searchbox|"
    r"login|toolbar|related|recommend|recommended|pagination|pager|xgwz|xgxx|xglj|tjyd|dqwz|weizhi|friendlink|links?|"
    r"yqlj|comment|comments|skip|cookie)(?:$|[-_\s\d])",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"(?:^|[-_\s\d])(?:header|head|top|topbar|footer|foot|bottom|side|sidebar|aside|left|right|banner|logo|hot|ads?|"
    r"tools?|float|fixed|mobile|wap|app|wechat|weixin)(?:$|[-_\s\d])",
    re.IGNORECASE,
)
_SURE_TAGS = frozenset({"nav"})
_LIKELY_TAGS = frozenset({"header", "footer", "aside", "form"})
_OFFICE_MARGINS = ("header", "footer")
"""As LibreOffice entitles them."""
_GOOD_PART = 1 / 3
_CHROME_LINE = re.compile(
    r"""^(?:
      (?:您|你)?(?:现在|当前)?(?:的|所在)*位置\s*[:：].*
    | (?:首页|网站首页)(?:\s*[>＞»/|·]\s*\S{1,20})*
    | (?:上|下)一?[篇条页]\s*[:：].*
    | (?:浏览|点击|阅读|访问)(?:次数|量|数)?\s*[:：]\s*\d*\s*次?
    | .{0,20}扫一扫[^，。；]{0,30}
    | 分享(?:到|至)?(?:\s*[:：].{0,30})?
    | .{0,80}(?:版权所有(?![人者权])|Copyright|ICP[备证]案?(?:编?号)?\s*[:：\d]|公网安备\s*\d|网站标识码|政府网站找错)
      .{0,120}
    | (?:运维|技术支持)(?:单位)?\s*[:：].{0,80}
    | 相关(?:阅读|链接|文章|新闻|推荐|解读|稿件|报道|信息|政策)[:：]?
    | (?:建议使用|推荐使用|本站支持|本网站支持).{0,60}(?:浏览器|分辨率|IPv6).{0,40}
    | .{0,40}(?:不代表本(?:站|网)|仅供参考，不作为).{0,60}
    | 本(?:网站|站|网).{0,60}(?:未经.{0,20}(?:许可|授权|同意)|不得(?:转载|镜像)).{0,80}
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_FOOT_LINE = re.compile(
    r"^(?:(?:主办|承办|协办|维护)(?:单位)?\s*[:：].{0,80}|"
    r"(?:地址|电话|联系电话|邮编|邮箱|传真)\s*[:：].{0,60}(?:邮编|电话|邮箱|传真|建议使用).{0,60})$"
)
"""Chrome below the text; between its sentences (of a fair, of an office to apply to) it is text."""
_LONGEST_CHROME = 240
_BUTTONS = re.compile(
    r"(?:字[号体]|大|中|小|默认|超大|特大|变大|变小|A|打印|本页|本稿|页面|窗口|关闭|加入收藏|收藏|我要纠错|纠错|返回|回到|顶部|首页|列表|"
    r"分享到?|复制链接|下载|本文|语音播报|朗读|无障碍(?:阅读)?|长者模式|关怀版|繁體|简体|English|微信|微博|QQ空间|QQ|上一篇|下一篇|"
    r"没有了|登录|注册|搜索|设为|网站地图|联系我们|关于我们|扫一扫)+",
    re.IGNORECASE,
)
_BETWEEN_BUTTONS = re.compile(r"[\s\[\]【】（）()|｜/·:：>＞»+\-]+")
_TITLE_NAME = re.compile(r"title|biaoti|(?:^|[-_])(?:bt|tit)(?:$|[-_\d])|headline", re.IGNORECASE)
_FACT = re.compile(
    r"^[\[【]?(?:索\s*引\s*号|发文字号|发文文号|文\s*号|发文机[关构]|发文单位|发布机[构关]|制发机关|制定机关|成文日期|印发日期|发文日期|"
    r"发布日期|生成日期|公开日期|生效日期|实施日期|施行日期|废止日期|失效日期|有效性|时效性|效力状态|标\s*题|名\s*称|主题分类|主题词|"
    r"来\s*源|信息来源|发布时间)[\]】]?\s*[:：]"
)
_SIGNATURE = re.compile(
    r"^(?:（此件.{2,20}）|[\d〇一二三四五六七八九十]{4}年\s*[\d一二三四五六七八九十]{1,3}月\s*[\d一二三四五六七八九十]{1,3}日|"
    r"[\u4e00-\u9fff、（）]{2,30}(?:政府|办公室|办公厅|委员会|局|厅|委|办|部|院|会|中心))$"
)
_NUMBER_LINE = re.compile(r"^[（(]?[\u4e00-\u9fff]{1,14}[〔\[［（(]\d{4}[〕\]］）)]\s?第?\s?\d{1,5}\s?号[）)]?$")
_ATTACHMENT = re.compile(r"^附\s*[件表录]|\.(?:docx?|xlsx?|pdf|wps|et|ofd|zip|rar|pptx?)\s*$", re.IGNORECASE)
_FILE = re.compile(r"\.(?:docx?|xlsx?|pdf|wps|et|ofd|zip|rar|pptx?)(?:$|[?#])", re.IGNORECASE)
_NO_WORDS = re.compile(r"[\s\d\-/.:：·\[\]]+")
"""Dates beside the links of a list are no text."""
_MOSTLY = 0.6
_MENU_SHARE = 0.3


def main_lines(root: "Element", lines: list[PageLine]) -> list[PageLine]:
    """The lines of the text. Never empty when ``lines`` holds a sentence outside named chrome."""
    shown = _without_foot([line for line in lines if not is_chrome(line.text)])
    chrome = _named_chrome(shown)
    shown = [line for line in shown if chrome.get(line.block) is not True]
    sentences = [line for line in shown if is_sentence(line)]
    if not sentences:
        return shown
    places = _Places(shown)
    inside = places.widened(places.innermost(sentences))
    first, last = shown.index(sentences[0]), len(shown) - 1 - shown[::-1].index(sentences[-1])
    title = _title(root)
    return [
        line
        for at, line in enumerate(shown)
        if (
            _belongs_inside(line, first <= at <= last)
            if places.holds(inside, line) and line.block not in chrome
            else _stays_outside(line, title, at < first)
        )
    ]


def _without_foot(lines: list[PageLine]) -> list[PageLine]:
    is_foot = [_FOOT_LINE.match(line.text) is not None for line in lines]
    sentences = (at for at, line in enumerate(lines) if not is_foot[at] and is_sentence(line))
    last = max(sentences, default=-1)
    return [line for at, line in enumerate(lines) if at < last or not is_foot[at]]


def is_chrome(text: str) -> bool:
    """Whether a line says nothing but what sites say around a text."""
    if len(text) > _LONGEST_CHROME:
        return False
    return _CHROME_LINE.match(text) is not None or _BUTTONS.fullmatch(_BETWEEN_BUTTONS.sub("", text)) is not None


def is_sentence(line: PageLine) -> bool:
    """Words of a text, not of a menu: ends like a sentence, or is long and has a mark; hardly linked."""
    if line.level is not None or _is_linked(line):
        return False
    letters = len(_HAN.findall(line.text))
    is_whole = letters >= _SHORTEST_SENTENCE and _WHOLE_SENTENCE.search(line.text) is not None
    return is_whole or (letters >= _SHORTEST_PART and _PART_OF_ONE.search(line.text) is not None)


def _is_linked(line: PageLine) -> bool:
    return line.linked > len(_NO_WORDS.sub("", line.text)) * _MOSTLY


def _named_chrome(lines: list[PageLine]) -> "dict[Element, bool]":
    """Blocks that are chrome by a name that does not lie: True where the name is sure, False where it is likely."""
    named = _named_blocks(lines)
    prose = sum(len(line.text) for line in lines if is_sentence(line))
    inside: dict[Element, int] = {}
    for line in lines:
        if line.block in named and is_sentence(line):
            outer = named[line.block][0]
            inside[outer] = inside.get(outer, 0) + len(line.text)
    return {
        block: is_sure
        for block, (outer, is_sure) in named.items()
        if not _lies(inside.get(outer, 0), prose, is_sure=is_sure)
    }


def _lies(inside: int, prose: int, *, is_sure: bool) -> bool:
    """Whether a block holds too much of the text to be what its name says."""
    return inside > prose * _GOOD_PART if is_sure else inside > 0


def _named_blocks(lines: list[PageLine]) -> "dict[Element, tuple[Element, bool]]":
    """For each block of a line: the outermost element around it that is chrome by name, and whether surely so."""
    names: dict[Element, bool | None] = {}
    found: dict[Element, tuple[Element, bool]] = {}
    for block in {line.block: None for line in lines}:
        chrome: list[tuple[Element, bool]] = []
        for one in (block, *block.iterancestors()):
            sure = names[one] if one in names else names.setdefault(one, _named(one))
            if sure is not None:
                chrome.append((one, sure))
        if chrome:
            sure_ones = [one for one in chrome if one[1]]
            found[block] = (sure_ones or chrome)[-1]
    return found


def _named(element: "Element") -> bool | None:
    """True: chrome by its name, False: likely so, None: no such name."""
    if element.tag in ("html", "body"):
        return None
    title = element.get("title") or ""
    names = f"{element.get('class') or ''} {element.get('id') or ''} {title if title in _OFFICE_MARGINS else ''}"
    if element.tag in _SURE_TAGS or element.get("role") == "navigation" or _SURE.search(names):
        return True
    return False if element.tag in _LIKELY_TAGS or _LIKELY.search(names) else None


@dataclass(slots=True)
class _Places:
    """Where the lines stand."""

    lines: list[PageLine]
    paths: "dict[Element, tuple[Element, ...]]" = field(default_factory=dict)

    def path(self, line: PageLine) -> "tuple[Element, ...]":
        """From the page down to the block of the line."""
        if line.block not in self.paths:
            self.paths[line.block] = (*reversed(list(line.block.iterancestors())), line.block)
        return self.paths[line.block]

    def holds(self, element: "Element", line: PageLine) -> bool:
        path, depth = self.path(line), sum(1 for _ in element.iterancestors())
        return len(path) > depth and path[depth] is element

    def innermost(self, wanted: list[PageLine]) -> "Element":
        """The deepest element that holds all of them."""
        common = self.path(wanted[0])
        for line in wanted[1:]:
            common = common[: _shared(common, self.path(line))]
        return common[-1]

    def widened(self, element: "Element") -> "Element":
        """Upwards as long as hardly any links come in."""
        path = (*reversed(list(element.iterancestors())), element)
        joining: dict[int, list[PageLine]] = {}
        for line in self.lines:
            joining.setdefault(_shared(path, self.path(line)), []).append(line)
        for depth in range(len(path) - 2, -1, -1):
            added = joining.get(depth + 1, [])
            if sum(line.linked for line in added) > _MENU_SHARE * sum(len(line.text) for line in added):
                break
            element = path[depth]
        return element


def _shared(path: "tuple[Element, ...]", other: "tuple[Element, ...]") -> int:
    """How many elements two paths have in common, from the page downwards."""
    for at, pair in enumerate(zip(path, other, strict=False)):
        if pair[0] is not pair[1]:
            return at
    return min(len(path), len(other))


def _belongs_inside(line: PageLine, is_between: bool) -> bool:
    return is_between or line.level is not None or not _is_linked(line) or _is_attachment(line)


def _stays_outside(line: PageLine, title: str, is_before: bool) -> bool:
    if _is_attachment(line) or (line.is_row and not _is_linked(line)):
        return True
    if _is_linked(line):
        return False
    text = "".join(line.text.split())
    is_title = line.level == 1 or (len(text) >= _SHORTEST_TITLE and text in title)
    return (
        is_title
        or (is_before and len(text) >= _SHORTEST_TITLE and _TITLE_NAME.search(_names(line)) is not None)
        or any(pattern.match(line.text) for pattern in (_FACT, _SIGNATURE, _NUMBER_LINE))
    )


def _is_attachment(line: PageLine) -> bool:
    return _ATTACHMENT.search(line.text) is not None or (
        bool(line.leads_to) and _FILE.search(line.leads_to) is not None
    )


def _names(line: PageLine) -> str:
    near = (line.block, line.block.getparent())
    return " ".join(f"{one.get('class') or ''} {one.get('id') or ''}" for one in near if one is not None)


def _title(root: "Element") -> str:
    """What the page calls itself, without blanks: the article's own title, else the window's."""
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "articletitle" and (meta.get("content") or "").strip():
            return "".join((meta.get("content") or "").split())
    return "".join((root.findtext(".//title") or "").split())
