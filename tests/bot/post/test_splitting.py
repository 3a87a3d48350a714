"""Long answers in pieces: never too many bytes, nothing lost, sentences and citations whole, numbered."""

import re
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.post.graphemes import may_cut
from bot.post.splitting import LEAST_BYTES, pieces

NUMBER = re.compile(r"（(\d+)/(\d+)）")
SENTENCE = "专用信用报告自签发之日起一个月内有效，逾期应当重新查询。"
CITATION = (
    "依据：《江苏省社会信用条例》 第三十一条【现行有效】\n“公共信用信息的披露期限为三年；法律另有规定的，从其规定。”"
)
TEXTS = st.text(st.sampled_from("信用报告有效。！？；，、 \n“”…a.b1👩\u200d👧🇨🇳e\u0301\r\u00a0é𠮷"), max_size=400)
CHARACTERS = [*"信用。，？；”ab", "👩\u200d👩\u200d👧", "🇨🇳", "e\u0301\u0302", "👍🏽", "葛\U000e0100", "𠮷"]
LIMITS = st.integers(LEAST_BYTES, 300)


def bare(text: str) -> str:
    return "".join(text.split())


def unnumbered(split: list[str]) -> list[str]:
    return [NUMBER.sub("", piece, count=1) for piece in split] if len(split) > 1 else split


@given(TEXTS, st.lists(TEXTS, max_size=4), LIMITS)
def test_no_piece_is_too_long_and_nothing_is_lost(text: str, blocks: list[str], limit: int) -> None:
    split = pieces(text, blocks, limit)
    assert all(0 < len(piece.encode()) <= limit for piece in split)
    assert bare("".join(unnumbered(split))) == bare("".join((text, *blocks)))


@given(TEXTS, st.lists(TEXTS, max_size=4), LIMITS)
def test_pieces_say_which_of_how_many_they_are(text: str, blocks: list[str], limit: int) -> None:
    split = pieces(text, blocks, limit)
    if len(split) > 1:
        numbers = [match.groups() if (match := NUMBER.match(piece)) else None for piece in split]
        assert numbers == [(str(at), str(len(split))) for at in range(1, len(split) + 1)]


@given(st.lists(st.sampled_from(CHARACTERS), max_size=200).map("".join), LIMITS)
def test_no_piece_begins_inside_what_a_reader_sees_as_one_character(text: str, limit: int) -> None:
    bodies = unnumbered(pieces(text, (), limit))
    assert "".join(bodies) == text
    assert all(may_cut(text, at) for at in list(accumulate(map(len, bodies)))[:-1])


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4), LIMITS)
def test_a_block_that_fits_is_in_one_piece(text: str, blocks: list[str], limit: int) -> None:
    split = pieces(text, blocks, limit)
    room = limit - len(f"（{len(split)}/{len(split)}）".encode())
    for block in blocks:
        if 0 < len(block.strip().encode()) <= room:
            assert any(block.strip() in piece for piece in split)


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3), LIMITS)
def test_any_characters_at_all_come_through_as_utf8(text: str, blocks: list[str], limit: int) -> None:
    assert all(len(piece.encode("utf-8")) <= limit for piece in pieces(text, blocks, limit))


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert pieces("甲\ud83d乙", (), 64) == ["甲?乙"]


def test_what_fits_exactly_is_one_piece_without_a_number() -> None:
    text = "信" * 682 + "ab"
    assert len(text.encode()) == 2048
    assert pieces(text, (), 2048) == [text]
    assert len(pieces(text + "c", (), 2048)) == 2


def test_a_long_answer_is_cut_at_sentence_ends() -> None:
    split = pieces(SENTENCE * 60, (), 2048)
    assert len(split) == 3
    assert all(piece.endswith("。") for piece in split)
    assert split[0].startswith("（1/3）")
    assert len(split[0].encode()) > 2048 - len(SENTENCE.encode())


def test_a_closing_quote_stays_with_its_sentence() -> None:
    split = pieces("他说：“可以办理。”" * 20, (), 100)
    assert all(piece.endswith("”") for piece in split)


def test_a_citation_begins_a_new_piece_rather_than_being_cut() -> None:
    split = pieces(SENTENCE * 20, [CITATION, CITATION], 1800)
    assert [CITATION in piece for piece in split] == [False, True]
    assert split[1].count(CITATION) == 2


def test_a_citation_longer_than_a_piece_is_cut_at_its_sentences() -> None:
    split = pieces("见下：", [f"依据：《办法》\n“{SENTENCE * 6}”"], 400)
    assert len(split) > 1
    assert all(piece.endswith(("。", "。”", "》")) for piece in split)


def test_an_address_is_not_cut_at_its_dots() -> None:
    address = "https://credit.example.gov.cn/a.b?x=1"
    split = pieces(f"{SENTENCE}见 {address} 。" * 3, (), 150)
    assert sum(address in piece for piece in split) == 3


def test_more_than_nine_pieces_have_room_for_their_numbers() -> None:
    split = pieces("信用报告有效。" * 120, (), 100)
    assert len(split) > 9
    assert max(len(piece.encode()) for piece in split) <= 100


def test_a_letter_with_more_marks_than_a_piece_has_room_for_is_cut_between_code_points() -> None:
    split = pieces("e" + "\u0301" * 200, (), 64)
    assert bare("".join(unnumbered(split))) == "e" + "\u0301" * 200


def test_an_empty_answer_is_no_piece() -> None:
    assert pieces(" \n", ("", "  "), 2048) == []


def test_a_tiny_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        pieces("甲", (), LEAST_BYTES - 1)
