"""A finder under test has never seen the question it is asked."""

from pathlib import Path

import pytest

from index.search.bench.corpus import Corpus, Question, Row, as_corpus
from index.search.bench.crossvalidation import FOLDS, _known, _part, learning_curve
from index.search.whoosh_backend import WhooshBackend

ROWS = [
    Row("boats", "渡船办法（虚构）", (), "第一条", "夜间停航。"),
    Row("crops", "种子办法（虚构）", (), "第一条", "检验不收费用。"),
]
QUESTIONS = [Question(str(number), f"甲乙丙{number}", frozenset({"boats"})) for number in range(23)]


@pytest.fixture
def corpus() -> Corpus:
    return as_corpus(ROWS)


def test_every_question_is_asked_once_and_never_known_when_it_is_asked(corpus: Corpus) -> None:
    parts = [_part(QUESTIONS, number) for number in range(FOLDS)]
    assert sorted((question for part in parts for question in part), key=QUESTIONS.index) == QUESTIONS
    for part in parts:
        known = {lesson.question for lesson in _known(QUESTIONS, part, corpus)}
        assert known == {question.text for question in QUESTIONS} - {question.text for question in part}


def test_the_same_words_under_another_id_are_not_known_either(corpus: Corpus) -> None:
    asked = [Question("1", "甲乙丙？", frozenset({"boats"}))]
    others = [Question("2", "甲乙丙?", frozenset({"boats"})), Question("3", "丁戊", frozenset({"boats"}))]
    assert [lesson.question for lesson in _known(others, asked, corpus)] == ["丁戊"]


def test_what_is_confirmed_is_found_and_the_curve_ends_with_all_of_it(corpus: Corpus, tmp_path: Path) -> None:
    asked = [Question("a", "检查船只收不收钱", frozenset({"crops"}))]
    confirmed = [Question(str(number), f"检查船只收不收钱{number}", frozenset({"crops"})) for number in range(60)]
    with WhooshBackend(tmp_path / "search") as backend:
        backend.replace_documents(corpus.documents)
        curve = learning_curve(backend, corpus, asked, confirmed)
    assert [step.confirmed for step in curve] == [0, 50, 60]
    assert curve[-1].quality.recall_1 == 1.0
