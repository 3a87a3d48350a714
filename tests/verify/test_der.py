"""Answers verify/der.py: one signature, one writing. The Wycheproof vectors run in test_keyring.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.der import to_der, to_raw
from verify.ecdsa import ORDER
from verify.errors import KeyringError

ONE, TWO = "020101", "020102"
WRONG = {
    "nothing": "",
    "a sequence without content": "3000",
    "one integer": f"3003{ONE}",
    "three integers": f"3009{ONE}{TWO}{ONE}",
    "a null at the end": f"3008{ONE}{TWO}0500",
    "bytes after the sequence": f"3006{ONE}{TWO}00",
    "a length that is too short": f"3005{ONE}{TWO}",
    "a length that is too long": f"3007{ONE}{TWO}",
    "a length in its long form": f"308106{ONE}{TWO}",
    "an indefinite length": f"3080{ONE}{TWO}0000",
    "a set": f"3106{ONE}{TWO}",
    "a string for an integer": f"3006040101{TWO}",
    "an integer without content": f"30050200{TWO}",
    "an integer beyond the end": f"3006{ONE}020202",
    "a negative integer": f"3006{ONE}0201ff",
    "a leading zero": f"3007{ONE}02020001",
    "r = 0": f"3006020100{TWO}",
    "s = 0": f"3006{ONE}020100",
    "r = n": f"3026022100{ORDER:064x}{TWO}",
    "s = n + 1": f"3026{ONE}022100{ORDER + 1:064x}",
    "an integer of 34 bytes": f"3027022200ff{1:064x}{TWO}",
    "a sequence inside": f"30083006{ONE}{TWO}",
}


@pytest.mark.parametrize("der", WRONG.values(), ids=WRONG.keys())
def test_anything_but_the_one_writing_is_refused(der: str) -> None:
    with pytest.raises(KeyringError) as caught:
        to_raw(bytes.fromhex(der), ORDER)
    assert caught.value.code == "SIGNATURE_MALFORMED"


NUMBERS = st.one_of(st.integers(1, 300), st.integers(1, ORDER - 1), st.integers(ORDER - 300, ORDER - 1))


@given(NUMBERS, NUMBERS)
def test_raw_and_der_answer_each_other(r: int, s: int) -> None:
    raw = r.to_bytes(32) + s.to_bytes(32)
    assert to_raw(to_der(raw, ORDER), ORDER) == raw


@given(st.binary(max_size=80))
def test_what_is_read_has_no_other_writing(der: bytes) -> None:
    try:
        raw = to_raw(der, ORDER)
    except KeyringError:
        return
    assert to_der(raw, ORDER) == der


@pytest.mark.parametrize("raw", [b"", bytes(63), bytes(65), bytes(64), b"\xff" * 64], ids=len)
def test_raw_bytes_of_another_length_or_range_are_refused(raw: bytes) -> None:
    with pytest.raises(KeyringError):
        to_der(raw, ORDER)
