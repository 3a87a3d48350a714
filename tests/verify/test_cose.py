from typing import Any

import pytest

from tests.verify.sample import FACTS, KEY
from verify.cose import open_sign1, sign1
from verify.credential import encode_facts
from verify.encoding import dumps
from verify.keyring import ED25519, verifying_key
from verify.reasons import Reason, Rejection

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
