import zlib
from dataclasses import replace
from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import ROOT, STATUSES
from verify.cose import sign1
from verify.encoding import dumps
from verify.errors import TrustError
from verify.status import LIST_LIMIT_BYTES, TYP, Status, pack, read_status_list, sign_status_list, unpack

LONG = {
    0: 1,
    1993: 2,
    25460: 1,
    159495: 3,
    495669: 1,
    554353: 1,
    645645: 2,
    723232: 1,
    854545: 1,
    934534: 2,
    1000345: 3,
}


def example(shared: Path, name: str) -> bytes:
    text = (shared / "vectors" / "status-list" / "examples" / f"{name}.md").read_text(encoding="utf-8")
    return bytes.fromhex("".join(text.split("encoded:")[-1].split()))


def test_bit_order_of_the_ietf_example(shared: Path) -> None:
    packed = unpack(cbor2.loads(example(shared, "status_list_encoding2_cbor"))["lst"])
    assert packed == bytes([0xC9, 0x44, 0xF9])
    statuses = replace(STATUSES, packed=packed)
    assert [statuses.status(n) for n in range(12)] == [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]


def test_the_long_ietf_example(shared: Path) -> None:
    packed = unpack(cbor2.loads(example(shared, "status_list_encoding2_long_cbor"))["lst"])
    statuses = replace(STATUSES, packed=packed)
    assert len(statuses) == 1 << 20
    assert {n: int(s) for n in range(len(statuses)) if (s := statuses.status(n))} == LONG
    assert pack({n: Status(s) for n, s in LONG.items()}, 1 << 20) == packed


statuses_by_index = st.dictionaries(st.integers(0, 999), st.sampled_from(Status), max_size=30)


@given(statuses_by_index)
def test_every_status_is_read_where_it_was_put_and_nowhere_else(given_statuses: dict[int, Status]) -> None:
    statuses = replace(STATUSES, packed=pack(given_statuses, 1000))
    assert all(statuses.status(n) is given_statuses.get(n, Status.VALID) for n in range(1000))
    assert statuses.status(1000) is None
    assert statuses.status(-1) is None


def test_an_index_beyond_the_list_cannot_be_set() -> None:
    with pytest.raises(ValueError, match="below 8"):
        pack({8: Status.REVOKED}, 8)


def test_a_signed_list_comes_back() -> None:
    statuses, signed = read_status_list(sign_status_list(STATUSES, ROOT))
    assert statuses == STATUSES
    assert signed.kid == ROOT.kid


def test_a_compressed_bomb_is_refused() -> None:
    with pytest.raises(TrustError) as error:
        unpack(zlib.compress(bytes(LIST_LIMIT_BYTES + 1), 9))
    assert error.value.code == "STATUS_LIST_TOO_LARGE"
    assert len(unpack(zlib.compress(bytes(LIST_LIMIT_BYTES), 9))) == LIST_LIMIT_BYTES


@pytest.mark.parametrize("data", [b"", b"x", zlib.compress(b"list")[:-1], zlib.compress(b"list") + b"x"])
def test_damaged_compression_is_refused(data: bytes) -> None:
    with pytest.raises(TrustError):
        unpack(data)


CLAIMS: dict[object, object] = {2: "u", 4: 2, 6: 1, 65534: 60, 65533: {"bits": 2, "lst": zlib.compress(b"")}}


@pytest.mark.parametrize(
    "claims",
    [
        [],
        {key: value for key, value in CLAIMS.items() if key != 4},
        {**CLAIMS, 7: 1},
        {**CLAIMS, 2: 1},
        {**CLAIMS, 4: "x"},
        {**CLAIMS, 65534: 0},
        {**CLAIMS, 65533: {"bits": 1, "lst": zlib.compress(b"")}},
        {**CLAIMS, 65533: {"bits": 2}},
    ],
)
def test_a_list_of_another_shape_is_refused(claims: object) -> None:
    read_status_list(sign1(dumps(CLAIMS), ROOT, TYP))
    with pytest.raises(TrustError):
        read_status_list(sign1(dumps(claims), ROOT, TYP))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_as_trust_error(data: bytes) -> None:
    with pytest.raises(TrustError):
        read_status_list(data)
