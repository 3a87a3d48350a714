import io
import struct
import warnings
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.verify.documents.report import Report, pack
from tests.verify.sample import NOW, TRUST
from verify.documents.archive import MEMBER_LIMIT_BYTES, MEMBERS_MAX, members
from verify.documents.examine import examine
from verify.documents.wordml import parse
from verify.reasons import Reason, Rejection, Verdict


def reason_of(data: bytes) -> Reason:
    with pytest.raises(Rejection) as refusal:
        members(data)
    return refusal.value.reason


def test_members_come_back() -> None:
    parts = {"a.xml": b"<a/>", "b/c.bin": bytes(100)}
    assert members(pack(parts)) == parts


def test_a_bomb_is_refused() -> None:
    assert reason_of(pack({"bomb.xml": bytes(8 * 1024 * 1024)})) is Reason.DANGEROUS_FILE
    assert reason_of(pack({"bomb.xml": bytes(MEMBER_LIMIT_BYTES + 1)})) is Reason.DANGEROUS_FILE
    assert reason_of(pack({f"{n}.xml": b"" for n in range(MEMBERS_MAX + 1)})) is Reason.FILE_TOO_LARGE


def test_a_name_twice_is_refused() -> None:
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("word/document.xml", "<a/>")
            archive.writestr("word/document.xml", "<b/>")
    assert reason_of(out.getvalue()) is Reason.DANGEROUS_FILE
    assert reason_of(pack({"word/document.xml": b"<a/>", "WORD/Document.xml": b"<b/>"})) is Reason.DANGEROUS_FILE


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a\\b"])
def test_a_name_that_leaves_the_archive_is_refused(name: str) -> None:
    assert reason_of(pack({name: b"x"})) is Reason.DANGEROUS_FILE


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(pack({"a.xml": b"<a/>"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(signature) + offset
        data[place : place + 2] = struct.pack("<H", 1)
    assert reason_of(bytes(data)) is Reason.DANGEROUS_FILE


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(pack({"a.xml": b"<a/>" * 100}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(signature) + offset
        data[place : place + 4] = struct.pack("<I", 40)
    assert reason_of(bytes(data)) in {Reason.DANGEROUS_FILE, Reason.DAMAGED_FILE}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
@example(413, b"\x00\x00\x00").via("a member without a name")
def test_a_mutated_archive_is_read_or_rejected(place: int, junk: bytes) -> None:
    data = pack({"a.xml": b"<a/>" * 20, "b.xml": bytes(range(256)) * 8})
    mutated = data[:place] + junk + data[place + len(junk) :]
    try:
        parts = members(mutated)
    except Rejection:
        return
    assert len(parts) <= 2


XML = {
    "an entity": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "an external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "an external DTD": b'<!DOCTYPE a SYSTEM "http://evil.example/a.dtd"><a/>',
    "a billion laughs": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
    "in UTF-16": b"\xff\xfe" + '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16-le"),
}


@pytest.mark.parametrize("content", XML.values(), ids=XML.keys())
def test_xml_with_a_document_type_is_refused(content: bytes) -> None:
    with pytest.raises(Rejection) as refusal:
        parse(content)
    assert refusal.value.reason is Reason.DANGEROUS_FILE


@pytest.mark.parametrize("content", [b"", b"<a>", b"<a></b>", b"\x00", b"<a>" * 2000 + b"</a>" * 2000])
def test_broken_xml_is_damaged(content: bytes) -> None:
    with pytest.raises(Rejection) as refusal:
        parse(content)
    assert refusal.value.reason is Reason.DAMAGED_FILE


def test_a_docx_nested_beyond_reason_is_refused(report: Report) -> None:
    def nested(xml: str) -> str:
        return xml.replace("<w:body>", "<w:body>" + "<w:customXml>" * 100 + "</w:customXml>" * 100)

    answer = examine(report.edited("word/document.xml", nested).docx(), name="a.docx", trust=TRUST, at=NOW, now=NOW)
    assert answer.reason is Reason.DANGEROUS_FILE


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_mutated_docx_gets_an_answer_and_is_valid_only_with_its_package(
    data: st.DataObject,
) -> None:
    from tests.verify.documents.report import build

    report = build()
    name = data.draw(st.sampled_from(sorted(report.parts)))
    content = report.parts[name]
    place = data.draw(st.integers(0, len(content)))
    junk = data.draw(st.binary(min_size=1, max_size=6))
    mutated = report.with_part(name, content[:place] + junk + content[place + len(junk) :])
    answer = examine(mutated.docx(), name="a.docx", trust=TRUST, at=NOW, now=NOW)
    assert answer.verdict in set(Verdict)
    if answer.verdict is Verdict.VALID:
        assert answer.differences == ()
        assert name not in {"customXml/item9.xml"} or mutated.parts[name].strip() == content.strip()


@pytest.mark.parametrize("name", ["word/%68eader1.xml", "word/document.xml/[0].piece", "a?b", "a#b", "a:b"])
def test_a_name_that_programs_read_in_two_ways_is_refused(name: str) -> None:
    assert reason_of(pack({name: b"x"})) is Reason.DANGEROUS_FILE


def test_anything_before_or_after_the_archive_is_refused() -> None:
    one, other = pack({"a.xml": b"<a/>"}), pack({"a.xml": b"<b/>"})
    assert reason_of(one + other) is Reason.DANGEROUS_FILE
    out = io.BytesIO(one)
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = other
    assert reason_of(out.getvalue()) is Reason.DANGEROUS_FILE
