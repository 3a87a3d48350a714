"""Every example of the IETF Token Status List against verify/status.py: what we claim is read, the rest is refused.

We claim the CWT form with 2 bits, signed in our COSE profile (kid protected, nothing unprotected). The JWT form, other
widths and referenced tokens are not ours: for these the test says what they are, and that we do not take them for ours.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.verify.sample import ROOT, STATUSES
from verify.cose import open_sign1, sign1
from verify.encoding import dumps
from verify.errors import TrustError
from verify.reasons import Reason, Rejection
from verify.status import BITS, EXP, IAT, STATUS_LIST, SUB, TTL, TYP, pack, read_status_list, unpack

READ = {
    "status_list_encoding2_cbor": bytes([0xC9, 0x44, 0xF9]),
    "status_list_encoding2_long_cbor": None,
}
"""CBOR, 2 bits: ours."""
OTHER_WIDTH = (
    "status_list_encoding_cbor",
    "status_list_encoding1_long_cbor",
    "status_list_encoding4_cbor",
    "status_list_encoding8_cbor",
)
"""CBOR, 1, 4 or 8 bits: a list of ours always has 2."""
JSON = {
    "status_list_encoding_json": "status_list_encoding_cbor",
    "status_list_encoding1_long_json": "status_list_encoding1_long_cbor",
    "status_list_encoding2_json": "status_list_encoding2_cbor",
    "status_list_encoding2_long_json": "status_list_encoding2_long_cbor",
    "status_list_encoding4_json": "status_list_encoding4_cbor",
    "status_list_encoding8_json": "status_list_encoding8_cbor",
}
"""The same lists for JWT, which we neither publish nor read."""
SIGNED = ("status_list_cwt", "referenced_token_cwt")
"""COSE_Sign1 with ES256 by the draft's example key, its kid unprotected."""
NO_DATA = (
    "status_list_encoding_cbor_diag",
    "status_list_encoding2_cbor_diag",
    "status_list_cwt_diag",
    "referenced_token_cwt_diag",
    "status_list_jwt",
    "status_list_jwt_raw",
)
"""The same bytes drawn for people, and a JWT."""
X = "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo"
Y = "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M"


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "vectors" / "status-list" / "examples"


def text_of(folder: Path, name: str) -> str:
    return (folder / f"{name}.md").read_text(encoding="utf-8").split("encoded:")[-1]


def bytes_of(folder: Path, name: str) -> bytes:
    return bytes.fromhex("".join(text_of(folder, name).split()))


def plain(text: str) -> bytes:
    text = "".join(text.split())
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token(status_list: object) -> bytes:
    """A list of ours that holds the example's map."""
    return sign1(dumps({SUB: "u", EXP: 2, IAT: 1, TTL: 60, STATUS_LIST: status_list}), ROOT, TYP)


def test_every_example_is_accounted_for(folder: Path) -> None:
    assert {path.stem for path in folder.iterdir()} == {*READ, *OTHER_WIDTH, *JSON, *SIGNED, *NO_DATA}


@pytest.mark.parametrize(("name", "packed"), READ.items())
def test_two_bits_in_cbor_are_read_entry_by_entry_and_packed_to_the_same_bytes(
    folder: Path, name: str, packed: bytes | None
) -> None:
    listed = cbor2.loads(bytes_of(folder, name))
    statuses, _ = read_status_list(token(listed))
    assert packed is None or statuses.packed == packed
    values = {n: value for n in range(len(statuses)) if (value := statuses.value(n))}
    assert pack(values, len(statuses)) == statuses.packed == unpack(listed["lst"])
    assert len(values) == (11 if packed is None else 9)


@pytest.mark.parametrize("name", OTHER_WIDTH)
def test_a_list_of_another_width_is_refused(folder: Path, name: str) -> None:
    listed = cbor2.loads(bytes_of(folder, name))
    assert listed["bits"] != BITS
    with pytest.raises(TrustError) as refused:
        read_status_list(token(listed))
    assert refused.value.code == "STATUS_LIST_INVALID"
    read_status_list(token(listed | {"bits": BITS}))


@pytest.mark.parametrize(("name", "cbor"), JSON.items())
def test_the_json_form_says_the_same_as_the_cbor_form(folder: Path, name: str, cbor: str) -> None:
    said = json.loads("".join(text_of(folder, name).split()))
    listed = cbor2.loads(bytes_of(folder, cbor))
    assert said["bits"] == listed["bits"]
    assert unpack(plain(said["lst"])) == unpack(listed["lst"])


@pytest.mark.parametrize("name", SIGNED)
def test_the_signatures_of_the_draft_hold_over_the_bytes_we_sign_too(folder: Path, name: str) -> None:
    """Sig_structure as RFC 9052 §4.4 and verify.cose have it: the draft's signers and ours sign the same thing."""
    protected, _, payload, signature = cbor2.loads(bytes_of(folder, name)).value
    x, y = (int.from_bytes(plain(part)) for part in (X, Y))
    key = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    key.verify(der, cbor2.dumps(["Signature1", protected, b"", payload]), ECDSA(SHA256()))


def test_the_claims_of_the_drafts_token_are_ours(folder: Path) -> None:
    """Same claim numbers, same typ, same map; only the profile around it differs."""
    protected, _, payload, _ = cbor2.loads(bytes_of(folder, "status_list_cwt")).value
    assert cbor2.loads(protected)[16] == TYP
    claims = cbor2.loads(payload)
    assert set(claims) == {SUB, EXP, IAT, TTL, STATUS_LIST}
    statuses, _ = read_status_list(sign1(dumps(claims | {STATUS_LIST: claims[STATUS_LIST] | {"bits": 2}}), ROOT, TYP))
    assert (statuses.uri, statuses.ttl_seconds) == ("https://example.com/statuslists/1", 43200)
    assert int(statuses.issued_at.timestamp()) == 1686920170
    assert replace(STATUSES, packed=statuses.packed).value(0) == 1


@pytest.mark.parametrize("name", SIGNED)
def test_what_carries_its_key_id_unprotected_is_not_taken_for_ours(folder: Path, name: str) -> None:
    with pytest.raises(TrustError) as refused:
        read_status_list(bytes_of(folder, name))
    assert refused.value.code == "STATUS_LIST_INVALID"
    with pytest.raises(Rejection) as rejected:
        open_sign1(bytes_of(folder, name), TYP)
    assert rejected.value.reason is Reason.UNPROTECTED_HEADER


@pytest.mark.parametrize("name", NO_DATA[-1:])
def test_a_jwt_is_not_taken_for_a_list(folder: Path, name: str) -> None:
    with pytest.raises(TrustError):
        read_status_list("".join(text_of(folder, name).split()).encode())
