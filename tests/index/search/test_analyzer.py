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


def test_days_and_articles_have_one_token_however_they_are_written() -> None:
    chinese = set(tokens(fold("自二〇二四年八月十五日起，依照第十四条")))
    arabic = set(tokens(fold("自２０２４年８月１５日起，依照第14条")))
    assert {"2024年", "8月", "15日", "第14条"} <= chinese & arabic


def test_a_document_number_is_one_token_in_any_bracket_width_and_spacing() -> None:
    for text in ("云政办发〔2017〕4号", "云政办发［２０１７］４号", "云政办发 (2017) 4 号", "云政办发[2017]第04号"):
        assert "云政办发(2017)4号" in tokens(fold(text))


def test_two_documents_with_the_same_serial_number_stay_apart() -> None:
    one, other = set(tokens(fold("云政发〔2019〕75号"))), set(tokens(fold("江政办发〔2017〕75号")))
    assert not {token for token in one & other if "(" in token}


def test_a_document_number_within_a_sentence_has_its_own_token() -> None:
    assert "云政发(2019)75号" in tokens(fold("依据云政发〔2019〕75号执行"))


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXYabc 码", max_size=60))
def test_a_credit_code_is_one_token_wherever_it_stands(around: str) -> None:
    assert "91320900ma1xxxxx8k" in tokens(fold(f"{around}，91320900MA1XXXXX8K，{around}"))


@given(st.text(max_size=200))
def test_tokens_are_never_empty_and_hold_no_blank(text: str) -> None:
    assert all(token and not any(map(str.isspace, token)) for token in tokens(fold(text)))
