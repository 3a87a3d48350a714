"""From raw text to documents: a page as copied from a government site becomes one document that can be cited."""

import json
from datetime import date
from pathlib import Path

import pytest

from index.policies.model import Document, PassageKind, Validity
from index.policies.readers import read
from index.policies.readers.raw import RawText
from index.policies.reading import documents_of
from tests.index.policies.texts import GOVERNMENT_PAGE, LETTER_AND_SCHEME


def documents(text: str) -> tuple[Document, ...]:
    return documents_of(RawText(text), origin="甲.txt", content=text.encode())


def test_a_government_page_is_one_document_with_its_facts() -> None:
    (found,) = documents(GOVERNMENT_PAGE)
    assert found.title == "云岭市信用修复实施细则（暂行）"
    assert (found.document_number, found.issuing_body) == ("云政规〔2031〕2号", "云岭市人民政府")
    assert (found.issued_on, found.place, found.provenance) == (date(2031, 4, 2), "云岭", None)
    assert found.validity == Validity(
        effective_from=date(2031, 5, 1),
        effective_to=date(2033, 4, 30),
        trial=True,
        repeals=("云政规〔2028〕7号", "云岭市修复流程"),
        bases=("社会信用条例",),
    )


def test_its_tree_has_chapters_sections_articles_and_attachments() -> None:
    (found,) = documents(GOVERNMENT_PAGE)
    paths = {found.source[one.start : one.end][:12].strip(): one.heading[1:] for one in found.passages}
    assert paths["2.严重失信行为为一年。"] == ("第二章 条件和程序", "第一节 条件", "第三条")
    assert paths["第六条 本细则自2031"] == ("第三章 附则", "第六条")
    rows = [one for one in found.passages if one.kind is PassageKind.TABLE_ROW]
    assert [dict(one.columns)["时限"] for one in rows] == ["1个工作日", "3个工作日"]
    assert rows[0].heading[1:] == ("附件2 办理时限表",)


def test_ids_are_stable_readable_and_different() -> None:
    first, second = documents(LETTER_AND_SCHEME)
    assert (first.id, second.id) == tuple(one.id for one in documents(LETTER_AND_SCHEME.replace("\n", "\r\n")))
    assert first.id.startswith("云岭市企业公平秤管理办法试行-")
    assert first.id != second.id


@pytest.mark.shared
def test_every_expected_quote_lies_in_one_passage(shared: Path) -> None:
    """The quotes of questions/dev.jsonl: each is found, byte for byte, inside a single passage of its file."""
    sources: dict[str, list[str]] = {}
    for path in sorted((shared / "corpus/raw").glob("*.txt")):
        raw, content = read(path)
        for document in documents_of(raw, origin=path.name, content=content):
            texts = (document.source[one.start : one.end] for one in document.passages)
            sources.setdefault(path.name, []).extend(texts)
    wanted = 0
    for line in (shared / "questions/dev.jsonl").read_text("utf-8").splitlines():
        question = json.loads(line)
        cited = [(question.get("source_file"), question.get("source_quote"))]
        cited += [(extra["file"], extra["quote"]) for extra in question.get("extra_sources", ())]
        for file, quote in cited:
            if quote:
                wanted += 1
                assert any(quote in text for text in sources[file]), question["id"]
    assert wanted >= 57
