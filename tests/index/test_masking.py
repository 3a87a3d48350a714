"""Answers index/masking.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.masking import mask_id, mask_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张小三", "张**"),
        ("欧阳文忠", "欧阳**"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("张", "*"),
        ("", ""),
        ("张三、李小四", "张*、李**"),
        ("张三,李四", "张*,李*"),
        ("阿卜杜拉·艾合买提", "阿**"),
        ("John Smith", "J**"),
        ("𠮷田", "𠮷*"),
    ],
)
def test_name_keeps_its_surname_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("320902199001011234", "320" + "*" * 14 + "4"), ("E12345678", "E12*****8"), ("1234", "****"), ("", "")],
)
def test_id_keeps_first_three_and_last_one(number: str, masked: str) -> None:
    assert mask_id(number) == masked


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=4))
def test_mask_never_shows_the_end_of_a_chinese_name(name: str) -> None:
    masked = mask_name(name)
    assert masked.endswith("*")
    assert len(masked) == len(name)
    assert name.startswith(masked.rstrip("*"))


@given(st.text(max_size=30))
def test_mask_of_an_id_shows_at_most_four_characters(number: str) -> None:
    assert len(mask_id(number).replace("*", "")) <= 4
