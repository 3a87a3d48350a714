"""From the bytes of a page to its elements, without what a browser never shows.

Rules:
* the encoding is recognised, not believed: pages declare GB2312 and are UTF-8, and the other way round;
* scripts, styles, forms' controls, comments, deleted text, readings over characters and hidden elements are no text;
* a page nested deeper than the parser reads is refused: it would be cut off silently.

Source: WHATWG HTML, 15.3 (rendering: hidden elements); libxml2's limit of 2,048 levels.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from index.policies.readers.decoding import decoded
from index.policies.readers.raw import unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

SILENT = frozenset(
    (
        *("script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "canvas", "map"),
        *("button", "select", "option", "input", "textarea", "audio", "video", "del", "rt", "rp", "head", "title"),
        *("noframes", "datalist", "meta", "link", "xml"),
    )
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_CHECK = "请核对文件来源；正常的网页不会这样。"
_TOO_DEEP = "xcessive depth"
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}")
_MOST_ATTRIBUTES = 2_000
"""The parser compares every attribute of an element with every other."""
_NOT_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]"
    "|&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));"
)
"""Characters no XML tree takes, as such or as references."""
_DECLARED = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


def page_tree(path: Path, content: bytes) -> "Element":
    """The ``html`` element of the page; raises UnreadablePolicy when it is no text, broken or nested without end."""
    from lxml.etree import HTMLParser, LxmlError, fromstring

    text = decoded(content)
    if text is None:
        raise unreadable(
            path, "网页的文字编码认不出来", "请用浏览器打开，另存为 UTF-8 编码后再添加。", "POLICY_NOT_TEXT"
        )
    if any(len(tag[0].split()) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        raise unreadable(path, "网页标签异常，已拒绝", _CHECK, "POLICY_HOSTILE")
    parser = HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True, recover=True
    )
    try:
        root: Element | None = fromstring(_DECLARED.sub("", _NOT_XML.sub("", text)).encode(), parser)
    except (LxmlError, ValueError) as cause:
        raise unreadable(path, "网页已损坏，读不出来", "请重新保存网页后再添加。", "POLICY_BROKEN") from cause
    if any(_TOO_DEEP in entry.message for entry in parser.error_log):
        raise unreadable(path, "网页层级过深，已拒绝", _CHECK, "POLICY_HOSTILE")
    if root is None:
        raise unreadable(path, "网页是空的", "请重新保存网页后再添加。", "POLICY_EMPTY")
    return root


def is_shown(element: "Element") -> bool:
    """Whether a browser shows the element, by its name and its own attributes."""
    if not isinstance(element.tag, str) or element.tag in SILENT:
        return False
    return element.get("hidden") is None and not _HIDDEN.search(element.get("style") or "")


def words_of(element: "Element") -> str:
    """All words below an element, shown or not."""
    return "".join(str(words) for words in element.itertext())
