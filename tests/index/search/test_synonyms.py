from index.search.analyzer import fold
from index.search.synonyms import known_synonyms, written_tokens


def test_every_synonym_brings_words_that_were_not_said() -> None:
    for synonym in known_synonyms():
        assert synonym.said == fold(synonym.said).strip() != ""
        assert 0 < synonym.weight <= 1, synonym.said
        assert all(word and pairs for word, pairs in synonym.written), synonym.said
        assert any(word not in synonym.said for word, _ in synonym.written) or synonym.weight < 1, synonym.said


def test_no_colloquial_word_stands_twice() -> None:
    said = [synonym.said for synonym in known_synonyms()]
    assert sorted(said) == sorted(set(said))


def test_colloquial_wording_leads_to_the_wording_of_statutes() -> None:
    assert {"出具", "证明"} <= written_tokens("怎么开证明").keys()
    assert {"严重", "名单"} <= written_tokens("企业进了黑名单").keys()


def test_plain_statutory_wording_is_left_alone() -> None:
    assert written_tokens("渡口渡船检验") == {}
