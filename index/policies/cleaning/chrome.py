"""Site chrome: what the web page around a text left in it. General patterns of government, news and document sites.

A line goes only if the whole line is chrome, never because it begins like it (字号中含有…的, 版权所有人应当…);
a line with its source (来源：…) stays, it tells where the text is from.
"""

import re
from collections.abc import Iterator

from index.policies.cleaning.stage import lines_of, stage, without_lines
from index.policies.cleaning.tracing import Edit

_LONGEST = 120

_CHROME = re.compile(
    r"""^(?:
      字[号体](?:[\s:：|｜/\[\]【】（）()]*(?:变大|变小|超大|默认|大|中|小|字[号体]))+[\s\]】）)]*
    | (?:发布|更新|发表|上传)?时间[:：]\s*\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?
        (?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?
    | 导语[:：].*(?:网友|不代表本站|原创文章|本站).*
    | .*不代表本(?:站|网)(?:的)?观点.*
    | (?:点击)?下载.{0,16}(?:APP|App|客户端)(?:[,，][^。；]{0,20}[!！])?
    | .{0,6}(?:扫一扫|扫码).{0,24}(?:打开|关注|分享|阅读)[^，。；]*
    | 我要(?:说两句|评论|纠错|收藏|打印|分享).*
    | (?:快乐)?分享(?:到|至)?(?:[:：].{0,20})?
    | (?:(?:打印|关闭|收藏|纠错|返回)(?:本页|窗口|页面|正文|顶部|列表|首页)?(?:[\s|｜/]+|$))+
    | [【\[](?:打印|关闭|收藏|纠错|大|中|小|字体|我要纠错).*[】\]]
    | (?:上|下)一?(?:篇|条|页)[:：].*
    | 相关(?:阅读|链接|文章|新闻|推荐|解读|稿件|报道)(?:[:：].{0,40})?
    | (?:当前|您的?|你的?|您当前|您现在)(?:所在)?的?位置[:：].*
    | (?:网站)?首页\s*[>＞»›].{0,60}
    | (?:浏览|点击|阅读|访问)(?:次数|量|数)?[:：]\s*(?:\d+\s*次?)?
    | (?:责任)?编辑[:：]\s*[\u4e00-\u9fff]{2,4}
    | .{0,30}(?:版权所有(?![人者权])|Copyright|ICP[备证]案?(?:编?号)?\s*[:：\d]|公网安备\s*\d).*
    | 网站(?:地图|标识码)(?:[\s:：|｜].*)?
    | (?:layer|loading|share|print|close|top|home|undefined|null)(?:\.\.\.)?
    )$""",
    re.VERBOSE,
)


@stage
def drop_chrome(text: str) -> Iterator[Edit]:
    """Reads lines. Writes the lines that are no site chrome, in order."""
    return without_lines(text, {number for number, (_, line) in enumerate(lines_of(text)) if is_chrome(line)})


def is_chrome(line: str) -> bool:
    return len(line) <= _LONGEST and _CHROME.match(line) is not None
