from hypothesis import given
from hypothesis import strategies as st

from index.search.analyzer import fold_query
from index.search.backend import Field
from index.search.content import RANK
from index.search.query import MAX_QUERY_TOKENS, MAX_WRITTEN_TOKENS, terms, token_weights


@given(st.text(max_size=300))
def test_any_question_gives_bounded_terms_with_positive_weights(text: str) -> None:
    found = terms(text)
    assert all(term.weight > 0 for term in found)
    assert len({(term.field, term.token) for term in found}) == len(found)


def test_a_question_without_words_gives_no_terms() -> None:
    assert terms("") == terms(" ？！… ") == ()


def test_an_endless_question_is_cut() -> None:
    many = "".join(chr(0x4E00 + number) for number in range(5_000))
    assert len(token_weights(fold_query(many))) <= MAX_QUERY_TOKENS + MAX_WRITTEN_TOKENS


def test_words_that_only_ask_weigh_less_than_the_matter() -> None:
    weights = token_weights(fold_query("种子销售记录如何保存"))
    assert weights["如何"] < weights["种子"] == weights["保存"]


def test_common_characters_are_left_out_when_pairs_say_enough() -> None:
    assert "的" not in token_weights(fold_query("种子销售的记录"))
    assert "的" in token_weights(fold_query("的"))


def test_colloquial_words_bring_the_written_ones_with_less_weight() -> None:
    weights = token_weights(fold_query("老板拖欠工钱"))
    assert 0 < weights["报酬"] < weights["工钱"]


def test_a_written_word_that_was_said_gets_no_more_weight() -> None:
    assert token_weights("老板克扣劳动报酬的数额")["报酬"] == token_weights("克扣劳动报酬的数额")["报酬"]


def test_the_rank_of_a_law_finds_nothing_by_itself() -> None:
    rank = [term for term in terms("种子销售记录") if term.token == RANK]
    assert [(term.field, term.finds) for term in rank] == [(Field.HEADING, False)]
