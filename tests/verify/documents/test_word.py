"""A report that Word saved again, with nothing visible changed, is not called forged; one changed as well still is."""

import re

from tests.verify.documents.genuine import genuine, look
from tests.verify.documents.report import pack
from tests.verify.documents.word import saved_by_word
from verify.reasons import Reason

RESULT = "一、分领域查询结果／第13行 生态环境领域／查询结果"


def test_a_report_saved_again_by_word_shows_what_was_issued() -> None:
    parts = saved_by_word(genuine().docx.parts)
    answer = look(pack(parts))
    assert (answer.reason, answer.differences) == (Reason.OK, ())


def test_what_word_writes_is_really_in_the_file_saved_again() -> None:
    issued, saved = genuine().docx.parts, saved_by_word(genuine().docx.parts)
    marks = ("w14:paraId", "w:rsidRPr", "w:proofErr", "w:lastRenderedPageBreak", "_GoBack", "w:hint=", "w:tblLook")
    assert all(mark in saved["word/document.xml"].decode() for mark in marks)
    assert {"word/footnotes.xml", "word/endnotes.xml", "customXml/item2.xml"} <= set(saved)
    assert b'w:styleId="a"' in saved["word/styles.xml"]
    assert not [name for name, content in saved.items() if issued.get(name) == content and name.startswith("word/doc")]


def test_a_cell_changed_in_word_is_named_although_everything_else_was_written_anew() -> None:
    parts = saved_by_word(genuine().docx.parts)
    text = parts["word/document.xml"].decode()
    edited, count = re.subn(r"有 1(?=[^<]*<)", "有 0", text, count=1)
    assert count == 1
    answer = look(pack({**parts, "word/document.xml": edited.encode()}))
    assert answer.reason is Reason.FIELDS_DIFFER
    assert [(each.where, each.issued) for each in answer.differences] == [(RESULT, "有 1 条")]
