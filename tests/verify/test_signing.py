"""Answers verify/signing.py: one way to make and open a private key of each algorithm."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from verify.ecdsa import ORDER, is_low, lowered
from verify.errors import KeyringError
from verify.keyring import ALGORITHMS, ES256, kid, verifying_key
from verify.signing import new_private_key, signer_of_der, throwaway_signer


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_makes_opens_signs_and_verifies(algorithm: int) -> None:
    der = new_private_key(algorithm)
    signer = signer_of_der(algorithm, der)
    assert signer.algorithm == algorithm
    assert signer.kid == kid(signer.public_key)
    assert len(signer.public_key) == ALGORITHMS[algorithm].public_key_bytes
    for message in (b"", b"message", bytes(10_000)):
        signature = signer.sign(message)
        assert len(signature) == ALGORITHMS[algorithm].signature_bytes
        assert verifying_key(algorithm, signer.public_key)(message, signature)
    assert signer_of_der(algorithm, der).public_key == signer.public_key
    assert new_private_key(algorithm) != der


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("other", ALGORITHMS)
def test_a_key_belongs_to_one_algorithm(algorithm: int, other: int) -> None:
    if algorithm == other:
        return
    with pytest.raises(ValueError):
        signer_of_der(other, new_private_key(algorithm))


def test_a_key_of_another_curve_is_no_es256_key() -> None:
    key = generate_private_key(SECP384R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError):
        signer_of_der(ES256, key)


def test_an_unknown_algorithm_makes_no_key() -> None:
    with pytest.raises(KeyringError) as caught:
        new_private_key(-8)
    assert caught.value.code == "ALGORITHM_UNKNOWN"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signer_shows_its_kid_and_nothing_secret(algorithm: int) -> None:
    signer = throwaway_signer(algorithm)
    assert signer.kid.hex() in repr(signer)
    assert len(repr(signer)) < 60


def test_our_ecdsa_signatures_have_the_lower_s() -> None:
    signer = throwaway_signer(ES256)
    signatures = [signer.sign(bytes([number])) for number in range(40)]
    assert all(map(is_low, signatures))
    high = [signature[:32] + (ORDER - int.from_bytes(signature[32:])).to_bytes(32) for signature in signatures]
    assert not any(map(is_low, high))
    assert list(map(lowered, high)) == signatures
    assert signer.sign(b"same") == signer.sign(b"same"), "the nonce comes from key and message"
