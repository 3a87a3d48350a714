"""Answers index/questions/citing.py: what an expert writes becomes exact words of the text, or is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import QuestionError, UnknownPolicy
from index.policies.library import Library
from index.policies.model import Document
from index.questions.citing import chinese, cite


@pytest.mark.parametrize(
    ("written", "quotes"),
    [
        ("第二条", ["渡口每日六时至二十时开放。节假日延长一小时。"]),
        ("第4条", ["遗失许可证的，可以申请补发。"]),
        ("第三条、第四条", ["办理渡口许可不收取费用。", "遗失许可证的，可以申请补发。"]),
        ("“不收取费用”", ["不收取费用"]),
        ("节假日延长一小时。", ["节假日延长一小时。"]),
    ],
)
def test_articles_and_words_are_found(library: Library, ferries: Document, written: str, quotes: list[str]) -> None:
    for name in (ferries.id, ferries.id[-8:]):
        clauses = cite(f"{name} {written}", library)
        assert [clause.quote for clause in clauses] == quotes
        for clause in clauses:
            assert clause.document_id == ferries.id
            assert ferries.source[clause.start : clause.end] == clause.quote


def test_characters_are_taken_without_blanks_at_their_ends(library: Library, ferries: Document) -> None:
    start = ferries.source.index("第二条")
    (clause,) = cite(f"{ferries.id}:{start - 1}-{start + 3}", library)
    assert (clause.start, clause.quote) == (start, "第二条")


@pytest.mark.parametrize(
    "written", ["第九条", "一个字也没有的话", "渡口", ":5-5", ":9-2", ":0-99999", "：0-", "", " ", "第二条第九条"]
)
def test_what_is_doubtful_is_refused_with_what_to_write(library: Library, ferries: Document, written: str) -> None:
    mark = "" if written[:1] in ":：" else " "
    with pytest.raises(QuestionError) as refused:
        cite(f"{ferries.id}{mark}{written}", library)
    assert refused.value.code == "CITATION_UNREADABLE"
    assert "第十四条" in refused.value.next_step


def test_an_unknown_document_is_said(library: Library) -> None:
    with pytest.raises(UnknownPolicy):
        cite("没有这份文件-00000000 第一条", library)


@given(st.integers(1, 9999))
def test_article_numbers_are_read_back(number: int) -> None:
    values = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")}
    units = {"十": 10, "百": 100, "千": 1000}
    total, digit = 0, 0
    text = chinese(number)
    for sign in text if not text.startswith("十") else f"一{text}":
        if sign in units:
            total, digit = total + digit * units[sign], 0
        else:
            digit = values[sign]
    assert total + digit == number
