import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from tests.verify.sample import FACTS, KEY
from verify.cose import open_sign1, sign1
from verify.credential import encode_facts
from verify.ecdsa import ORDER
from verify.encoding import dumps
from verify.keyring import ED25519, ES256, Ed25519Signer, Signer, VerifyingKey, verifying_key
from verify.reasons import Reason, Rejection
from verify.signing import es256_signer, throwaway_signer

PAYLOAD = encode_facts(FACTS)
HEADER: dict[Any, Any] = {1: ED25519, 4: KEY.kid}


def framed(
    header: object = HEADER, unprotected: object = None, signature: bytes = b"s" * 64, tag: bytes = b"\xd2"
) -> bytes:
    protected = header if isinstance(header, bytes) else dumps(header)
    return tag + dumps([protected, unprotected or {}, PAYLOAD, signature])


WRONG_FRAMES: dict[str, tuple[bytes, Reason]] = {
    "nothing": (b"", Reason.EMPTY),
    "no tag": (framed(tag=b""), Reason.NOT_SIGN1),
    "another tag": (framed(tag=b"\xd1"), Reason.NOT_SIGN1),
    "the tag twice": (framed(tag=b"\xd2\xd2"), Reason.NOT_SIGN1),
    "the tag in two bytes": (framed(tag=b"\xd8\x12"), Reason.NOT_SIGN1),
    "a CWT tag around it": (framed(tag=b"\xd8\x3d\xd2"), Reason.NOT_SIGN1),
    "two signatures": (b"\xd8\x62" + dumps([dumps(HEADER), {}, PAYLOAD, [[b"", {}, b"s" * 64]] * 2]), Reason.NOT_SIGN1),
    "three elements": (b"\xd2" + dumps([dumps(HEADER), {}, PAYLOAD]), Reason.NOT_SIGN1),
    "a detached payload": (b"\xd2" + dumps([dumps(HEADER), {}, None, b"s" * 64]), Reason.NOT_SIGN1),
    "trailing bytes": (framed() + b"\x00", Reason.TRAILING_BYTES),
    "algorithm only unprotected": (framed({4: KEY.kid}, {1: ED25519}), Reason.UNPROTECTED_HEADER),
    "kid twice, in disagreement": (framed(HEADER, {4: b"other123"}), Reason.UNPROTECTED_HEADER),
    "an unprotected remark": (framed(HEADER, {"note": "hi"}), Reason.UNPROTECTED_HEADER),
    "empty protected header": (framed(b""), Reason.ALGORITHM_MISSING),
    "no algorithm": (framed({4: KEY.kid}), Reason.ALGORITHM_MISSING),
    "algorithm 0": (framed({1: 0, 4: KEY.kid}), Reason.ALGORITHM_UNKNOWN),
    "algorithm none": (framed({1: "none", 4: KEY.kid}), Reason.ALGORITHM_UNKNOWN),
    "algorithm EdDSA, not fully specified": (framed({1: -8, 4: KEY.kid}), Reason.ALGORITHM_UNKNOWN),
    "no kid": (framed({1: ED25519}), Reason.KID_MISSING),
    "kid as text": (framed({1: ED25519, 4: "12345678"}), Reason.KID_MALFORMED),
    "kid too short": (framed({1: ED25519, 4: b"1234567"}), Reason.KID_MALFORMED),
    "crit": (framed({**HEADER, 2: [99], 99: 1}), Reason.CRITICAL_HEADER),
    "an embedded key": (framed({**HEADER, -1: {1: 1}}), Reason.EMBEDDED_KEY),
    "a certificate chain": (framed({**HEADER, 33: b"cert"}), Reason.EMBEDDED_KEY),
    "content type": (framed({**HEADER, 3: 0}), Reason.HEADER_UNEXPECTED),
    "a duplicate label": (framed(b"\xa2\x01\x32\x01\x32"), Reason.DUPLICATE_KEY),
    "a header that is no map": (framed([1]), Reason.MALFORMED),
    "a signature of 63 bytes": (framed(signature=b"s" * 63), Reason.SIGNATURE_LENGTH),
    "a DER signature": (framed(signature=b"\x30\x44" + b"s" * 68), Reason.SIGNATURE_LENGTH),
    "no signature": (framed(signature=b""), Reason.SIGNATURE_LENGTH),
}


@pytest.mark.parametrize(("data", "reason"), WRONG_FRAMES.values(), ids=WRONG_FRAMES.keys())
def test_each_wrong_frame_has_its_reason(data: bytes, reason: Reason) -> None:
    with pytest.raises(Rejection) as refusal:
        open_sign1(data)
    assert refusal.value.reason is reason


def test_what_is_signed_holds_with_its_key_and_no_other_payload() -> None:
    key = verifying_key(ED25519, KEY.public_key)
    assert open_sign1(sign1(PAYLOAD, KEY)).holds(key)
    assert not open_sign1(framed()).holds(key)


def test_a_list_cannot_pass_for_a_credential_nor_a_credential_for_a_list() -> None:
    for signed, read_as in ((sign1(PAYLOAD, KEY, "a/list"), None), (sign1(PAYLOAD, KEY), "a/list")):
        with pytest.raises(Rejection) as refusal:
            open_sign1(signed, read_as)
        assert refusal.value.reason is Reason.HEADER_UNEXPECTED


