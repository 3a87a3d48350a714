from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import FACTS, KEY, PACKAGE, TOKEN
from verify.credential import sign
from verify.reasons import Reason, Rejection
from verify.sealing import (
    PADDING,
    is_locator,
    locator,
    normal_code,
    normal_number,
    open_sealed,
    seal,
    seal_typed,
    typed_code,
    typed_opening,
)

NUMBER, CODE = "YCZX202608200000017", "7K3M-9Q2D-XW4T"
OTHER = sign(replace(FACTS, sequence=18), KEY)


@given(st.binary(max_size=9000))
def test_what_is_sealed_opens_with_the_credential_and_only_with_it(content: bytes) -> None:
    sealed = seal(TOKEN, content)
    assert open_sealed(TOKEN, sealed.ciphertext) == content
    with pytest.raises(Rejection) as refusal:
        open_sealed(OTHER, sealed.ciphertext)
    assert refusal.value.reason is Reason.PACKAGE_DAMAGED


def test_sealing_again_gives_the_same_bytes_and_the_locator_is_a_safe_file_name() -> None:
    sealed = seal(TOKEN, PACKAGE.to_bytes())
    assert sealed == seal(TOKEN, PACKAGE.to_bytes())
    assert sealed.locator == locator(TOKEN) != locator(OTHER)
    assert is_locator(sealed.locator)
    assert not any(is_locator(name) for name in ("", "..", sealed.locator + "\n", sealed.locator.upper(), "a/b"))


def test_the_length_does_not_tell_the_content() -> None:
    assert len(seal(TOKEN, b"").ciphertext) == len(seal(TOKEN, b"x" * (PADDING - 1)).ciphertext)
    assert len(seal(TOKEN, b"x" * PADDING).ciphertext) == len(seal(TOKEN, b"").ciphertext) + PADDING


def test_the_ciphertext_contains_neither_the_content_nor_the_credential() -> None:
    ciphertext = seal(TOKEN, PACKAGE.to_bytes()).ciphertext
    for secret in ("有 1 条".encode(), PACKAGE.seed, TOKEN[:40]):
        assert secret not in ciphertext


@pytest.mark.parametrize("place", [0, 11, 12, 100, -1])
def test_a_changed_byte_does_not_open(place: int) -> None:
    ciphertext = bytearray(seal(TOKEN, b"content").ciphertext)
    ciphertext[place] ^= 1
    with pytest.raises(Rejection):
        open_sealed(TOKEN, bytes(ciphertext))


@pytest.mark.parametrize("ciphertext", [b"", b"\0" * 12, b"\0" * 40])
def test_a_short_ciphertext_does_not_open(ciphertext: bytes) -> None:
    with pytest.raises(Rejection):
        open_sealed(TOKEN, ciphertext)


def test_number_and_code_open_the_credential_however_they_are_typed() -> None:
    sealed = seal_typed(NUMBER, CODE, TOKEN)
    for number, code in (
        (NUMBER, CODE),
        (" yczx202608200000017", "7k3m 9q2d xw4t"),
        (NUMBER, "７Ｋ３Ｍ－９Ｑ２ＤＸＷ４Ｔ"),
    ):
        opening = typed_opening(number, code)
        assert opening.locator == sealed.locator
        assert opening.open(sealed.ciphertext) == TOKEN


def test_another_number_or_code_neither_finds_nor_opens_it() -> None:
    sealed = seal_typed(NUMBER, CODE, TOKEN)
    for number, code in (("YCZX202608200000018", CODE), (NUMBER, "7K3M-9Q2D-XW4S")):
        opening = typed_opening(number, code)
        assert opening.locator != sealed.locator
        with pytest.raises(Rejection) as refusal:
            opening.open(sealed.ciphertext)
        assert refusal.value.reason is Reason.TYPED_CODE_UNKNOWN


@pytest.mark.parametrize("code", ["", "7K3M-9Q2D-XW4", "7K3M-9Q2D-XW4TT", "7K3M-9Q2D-XW4U", "七" * 12, "../../../etc"])
def test_what_is_no_code_is_unknown(code: str) -> None:
    with pytest.raises(Rejection) as refusal:
        normal_code(code)
    assert refusal.value.reason is Reason.TYPED_CODE_UNKNOWN


@pytest.mark.parametrize("number", ["", "YCZX20260820000001", "YCZX2026082000000177", "YC1X202608200000017", "../x"])
def test_what_is_no_number_is_unknown(number: str) -> None:
    with pytest.raises(Rejection):
        normal_number(number)


@given(st.binary(min_size=8, max_size=8))
def test_a_code_has_sixty_bits_in_three_groups_and_survives_typing(entropy: bytes) -> None:
    code = typed_code(entropy)
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    plain = code.replace("-", "")
    assert normal_code(code.lower().replace("0", "o").replace("1", "l")) == plain
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for character in plain:
        number = number << 5 | alphabet.index(character)
    assert number == int.from_bytes(entropy) >> 4
