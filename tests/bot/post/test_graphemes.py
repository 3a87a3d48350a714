"""Where a text may not be cut: marks, joined emoji, flags, jamo, line ends. The clusters are those of UAX #29."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.post.graphemes import may_cut

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
