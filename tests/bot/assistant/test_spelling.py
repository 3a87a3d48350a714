"""Typing errors against the words of fictional texts of 云汀市."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.changes import Readings
from bot.assistant.lexicon import load_lexicon
from bot.assistant.sounds import load_sounds, near
from bot.assistant.spelling import MAX_CHARACTERS, Speller
from bot.assistant.vocabulary import Vocabulary, vocabulary_of
from index.policies.model import Document, Validity
from index.search.analyzer import fold, pairs

TEXT = """云汀市渡口信用管理办法（虚构样例）
第一条 渡口经营主体可以在信用云汀网站下载专用信用报告。下载专用信用报告不收取费用。
第二条 渡口许可证由市渡运管理处颁发。渡口许可证有效期为三年。渡口许可证遗失的，应当申请补发。
第三条 行政处罚公示期满后，可以申请信用修复。信用修复由市发改委牵头办理，责任单位应当处理。
第四条 监督检查结果应当在五个工作日内公示。监督检查由市渡运管理处负责。监督检查应当公示。
第五条 可以用银行保函代替保证金。银行保函和贷款由银行办理。职权由市渡运管理处行使。
"""
Read = Callable[[str], Readings]


def document(text: str) -> Document:
    return Document(
        "d", "云汀市渡口信用管理办法", None, None, date(2025, 1, 1), "云汀", None, text, (), Validity(), "d.txt", ""
    )


@pytest.fixture(scope="module")
def speller() -> Speller:
    lexicon = load_lexicon()
    folded = fold(TEXT)
    known = {token for line in folded.splitlines() for token in (*pairs(line), line)}
    vocabulary = vocabulary_of([document(TEXT)], lexicon.synonyms, lexicon.dictionary, load_sounds())
    places = lexicon.places | {"云汀"}
    return Speller(lambda: vocabulary, lexicon, lambda token: int(token in known), places)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("专用信用抱告怎么下载", "专用信用报告怎么下载"),
        ("专用信永报告能不能下栽", "专用信用报告能不能下载"),
        ("渡口许可正丢了怎么办", "渡口许可证丢了怎么办"),
        ("信用修服找谁", "信用修复找谁"),
        ("市渡运管里处在哪", "市渡运管理处在哪"),
        ("几个工作曰内公示", "几个工作日内公示"),
        ("信用修复哪里迁头", "信用修复哪里牵头"),
        ("渡口经营主提能下载吗", "渡口经营主体能下载吗"),
        ("渡口许可证归那家单位发", "渡口许可证归哪家单位发"),
        ("擅自开渡口要法多少钱", "擅自开渡口要罚多少钱"),
    ],
)
def test_what_sounds_or_looks_like_a_word_of_the_texts_is_read_as_that_word(
    speller: Speller, typed: str, meant: str
) -> None:
    read = speller.read(typed)
    assert read.likely[-1].text == meant
    assert read.likely[-1].notice


def test_the_notice_says_what_was_typed_and_how_it_was_read(speller: Speller) -> None:
    assert speller.read("信用修服找谁").likely[0].notice == "按“信用修复”理解（您输入的是“信用修服”）。"


def test_nearly_alike_sounds_count(speller: Speller) -> None:
    assert speller.read("信用修复要找责任单为吗").likely[-1].text == "信用修复要找责任单位吗"
    assert near("zhang") == near("zan")
    assert near("ning") == near("lin")
    assert near("sheng") == near("sen")
    assert near("wang") != near("wen")


@pytest.mark.parametrize("typed", ["xinyong baogao怎么下载", "xinyongbaogao怎么下载", "xin yong bao gao怎么下载"])
def test_pinyin_typed_for_characters_is_read_as_words(speller: Speller, typed: str) -> None:
    assert speller.read(typed).likely[0].text == "信用报告怎么下载"


@pytest.mark.parametrize(
    "question",
    [
        "专用信用报告怎么下载?",
        "渡口许可证丢了去哪补办",
        "检察院能查信用报告吗",
        "我要打款给谁",
        "渡口补贴发多少",
        "大荡镇的渡口归谁管",
        "云汀和江洲的渡口一样吗",
        "隔壁老王家的船几年没检了",
        "the report",
        "2025年3月1日颁发的许可证",
    ],
)
def test_words_that_are_no_typing_errors_stay_as_they_are(speller: Speller, question: str) -> None:
    assert speller.read(question).likely[0].text == question


@pytest.mark.parametrize(
    "question", ['"信永科技"能下载报告吗', "《信永报告》怎么说", "云汀信永报高有限公司的许可证", "苏州的渡口"]
)
def test_titles_quoted_words_companies_and_places_are_never_changed(speller: Speller, question: str) -> None:
    assert [reading.text for reading in speller.read(question).likely] == [question]


def test_a_word_that_may_be_unknown_to_us_is_tried_as_typed_first(speller: Speller) -> None:
    """质权 is a term of law that neither the dictionary nor these texts hold; 职权 sounds the same."""
    texts = [reading.text for reading in speller.read("渡口可以设立质权吗").likely]
    assert texts[0] == "渡口可以设立质权吗"


def test_a_real_word_is_read_as_another_only_after_the_question_as_typed(speller: Speller) -> None:
    texts = [reading.text for reading in speller.read("监督检察多久一次").likely]
    assert texts == ["监督检察多久一次", "监督检查多久一次"]


def test_where_two_readings_are_as_likely_both_are_offered_and_none_is_taken() -> None:
    lexicon = load_lexicon()
    text = "渡口公示由市局办理。渡口公示免费。渡口公式由市局办理。渡口公式免费。"
    vocabulary = vocabulary_of([document(text)], (), lexicon.dictionary, load_sounds())
    read = Speller(lambda: vocabulary, lexicon, lambda token: int(token in text), frozenset()).read("渡口公试免费吗")
    assert [reading.text for reading in read.likely] == ["渡口公试免费吗"]
    assert set(read.doubts) == {"渡口公示免费吗", "渡口公式免费吗"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_read_and_what_does_not_change_is_kept(text: str) -> None:
    lexicon = load_lexicon()
    vocabulary = vocabulary_of([document(TEXT)], (), lexicon.dictionary, load_sounds())
    for reading in Speller(lambda: vocabulary, lexicon, lambda token: 0, frozenset()).read(text).likely:
        assert reading.changes or reading.text == text


def test_characters_without_a_known_reading_are_words_like_others() -> None:
    lexicon = load_lexicon()
    vocabulary = vocabulary_of([document("渡\u9fff口许可。渡\u9fff口许可。")], (), lexicon.dictionary, load_sounds())
    read = Speller(lambda: vocabulary, lexicon, lambda token: 1, frozenset()).read("渡\u9ffe口许可")
    assert read.likely[0].text == "渡\u9ffe口许可"


def test_a_long_question_is_mended_at_its_beginning_only(speller: Speller) -> None:
    asked = "专用信永报告怎么下载," * 5_000
    text = speller.read(asked).likely[-1].text
    assert text[:20].count("信用报告") == 2
    assert text[MAX_CHARACTERS:] == asked[MAX_CHARACTERS:]


def test_the_words_of_the_texts_are_not_gathered_for_a_question_in_plain_words() -> None:
    gathered: list[int] = []

    def words() -> Vocabulary:
        gathered.append(1)
        return vocabulary_of([document(TEXT)], (), lexicon.dictionary, load_sounds())

    lexicon = load_lexicon()
    known = {token for line in fold(TEXT).splitlines() for token in pairs(line)}
    speller = Speller(words, lexicon, lambda token: int(token in known), frozenset())
    assert speller.read("信用报告由谁出具").likely[0].changes == ()
    assert not gathered
    speller.read("信用抱告由谁出具")
    assert gathered
