"""Degrees of saying the same: as said, shortened, by the head, by the verb that begins another."""

import pytest

from bot.assistant.covering import AS_SAID, BEGINS, HEAD, SHORTENED, WRITTEN, Text, covers, stands, tiled
from bot.assistant.lexicon import load_lexicon
from bot.assistant.pieces import Piece
from bot.assistant.words import Role


def degree(word: str, text: str, role: Role = Role.THING, forms: tuple[str, ...] = ()) -> float:
    return covers(Piece(word, (word, *forms), role=role), Text(text, load_lexicon().dictionary), frozenset({"部门"}))


@pytest.mark.parametrize(
    ("word", "text", "role", "worth"),
    [
        ("渡口", "设置渡口应当申请", Role.THING, AS_SAID),
        ("业委会", "业主委员会应当公布", Role.THING, SHORTENED),
        ("检查人员", "应当有两名工作人员在场", Role.THING, 0.0),
        ("检查人员", "监督人员应当出示证件", Role.THING, HEAD),
        ("赔", "应当赔偿损失", Role.ACT, BEGINS),
        ("转给", "可以转让船只", Role.ACT, BEGINS),
        ("主任", "夯实主体责任", Role.THING, 0.0),
        ("补办", "不得承办", Role.ACT, 0.0),
        ("主管部门", "有关部门", Role.THING, 0.0),
    ],
)
def test_a_text_says_a_word_to_a_degree(word: str, text: str, role: Role, worth: float) -> None:
    assert degree(word, text, role) == worth


def test_a_written_form_is_worth_nearly_as_much_as_the_word() -> None:
    assert degree("弄丢", "遗失许可证的", Role.ACT, ("遗失",)) == WRITTEN


@pytest.mark.parametrize(
    ("form", "text", "there"), [("1", "12个", False), ("5年", "2025年", False), ("三年", "十三年", False)]
)
def test_a_number_stands_only_as_a_whole(form: str, text: str, there: bool) -> None:
    assert stands(form, text) is there


def test_a_long_name_may_be_tiled_by_few_words_with_little_left_over() -> None:
    assert tiled("渡口许可申请书", "渡口许可须有申请书")
    assert not tiled("渡口许可申请书", "渡口")
