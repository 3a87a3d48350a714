import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.sample import KEY
from verify.der import to_raw
from verify.ecdsa import ORDER
from verify.errors import KeyringError
from verify.keyring import ALGORITHMS, ED25519, ES256, SM2, Ed25519Signer, VerifyingKey, kid, verifying_key
from verify.signing import throwaway_signer


def test_wycheproof_ed25519_has_no_mismatch(shared: Path) -> None:
    text = (shared / "vectors" / "wycheproof" / "ed25519_test.json").read_text(encoding="utf-8")
    vectors = json.loads(text)
    checked, mismatches = 0, []
    for group in vectors["testGroups"]:
        key = verifying_key(ED25519, bytes.fromhex(group["publicKey"]["pk"]))
        for test in group["tests"]:
            holds = key(bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            checked += 1
            if holds != (test["result"] == "valid"):
                mismatches.append(test["tcId"])
    assert mismatches == []
    assert checked == vectors["numberOfTests"] > 100


def test_wycheproof_p256_with_raw_signatures_has_no_mismatch(shared: Path) -> None:
    checked, mismatches = 0, []
    for key, test in of_p256(shared, "ecdsa_secp256r1_sha256_p1363_test.json"):
        checked += 1
        if key(bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])) != (test["result"] == "valid"):
            mismatches.append(test["tcId"])
    assert mismatches == []
    assert checked == 262


def test_wycheproof_p256_with_der_signatures_has_no_mismatch(shared: Path) -> None:
    checked, mismatches = 0, []
    for key, test in of_p256(shared, "ecdsa_secp256r1_sha256_test.json"):
        checked += 1
        try:
            holds = key(bytes.fromhex(test["msg"]), to_raw(bytes.fromhex(test["sig"]), ORDER))
        except KeyringError:
            holds = False
        if holds != (test["result"] == "valid"):
            mismatches.append(test["tcId"])
    assert mismatches == []
    assert checked == 484


def of_p256(shared: Path, name: str) -> Iterator[tuple[VerifyingKey, dict[str, str]]]:
    vectors = json.loads((shared / "vectors" / "wycheproof" / name).read_text(encoding="utf-8"))
    for group in vectors["testGroups"]:
        key = verifying_key(ES256, bytes.fromhex(group["publicKey"]["uncompressed"]))
        for test in group["tests"]:
            yield key, test


def test_a_kid_is_the_beginning_of_the_key_s_hash() -> None:
    assert kid(bytes(32)).hex() == "66687aadf862bd77"
    assert KEY.kid == kid(KEY.public_key)


def test_an_algorithm_that_is_not_registered_does_not_exist() -> None:
    for number in (0, -8, -35, -48, -65536, -65538, 1):
        with pytest.raises(KeyringError) as error:
            verifying_key(number, KEY.public_key)
        assert error.value.code == "ALGORITHM_UNKNOWN"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(33), bytes(64), bytes(65), bytes(66)])
def test_bytes_that_are_no_key_of_an_algorithm_are_refused(algorithm: int, public_key: bytes) -> None:
    with pytest.raises(KeyringError) as caught:
        verifying_key(algorithm, public_key)
    assert caught.value.code == "PUBLIC_KEY_INVALID"


@pytest.mark.parametrize("algorithm", [ES256, SM2])
def test_a_point_beside_its_curve_or_of_another_is_refused(algorithm: int) -> None:
    point = throwaway_signer(algorithm).public_key
    beside = point[:-1] + bytes([point[-1] ^ 1])
    compressed = bytes([2 + (point[-1] & 1)]) + point[1:33]
    of_the_other = throwaway_signer(SM2 if algorithm == ES256 else ES256).public_key
    for wrong in (beside, compressed, point[1:], of_the_other, b"\x06" + point[1:], b"\x00"):
        with pytest.raises(KeyringError) as caught:
            verifying_key(algorithm, wrong)
        assert caught.value.code == "PUBLIC_KEY_INVALID"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_of_another_length_does_not_hold(algorithm: int) -> None:
    signer = throwaway_signer(algorithm)
    signature = signer.sign(b"message")
    holds = verifying_key(algorithm, signer.public_key)
    assert holds(b"message", signature)
    for wrong in (signature[:-1], signature + b"\0", b""):
        assert not holds(b"message", wrong)


def test_a_signer_does_not_print_its_secret() -> None:
    signer = Ed25519Signer.from_seed(b"s" * 32)
    assert "ssss" not in repr(signer)
    assert signer.kid.hex() in repr(signer)
    assert ALGORITHMS[signer.algorithm].name == "Ed25519"
