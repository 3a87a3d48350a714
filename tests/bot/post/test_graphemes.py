"""Where a text may not be cut: marks, joined emoji, flags, jamo, line ends. The clusters are those of UAX #29."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.post.graphemes import may_cut
from bot.post.splitting import pieces

WHOLE = [
    "e\u0301",  # letter and accent
    "か\u3099",  # kana and its voice mark
    "👩\u200d👩\u200d👧",  # joined emoji
    "👍🏽",  # emoji and skin
    "❤\ufe0f",  # heart and variation
    "🇨🇳",  # flag
    "각",  # three jamo
    "葛\U000e0100",  # ideograph and its variant
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # flag of tags
    "\r\n",
    "कि",  # letter and vowel sign
    "1\ufe0f\u20e3",  # keycap
]


@pytest.mark.parametrize("whole", WHOLE)
def test_what_a_reader_sees_as_one_character_is_not_cut(whole: str) -> None:
    text = f"甲{whole}乙"
    assert [at for at in range(1, len(text)) if may_cut(text, at)] == [1, 1 + len(whole)]


def test_two_flags_are_cut_between_them() -> None:
    text = "🇨🇳🇫🇷🇯🇵"
    assert [at for at in range(1, len(text)) if may_cut(text, at)] == [2, 4]


@given(st.text(st.characters(categories=("Lo", "Nd", "Po")), min_size=2).map(lambda text: text.replace("\u0e33", "")))
def test_plain_characters_are_cut_anywhere(text: str) -> None:
    plain = [at for at in range(1, len(text)) if not 0x1100 <= ord(text[at]) < 0x1200 and ord(text[at]) < 0xD7B0]
    assert all(may_cut(text, at) for at in plain)


class Counted(str):
    """How many characters are looked at."""

    looked = 0

    def __getitem__(self, key: Any) -> str:
        type(self).looked += 1
        return super().__getitem__(key)


def test_flags_are_counted_from_the_last_cut_and_not_from_the_beginning_of_a_long_run() -> None:
    flags = Counted("🇨🇳" * 20_000)
    assert may_cut(flags, 30_000, 29_980)
    assert not may_cut(flags, 29_999, 29_980)
    assert Counted.looked < 60


@given(st.integers(1, 4000), st.integers(64, 400))
def test_a_run_of_flags_is_cut_between_flags(count: int, room: int) -> None:
    cut = pieces("", ("🇨🇳" * count,), room)
    assert {
        len(piece.removeprefix(piece.partition("）")[0] + "）") if len(cut) > 1 else piece) % 2 for piece in cut
    } == {0}
