"""The flat XML of WeCom and WeChat, read strictly and written safely: ``<xml><Name>text</Name>…</xml>``.

* UTF-8 only, whatever the text says of itself; a declaration of another charset is refused.
* No DTD (so no entity but the five of XML, no external file, no expansion), no processing instruction, no comment, no
  attribute, no name twice, no text between the fields: what two readers could understand in two ways is not read.
* A field that holds elements is kept by its name as "" (a location, a list of pictures: nothing of it is used); no
  deeper than ``DEPTH``.

Source: developer.work.weixin.qq.com 接收消息格式; developers.weixin.qq.com 接收普通消息; OWASP XXE Prevention.
"""

import re
from collections.abc import Mapping
from xml.parsers import expat

from bot.channels.callback import Refusal, Refused

FIELDS = 100
DEPTH = 8
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_CHARSETS = frozenset({None, "utf-8"})


def read(content: bytes) -> dict[str, str]:
    """The fields by name. Raises Refused: MALFORMED."""
    reader = _Reader()
    try:
        content.decode("utf-8")
        reader.parser.Parse(content, True)
    except (UnicodeDecodeError, expat.ExpatError) as cause:
        raise Refused(Refusal.MALFORMED) from cause
    return reader.fields


def written(fields: Mapping[str, str]) -> str:
    """Every value as CDATA. Raises ValueError on a name that is none, or a character that XML does not know."""
    lines = [f"<{_checked(name)}><![CDATA[{_inside(value)}]]></{name}>" for name, value in fields.items()]
    return "<xml>" + "".join(lines) + "</xml>"


_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _checked(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError(name)
    return name


def _inside(value: str) -> str:
    if _NOT_XML.search(value):
        raise ValueError("a character that XML does not know")
    return value.replace("]]>", "]]]]><![CDATA[>")


class _Reader:
    """Handlers of expat; what they raise comes out of ``Parse``."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._open: list[str] = []
        self._count = 0
        self._holds_elements = False
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartElementHandler = self._started
        self.parser.EndElementHandler = self._ended
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.ProcessingInstructionHandler = _refuse
        self.parser.CommentHandler = _refuse

    def _declared(self, version: str, charset: str | None, standalone: int) -> None:
        if (charset and charset.lower()) not in _CHARSETS:
            _refuse()

    def _started(self, name: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if attributes or self._count > FIELDS or len(self._open) >= DEPTH or _NAME.fullmatch(name) is None:
            _refuse()
        if not self._open and name != "xml":
            _refuse()
        if len(self._open) == 1:
            if name in self.fields:
                _refuse()
            self.fields[name] = ""
        self._holds_elements = len(self._open) > 1
        self._open.append(name)

    def _ended(self, name: str) -> None:
        self._open.pop()
        if len(self._open) == 1 and self._holds_elements:
            self.fields[name] = ""

    def _text(self, text: str) -> None:
        if len(self._open) == 2:
            self.fields[self._open[1]] += text
        elif len(self._open) == 1 and text.strip():
            _refuse()


def _refuse(*_of_expat: object) -> None:
    raise Refused(Refusal.MALFORMED)
