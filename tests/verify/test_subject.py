import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from verify.reasons import Reason, Rejection
from verify.subject import (
    ALPHABET,
    NAME_UNITS_MAX,
    check_character,
    decode_code,
    decode_name,
    encode_code,
    encode_name,
)

FICTIONAL = (
    "91320902MA1EX0M1XB",
    "92320903MA1EX0M28N",
    "93320904MA1EX0M36W",
    "91320981MA1EX0M44E",
    "91320925MA1EX0M526",
)
bodies = st.text(st.sampled_from(ALPHABET), min_size=17, max_size=17)


@pytest.mark.parametrize("code", FICTIONAL)
def test_a_code_takes_eleven_bytes_and_comes_back(code: str) -> None:
    assert len(encode_code(code)) == 11
    assert decode_code(encode_code(code)) == code


@given(bodies)
def test_every_body_comes_back_with_the_check_character_an_independent_library_computes(body: str) -> None:
    code = body + check_character(body)
    assert decode_code(encode_code(code)) == code
    assert uscc.calc_check_digit(body) == code[17]


@pytest.mark.parametrize(
    "code", ["", "91320902MA1EX0M1XC", "91320902MA1EX0M1X", "91320902ma1ex0m1xb", "9132090OMA1EX0M1XB"]
)
def test_a_code_that_does_not_hold_is_refused(code: str) -> None:
    with pytest.raises(Rejection) as refusal:
        encode_code(code)
    assert refusal.value.reason is Reason.SUBJECT_CODE_INVALID


def test_a_number_beyond_seventeen_digits_is_refused() -> None:
    assert decode_code((31**17 - 1).to_bytes(11)).startswith("Y" * 17)
    for data in ((31**17).to_bytes(11), b"\xff" * 11, b"", b"\x00" * 12):
        with pytest.raises(Rejection):
            decode_code(data)


BAD_NAMES = {
    "empty": "",
    "too long": "禾" * (NAME_UNITS_MAX + 1),
    "too long outside the basic plane": "𠮷" * 61,
    "zero width": "禾苗\u200b公司",
    "right to left override": "禾苗\u202e公司",
    "soft hyphen": "禾苗\u00ad公司",
    "line break": "禾苗\n公司",
    "line separator": "禾苗\u2028公司",
    "no-break space": "禾苗\u00a0公司",
    "ideographic space": "禾苗\u3000公司",
    "not NFC": "Cafe\u0301",
    "private use": "禾苗\ue000公司",
    "unassigned": "禾苗\u0378公司",
    "space at the end": "禾苗公司 ",
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_a_name_that_is_not_what_it_prints_is_refused(name: str) -> None:
    for refuse in (lambda: encode_name(name), lambda: decode_name(name.encode("utf-16-be"))):
        with pytest.raises(Rejection) as refusal:
            refuse()
        assert refusal.value.reason is Reason.SUBJECT_NAME_INVALID


@pytest.mark.parametrize(
    "name",
    ["禾", "盐城示例禾苗环保科技有限公司（虚构）", "Café Example (Yancheng) Co., Ltd.", "𠮷野示例店", "禾" * 120],
)
def test_an_ordinary_name_comes_back(name: str) -> None:
    assert decode_name(encode_name(name)) == name


@given(st.binary(max_size=300))
def test_any_bytes_are_a_name_or_a_rejection(data: bytes) -> None:
    try:
        name = decode_name(data)
    except Rejection:
        return
    assert encode_name(name) == data
