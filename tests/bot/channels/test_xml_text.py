"""bot.channels.xml_text: what platforms send is read; what an enemy could send is refused, quickly and by one name."""

from contextlib import suppress

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.callback import Refusal, Refused
from bot.channels.xml_text import read, written

XML_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=100)

REFUSED = {
    "nothing": b"",
    "no XML": b"hello",
    "another root": b"<root><A>1</A></root>",
    "unfinished": b"<xml><A>1</A>",
    "two roots": b"<xml/><xml/>",
    "external entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>',
    "external DTD": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd"><xml><A>1</A></xml>',
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]><xml><A>1</A></xml>',
    "billion laughs": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><xml><A>&b;</A></xml>',
    "empty DTD": b"<!DOCTYPE xml><xml><A>1</A></xml>",
    "unknown entity": b"<xml><A>&e;</A></xml>",
    "comment": b"<xml><A>a<!-- -->b</A></xml>",
    "instruction": b"<?php ?><xml><A>1</A></xml>",
    "stylesheet": b'<xml><?xml-stylesheet href="x"?><A>1</A></xml>',
    "attribute": b'<xml><A a="1">1</A></xml>',
    "attribute of the root": b'<xml xmlns="x"><A>1</A></xml>',
    "name twice": b"<xml><A>1</A><A>2</A></xml>",
    "text between fields": b"<xml>x<A>1</A></xml>",
    "prefixed name": b"<xml><x:A>1</x:A></xml>",
    "GBK": "<xml><A>你好</A></xml>".encode("gbk"),
    "declared GBK": b'<?xml version="1.0" encoding="gbk"?><xml><A>1</A></xml>',
    "declared UTF-16 in UTF-8": b'<?xml version="1.0" encoding="utf-16"?><xml><A>1</A></xml>',
    "UTF-16": "<xml><A>1</A></xml>".encode("utf-16"),
    "UTF-7": b'<?xml version="1.0" encoding="utf-7"?>+ADw-xml/+AD4-',
    "control character": b"<xml><A>\x01</A></xml>",
    "lone surrogate": b"<xml><A>\xed\xa0\x80</A></xml>",
    "too deep": b"<xml>" + b"<A>" * 20 + b"</A>" * 20 + b"</xml>",
    "very deep": b"<xml>" + b"<A>" * 100_000,
    "too many fields": b"<xml>" + b"".join(b"<A%d>1</A%d>" % (n, n) for n in range(101)) + b"</xml>",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_anything_but_flat_utf8_fields_is_malformed(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.refusal is Refusal.MALFORMED


def test_fields_are_read_with_their_spaces_lines_and_escapes() -> None:
    start = '<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n <A><![CDATA[ 你\n&lt; ]]></A>'
    content = start + "\n<B>&lt;&amp;&#20320;</B><C/>\n</xml>\n"
    assert read(content.encode()) == {"A": " 你\n&lt; ", "B": "<&你", "C": ""}


def test_field_of_elements_is_kept_by_name_only() -> None:
    content = b"<xml><P><item><Md5>1</Md5></item><item><Md5>2</Md5></item>\n</P><A>1</A><B> 2 <i>3</i> 4 </B></xml>"
    assert read(content) == {"P": "", "A": "1", "B": ""}


@given(XML_TEXT)
def test_what_is_written_is_read_again_by_us_and_by_another_reader(text: str) -> None:
    content = written({"Content": text, "Other": "1"})
    assert read(content.encode()) == {"Content": text, "Other": "1"}
    assert (xmltodict.parse(content, strip_whitespace=False)["xml"]["Content"] or "") == text


@pytest.mark.parametrize("text", ["]]>", "]]]]>>", "]]><A>1</A>", "<![CDATA[x]]>"])
def test_text_cannot_leave_its_field(text: str) -> None:
    assert read(written({"Content": text}).encode()) == {"Content": text}


@pytest.mark.parametrize("fields", [{"A": "\x00"}, {"A": "\ud800"}, {"A b": "1"}, {"1": "1"}, {"A\n": "1"}])
def test_what_is_no_xml_is_not_written(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        written(fields)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(Refused):
        assert isinstance(read(b"<xml>" + content + b"</xml>"), dict)
