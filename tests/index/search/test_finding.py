from pathlib import Path

import pytest

from index.search.confirmed import ConfirmedQuestion
from index.search.finding import Finder
from index.search.whoosh_backend import WhooshBackend
from tests.index.search.conftest import BOATS, CROPS, document

LAW = document("law", "中华人民共和国渡运法（虚构）", "渡运单位应当保存检验记录。")
RULES = document("rules", "云汀市渡运规定（虚构）", "渡运单位应当保存检验记录。")


@pytest.fixture
def filled(backend: WhooshBackend) -> WhooshBackend:
    backend.replace_documents((CROPS, BOATS))
    return backend


def places(finder: Finder, text: str, limit: int = 5, **within: object) -> list[tuple[str, int]]:
    return [(hit.document_id, hit.number) for hit in finder.search(text, limit, **within)]  # type: ignore[arg-type]


def taught(backend: WhooshBackend, *questions: ConfirmedQuestion) -> Finder:
    return Finder(backend, lambda: questions)


def test_a_question_of_the_texts_own_words_finds_its_passage(filled: WhooshBackend) -> None:
    assert places(Finder(filled), "种子检验要收取费用吗？")[0] == ("crops", 2)


def test_a_colloquial_question_finds_the_statutory_wording(backend: WhooshBackend) -> None:
    backend.replace_documents(
        (document("work", "劳动（虚构）", "用人单位解除劳动合同的，应当说明理由。"), CROPS, BOATS)
    )
    assert places(Finder(backend), "被老板炒鱿鱼了")[0] == ("work", 1)


def test_nothing_asked_nothing_found(filled: WhooshBackend) -> None:
    assert places(Finder(filled), "") == places(Finder(filled), "？？") == places(Finder(filled), "种子", 0) == []


def test_words_no_text_has_find_nothing_even_where_laws_are(backend: WhooshBackend) -> None:
    backend.replace_documents((LAW, RULES))
    assert places(Finder(backend), "鲸鱼") == []


def test_of_two_texts_that_say_the_same_the_law_goes_first(backend: WhooshBackend) -> None:
    backend.replace_documents((RULES, LAW))
    assert places(Finder(backend), "渡运单位保存检验记录多久")[:2] == [("law", 1), ("rules", 1)]


def test_a_law_does_not_go_before_a_text_that_says_more_of_what_was_asked(backend: WhooshBackend) -> None:
    others = [document(f"other{number}", f"云汀市第{number}号公告（虚构）", "公园每天开放。") for number in range(20)]
    fees = document("fees", "云汀市渡运收费规定（虚构）", "渡运单位不得收取检验费用。")
    backend.replace_documents((*others, LAW, fees))
    assert places(Finder(backend), "渡运单位可以收取检验费用吗")[0] == ("fees", 1)


def test_a_confirmed_question_asked_again_finds_its_passage_first(filled: WhooshBackend) -> None:
    asked = "洗白要找哪个？"
    finder = taught(filled, ConfirmedQuestion(asked, (("boats", 2),)))
    assert places(finder, asked)[0] == places(finder, "洗白要找哪個")[0] == ("boats", 2)


def test_a_question_like_a_confirmed_one_finds_its_passage(filled: WhooshBackend) -> None:
    finder = taught(filled, ConfirmedQuestion("天黑以后归哪个部门？", (("boats", 2),)))
    assert ("boats", 2) not in places(Finder(filled), "天黑以后呢")
    assert places(finder, "天黑以后呢")[0] == ("boats", 2)


def test_an_unrelated_question_is_not_drawn_to_a_popular_passage(filled: WhooshBackend) -> None:
    popular = [ConfirmedQuestion(f"渡船第{number}次检验，几年一次？", (("boats", 1),)) for number in range(300)]
    finder = taught(filled, *popular)
    for question in ("种子检验收取费用吗？", "种子经营者的销售记录", "夜间渡运由谁负责？"):
        assert places(finder, question)[0] == places(Finder(filled), question)[0] != ("boats", 1)


def test_unrelated_questions_find_what_they_found_before(filled: WhooshBackend) -> None:
    finder = taught(filled, ConfirmedQuestion("夜里渡船谁来管？", (("boats", 2),)))
    assert places(finder, "销售记录保存几年") == places(Finder(filled), "销售记录保存几年")


def test_what_is_confirmed_but_no_longer_there_is_ignored(filled: WhooshBackend) -> None:
    asked = "洗白要找哪个？"
    gone = ConfirmedQuestion(asked, (("gone", 1), ("boats", 99), ("boats", 2)))
    assert places(taught(filled, gone), asked) == [("boats", 2)]
    filled.remove_document("boats")
    assert places(taught(filled, gone), asked) == []


def test_confirmed_passages_stay_within_the_documents_asked_for(filled: WhooshBackend) -> None:
    asked = "夜里渡船谁来管？"
    finder = taught(filled, ConfirmedQuestion(asked, (("boats", 2),)))
    assert all(name == "crops" for name, _ in places(finder, asked, within={"crops"}))


def test_a_newly_confirmed_question_counts_at_the_next_search(filled: WhooshBackend) -> None:
    log: list[tuple[ConfirmedQuestion, ...]] = [()]
    finder = Finder(filled, lambda: log[-1])
    assert places(finder, "洗白") == []
    log.append((ConfirmedQuestion("洗白", (("crops", 1),)),))
    assert places(finder, "洗白") == [("crops", 1)]
    log.append(())
    assert places(finder, "洗白") == []


def test_no_more_than_asked_for_and_best_first(filled: WhooshBackend) -> None:
    finder = taught(filled, ConfirmedQuestion("检验", (("boats", 1),)))
    hits = finder.search("检验", 2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score > 0


def test_law_articles_are_found_as_measured(shared: Path, tmp_path: Path) -> None:
    """The first 3,000 articles of the measuring stick: a floor under the quality, far below what is measured."""
    from index.search.bench.corpus import as_corpus, read_questions, read_rows

    corpus = as_corpus(read_rows(shared / "retrieval" / "law.corpus.jsonl.gz", 3_000))
    asked = [
        (question.text, {corpus.places[name] for name in question.relevant if name in corpus.places})
        for question in read_questions(shared / "retrieval" / "law.queries.jsonl")
    ]
    asked = [(text, wanted) for text, wanted in asked if wanted]
    with WhooshBackend(tmp_path / "search") as backend:
        backend.replace_documents(corpus.documents)
        found = [bool(wanted & set(places(Finder(backend), text, 10))) for text, wanted in asked]
    assert len(asked) >= 5
    assert sum(found) / len(found) > 0.6
