from hypothesis import given
from hypothesis import strategies as st

from index.search.analyzer import fold, fold_query, tokens


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_brackets_and_quotes_of_document_numbers_become_one_form() -> None:
    assert fold("〔２０１９〕［2019］【2019】") == "(2019)(2019)(2019)"
    assert fold("“近一年”「近两年」") == '"近一年""近两年"'


def test_traditional_questions_equal_simplified_ones() -> None:
    assert fold_query("專用信用報告可以用在哪些金融場景？") == fold_query("专用信用报告可以用在哪些金融场景？")


def test_chinese_runs_give_characters_and_pairs_and_numbers_stay_whole() -> None:
    assert tokens(fold("信用报告 PDF 2024年")) == [
        "信",
        "用",
        "报",
        "告",
        "信用",
        "用报",
        "报告",
        "pdf",
        "2024",
        "年",
        "2024年",
    ]


def test_control_characters_in_a_question_do_not_reach_the_index() -> None:
    assert fold_query("信\x00用\u202e报告") == "信 用 报告"
