"""Numbers behind the words they prove, and where they stand, whatever the quotes are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.answer import Answer, Citation
from bot.channels.openai_answer import pieces, written
from index.policies.model import State, Status

DAY = date(2026, 11, 21)


def citation(quote: str, name: str = "渡口办法") -> Citation:
    return Citation(name, None, ("第一条",), quote, name, 0, len(quote), Status(State.IN_FORCE, None, None))


def answer(text: str, *quotes: str) -> Answer:
    return Answer("问", DAY, True, text, tuple(citation(quote, f"办法{at}") for at, quote in enumerate(quotes)))


def address(one: Citation) -> str:
    return f"https://x/source/{one.source}"


def marks(said: Answer) -> list[str]:
    message = written(said, address)
    spans = [note["url_citation"] for note in message.annotations]
    return [message.text[span["start_index"] - 4 : span["end_index"]] for span in spans]


def test_each_number_stands_behind_its_own_quote() -> None:
    said = answer("甲：“渡口免费。”\n乙：“办理渡口免费。不收押金”。", "渡口免费。", "办理渡口免费。不收押金")
    assert marks(said) == ["免费。”[1]", "收押金”[2]"]


def test_a_quote_that_is_part_of_another_has_its_own_place() -> None:
    said = answer("“办理渡口免费。不收押金”；“渡口免费。”", "渡口免费。", "办理渡口免费。不收押金")
    assert marks(said) == ["免费。”[1]", "收押金”[2]"]


def test_the_same_words_from_two_texts_have_both_numbers() -> None:
    assert written(answer("“渡口免费。”", "渡口免费。", "渡口免费。"), address).text.startswith(
        "“渡口免费。”[1][2]\n\n"
    )


def test_words_that_the_answer_does_not_repeat_stand_with_their_source() -> None:
    message = written(answer("共三项。", "甲、乙、丙"), address)
    assert message.text == "共三项。\n\n[1] 《办法0》 第一条〔现行有效〕\n“甲、乙、丙”\nhttps://x/source/办法0"
    span = message.annotations[0]["url_citation"]
    assert message.text[span["start_index"] : span["end_index"]] == "[1]"


def test_a_quote_with_a_number_in_brackets_deceives_nobody() -> None:
    said = answer("“见注[1]和[2]。”另“乙。”", "见注[1]和[2]。", "乙。")
    assert marks(said) == ["2]。”[1]", "“乙。”[2]"]


@given(
    st.text(alphabet="甲乙。；！？”」\n [1]", max_size=80),
    st.lists(st.text("甲乙。”[1]", min_size=1, max_size=6), max_size=4),
)
def test_every_annotation_marks_its_number(text: str, quotes: list[str]) -> None:
    if not quotes:
        return
    message = written(answer(text, *quotes), address)
    for number, note in enumerate(message.annotations, 1):
        span = note["url_citation"]
        assert message.text[span["start_index"] : span["end_index"]] == f"[{number}]"


@given(st.text(max_size=700))
@pytest.mark.parametrize("more", ["", "。”\n\n！」"])
def test_the_pieces_of_a_stream_are_the_text(more: str, text: str) -> None:
    assert "".join(pieces(text + more)) == text + more