def test_a_second_form_of_an_ecdsa_signature_does_not_hold() -> None:
    """Whoever has a token could write n - s instead of s: another token, with another hash, of the same report."""
    signer = throwaway_signer(ES256)
    key = verifying_key(ES256, signer.public_key)
    token = sign1(PAYLOAD, signer)
    signed = open_sign1(token)
    assert signed.holds(key)
    turned = signed.signature[:32] + (ORDER - int.from_bytes(signed.signature[32:])).to_bytes(32)
    other = open_sign1(token[:-64] + turned)
    assert key(other.message, turned), "as far as the curve is concerned it is a signature"
    assert not other.holds(key)


EXAMPLES = ("CWT", "ecdsa-examples", "eddsa-examples", "sign1-tests")
REFUSED = {
    "CWT/A_3": Reason.KID_MISSING,
    "ecdsa-examples/ecdsa-01": Reason.NOT_SIGN1,  # COSE_Sign: any number of signatures
    "ecdsa-examples/ecdsa-sig-01": Reason.UNPROTECTED_HEADER,
    "eddsa-examples/eddsa-01": Reason.NOT_SIGN1,
    "eddsa-examples/eddsa-sig-01": Reason.UNPROTECTED_HEADER,
    "sign1-tests/sign-fail-01": Reason.NOT_SIGN1,  # tag 998
    "sign1-tests/sign-fail-02": Reason.UNPROTECTED_HEADER,  # the kid, in every one of them
    "sign1-tests/sign-fail-03": Reason.UNPROTECTED_HEADER,
    "sign1-tests/sign-fail-04": Reason.UNPROTECTED_HEADER,
    "sign1-tests/sign-fail-06": Reason.UNPROTECTED_HEADER,
    "sign1-tests/sign-fail-07": Reason.UNPROTECTED_HEADER,
    "sign1-tests/sign-pass-01": Reason.UNPROTECTED_HEADER,
    "sign1-tests/sign-pass-02": Reason.UNPROTECTED_HEADER,  # and external data, which we never have
    "sign1-tests/sign-pass-03": Reason.NOT_SIGN1,  # no tag
}
"""Examples of the COSE working group in an algorithm we know, and why our profile takes none of them."""
OTHERS = {
    "CWT/A_4", "CWT/A_5", "CWT/A_6", "CWT/A_7",  # MACs and encryption
    "ecdsa-examples/ecdsa-02", "ecdsa-examples/ecdsa-03", "ecdsa-examples/ecdsa-04",  # ES384, ES512
    "ecdsa-examples/ecdsa-sig-02", "ecdsa-examples/ecdsa-sig-03", "ecdsa-examples/ecdsa-sig-04",
    "eddsa-examples/eddsa-02", "eddsa-examples/eddsa-sig-02",  # Ed448
}  # fmt: skip
CHANGED_BEFORE_SIGNING = {"sign1-tests/sign-fail-01"}
"""Its signature holds; only the tag around it is wrong."""


def example(shared: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shared / "vectors" / "cose" / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def of_base64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def example_key(key: dict[str, str]) -> VerifyingKey:
    x, y = (
        bytes.fromhex(key[f"{name}_hex"]) if f"{name}_hex" in key else of_base64(key.get(name, "")) for name in "xy"
    )
    return verifying_key(ED25519, x) if key["kty"] == "OKP" else verifying_key(ES256, b"\x04" + x + y)


@pytest.mark.parametrize("name", REFUSED)
def test_our_signature_check_says_what_the_examples_of_the_cose_working_group_say(name: str, shared: Path) -> None:
    vector = example(shared, name)
    data = bytes.fromhex(vector["output"]["cbor"])
    decoded = cbor2.loads(data)
    parts = decoded.value if isinstance(decoded, cbor2.CBORTag) else decoded
    if "sign0" in vector["input"]:
        given, signature = vector["input"]["sign0"], parts[3]
        context = [
            "Signature1",
            b"" if parts[0] == b"\xa0" else parts[0],
        ]  # RFC 9052 §4.4: an empty map is signed as none
    else:
        given, (protected, _, signature) = vector["input"]["sign"]["signers"][0], parts[3][0]
        context = ["Signature", parts[0], protected]
    message = dumps([*context, bytes.fromhex(given.get("external", "")), parts[2]])
    expected = not vector.get("fail", False) or name in CHANGED_BEFORE_SIGNING
    assert example_key(given["key"])(message, signature) is expected
    with pytest.raises(Rejection) as refusal:
        open_sign1(data)
    assert refusal.value.reason is REFUSED[name]


def test_every_example_of_the_cose_working_group_is_accounted_for(shared: Path) -> None:
    names = {
        f"{folder}/{path.stem}" for folder in EXAMPLES for path in (shared / "vectors" / "cose" / folder).iterdir()
    }
    assert names == {*REFUSED, *OTHERS}


@pytest.mark.parametrize("name", ["CWT/A_3", "ecdsa-examples/ecdsa-sig-01", "eddsa-examples/eddsa-sig-01"])
def test_what_an_example_signed_holds_in_our_profile_once_our_own_header_is_signed(name: str, shared: Path) -> None:
    """The example's own private key, its payload, our header."""
    vector = example(shared, name)
    given, payload = vector["input"]["sign0"], cbor2.loads(bytes.fromhex(vector["output"]["cbor"])).value[2]
    key = given["key"]
    secret = bytes.fromhex(key["d_hex"]) if "d_hex" in key else of_base64(key["d"])
    signer: Signer = (
        Ed25519Signer.from_seed(secret)
        if key["kty"] == "OKP"
        else es256_signer(derive_private_key(int.from_bytes(secret), SECP256R1()))
    )
    signed = open_sign1(sign1(payload, signer))
    assert signed.payload == payload
    assert signed.holds(example_key(key))
