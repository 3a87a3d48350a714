import json
from pathlib import Path

import pytest

from tests.verify.sample import KEY
from verify.errors import KeyringError
from verify.keyring import ALGORITHMS, ED25519, Ed25519Signer, kid, verifying_key


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


def test_a_kid_is_the_beginning_of_the_key_s_hash() -> None:
    assert kid(bytes(32)).hex() == "66687aadf862bd77"
    assert KEY.kid == kid(KEY.public_key)


def test_an_algorithm_that_is_not_registered_does_not_exist() -> None:
    for number in (0, -7, -8, -35, 1):
        with pytest.raises(KeyringError) as error:
            verifying_key(number, KEY.public_key)
        assert error.value.code == "ALGORITHM_UNKNOWN"


@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(33), bytes(65)])
def test_bytes_of_another_length_are_no_key(public_key: bytes) -> None:
    with pytest.raises(KeyringError):
        verifying_key(ED25519, public_key)


def test_a_signature_of_another_length_does_not_hold() -> None:
    signature = KEY.sign(b"message")
    holds = verifying_key(ED25519, KEY.public_key)
    assert holds(b"message", signature)
    for wrong in (signature[:-1], signature + b"\0", b""):
        assert not holds(b"message", wrong)


def test_a_signer_does_not_print_its_secret() -> None:
    signer = Ed25519Signer.from_seed(b"s" * 32)
    assert "ssss" not in repr(signer)
    assert signer.kid.hex() in repr(signer)
    assert ALGORITHMS[signer.algorithm].name == "Ed25519"
