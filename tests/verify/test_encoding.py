import cbor2
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from verify.encoding import MAX_DEPTH, dumps, loads
from verify.reasons import Reason, Rejection

CASES = {
    "": Reason.TRUNCATED,
    "0000": Reason.TRAILING_BYTES,
    "a201000100": Reason.DUPLICATE_KEY,
    "a202000100": Reason.KEYS_UNSORTED,
    "1817": Reason.NOT_MINIMAL,
    "190018": Reason.NOT_MINIMAL,
    "1a0000ffff": Reason.NOT_MINIMAL,
    "1b00000000ffffffff": Reason.NOT_MINIMAL,
    "3817": Reason.NOT_MINIMAL,
    "580100": Reason.NOT_MINIMAL,
    "9f00ff": Reason.INDEFINITE_LENGTH,
    "5f4100ff": Reason.INDEFINITE_LENGTH,
    "bf0000ff": Reason.INDEFINITE_LENGTH,
    "ff": Reason.INDEFINITE_LENGTH,
    "81" * 9 + "00": Reason.TOO_DEEP,
    "5affffffff": Reason.LENGTH_BEYOND_END,
    "9affffffff": Reason.LENGTH_BEYOND_END,
    "baffffffff": Reason.LENGTH_BEYOND_END,
    "5bffffffffffffffff": Reason.LENGTH_BEYOND_END,
    "81c20a": Reason.TAG_INSIDE,
    "d81c81d81d00": Reason.TAG_INSIDE,
    "c5821b7fffffffffffffff03": Reason.TAG_INSIDE,
    "f97e00": Reason.FLOAT,
    "f93e00": Reason.FLOAT,
    "fb7ff0000000000000": Reason.FLOAT,
    "1c": Reason.MALFORMED,
    "f5": Reason.MALFORMED,
    "f7": Reason.MALFORMED,
    "f8ff": Reason.MALFORMED,
    "61ff": Reason.MALFORMED,
    "63eda080": Reason.MALFORMED,
    "a18000": Reason.MALFORMED,
    "a1f600": Reason.MALFORMED,
    "18": Reason.TRUNCATED,
    "8100" + "00": Reason.TRAILING_BYTES,
    "8200": Reason.LENGTH_BEYOND_END,
    "a1": Reason.LENGTH_BEYOND_END,
}


@pytest.mark.parametrize(("encoded", "reason"), CASES.items())
def test_each_fault_has_its_own_reason(encoded: str, reason: Reason) -> None:
    with pytest.raises(Rejection) as refusal:
        loads(bytes.fromhex(encoded))
    assert refusal.value.reason is reason


def test_keys_in_another_order_than_cbor2_writes_are_refused() -> None:
    with pytest.raises(Rejection) as refusal:
        loads(bytes.fromhex("a2" + "1818" + "00" + "20" + "00"))
    assert refusal.value.reason is Reason.NOT_CANONICAL


values = st.recursive(
    st.integers(-(1 << 64), (1 << 64) - 1) | st.binary(max_size=40) | st.text(max_size=20) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 23) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def depth_of(value: object) -> int:
    inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else None
    return 0 if inner is None else 1 + max((depth_of(each) for each in inner), default=0)


@given(values)
def test_what_we_write_we_read_back(value: object) -> None:
    assume(depth_of(value) < MAX_DEPTH)
    assert loads(dumps(value)) == value


@given(st.binary(max_size=64))
def test_any_bytes_give_a_value_or_a_rejection_and_a_value_has_one_encoding(data: bytes) -> None:
    try:
        value = loads(data)
    except Rejection:
        return
    assert dumps(value) == data
    assert cbor2.loads(data) == value
